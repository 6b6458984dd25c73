/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/waterfall.h"

#include "base/alloc.h"
#include "dsp/kernels.h"
#include "dsp/noise.h"
#include "dsp/rows.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>

static const double NOISE_PERIOD_S = 0.125; /* between two looks at the noise */

/* Lives until the waterfall and every viewer have let go. */
struct row_pool {
    pthread_mutex_t lock;
    struct g20_wf_row *free; /* singly linked */
    struct g20_wf_row *rows; /* (count) */
    float *memory;           /* (count, each) */
    atomic_uint refs;        /* rows out, and one for the waterfall */
};

struct g20_waterfall {
    struct g20_waterfall_cfg cfg;
    const struct g20_kernels *k;
    struct g20_stft *stft;
    struct g20_rows *rows;
    struct g20_noise *noise;
    struct row_pool *pool;

    double rate_hz, center_hz; /* of the last block */
    double row_period_s;
    uint32_t late; /* samples from a row's first frame to where the row begins */
    uint32_t frames_per_row;
    uint32_t rows_per_look;  /* rows from one look at the noise to the next */
    uint32_t rows_till_look; /* 0: at the next whole row */
    uint32_t looks;          /* since the noise was forgotten; no need to count on */
    uint64_t index, dropped;
    uint32_t flags; /* for the next row handed out */

    g20_wf_row_fn *on_row; /* during a push */
    void *user;
    size_t handed_out;
};

