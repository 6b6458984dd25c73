/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/naming.h"

#include "base/alloc.h"
#include "detect/tile.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    MOST_LOOKS = 64,                                   /* of a tile: the strongest */
    BUDGET = 2 * G20_TILE_ROWS * G20_TILE_ROW_SAMPLES, /* samples that may be looked at: 30 ms */
    SHORT = BUDGET / MOST_LOOKS,                       /* a find no longer is always looked at */
};

struct g20_namer {
    struct g20_heads *heads;
    bool bounded;
    g20_naming_fn *fn;
    void *user;
    struct g20_looker *looker;
    uint32_t turn; /* tiles so far: which of the long ones begins */
};

int g20_namer_create(struct g20_namer **ret, struct g20_heads *heads, bool bounded,
                     g20_naming_fn *fn, void *user, struct g20_err *e)
{
    struct g20_namer *n = g20_calloc(1, sizeof(*n));

    if (!n)
        return g20_fail(e, -ENOMEM, "naming: out of memory");
    *n = (struct g20_namer){.heads = heads, .bounded = bounded, .fn = fn, .user = user};
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

static void name(struct g20_namer *n, struct g20_find *f, const struct g20_history *h,
                 double rate_hz)
{
    struct g20_naming naming;
    struct g20_look look;

    if (!g20_looker_look(n->looker, h, f->start, f->stop, f->f_lo, f->f_hi, rate_hz, &look))
        return;
    if (n->fn)
        n->fn(f, &look, n->user);
    if (!n->heads || !g20_heads_name(n->heads, &look, &naming))
        return;
    f->named = naming.score;
    memcpy(f->name, naming.name, sizeof(f->name));
}

void g20_namer_name(struct g20_namer *n, struct g20_find *find, size_t count,
                    const struct g20_history *h, double rate_hz)
{
    size_t index[MOST_LOOKS], late = 0;
    double left = BUDGET;

    if (!n->fn && (!n->heads || g20_heads_list(n->heads, NULL, 0) == 0))
        return;
    count = G20_MIN(count, (size_t)MOST_LOOKS);
    for (size_t i = 0; i < count; i++) {
        if (cost(&find[i]) > SHORT) {
            index[late++] = i;
            continue;
        }
        name(n, &find[i], h, rate_hz);
        left -= cost(&find[i]);
    }
    for (size_t k = 0; k < late; k++) {
        struct g20_find *f = &find[index[(k + n->turn) % late]];
        if (n->bounded && cost(f) > left)
            continue;
        name(n, f, h, rate_hz);
        left -= cost(f);
    }
    n->turn++;
}
