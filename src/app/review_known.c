/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/review_known.h"

#include "base/alloc.h"
#include "teach/box.h"
#include "teach/clip.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define PART 0.3 /* share of an emission that lies in boxes */

bool g20_known_place(const struct g20_sigmf *m, const char *path, uint64_t start, uint64_t count,
                     struct g20_known_place *ret)
{
    const struct g20_sigmf_capture *c = &m->captures[0];
    uint64_t number = 0;

    *ret = (struct g20_known_place){.recording = ""};
    for (size_t i = 0; i < m->ncaptures && m->captures[i].sample_start <= start; i++)
        c = &m->captures[i];
    if (c->time_us > 0) {
        ret->start_us =
            (double)c->time_us + ((double)start - (double)c->sample_start) / m->rate_hz * 1e6;
    } else {
        if (!g20_sigmf_number(m, start, &number))
            return false;
        ret->start_us = (double)number / m->rate_hz * 1e6;
        g20_clip_name(ret->recording, sizeof(ret->recording),
                      m->recording[0] ? m->recording : path);
    }
    ret->stop_us = ret->start_us + (double)count / m->rate_hz * 1e6;
    return true;
}

int g20_known_add(struct g20_known *k, const struct g20_known_place *p)
{
    if ((k->count & (k->count - 1)) == 0) { /* full: a power of two, or none */
        void *grown = g20_realloc(k->item, k->count ? 2 * k->count : 1, sizeof(*k->item));
        if (!grown)
            return -ENOMEM;
        k->item = grown;
    }
    k->item[k->count++] = *p;
    return 0;
}

int g20_known_sample(struct g20_known *k, const char *path, const char *signal)
{
    struct g20_sigmf *m = NULL;
    int r = 0;

    if (g20_sigmf_load(&m, path, NULL) < 0)
        return 0;
    for (size_t i = 0; i < m->nannotations && r >= 0; i++) {
        const struct g20_sigmf_annotation *a = &m->annotations[i];
        struct g20_known_place p;
        if ((strcmp(a->label, signal) != 0 && strcmp(a->label, G20_BOX_OTHER) != 0) ||
            !g20_known_place(m, path, a->sample_start, a->sample_count, &p))
            continue;
        p.f_lo = a->f_lo_hz;
        p.f_hi = a->f_hi_hz;
        r = g20_known_add(k, &p);
    }
    g20_sigmf_destroy(m);
    return r;
}

bool g20_known_has(const struct g20_known *k, const struct g20_known_place *p)
{
    double share = 0.0;

    for (size_t i = 0; i < k->count; i++) {
        const struct g20_known_place *x = &k->item[i];
        const double time = fmin(p->stop_us, x->stop_us) - fmax(p->start_us, x->start_us);
        const double band = fmin(p->f_hi, x->f_hi) - fmax(p->f_lo, x->f_lo);
        if (strcmp(p->recording, x->recording) == 0)
            share += fmax(time, 0.0) * fmax(band, 0.0);
    }
    return share > PART * (p->stop_us - p->start_us) * fmax(p->f_hi - p->f_lo, 1e-9);
}

void g20_known_fini(struct g20_known *k)
{
    g20_free(k->item);
    *k = (struct g20_known){.item = NULL};
}
