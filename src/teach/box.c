/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/box.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_SAMPLES = 32 };

#define GRAIN 1e9

int g20_box_check(const struct g20_teach_box *b, size_t i, uint64_t samples, struct g20_err *e)
{
    const double v[] = {b->x_min, b->y_min, b->x_max, b->y_max};
    static const char *const names[] = {"x_min", "y_min", "x_max", "y_max"};

    for (size_t k = 0; k < G20_COUNT_OF(v); k++)
        if (!isfinite(v[k]) || v[k] < 0.0 || v[k] > 1.0)
            return g20_fail(e, -EINVAL, "boxes[%zu].%s: want 0 to 1, found %g", i, names[k], v[k]);
    /* By the grain of the canonical form: two edges that are the same there are no box. */
    if (!(round(b->x_min * GRAIN) < round(b->x_max * GRAIN)))
        return g20_fail(e, -EINVAL, "boxes[%zu]: x_min %g is not below x_max %g", i, b->x_min,
                        b->x_max);
    if (!(round(b->y_min * GRAIN) < round(b->y_max * GRAIN)))
        return g20_fail(e, -EINVAL, "boxes[%zu]: y_min %g is not below y_max %g", i, b->y_min,
                        b->y_max);
    if ((b->y_max - b->y_min) * (double)samples < LEAST_SAMPLES)
        return g20_fail(e, -EINVAL, "boxes[%zu]: %.1f samples long, want %d at least", i,
                        (b->y_max - b->y_min) * (double)samples, LEAST_SAMPLES);
    return 0;
}

static int get(const json_t *o, size_t i, const char *key, double *ret, struct g20_err *e)
{
    const json_t *v = json_object_get(o, key);

    if (!v)
        return g20_fail(e, -EINVAL, "boxes[%zu].%s required", i, key);
    if (!json_is_number(v))
        return g20_fail(e, -EINVAL, "boxes[%zu].%s: want a number", i, key);
    *ret = json_number_value(v);
    return 0;
}

/* A value from real units that is outside by the rounding of a division is on the edge. */
static double tidy(double x)
{
    return x < 0.0 && x > -1e-9 ? 0.0 : x > 1.0 && x < 1.0 + 1e-9 ? 1.0 : x;
}

int g20_box_parse(const json_t *o, size_t i, const struct g20_box_span *span,
                  struct g20_teach_box *ret, struct g20_err *e)
{
    static const char *const drawn[] = {"x_min", "x_max", "y_min", "y_max"};
    static const char *const real[] = {"f_lo_hz", "f_hi_hz", "t_start_s", "t_stop_s"};
    const bool in_units = json_object_get(o, real[0]) && !json_object_get(o, drawn[0]);
    struct g20_teach_box b = {.label = ""};
    double v[4] = {0, 0, 0, 0};

    if (!json_is_object(o))
        return g20_fail(e, -EINVAL, "boxes[%zu]: want an object", i);
    for (size_t k = 0; k < 4; k++) {
        const int r = get(o, i, in_units ? real[k] : drawn[k], &v[k], e);
        if (r < 0)
            return r;
    }
    for (size_t k = 0; k < 4 && in_units; k++)
        v[k] = tidy(k < 2 ? v[k] / span->rate_hz + 0.5 : v[k] / span->duration_s);
    b.x_min = v[0];
    b.x_max = v[1];
    b.y_min = v[2];
    b.y_max = v[3];
    const int r = g20_box_check(&b, i, span->samples, e);
    if (r >= 0)
        *ret = b;
    return r;
}

static int by_place(const void *a, const void *b)
{
    const struct g20_teach_box *x = a, *y = b;
    const double d[] = {x->y_min - y->y_min, x->x_min - y->x_min, x->y_max - y->y_max,
                        x->x_max - y->x_max};

    for (size_t k = 0; k < G20_COUNT_OF(d); k++)
        if (round(d[k] * GRAIN) != 0.0)
            return d[k] < 0.0 ? -1 : 1;
    return strcmp(x->label, y->label);
}

void g20_boxes_sort(struct g20_teach_box *box, size_t count)
{
    if (count > 1)
        qsort(box, count, sizeof(*box), by_place);
}

void g20_boxes_text(const struct g20_teach_box *box, size_t count, struct g20_text *t)
{
    for (size_t i = 0; i < count; i++)
        g20_text_printf(t, "%lld %lld %lld %lld %s\n", (long long)llround(box[i].x_min * GRAIN),
                        (long long)llround(box[i].x_max * GRAIN),
                        (long long)llround(box[i].y_min * GRAIN),
                        (long long)llround(box[i].y_max * GRAIN), box[i].label);
}
