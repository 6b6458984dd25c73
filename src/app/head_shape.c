/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/head_shape.h"

#include "app/app.h"
#include "detect/tile.h"
#include "eval/truth.h"
#include "train/recorded.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { SIDE = G20_LOOK_SIDE };

#define QUIET   0.1 /* of the mean power of a box's moments: a pause, if noise is less */
#define SEEN_BY 1.0 /* moments: a pause may be as much longer than the picture shows */

struct shape {
    const char *name;
    const struct g20_truth *truth;
    struct g20_shape drawn;
    bool none;
};

static double power_at(const struct g20_look *look, int t)
{
    double sum = 0.0;

    for (int k = SIDE / 4; k < SIDE - SIDE / 4; k++) /* its band */
        if (look->picture[0][t][k] > 0.0f)
            sum += pow(10.0, 3.0 * ((double)look->picture[0][t][k] - 1.0));
    return sum;
}

/* The longest pause between the first and the last moment that it is on, in moments. */
static int longest_pause(const struct g20_look *look)
{
    double power[SIDE], mean = 0.0;
    int longest = 0, last = -1;

    for (int t = 0; t < SIDE; t++) {
        power[t] = power_at(look, t);
        mean += power[t] / SIDE;
    }
    for (int t = 0; t < SIDE; t++) {
        if (power[t] < QUIET * mean)
            continue;
        longest = last < 0 ? 0 : G20_MAX(longest, t - last - 1);
        last = t;
    }
    return longest;
}

static bool take(const struct g20_recorded_look *l, void *user)
{
    struct shape *s = user;

    if (strcmp(l->label, s->name) != 0)
        return !g20_interrupted();
    const struct g20_truth_box *b = &s->truth->box[l->annotation];
    const double length = b->stop - b->start, width = b->f_hi - b->f_lo;

    if (length > (double)G20_TILE_SEEN * G20_TILE_ROW_SAMPLES || !(width > 0.0))
        s->none = true;
    else
        g20_shape_add(&s->drawn, length / s->truth->rate_hz, width,
                      (longest_pause(l->look) + SEEN_BY) / SIDE * length / s->truth->rate_hz);
    return !g20_interrupted();
}

int g20_head_shape(const char *name, int count, char *const *files, struct g20_shape *ret,
                   struct g20_err *e)
{
    struct shape s = {.name = name};
    int r = 0;

    for (int i = 0; i < count && r >= 0; i++) {
        struct g20_truth *t = NULL;
        if ((r = g20_truth_load(&t, files[i], e)) < 0)
            break;
        s.truth = t;
        r = g20_recorded_looks(files[i], 0, 0, take, &s, e);
        g20_truth_destroy(t);
    }
    if (r < 0)
        return r;
    *ret = s.none ? (struct g20_shape){.longest = 0.0} : s.drawn;
    return 0;
}