static void pool_unref(struct row_pool *p)
{
    if (atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    pthread_mutex_destroy(&p->lock);
    g20_free(p->memory);
    g20_free(p->rows);
    g20_free(p);
}

static struct row_pool *pool_create(uint32_t count, uint32_t nfft)
{
    /* nfft and nfft / 64 are whole cache lines: 4096 and 64 floats at least */
    const size_t floors = nfft / G20_NOISE_GROUP, each = nfft + floors;
    struct row_pool *p = g20_calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    pthread_mutex_init(&p->lock, NULL);
    atomic_store(&p->refs, 1);
    p->rows = g20_calloc(count, sizeof(*p->rows));
    p->memory = g20_calloc_aligned(count, each * sizeof(*p->memory));
    if (!p->rows || !p->memory) {
        pool_unref(p);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct g20_wf_row *row = &p->rows[i];
        row->pool = p;
        row->nfft = nfft;
        row->db = p->memory + i * each;
        row->floor_db = row->db + nfft;
        row->next = p->free;
        p->free = row;
    }
    return p;
}

static struct g20_wf_row *pool_get(struct row_pool *p)
{
    pthread_mutex_lock(&p->lock);
    struct g20_wf_row *row = p->free;
    if (row)
        p->free = row->next;
    pthread_mutex_unlock(&p->lock);
    if (!row)
        return NULL;
    row->next = NULL;
    atomic_store(&row->refs, 1);
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return row;
}

struct g20_wf_row *g20_wf_row_ref(struct g20_wf_row *row)
{
    atomic_fetch_add_explicit(&row->refs, 1, memory_order_relaxed);
    return row;
}

void g20_wf_row_unref(struct g20_wf_row **at)
{
    struct g20_wf_row *row = *at;

    *at = NULL;
    if (!row || atomic_fetch_sub_explicit(&row->refs, 1, memory_order_acq_rel) != 1)
        return;
    struct row_pool *p = row->pool;
    pthread_mutex_lock(&p->lock);
    row->next = p->free;
    p->free = row;
    pthread_mutex_unlock(&p->lock);
    pool_unref(p);
}

int g20_waterfall_create(struct g20_waterfall **ret, const struct g20_waterfall_cfg *cfg,
                         struct g20_err *e)
{
    const uint32_t n = cfg->nfft;
    int r = -ENOMEM;

    if (n < 4096 || n > 65536 || (n & (n - 1)) != 0)
        return g20_fail(e, -EINVAL, "waterfall nfft %u is not a power of two in 4096..65536", n);
    if (!(cfg->rows_per_s >= 0.1 && cfg->rows_per_s <= 1000))
        return g20_fail(e, -EINVAL, "waterfall rows_per_s %g is not in 0.1..1000", cfg->rows_per_s);
    if (cfg->pool_rows < 4 || cfg->pool_rows > 65536)
        return g20_fail(e, -EINVAL, "waterfall pool_rows %u is not in 4..65536", cfg->pool_rows);

    struct g20_waterfall *w = g20_calloc(1, sizeof(*w));
    if (!w)
        goto fail;
    w->cfg = *cfg;
    w->cfg.wisdom_dir = NULL; /* borrowed for this call only */
    w->cfg.cancel = NULL;
    w->k = g20_kernels();
    w->pool = pool_create(cfg->pool_rows, n);
    if (!w->pool)
        goto fail;
    const struct g20_stft_cfg stft = {.nfft = n,
                                      .hop = n,
                                      .window = G20_WINDOW_HANN,
                                      .wisdom_dir = cfg->wisdom_dir,
                                      .cancel = cfg->cancel};
    r = g20_stft_create(&w->stft, &stft, e);
    if (r == 0)
        r = g20_rows_create(&w->rows, n, 1, G20_PARTIAL_KEEP, e);
    if (r == 0)
        r = g20_noise_create(&w->noise, n, e);
    if (r < 0)
        goto fail;

    *ret = w;
    return 0;

fail:
    g20_waterfall_destroy(w);
    return g20_fail(e, r, "waterfall of %u bins: %s", n, g20_strerror(r));
}

/* Cut the row period of @rate into frames and the time between looks at the noise into rows. */
static void set_rate(struct g20_waterfall *w, double rate_hz)
{
    const double n = w->cfg.nfft;
    const double wanted = G20_CLAMP(rate_hz / w->cfg.rows_per_s, 1, 65535 * n); /* in samples */
    const double frames = ceil(wanted / n);
    const double hop = G20_CLAMP(round(wanted / frames), 1, n);

    g20_stft_set_hop(w->stft, (uint32_t)hop);
    w->frames_per_row = (uint32_t)frames;
    w->row_period_s = frames * hop / rate_hz;
    w->late = (uint32_t)((n - hop) / 2); /* a window shows its middle */
    g20_rows_set_frames(w->rows, w->frames_per_row);
    /* looks less than half a frame apart would see the same samples */
    const double look_s = G20_MAX(NOISE_PERIOD_S, n / 2 / rate_hz);
    w->rows_per_look = (uint32_t)G20_MIN(ceil(look_s / w->row_period_s), 1e9);
}

/* The first looks come with every row, so that the tracker soon has something to choose from,
 * unless rows overlap. A partial row has another distribution: it is used only when there is
 * nothing else. */
static void look_at_noise(struct g20_waterfall *w, const struct g20_power_row *r)
{
    const bool whole = r->frames == w->frames_per_row;

    if (w->rows_till_look > 0) {
        w->rows_till_look--;
        return;
    }
    if (!whole && g20_noise_is_known(w->noise))
        return;
    g20_noise_push(w->noise, r->mean, r->frames);
    const bool starting = w->frames_per_row > 1 && w->looks < G20_NOISE_SLOTS / 2;
    w->looks += w->looks < G20_NOISE_SLOTS;
    w->rows_till_look = starting ? 0 : w->rows_per_look - 1;
}

static void take_power_row(const struct g20_power_row *r, void *user)
{
    struct g20_waterfall *w = user;
    const uint64_t index = w->index++;

    look_at_noise(w, r);
    struct g20_wf_row *row = pool_get(w->pool);
    if (!row) {
        w->dropped++;
        w->flags |= G20_WF_DROPPED;
        return;
    }
    row->index = index;
    row->first_sample = r->first_sample + w->late;
    row->time_us = r->time_us + (uint64_t)llround(1e6 * w->late / r->rate_hz);
    row->center_hz = r->center_hz;
    row->rate_hz = r->rate_hz;
    row->row_period_s = (float)w->row_period_s;
    row->flags = w->flags;
    w->flags = 0;
    const float level = g20_noise_level(w->noise);
    w->k->power_to_db(&row->noise_floor_db, &level, 1);
    w->k->power_to_db(row->floor_db, g20_noise_floor(w->noise), row->nfft / G20_NOISE_GROUP);
    w->k->power_to_db(row->db, r->max, row->nfft);
    w->handed_out++;
    w->on_row(row, w->user);
}

static void take_frame(const struct g20_frame *f, void *user)
{
    struct g20_waterfall *w = user;

    g20_rows_push(w->rows, f, take_power_row, w);
}

size_t g20_waterfall_flush(struct g20_waterfall *w, g20_wf_row_fn *on_row, void *user)
{
    w->on_row = on_row;
    w->user = user;
    w->handed_out = 0;
    g20_rows_flush(w->rows, take_power_row, w);
    return w->handed_out;
}

size_t g20_waterfall_push(struct g20_waterfall *w, struct g20_block *b, g20_wf_row_fn *on_row,
                          void *user)
{
    const bool first = w->rate_hz == 0;
    const bool other_rate = b->rate_hz != w->rate_hz, other_center = b->center_hz != w->center_hz;
    const bool retuned = other_rate || other_center || (b->flags & G20_BLOCK_RETUNED);
    size_t rows = 0;

    if (!(b->rate_hz > 0))
        return 0;
    if (b->flags || retuned) /* the unfinished row is of the old run and has its old flags */
        rows = g20_waterfall_flush(w, on_row, user);
    if (retuned) {
        g20_noise_reset(w->noise);
        w->rows_till_look = w->looks = 0;
    }
    if (other_rate)
        set_rate(w, b->rate_hz);
    w->rate_hz = b->rate_hz;
    w->center_hz = b->center_hz;
    w->flags |= (b->flags & G20_BLOCK_GAP) ? G20_WF_DROPPED : 0;
    w->flags |= retuned && !first ? G20_WF_RETUNED : 0;

    w->on_row = on_row;
    w->user = user;
    w->handed_out = 0;
    g20_stft_push(w->stft, b, take_frame, w);
    return rows + w->handed_out;
}

uint64_t g20_waterfall_dropped(const struct g20_waterfall *w)
{
    return w->dropped;
}

uint64_t g20_waterfall_bad_samples(const struct g20_waterfall *w)
{
    return g20_stft_bad_samples(w->stft);
}

void g20_waterfall_destroy(struct g20_waterfall *w)
{
    if (!w)
        return;
    g20_noise_destroy(w->noise);
    g20_rows_destroy(w->rows);
    g20_stft_destroy(w->stft);
    if (w->pool)
        pool_unref(w->pool);
    g20_free(w);
}
