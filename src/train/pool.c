/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/pool.h"

#include "base/alloc.h"
#include "base/block.h"
#include "base/rng.h"
#include "source/scene.h"
#include "train/team.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 65536, BLOCKS = 8, MOST_BOXES = 8192 };

#define GAP     18432 /* samples: bursts of one emitter that are closer are one box to rows */
#define VISIBLE 6.0   /* deflection from which a signal must be found; below, nobody is blamed */

struct g20_tile_maker {
    struct g20_stft *stft;
    struct g20_tile *tile;
    struct g20_floor *floor;
    struct g20_pool *blocks;
    struct g20_scene_box *box; /* (MOST_BOXES) */
    uint32_t rows;             /* wanted */
};

int g20_tile_maker_create(struct g20_tile_maker **ret, const char *wisdom_dir, struct g20_err *e)
{
    const struct g20_stft_cfg stft = {.nfft = G20_TILE_BINS,
                                      .hop = G20_TILE_HOP,
                                      .window = G20_WINDOW_HANN,
                                      .wisdom_dir = wisdom_dir};
    struct g20_tile_maker *m = g20_calloc(1, sizeof(*m));
    int r = -ENOMEM;

    if (!m)
        goto fail;
    m->box = g20_calloc(MOST_BOXES, sizeof(*m->box));
    if (!m->box)
        goto fail;
    if ((r = g20_stft_create(&m->stft, &stft, e)) < 0 || (r = g20_tile_create(&m->tile)) < 0 ||
        (r = g20_floor_create(&m->floor)) < 0 ||
        (r = g20_pool_create(&m->blocks, BLOCKS, BLOCK)) < 0)
        goto fail;
    *ret = m;
    return 0;

fail:
    g20_tile_maker_destroy(m);
    return r == -ENOMEM ? g20_fail(e, r, "training tiles: out of memory") : r;
}

void g20_tile_maker_destroy(struct g20_tile_maker *m)
{
    if (!m)
        return;
    g20_stft_destroy(m->stft); /* holds blocks */
    if (m->blocks)
        g20_pool_destroy(m->blocks);
    g20_floor_destroy(m->floor);
    g20_tile_destroy(m->tile);
    g20_free(m->box);
    g20_free(m);
}

static void on_frame(const struct g20_frame *frame, void *user)
{
    struct g20_tile_maker *m = user;

    if (m->tile->rows < m->rows)
        g20_tile_add(m->tile, frame);
}

/* What varies from scene to scene beyond what a scene draws itself. */
static struct g20_scene_cfg draw_scene(struct g20_rng *rng, uint32_t *ret_rows, uint64_t *ret_skip)
{
    struct g20_scene_cfg cfg;

    g20_scene_cfg_default(&cfg);
    cfg.seed = g20_rng_u64(rng);
    cfg.noise_dbfs = g20_rng_range(rng, -80, -40);
    cfg.density = g20_rng_log_range(rng, 0.3, 6);
    cfg.impairments = g20_rng_uniform(rng) < 0.8;
    cfg.receiver = g20_rng_uniform(rng) < 0.7;
    cfg.channel = g20_rng_uniform(rng) < 0.7;
    cfg.quiet = g20_rng_uniform(rng) < 0.04;
    cfg.snr_lo_db = -8;
    cfg.snr_hi_db = g20_rng_uniform(rng) < 0.3 ? 55 : 35;
    cfg.overlap = 0.1;
    *ret_rows = g20_rng_uniform(rng) < 0.3 ? (uint32_t)g20_rng_log_range(rng, 2, G20_TILE_ROWS)
                                           : G20_TILE_ROWS;
    *ret_skip = (uint64_t)g20_rng_range(rng, 0, 1.2e7); /* so that long signals are on already */
    return cfg;
}

static int play(struct g20_tile_maker *m, struct g20_scene *s)
{
    uint64_t at = 0;

    g20_stft_reset(m->stft);
    g20_tile_clear(m->tile);
    m->tile->fill = 0;
    while (m->tile->rows < m->rows) {
        struct g20_block *b = g20_team_block(m->blocks, s, at, BLOCK);
        if (!b)
            return -ENOMEM;
        g20_stft_push(m->stft, b, on_frame, m);
        g20_block_unref(&b);
        at += BLOCK;
    }
    return 0;
}

