/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/examples.h"

#include "base/alloc.h"
#include "base/block.h"
#include "base/rng.h"
#include "detect/history.h"
#include "source/scene.h"
#include "train/team.h"
#include "train/truth_cells.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 65536, BLOCKS = 24, MOST_BOXES = 2048, PER_EMITTER = 2 };

#define RATE    20e6
#define VISIBLE 12.0 /* deflection from which a detector finds it well enough to look at it */
#define BYTE    195.0f

#define CROPPED    0.4 /* share of examples that are a part of an emission, */
#define LEAST_PART 0.1 /* this much of it at least */

struct g20_example_maker {
    struct g20_looker *looker;
    struct g20_history *history;
    struct g20_pool *blocks;
    struct g20_scene_box *box; /* (MOST_BOXES) */
};

void g20_example_pack(const struct g20_look *look, uint32_t kind, struct g20_example *ret)
{
    for (int p = 0; p < G20_LOOK_PICTURES; p++)
        for (int t = 0; t < G20_LOOK_SIDE; t++)
            for (int k = 0; k < G20_LOOK_SIDE; k++)
                ret->picture[p][t][k] = (uint8_t)lrintf(look->picture[p][t][k] * BYTE);
    memcpy(ret->number, look->number, sizeof(ret->number));
    ret->kind = kind;
}

void g20_example_unpack(const struct g20_example *x, struct g20_look *ret)
{
    for (int p = 0; p < G20_LOOK_PICTURES; p++)
        for (int t = 0; t < G20_LOOK_SIDE; t++)
            for (int k = 0; k < G20_LOOK_SIDE; k++)
                ret->picture[p][t][k] = (float)x->picture[p][t][k] / BYTE;
    memcpy(ret->number, x->number, sizeof(ret->number));
}

int g20_example_maker_create(struct g20_example_maker **ret, struct g20_err *e)
{
    struct g20_example_maker *m = g20_calloc(1, sizeof(*m));
    int r = -ENOMEM;

    if (!m)
        return g20_fail(e, r, "examples: out of memory");
    m->box = g20_calloc(MOST_BOXES, sizeof(*m->box));
    if (!m->box || (r = g20_history_create(&m->history, BLOCKS)) < 0 ||
        (r = g20_pool_create(&m->blocks, BLOCKS + 1, BLOCK)) < 0)
        g20_fail(e, r, "examples: out of memory");
    else
        r = g20_looker_create(&m->looker, e);
    if (r < 0)
        g20_example_maker_destroy(m);
    else
        *ret = m;
    return r;
}

void g20_example_maker_destroy(struct g20_example_maker *m)
{
    if (!m)
        return;
    g20_history_destroy(m->history);
    if (m->blocks)
        g20_pool_destroy(m->blocks);
    g20_looker_destroy(m->looker);
    g20_free(m->box);
    g20_free(m);
}

static struct g20_scene_cfg draw_scene(struct g20_rng *rng, uint64_t *ret_skip)
{
    struct g20_scene_cfg cfg;

    g20_scene_cfg_default(&cfg);
    cfg.seed = g20_rng_u64(rng);
    cfg.noise_dbfs = -60;
    cfg.density = g20_rng_log_range(rng, 2, 8);
    cfg.receiver = g20_rng_uniform(rng) < 0.7;
    cfg.channel = g20_rng_uniform(rng) < 0.7;
    cfg.snr_lo_db = 0;
    cfg.snr_hi_db = 40;
    *ret_skip = (uint64_t)g20_rng_range(rng, 0, 4e6);
    return cfg;
}

static int play(struct g20_example_maker *m, struct g20_scene *s)
{
    g20_history_clear(m->history);
    for (uint64_t i = 0; i < BLOCKS; i++) {
        struct g20_block *b = g20_team_block(m->blocks, s, i * BLOCK, BLOCK);
        if (!b)
            return -ENOMEM;
        g20_history_push(m->history, b);
        g20_block_unref(&b);
    }
    return 0;
}

static int kind_number(const char *name)
{
    const char *k;

    for (int i = 0; (k = g20_scene_kind_at((size_t)i)); i++)
        if (strcmp(k, name) == 0)
            return i;
    return -1;
}

