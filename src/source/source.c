/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/source.h"

#include "base/alloc.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* One line a driver, here and in the table below. */
extern const struct g20_source_ops g20_source_file_ops;
extern const struct g20_source_ops g20_source_scene_ops;
extern const struct g20_source_ops g20_source_soapy_ops;

static const struct g20_source_ops *const drivers[] = {
    &g20_source_file_ops,
    &g20_source_scene_ops,
    &g20_source_soapy_ops,
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
    s->info = (struct g20_source_info){
        .driver = ops->name, .format = G20_CF32, .frontend = {.bandwidth_hz = NAN, .gain_db = NAN}};
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

bool g20_spans_have(const struct g20_span *span, size_t n, double v)
{
    for (size_t i = 0; i < n; i++) {
        if (v >= span[i].lo - fabs(span[i].lo) * 1e-9 && v <= span[i].hi + fabs(span[i].hi) * 1e-9)
            return true;
    }
    return false;
}

void g20_spans_text(const struct g20_span *span, size_t n, char *buf, size_t size)
{
    struct g20_text t;

    g20_text_fixed(&t, buf, size);
    for (size_t i = 0; i < n; i++) {
        g20_text_printf(&t, "%s%.15g", i ? ", " : "", span[i].lo);
        if (span[i].hi > span[i].lo)
            g20_text_printf(&t, " to %.15g", span[i].hi);
    }
}

/* A device that does not say what it takes is asked by trying. */
static bool out_of(const struct g20_span *span, size_t n, double v, const char *what,
                   struct g20_err *e)
{
    char want[160];

    if (isfinite(v) && (n == 0 || g20_spans_have(span, n, v)))
        return false;
    g20_spans_text(span, n, want, sizeof(want));
    g20_fail(e, -ERANGE, "%s: %.15g: want %s", what, v, want);
    return true;
}

size_t g20_source_list(struct g20_source_device *ret, size_t cap)
{
    size_t n = 0;

    for (size_t i = 0; i < G20_COUNT_OF(drivers); i++) {
        if (drivers[i]->list)
            n += drivers[i]->list(ret + n, cap - n);
    }
    return n;
}

int g20_source_tune(struct g20_source *s, const struct g20_tune *wanted,
                    struct g20_tune *ret_actual, struct g20_err *e)
{
    const struct g20_source_caps *c = &s->info.caps;

    if (!s->ops->tune)
        return g20_fail(e, -EOPNOTSUPP, "source %s cannot be tuned", s->ops->name);
    if (wanted->channel >= c->channels)
        return g20_fail(e, -ERANGE, "channel_id: %u: want 0 to %u", wanted->channel,
                        c->channels - 1);
    if (!isnan(wanted->center_hz) &&
        out_of(c->centers_hz, c->ncenters, wanted->center_hz, "center_freq_hz", e))
        return -ERANGE;
    if (!isnan(wanted->bandwidth_hz) && c->nbandwidths == 0)
        return g20_fail(e, -EOPNOTSUPP, "bandwidth_hz: source %s has no filter to set",
                        s->ops->name);
    if (!isnan(wanted->bandwidth_hz) &&
        out_of(c->bandwidths_hz, c->nbandwidths, wanted->bandwidth_hz, "bandwidth_hz", e))
        return -ERANGE;
    if (!isnan(wanted->gain_db) && !c->has_gain)
        return g20_fail(e, -EOPNOTSUPP, "gain_db: source %s has no gain to set", s->ops->name);
    if (wanted->gain_db < c->min_gain_db || wanted->gain_db > c->max_gain_db)
        return g20_fail(e, -ERANGE, "gain_db: %g: want %g to %g", wanted->gain_db, c->min_gain_db,
                        c->max_gain_db);
    return s->ops->tune(s->dev, wanted, ret_actual, e);
}

void g20_source_close(struct g20_source *s)
{
    if (!s)
        return;
    s->ops->close(s->dev);
    g20_free(s);
}
