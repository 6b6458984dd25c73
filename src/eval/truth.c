/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "eval/truth.h"

#include "base/alloc.h"
#include "source/sigmf.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int g20_truth_create(struct g20_truth **ret, size_t boxes)
{
    struct g20_truth *t = g20_calloc(1, sizeof(*t));

    if (!t)
        return -ENOMEM;
    t->box = g20_calloc(G20_MAX(boxes, (size_t)1), sizeof(*t->box));
    if (!t->box) {
        g20_truth_destroy(t);
        return -ENOMEM;
    }
    t->count = boxes;
    *ret = t;
    return 0;
}

void g20_truth_destroy(struct g20_truth *t)
{
    if (!t)
        return;
    g20_free(t->box);
    g20_free(t);
}

static void take(struct g20_truth_box *b, const struct g20_sigmf_annotation *a,
                 const struct g20_truth *t)
{
    const double to_end = 0x1p60; /* as the reference script: longer than any recording */

    b->start = (double)a->sample_start;
    b->stop = b->start + (a->sample_count == UINT64_MAX ? to_end : (double)a->sample_count);
    b->f_lo = a->has_freq ? a->f_lo_hz - t->center_hz : -t->rate_hz / 2;
    b->f_hi = a->has_freq ? a->f_hi_hz - t->center_hz : t->rate_hz / 2;
    b->vis_lo = a->has_freq ? fmin(a->visible_lo_hz - t->center_hz, b->f_lo) : b->f_lo;
    b->vis_hi = a->has_freq ? fmax(a->visible_hi_hz - t->center_hz, b->f_hi) : b->f_hi;
    b->ignore = a->ignore;
    b->snr_db = NAN;
    snprintf(b->kind, sizeof(b->kind), "%s", a->label);
}

/* "captures/x.sigmf-meta" is "x". */
static void short_name(struct g20_truth *t, const char *path)
{
    const char *slash = strrchr(path, '/');

    snprintf(t->name, sizeof(t->name), "%s", slash ? slash + 1 : path);
    char *end = strstr(t->name, ".sigmf");
    if (end)
        *end = 0;
}

static uint64_t count_samples(const char *path, const struct g20_sigmf *m)
{
    char meta[PATH_MAX], data[PATH_MAX];
    struct stat st;
    const uint64_t each = strstr(m->datatype, "64")   ? 16
                          : strstr(m->datatype, "32") ? 8
                          : strstr(m->datatype, "16") ? 4
                                                      : 2;

    if (g20_sigmf_paths(path, meta, data, sizeof(data)) < 0 || stat(data, &st) < 0)
        return 0;
    return (uint64_t)st.st_size / each / G20_MAX(m->channels, 1u);
}

int g20_truth_load(struct g20_truth **ret, const char *path, struct g20_err *e)
{
    struct g20_sigmf *m = NULL;
    struct g20_truth *t = NULL;
    int r = g20_sigmf_load(&m, path, e);

    if (r < 0)
        return r;
    r = g20_truth_create(&t, m->nannotations);
    if (r < 0) {
        g20_sigmf_destroy(m);
        return g20_fail(e, r, "%s: %s", path, g20_strerror(r));
    }
    t->rate_hz = m->rate_hz;
    t->center_hz = m->captures[0].has_center ? m->captures[0].center_hz : 0;
    t->partial = m->truth_partial;
    t->samples = count_samples(path, m);
    short_name(t, path);
    for (size_t i = 0; i < t->count; i++)
        take(&t->box[i], &m->annotations[i], t);
    g20_sigmf_destroy(m);
    *ret = t;
    return 0;
}