struct g20_edges g20_example_edges(const struct g20_edges *truth, struct g20_rng *rng)
{
    const double length = truth->stop - truth->start, width = truth->f_hi - truth->f_lo;
    const double shift = g20_rng_range(rng, -0.06, 0.06), wider = g20_rng_range(rng, -0.1, 0.15);
    const double early = g20_rng_range(rng, -0.04, 0.06), late = g20_rng_range(rng, -0.04, 0.06);
    const double mid = 0.5 * (truth->f_lo + truth->f_hi) + shift * width;
    const double half = 0.5 * (1.0 + wider) * width;

    return (struct g20_edges){fmax(truth->start - early * length, 0.0), truth->stop + late * length,
                              mid - half, mid + half};
}

/* A look at @b (samples from @skip on are held). */
static bool look_at(struct g20_example_maker *m, const struct g20_scene_box *b, uint64_t skip,
                    struct g20_rng *rng, struct g20_look *look)
{
    const double held = (double)BLOCKS * BLOCK;
    const struct g20_edges truth = {
        .start = fmax((double)b->sample_start - (double)skip, 0.0),
        .stop = fmin((double)b->sample_start + (double)b->sample_count - (double)skip, held),
        .f_lo = b->f_lo_hz / RATE,
        .f_hi = b->f_hi_hz / RATE};
    const double shown = fmin(truth.stop - truth.start, (double)b->sample_count);
    struct g20_edges x = g20_example_edges(&truth, rng);
    const double crop = g20_rng_uniform(rng), part = g20_rng_log_range(rng, LEAST_PART, 1.0);
    const double at = g20_rng_uniform(rng);

    if (crop < CROPPED) { /* a detector may have a part of it only, and a tile has an end */
        const double length = x.stop - x.start;
        x.start += at * (1.0 - part) * length;
        x.stop = x.start + part * length;
    }

    if (b->ignore || truth.stop - truth.start < 64.0 || truth.f_lo < -0.49 || truth.f_hi > 0.49 ||
        g20_truth_deflection(pow(10, 0.1 * (double)b->snr_db), shown, truth.f_hi - truth.f_lo) <
            VISIBLE)
        return false;
    return g20_looker_look(m->looker, m->history, (uint64_t)x.start, (uint64_t)x.stop, x.f_lo,
                           x.f_hi, RATE, look);
}

int g20_example_maker_make(struct g20_example_maker *m, uint64_t seed, uint64_t number,
                           const char *without, struct g20_example *ret, uint32_t cap,
                           struct g20_err *e)
{
    struct g20_rng rng;
    struct g20_scene *s;
    uint64_t skip, emitter[64];
    uint32_t bursts[64] = {0}, emitters = 0, n = 0;

    g20_rng_init(&rng, seed ^ (number * UINT64_C(0x9e3779b97f4a7c15)));
    const struct g20_scene_cfg cfg = draw_scene(&rng, &skip);
    int r = g20_scene_create(&s, &cfg, e);
    if (r < 0)
        return r;
    g20_scene_skip(s, skip);
    r = play(m, s);
    const size_t boxes = G20_MIN(g20_scene_boxes(s, skip, m->box, MOST_BOXES), (size_t)MOST_BOXES);
    g20_scene_destroy(s);
    if (r < 0)
        return g20_fail(e, r, "examples: out of blocks");
    for (size_t i = 0; i < boxes && n < cap; i++) {
        const struct g20_scene_box *b = &m->box[i];
        const int kind = kind_number(b->kind);
        struct g20_look look;
        uint32_t k = 0;

        while (k < emitters && emitter[k] != b->emitter)
            k++;
        if (kind < 0 || (without && strcmp(b->kind, without) == 0) || k == G20_COUNT_OF(emitter) ||
            (k < emitters && bursts[k] >= PER_EMITTER) || !look_at(m, b, skip, &rng, &look))
            continue;
        emitter[k] = b->emitter;
        bursts[k]++;
        emitters = G20_MAX(emitters, k + 1);
        g20_example_pack(&look, (uint32_t)kind, &ret[n++]);
    }
    return (int)n;
}
