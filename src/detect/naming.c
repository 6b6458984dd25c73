/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/naming.h"

#include "base/alloc.h"
#include "detect/look_bytes.h"
#include "detect/tile.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    MOST_LOOKS = 64,                                   /* of a tile: the strongest */
    BUDGET = 2 * G20_TILE_ROWS * G20_TILE_ROW_SAMPLES, /* samples that may be looked at: 30 ms */
    IDLE = 4,                    /* part of the time that is taken when nobody is asked */
    SHORT = BUDGET / MOST_LOOKS, /* a find no longer is always looked at */
};

struct g20_namer {
    struct g20_heads *heads;
    struct g20_memory *memory;
    bool bounded;
    g20_naming_fn *fn;
    void *user;
    struct g20_looker *looker;
    uint32_t turn; /* tiles so far: which of the long ones begins */
};

int g20_namer_create(struct g20_namer **ret, struct g20_heads *heads, struct g20_memory *memory,
                     bool bounded, g20_naming_fn *fn, void *user, struct g20_err *e)
{
    struct g20_namer *n = g20_calloc(1, sizeof(*n));

    if (!n)
        return g20_fail(e, -ENOMEM, "naming: out of memory");
    *n = (struct g20_namer){.heads = heads,
                            .memory = heads ? memory : NULL,
                            .bounded = bounded,
                            .fn = fn,
                            .user = user};
    const int r = g20_looker_create(&n->looker, e);
    if (r < 0)
        g20_namer_destroy(n);
    else
        *ret = n;
    return r;
}

void g20_namer_destroy(struct g20_namer *n)
{
    if (!n)
        return;
    g20_looker_destroy(n->looker);
    g20_free(n);
}

/* Samples that a look at @f reads. */
static double cost(const struct g20_find *f)
{
    return fmin((double)(f->stop - f->start), G20_LOOK_MOST / fmax(f->f_hi - f->f_lo, 1e-5));
}

static void remember(struct g20_namer *n, const struct g20_find *f, const struct g20_look *look,
                     const float *features, const struct g20_track_stream *s)
{
    const double later = ((double)f->start - (double)s->ref_sample) / s->rate_hz;
    const double snr = (f->power - f->noise) / fmax(f->noise, 1e-30);
    struct g20_seen x = {.time_us =
                             s->ref_time_us ? s->ref_time_us + (uint64_t)llround(later * 1e6) : 0,
                         .duration_s = (double)(f->stop - f->start) / s->rate_hz,
                         .f_lo_hz = s->center_hz + f->f_lo * s->rate_hz,
                         .f_hi_hz = s->center_hz + f->f_hi * s->rate_hz,
                         .snr_db = (float)(10.0 * log10(fmax(snr, 1e-3))),
                         .score = f->named};

    memcpy(x.name, f->name, sizeof(x.name));
    memcpy(x.features, features, sizeof(x.features));
    g20_look_bytes(look, x.picture);
    g20_memory_add(n->memory, &x);
}

static void name(struct g20_namer *n, struct g20_find *f, const struct g20_history *h,
                 const struct g20_track_stream *s)
{
    float features[G20_TRUNK_FEATURES];
    struct g20_naming naming;
    struct g20_look look;

    if (!g20_looker_look(n->looker, h, f->start, f->stop, f->f_lo, f->f_hi, s->rate_hz, &look))
        return;
    if (n->fn)
        n->fn(f, &look, n->user);
    if (!n->heads)
        return;
    g20_heads_embed(n->heads, &look, features);
    if (g20_heads_judge(n->heads, features, &naming)) {
        f->named = naming.score;
        memcpy(f->name, naming.name, sizeof(f->name));
    }
    if (n->memory)
        remember(n, f, &look, features, s);
}

void g20_namer_name(struct g20_namer *n, struct g20_find *find, size_t count,
                    const struct g20_history *h, const struct g20_track_stream *s)
{
    size_t index[MOST_LOOKS], late = 0;
    double left = BUDGET;

    const bool asked = n->fn || (n->heads && g20_heads_list(n->heads, NULL, 0) > 0);
    if (!asked && !n->memory)
        return;
    count = G20_MIN(count, (size_t)(asked ? MOST_LOOKS : MOST_LOOKS / IDLE));
    left /= asked ? 1 : IDLE;
    for (size_t i = 0; i < count; i++) {
        if (cost(&find[i]) > SHORT) {
            index[late++] = i;
            continue;
        }
        name(n, &find[i], h, s);
        left -= cost(&find[i]);
    }
    for (size_t k = 0; k < late; k++) {
        struct g20_find *f = &find[index[(k + n->turn) % late]];
        if (n->bounded && cost(f) > left)
            continue;
        name(n, f, h, s);
        left -= cost(f);
    }
    n->turn++;
}
