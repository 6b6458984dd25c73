/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/gain.h"

#include "detect/gain_law.h"
#include "detect/stats.h"

#include <math.h>
#include <string.h>

enum {
    GROUPS = G20_TILE_GROUPS,
    GROUP = G20_TILE_GROUP,
    FOLD = G20_TILE_FOLD,
    B = G20_TILE_BINS,
    REACH = 4,                       /* rows to each side that are looked at */
    FRAMES = (2 * REACH + 1) * FOLD, /* at most */
    NEAR = 9,                        /* frames to each side that say where it is */
    LEAST = FOLD,                    /* frames on each side that are the same */
    LINES = 3,                       /* so many say whether lines follow */
    MOST_LINES = 2 * GROUPS,
};

#define LEAST_DB   0.6f  /* less is within the floor's margin */
#define MOST_DB    40.0f /* more is no step of a gain, but a receiver that is muted */
#define SAME_DB    0.6f  /* frames of one gain: the middle of a frame's groups varies by 0.1 dB */
#define TOLERANCE  0.5f  /* dB, or */
#define DEVIATIONS 3.5f  /* of a group's own ratio */
#define VALUES     40.0f /* a group of one frame varies like the mean of so many powers */
#define COUNTS     0.1f  /* of what is there: the converter's own noise counts */
#define LINE_RATIO 16.0f /* over its group, before and after: a line, 12 dB */

static const float *frame_of(const struct g20_tile *t, uint32_t frame)
{
    return t->group + (size_t)frame * GROUPS;
}

/* Mean power of each group over @n frames. */
static void mean_of(const struct g20_tile *t, uint32_t frame, uint32_t n, float *mean)
{
    memset(mean, 0, GROUPS * sizeof(*mean));
    for (uint32_t f = frame; f < frame + n; f++) {
        const float *p = frame_of(t, f);
        for (int g = 0; g < GROUPS; g++)
            mean[g] += p[g];
    }
    for (int g = 0; g < GROUPS; g++)
        mean[g] = fmaxf(mean[g] / (float)n, 1e-30f);
}

float g20_gain_change(const struct g20_tile *t, uint32_t before, uint32_t after)
{
    float x[GROUPS], y[GROUPS];

    mean_of(t, before * FOLD, FOLD, x);
    mean_of(t, after * FOLD, FOLD, y);
    const float ratio = g20_gain_ratio(y, x);
    const float least = powf(10.0f, -0.1f * LEAST_DB);
    return ratio > least && ratio * least < 1.0f ? 0.0f : G20_GAIN_DB(ratio);
}

/* Frames around a row, and what all groups have in common over them. */
struct track {
    const struct g20_tile *t;
    uint32_t first, n;
    float db[FRAMES];
    float before[GROUPS], after[GROUPS]; /* of the step: mean powers */
};

static void take_track(struct track *k, const struct g20_tile *t, uint32_t row)
{
    const uint32_t from = row > REACH ? row - REACH : 0;
    const uint32_t to = G20_MIN(row + REACH + 1, t->rows);
    float before[GROUPS];

    mean_of(t, (row - 1) * FOLD, FOLD, before);
    k->t = t;
    k->first = from * FOLD;
    k->n = (to - from) * FOLD;
    for (uint32_t f = 0; f < k->n; f++)
        k->db[f] = G20_GAIN_DB(g20_gain_ratio(frame_of(t, k->first + f), before));
}

/* Mean square of @x (n >= 1) around its mean. */
static float spread(const float *x, uint32_t n, float *ret_mean)
{
    float sum = 0.0f, square = 0.0f;

    for (uint32_t i = 0; i < n; i++)
        sum += x[i];
    *ret_mean = sum / (float)n;
    for (uint32_t i = 0; i < n; i++)
        square += (x[i] - *ret_mean) * (x[i] - *ret_mean);
    return square / (float)n;
}

/* The frame of the track from @from on in which it steps the way of @change: it and the next one
 * see both sides. 0: none. */
static uint32_t place(const struct track *k, uint32_t from, uint32_t to, float change)
{
    float least = INFINITY, a, b;
    uint32_t best = 0;

    for (uint32_t f = G20_MAX(from, (uint32_t)LEAST); f < to && f + 2 + LEAST <= k->n; f++) {
        const uint32_t left = G20_MIN(f, (uint32_t)NEAR);
        const uint32_t right = G20_MIN(k->n - f - 2, (uint32_t)NEAR);
        const float cost = spread(k->db + f - left, left, &a) + spread(k->db + f + 2, right, &b);
        if (cost < least && (b - a) * copysignf(1.0f, change) > 0.5f * LEAST_DB) {
            least = cost;
            best = f;
        }
    }
    return best;
}

/* How many frames from @at on in steps of @dir are like the first ones. */
static uint32_t alike(const struct track *k, uint32_t at, int dir, uint32_t most)
{
    float sum = 0.0f;
    uint32_t n = 0;

    for (; n < most; n++) {
        const float db = k->db[(int)at + dir * (int)n];
        if (n > 0 && fabsf(db - sum / (float)n) > SAME_DB)
            break;
        sum += db;
    }
    return n;
}

