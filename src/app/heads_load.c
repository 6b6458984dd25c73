/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/heads_load.h"

#include "app/models.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int open_trunk(struct g20_heads **ret, const char *models_dir, struct g20_err *e)
{
    char path[2 * G20_CONFIG_PATH_MAX];
    const int r = g20_models_find(G20_MODELS_TRUNK, models_dir, false, path, sizeof(path), e);

    return r < 0 ? r : g20_heads_create(ret, path, e);
}

int g20_heads_from_list(struct g20_heads **ret, const struct g20_cli_list *list, struct g20_err *e)
{
    int r = 0;

    *ret = NULL;
    if (list->count > 0)
        r = open_trunk(ret, NULL, e);
    for (size_t i = 0; i < list->count && r >= 0; i++)
        r = g20_heads_add(*ret, list->item[i], e);
    if (r < 0) {
        g20_heads_destroy(*ret);
        *ret = NULL;
    }
    return r;
}

static bool is_model(const char *name)
{
    const size_t n = strlen(name);

    return n > 5 && name[0] != '.' && strcmp(name + n - 5, ".onnx") == 0;
}

int g20_heads_from_folder(struct g20_heads **ret, const char *models_dir, struct g20_err *e)
{
    char path[G20_CONFIG_PATH_MAX + 300];
    struct dirent *entry;
    struct g20_err why;
    const int r = open_trunk(ret, models_dir, e);

    if (r == -ENOENT) {
        *ret = NULL;
        return 0;
    }
    if (r < 0)
        return r;
    snprintf(path, sizeof(path), "%s/heads", models_dir);
    DIR *d = opendir(path);
    while (d && (entry = readdir(d))) {
        if (!is_model(entry->d_name))
            continue;
        snprintf(path, sizeof(path), "%s/heads/%s", models_dir, entry->d_name);
        if (g20_heads_add(*ret, path, &why) < 0)
            g20_log(G20_LOG_WARNING, "heads", "left out", G20_F_STR("why", why.msg));
    }
    if (d)
        closedir(d);
    g20_log(G20_LOG_INFO, "heads", "loaded", G20_F_INT("heads", g20_heads_list(*ret, NULL, 0)));
    return 0;
}
