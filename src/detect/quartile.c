/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/quartile.h"

#include "detect/floor.h"
#include "detect/stats.h"

#include <math.h>
#include <string.h>

enum {
    B = G20_TILE_BINS,
    SAMPLE_ROWS = G20_STATS_MOST_ROWS, /* rows looked at per bin */
};

_Static_assert((int)G20_QUARTILE_POOL == (int)G20_STATS_COLUMNS,
               "a pool is what is looked at together");

#define HANN_ENBW 1.5 /* neighbouring bins are not independent */
#define POOL_ON   1.8 /* over the quartile of its pool a row is on: no noise is */
#define MOST_P    0.9 /* that the quartile is of what is not */

/* Rows that are looked at, and what their statistics are held against. */
struct quartile {
    const struct g20_tile *t;
    float *q, *average; /* (B) each */
    float *pooled;      /* (G20_QUARTILE_POOLS) */
    uint32_t rows[SAMPLE_ROWS], n;
    struct g20_stats_network network;
    float unbias;
    double p, pool_mean, pool_spread; /* of the quartile; of a pool's least powers in noise of 1 */
};

static uint32_t choose_rows(struct quartile *s)
{
    const struct g20_tile *t = s->t;
    const uint32_t step = (t->rows + SAMPLE_ROWS - 1) / SAMPLE_ROWS;
    uint32_t frames = 0;

    for (uint32_t r = 0; r < t->rows; r += step)
        if (t->row[r].frames == G20_TILE_FOLD || t->rows < 4) {
            s->rows[s->n++] = r;
            frames += t->row[r].frames;
        }
    if (s->n == 0) {
        s->rows[s->n++] = 0;
        frames = t->row[0].frames;
    }
    return frames;
}

static double normal_score(double p)
{
    return p < 0.5 ? -g20_stats_normal_tail(p) : g20_stats_normal_tail(1.0 - p);
}

/* What the noise of a pool of bins is by its least powers in each row, summed, in @x: those of rows
 * that are far over their quartile are no noise, and the quartile of all is a higher one of the
 * rest's. */
static float level_of_pool(const struct quartile *s, float *x)
{
    const double kth = (double)g20_stats_select(x, s->n, s->network.k) / G20_STATS_COLUMNS;
    const double limit = G20_STATS_COLUMNS * POOL_ON * kth;
    uint32_t on = 0;

    for (uint32_t i = 0; i < s->n; i++)
        on += (double)x[i] > limit;
    const double p = fmin(s->p * s->n / (s->n - on), MOST_P);
    return (float)(kth / (s->pool_mean + normal_score(p) * s->pool_spread));
}

G20_WIDE static void quartile_of_bins(const struct quartile *s, uint32_t b)
{
    float x[SAMPLE_ROWS][G20_STATS_COLUMNS], sum[G20_STATS_COLUMNS] = {0}, kth[G20_STATS_COLUMNS];
    float pool[SAMPLE_ROWS];

    for (uint32_t i = 0; i < s->n; i++) {
        const float *mean = s->t->mean + (size_t)s->rows[i] * B + b;
        memcpy(x[i], s->t->low + (size_t)s->rows[i] * B + b, sizeof(x[i]));
        pool[i] = 0.0f;
        for (int j = 0; j < G20_STATS_COLUMNS; j++) {
            sum[j] += mean[j];
            pool[i] += x[i][j];
        }
    }
    s->pooled[b / G20_STATS_COLUMNS] = level_of_pool(s, pool);
    g20_stats_select_columns(&s->network, x, kth);
    for (int j = 0; j < G20_STATS_COLUMNS; j++) {
        s->q[b + (uint32_t)j] = kth[j] * s->unbias;
        s->average[b + (uint32_t)j] = sum[j] / (float)s->n;
    }
}

static void quartile_share(struct g20_crew *crew, uint32_t member, uint32_t members, void *user)
{
    uint32_t from, to;

    (void)crew;
    g20_crew_share(B / G20_STATS_COLUMNS, member, members, &from, &to);
    for (; from < to; from++)
        quartile_of_bins(user, from * G20_STATS_COLUMNS);
}

/* What the least of @pairs means of @shape reads in noise of mean 1 where @p are less. */
static double least_pair(double shape, double pairs, double p)
{
    const double tail = 1.0 - pow(1.0 - p, 1.0 / pairs);

    return fmax(g20_stats_gamma_quantile(shape, normal_score(tail)), 0.02);
}

/* The same of the average over a pool of bins: its mean and spread from row to row. */
static void least_pairs_pooled(struct quartile *s, double shape, double pairs)
{
    enum { STEPS = 64 };
    double mean = 0.0, square = 0.0;

    for (int i = 0; i < STEPS; i++) {
        const double x = least_pair(shape, pairs, (i + 0.5) / STEPS);
        mean += x / STEPS;
        square += x * x / STEPS;
    }
    s->pool_mean = mean;
    s->pool_spread = sqrt((square - mean * mean) * HANN_ENBW / G20_STATS_COLUMNS);
}

uint32_t g20_quartiles_measure(const struct g20_tile *t, float *q, float *average, float *pooled,
                               struct g20_crew *crew)
{
    struct quartile s = {.t = t, .q = q, .average = average, .pooled = pooled};
    const uint32_t frames = choose_rows(&s), n = s.n;

    const uint32_t k = (n - 1) / 4;
    const double p = (k + 0.7) / (n + 0.4);                   /* median rank of the k-th of n */
    const double pairs = fmax(1.0, (double)(frames / n / 2)); /* of these the least was kept */
    const double shape = frames / n > 1 ? g20_floor_row_shape(2) : 1.0;
    s.unbias = (float)(1.0 / least_pair(shape, pairs, p));
    s.p = p;
    least_pairs_pooled(&s, shape, pairs);
    g20_stats_network_init(&s.network, n, k);
    g20_crew_run(crew, quartile_share, &s);
    return frames;
}