/* Lines in a group of the mean of rows, as ratios of @after to @before; their number. */
static int lines_of(const float *before, const float *after, float *ratio)
{
    float x[GROUP];
    int n = 0;

    memcpy(x, before, sizeof(x));
    const float least_before = LINE_RATIO * g20_stats_select(x, GROUP, GROUP / 2);
    memcpy(x, after, sizeof(x));
    const float least_after = LINE_RATIO * g20_stats_select(x, GROUP, GROUP / 2);
    for (int b = 1; b < GROUP - 1 && n < 2; b++)
        if (before[b] > least_before && after[b] > least_after && before[b] >= before[b - 1] &&
            before[b] >= before[b + 1])
            ratio[n++] = after[b] / before[b];
    return n;
}

/* Do the lines that stand in the band, if there are any, follow from row @before to row @after? */
static bool lines_follow(const struct g20_tile *t, uint32_t before, uint32_t after, float ratio)
{
    const float *x = t->mean + (size_t)before * B, *y = t->mean + (size_t)after * B;
    float line[MOST_LINES + 2];
    int n = 0;

    /* The receiver's own offset in the middle may come in behind the gain. */
    for (int g = 0; g < GROUPS; g++)
        if (g != GROUPS / 2 && g != GROUPS / 2 - 1)
            n += lines_of(x + g * GROUP, y + g * GROUP, line + n);
    if (n < LINES)
        return true;
    const float db = G20_GAIN_DB(g20_stats_select(line, (size_t)n, (size_t)n / 2));
    return fabsf(db - G20_GAIN_DB(ratio)) < fabsf(db);
}

/* Power of cell @c over @n rows from @row on. */
static float cell_power(const struct g20_tile *t, uint32_t row, uint32_t n, int c)
{
    float sum = 1e-30f;

    for (uint32_t r = row; r < row + n; r++)
        for (int i = 0; i < G20_TILE_CELL; i++)
            sum += t->mean[(size_t)r * B + (size_t)c * G20_TILE_CELL + (size_t)i];
    return sum / (float)n;
}

/* @ratio, but not beyond 1 and @gain: what a converter's own noise fills follows that far. */
static float within(float ratio, float gain)
{
    return G20_CLAMP(ratio, fminf(gain, 1.0f), fmaxf(gain, 1.0f));
}

/* Ratios of groups and cells: by law, or where the converter's noise counts and it is blurred, as
 * measured over @left frames before and @right behind the step. */
static void take_ratios(const struct g20_tile *t, const struct track *k,
                        const struct g20_gain_law *law, uint32_t left, uint32_t right,
                        struct g20_gain_step *s)
{
    enum { CELLS = GROUP / G20_TILE_CELL };
    const uint32_t until = s->frame / FOLD, from = (s->frame + 1) / FOLD + 1;
    const uint32_t behind = from * FOLD - s->frame - 2; /* frames of its own row */
    const uint32_t before = left >= FOLD + s->frame % FOLD ? (left - s->frame % FOLD) / FOLD : 1;
    const uint32_t after = right >= FOLD + behind ? (right - behind) / FOLD : 1;
    const float skirt = G20_GAIN_SKIRT * g20_gain_middle(k->before);

    for (int g = 0; g < GROUPS; g++) {
        const float ratio = k->after[g] / k->before[g];
        const bool counts = law->own > COUNTS * k->before[g] || k->before[g] < skirt;
        s->group[g] = counts ? within(ratio, law->gain) : g20_gain_law_at(law, k->before[g]);
        for (int c = g * CELLS; c < (g + 1) * CELLS; c++)
            s->cell[c] = counts ? within(cell_power(t, from, after, c) /
                                             cell_power(t, until - before, before, c),
                                         law->gain)
                                : s->group[g];
    }
}

bool g20_gain_is_step(const struct g20_tile *t, uint32_t row, struct g20_gain_step *ret)
{
    const float change = g20_gain_change(t, row - 1, row + 1);
    struct track k;

    if (change == 0.0f)
        return false;
    take_track(&k, t, row);
    const uint32_t at = row * FOLD - k.first;
    const uint32_t f = place(&k, at - FOLD, at + 2 * FOLD, change);
    if (f == 0)
        return false;
    const uint32_t left = alike(&k, f - 1, -1, G20_MIN(f, (uint32_t)REACH * FOLD));
    const uint32_t right = alike(&k, f + 2, 1, G20_MIN(k.n - f - 2, (uint32_t)REACH * FOLD));
    if (left < LEAST || right < LEAST)
        return false;
    mean_of(t, k.first + f - left, left, k.before);
    mean_of(t, k.first + f + 2, right, k.after);
    const float deviation =
        G20_GAIN_DB(1.0f + sqrtf((1.0f / (float)left + 1.0f / (float)right) / VALUES));
    const struct g20_gain_law law = g20_gain_law_fit(k.before, k.after);
    *ret = (struct g20_gain_step){.frame = k.first + f, .ratio = g20_gain_ratio(k.after, k.before)};
    if (fabsf(G20_GAIN_DB(ret->ratio)) < LEAST_DB || fabsf(G20_GAIN_DB(ret->ratio)) > MOST_DB ||
        !g20_gain_law_holds(&law, k.before, k.after, fmaxf(TOLERANCE, DEVIATIONS * deviation)) ||
        !lines_follow(t, ret->frame / FOLD - 1, (ret->frame + 1) / FOLD + 1, ret->ratio))
        return false;
    take_ratios(t, &k, &law, left, right, ret);
    return true;
}