static void add_box(struct g20_train_tile *t, const struct g20_scene_box *b, uint64_t origin)
{
    const double start = (double)b->sample_start - (double)origin, rate = 20e6;
    const double stop = start + (double)b->sample_count;
    const double lo = b->f_lo_hz / rate, hi = b->f_hi_hz / rate;
    struct g20_train_box to = {.row0 = fmaxf(g20_truth_row(start), 0.0f),
                               .row1 = fminf(g20_truth_row(stop), (float)t->rows),
                               .cell0 = fmaxf(g20_truth_cell(lo), 0.0f),
                               .cell1 = fminf(g20_truth_cell(hi), (float)G20_TRUTH_CELLS)};

    if (t->count >= G20_TRUTH_BOXES || stop <= 0.0 || to.row1 <= 0.0f || to.row0 >= to.row1 ||
        to.cell0 >= to.cell1)
        return;
    const double shown = (double)(to.row1 - to.row0) * G20_TILE_ROW_SAMPLES;
    const double deflection = g20_truth_deflection(pow(10, 0.1 * (double)b->snr_db),
                                                   fmin(shown, (double)b->sample_count), hi - lo);
    to.ignore = b->ignore || deflection < VISIBLE;
    to.weight = powf(fmaxf(to.row1 - to.row0, 1.0f) * fmaxf(to.cell1 - to.cell0, 1.0f), -0.3f);
    t->box[t->count++] = to;
}

/* What rows cannot part becomes one box: bursts of one emitter on one channel, close together.
 * Their SNR is that of the whole. @n boxes in order of their starts; the number that is left. */
static size_t join_bursts(struct g20_scene_box *b, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = kept;
        while (k > 0 && (b[k - 1].ignore || b[k - 1].emitter != b[i].emitter ||
                         fabs(b[k - 1].f_lo_hz - b[i].f_lo_hz) > 1.0))
            k--;
        const uint64_t end = k > 0 ? b[k - 1].sample_start + b[k - 1].sample_count : 0;
        if (b[i].ignore || k == 0 || b[i].sample_start > end + GAP) {
            b[kept++] = b[i];
            continue;
        }
        struct g20_scene_box *to = &b[k - 1];
        const uint64_t all = b[i].sample_start + b[i].sample_count - to->sample_start;
        const double on = pow(10, 0.1 * (double)to->snr_db) * (double)to->sample_count +
                          pow(10, 0.1 * (double)b[i].snr_db) * (double)b[i].sample_count;
        to->snr_db = (float)(10 * log10(on / (double)all));
        to->sample_count = all;
    }
    return kept;
}

int g20_tile_maker_make(struct g20_tile_maker *m, uint64_t seed, uint64_t number,
                        struct g20_train_tile *t, struct g20_err *e)
{
    struct g20_rng rng;
    struct g20_scene *s;
    uint64_t skip;

    g20_rng_init(&rng, seed ^ (number * UINT64_C(0x9e3779b97f4a7c15)));
    const struct g20_scene_cfg cfg = draw_scene(&rng, &m->rows, &skip);
    int r = g20_scene_create(&s, &cfg, e);
    if (r < 0)
        return r;
    g20_scene_skip(s, skip);
    r = play(m, s);
    if (r < 0) {
        g20_scene_destroy(s);
        return g20_fail(e, r, "training tiles: out of blocks");
    }
    g20_floor_measure(m->floor, m->tile, NULL);
    g20_image_make(m->tile, m->floor->noise, t->image, 0, NULL);
    t->rows = m->rows;
    t->count = 0;
    size_t n = G20_MIN(g20_scene_boxes(s, skip, m->box, MOST_BOXES), (size_t)MOST_BOXES);
    n = join_bursts(m->box, n);
    for (size_t i = 0; i < n; i++)
        add_box(t, &m->box[i], skip);
    g20_scene_destroy(s);
    return 0;
}

int g20_train_pool_create(struct g20_train_pool *p, uint32_t count, struct g20_err *e)
{
    *p = (struct g20_train_pool){.count = count, .tile = g20_calloc(count, sizeof(*p->tile))};
    for (uint32_t i = 0; p->tile && i < count; i++) {
        p->tile[i].image = g20_calloc_aligned(G20_IMAGE_BYTES, 1);
        p->tile[i].box = g20_calloc(G20_TRUTH_BOXES, sizeof(*p->tile[i].box));
        if (!p->tile[i].image || !p->tile[i].box) {
            g20_train_pool_destroy(p);
            break;
        }
    }
    return p->tile ? 0 : g20_fail(e, -ENOMEM, "training: no memory for %u tiles", count);
}

void g20_train_pool_destroy(struct g20_train_pool *p)
{
    for (uint32_t i = 0; p->tile && i < p->count; i++) {
        g20_free(p->tile[i].image);
        g20_free(p->tile[i].box);
    }
    g20_free(p->tile);
    p->tile = NULL;
}

uint64_t g20_train_pool_number(const struct g20_train_pool *p, uint32_t slot, uint64_t replaced)
{
    return replaced <= slot ? slot : slot + (replaced - slot + p->count - 1) / p->count * p->count;
}
