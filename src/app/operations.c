/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/operations.h"

#include "app/api.h"
#include "app/hardware.h"
#include "app/models.h"
#include "base/log.h"
#include "detect/heads.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int g20_op_load_model(struct g20_daemon *d, const char *name, bool may_be_path, struct g20_err *e)
{
    const bool is_path = may_be_path && strchr(name, '/');
    char path[G20_CONFIG_PATH_MAX + 300], other[2 * G20_CONFIG_PATH_MAX];

    if (!d->heads)
        return g20_fail(e, -EOPNOTSUPP, "there is no trunk that heads could stand on");
    snprintf(path, sizeof(path), is_path ? "%s%.250s" : "%s/heads/%.250s.onnx",
             is_path ? "" : d->cfg.paths.models_dir, name);
    if (!is_path && access(path, F_OK) != 0) {
        pthread_mutex_lock(&d->lock);
        const bool detector =
            strcmp(name, "energy") == 0 ||
            (!strchr(name, '/') && g20_models_find(name, d->cfg.paths.models_dir, false, other,
                                                   sizeof(other), NULL) >= 0);
        pthread_mutex_unlock(&d->lock);
        if (detector)
            return g20_fail(e, G20_ELOCKED,
                            "%.64s is a detector: set inference.model and start again", name);
    }
    const int r = g20_heads_add(d->heads, path, e);
    if (r < 0)
        return r;
    g20_log(G20_LOG_INFO, "heads", "loaded", G20_F_STR("file", path));
    return 0;
}

int g20_op_unload_model(struct g20_daemon *d, const char *name, struct g20_err *e)
{
    if (!d->heads || g20_heads_remove(d->heads, name, NULL) < 0)
        return g20_fail(e, -ENOENT, "no head \"%.40s\" is loaded", name);
    g20_log(G20_LOG_INFO, "heads", "unloaded", G20_F_STR("name", name));
    return 0;
}

json_t *g20_op_capabilities(struct g20_daemon *d)
{
    struct g20_control_state st;

    d->control.state(&st, d->control.user);
    pthread_mutex_lock(&d->lock);
    json_t *o = g20_api_capabilities(&d->cfg, g20_hardware_json(&d->cfg, &st), d->inference);
    pthread_mutex_unlock(&d->lock);
    return o;
}
