/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/source.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One line a driver, here and in the table below. */
extern const struct g20_source_ops g20_source_file_ops;
extern const struct g20_source_ops g20_source_scene_ops;

static const struct g20_source_ops *const drivers[] = {
    &g20_source_file_ops,
    &g20_source_scene_ops,
};

struct g20_source {
    const struct g20_source_ops *ops;
    void *dev; /* the driver's */
    struct g20_source_info info;
};

static const struct g20_source_ops *find_driver(const char *name)
{
    for (size_t i = 0; i < G20_COUNT_OF(drivers); i++) {
        if (strcmp(drivers[i]->name, name) == 0)
            return drivers[i];
    }
    return NULL;
}

static int unknown_driver(const char *name, struct g20_err *e)
{
    char list[128] = "";
    size_t n = 0;

    for (size_t i = 0; i < G20_COUNT_OF(drivers) && n < sizeof(list); i++)
        n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", drivers[i]->name);
    return g20_fail(e, -ENOENT, "source driver \"%.40s\" is unknown, want one of: %s", name, list);
}

int g20_source_open(struct g20_source **ret, const struct g20_source_cfg *cfg, struct g20_err *e)
{
    const char *name = cfg->driver ? cfg->driver : "";
    const struct g20_source_ops *ops = find_driver(name);

    if (!ops)
        return unknown_driver(name, e);
    struct g20_source *s = g20_calloc(1, sizeof(*s));
    if (!s)
        return g20_fail(e, -ENOMEM, "source %s: out of memory", name);
    s->ops = ops;
    s->info = (struct g20_source_info){.driver = ops->name, .format = G20_CF32};
    const int r = ops->open(&s->dev, cfg, &s->info, e);
    if (r < 0) {
        g20_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

const struct g20_source_info *g20_source_info(const struct g20_source *s)
{
    return &s->info;
}

int g20_source_read(struct g20_source *s, struct g20_block *b, int timeout_ms, struct g20_err *e)
{
    return s->ops->read(s->dev, b, timeout_ms, e);
}

int g20_source_tune(struct g20_source *s, double center_hz, double *ret_actual_hz,
                    struct g20_err *e)
{
    if (!s->ops->tune)
        return g20_fail(e, -EOPNOTSUPP, "source %s cannot be tuned", s->ops->name);
    return s->ops->tune(s->dev, center_hz, ret_actual_hz, e);
}

void g20_source_close(struct g20_source *s)
{
    if (!s)
        return;
    s->ops->close(s->dev);
    g20_free(s);
}
