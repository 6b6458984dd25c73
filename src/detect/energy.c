/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/energy.h"

#include "detect/level.h"
#include "detect/search.h"

#include "base/alloc.h"
#include "base/thread.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
    STEP_ROWS = G20_TILE_ROWS / 2, /* new rows at most between two looks */
    SOON_ROWS = G20_TILE_ROWS / 4, /* live: at least, where they take no longer than SOON_S */
    MIN_STEP_ROWS = 4,
    WHOLE_ROWS = 8, /* steps are multiples: the network keeps what it made of older rows then */
    MAX_OPEN = 1024,
    HISTORY_BLOCKS = 4096,
};

#define SOON_S 0.04

struct g20_energy {
    struct g20_energy_cfg cfg;
    struct g20_energy_sinks sinks;
    struct g20_stft *stft;
    struct g20_tile *filling; /* by push() */
    struct g20_history *arrived;
    uint64_t arrived_ns; /* of the newest block */
    double center_hz;    /* of the block before; 0 before the first */
    struct g20_leveller *leveller;

    pthread_mutex_t lock; /* guards .turn */
    pthread_cond_t turned;
    enum turn { FREE, LOOK, END } turn;
    struct g20_thread looking;
    atomic_uint open;
    atomic_bool due; /* somebody waits for the look to end */

    /* What follows is the looking thread's at LOOK, the pushing one's at FREE. */
    struct g20_tile *tile;
    struct g20_history *history;
    uint64_t tile_arrived_ns;
    struct g20_search *search;
    struct g20_tracker *tracker;
    struct g20_box *box; /* (G20_SEARCH_FINDS) */
};

size_t g20_energy_classes(const struct g20_energy *d, const char *const **ret)
{
    return g20_search_classes(d->search, ret);
}

static void *look_main(void *arg);

int g20_energy_create(struct g20_energy **ret, const struct g20_energy_cfg *cfg,
                      const struct g20_energy_sinks *sinks, struct g20_err *e)
{
    const struct g20_stft_cfg stft = {.nfft = G20_TILE_BINS,
                                      .hop = G20_TILE_HOP,
                                      .window = G20_WINDOW_HANN,
                                      .wisdom_dir = cfg->wisdom_dir,
                                      .cancel = cfg->cancel};
    const uint32_t blocks = cfg->history_blocks ? cfg->history_blocks : HISTORY_BLOCKS;
    struct g20_energy *d = g20_calloc(1, sizeof(*d));
    int r = -ENOMEM;

    if (!d)
        return g20_fail(e, r, "energy detector: out of memory");
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->turned, NULL);
    d->cfg = *cfg;
    d->cfg.wisdom_dir = d->cfg.network = NULL; /* borrowed for the call only */
    d->cfg.provider = NULL;
    d->cfg.cancel = NULL;
    d->sinks = *sinks;
    d->box = g20_calloc(G20_SEARCH_FINDS, sizeof(*d->box));
    if (!d->box)
        goto fail;
    /* What takes much memory comes last: who fails before has not touched it. */
    if ((r = g20_stft_create(&d->stft, &stft, e)) < 0 ||
        (r = g20_tracker_create(&d->tracker, MAX_OPEN)) < 0 ||
        (r = g20_history_create(&d->history, blocks)) < 0 ||
        (r = g20_history_create(&d->arrived, blocks)) < 0 ||
        (r = g20_leveller_create(&d->leveller, e)) < 0 ||
        (r = g20_search_create(&d->search, cfg, sinks, e)) < 0 ||
        (r = g20_tile_create(&d->tile)) < 0 ||
        (r = g20_tile_create_twin(&d->filling, d->tile)) < 0 ||
        (r = g20_thread_start(&d->looking, "g20-look", look_main, d, e)) < 0)
        goto fail;
    *ret = d;
    return 0;

fail:
    g20_energy_destroy(d);
    return r == -ENOMEM ? g20_fail(e, r, "energy detector: out of memory") : r;
}

/* Once the last tile was looked at: what comes next. */
static void take_turn(struct g20_energy *d, enum turn next)
{
    pthread_mutex_lock(&d->lock);
    atomic_store(&d->due, true);
    while (d->turn == LOOK)
        pthread_cond_wait(&d->turned, &d->lock);
    d->turn = next;
    atomic_store(&d->due, false);
    pthread_cond_broadcast(&d->turned);
    pthread_mutex_unlock(&d->lock);
}

void g20_energy_destroy(struct g20_energy *d)
{
    if (!d)
        return;
    if (d->looking.running)
        take_turn(d, END);
    g20_thread_join(&d->looking);
    pthread_cond_destroy(&d->turned);
    pthread_mutex_destroy(&d->lock);
    g20_history_destroy(d->arrived);
    g20_history_destroy(d->history);
    g20_tracker_destroy(d->tracker);
    g20_search_destroy(d->search);
    g20_leveller_destroy(d->leveller);
    g20_tile_destroy(d->filling);
    g20_tile_destroy(d->tile);
    g20_stft_destroy(d->stft);
    g20_free(d->box);
    g20_free(d);
}

/* What the new part of the tile shows, as boxes. */
static size_t make_boxes(struct g20_energy *d, const struct g20_find *find, size_t n, uint64_t from,
                         uint64_t to, double rate)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        const struct g20_find *f = &find[i];
        const uint64_t lo = G20_MAX(f->start, from), hi = G20_MIN(f->stop, to);
        if (lo >= hi)
            continue;
        d->box[count++] = (struct g20_box){
            .sample_start = lo,
            .sample_count = hi - lo,
            .f_lo_hz = f->f_lo * rate,
            .f_hi_hz = f->f_hi * rate,
            .class_id = f->class_id ? (int)f->class_id : 1,
            .confidence = f->score,
            .snr_db = (float)(10.0 * log10(g20_find_snr(f))),
            .level_dbfs = (float)(10.0 * log10(f->power)),
            .peak_dbfs = (float)(10.0 * log10(f->peak)),
        };
    }
    return count;
}

/* Look at the tile and report. */
static void look(struct g20_energy *d)
{
    const struct g20_tile *t = d->tile;
    const struct g20_tile_row *first_new = &t->row[t->rows - t->new_rows];
    const struct g20_find *find;
    const char *version, *model = g20_search_model(d->search, &version);
    const struct g20_track_stream stream = {
        .center_hz = t->center_hz,
        .rate_hz = t->rate_hz,
        .center_known = d->cfg.center_known,
        .ref_sample = first_new->first_sample,
        .ref_time_us = first_new->time_us,
        .end = g20_tile_end(t),
        .threshold = d->cfg.score_threshold,
        .model = model,
        .model_version = version,
    };
    const size_t n = g20_search_look(d->search, t, d->history, &stream, &find);

    const struct g20_tile_report report = {
        .time_us = first_new->time_us,
        .first_sample = first_new->first_sample,
        .end_sample = g20_tile_end(t),
        .arrived_ns = d->tile_arrived_ns,
        .center_hz = t->center_hz,
        .rate_hz = t->rate_hz,
        .duration_s = (double)(g20_tile_end(t) - first_new->first_sample) / t->rate_hz,
        .network_ns = g20_search_network_ns(d->search),
        .boxes = d->box,
        .count = make_boxes(d, find, n, first_new->first_sample, g20_tile_end(t), t->rate_hz),
        .error = g20_search_error(d->search),
    };
    if (d->sinks.tile)
        d->sinks.tile(&report, d->sinks.user);
    g20_tracker_update(d->tracker, find, n, &stream, d->sinks.emission, d->sinks.user);
    atomic_store(&d->open, g20_tracker_open(d->tracker));
    /* A recording waits: what is remembered of it does not depend on timing. */
    g20_search_remember(d->search, &stream, d->cfg.keeps_up ? &d->due : NULL);
}

static void *look_main(void *arg)
{
    struct g20_energy *d = arg;

    pthread_mutex_lock(&d->lock);
    for (;;) {
        while (d->turn == FREE)
            pthread_cond_wait(&d->turned, &d->lock);
        if (d->turn == END)
            break;
        pthread_mutex_unlock(&d->lock);
        look(d);
        g20_history_clear(d->history); /* its blocks are wanted elsewhere */
        pthread_mutex_lock(&d->lock);
        d->turn = FREE;
        pthread_cond_broadcast(&d->turned);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

/* Asked once a tile is full enough. */
static bool is_looking(struct g20_energy *d)
{
    pthread_mutex_lock(&d->lock);
    const bool is = d->turn == LOOK;
    atomic_store(&d->due, is);
    pthread_mutex_unlock(&d->lock);
    return is;
}

/* New rows from one look to the next. */
static uint32_t step_rows(const struct g20_energy *d, double rate_hz)
{
    const double row_s = G20_TILE_ROW_SAMPLES / fmax(rate_hz, 1.0);
    double rows = d->cfg.max_delay_s / row_s;

    if (d->cfg.keeps_up)
        rows = fmin(rows, fmax(SOON_S / row_s, SOON_ROWS));
    const uint32_t step = (uint32_t)G20_CLAMP(rows, (double)MIN_STEP_ROWS, (double)STEP_ROWS);
    return step > WHOLE_ROWS ? step / WHOLE_ROWS * WHOLE_ROWS : step;
}

/* Give what has been filled to the looking thread; most of it stays as context of the next. */
static void hand_over(struct g20_energy *d)
{
    const uint32_t step = step_rows(d, d->filling->rate_hz);
    struct g20_tile *full = d->filling;

    if (full->new_rows == 0)
        return;
    take_turn(d, FREE);
    g20_leveller_level(d->leveller, full, d->arrived);
    d->filling = d->tile;
    d->tile = full;
    d->tile_arrived_ns = d->arrived_ns;
    g20_history_copy(d->history, d->arrived);
    take_turn(d, LOOK);
    /* Both read it at the same time. */
    g20_tile_carry(d->filling, full, G20_TILE_ROWS - G20_MAX(step, (uint32_t)SOON_ROWS));
    g20_history_trim(d->arrived, d->filling->row[0].first_sample);
}

static void on_frame(const struct g20_frame *frame, void *user)
{
    struct g20_energy *d = user;
    struct g20_tile *t = d->filling;

    if (!g20_tile_add(t, frame))
        return;
    if (t->new_rows < step_rows(d, t->rate_hz) && t->rows < G20_TILE_ROWS)
        return;
    /* A look that takes long makes the next step longer, up to a point. */
    if (d->cfg.keeps_up && t->new_rows < STEP_ROWS &&
        (is_looking(d) || t->new_rows % WHOLE_ROWS != 0) &&
        (t->rows < G20_TILE_ROWS || g20_tile_drop_oldest(t, d->tile)))
        return;
    if (t->new_rows < step_rows(d, t->rate_hz) + G20_GAIN_WAIT && g20_leveller_waits(t) &&
        (t->rows < G20_TILE_ROWS || g20_tile_drop_oldest(t, d->tile)))
        return;
    hand_over(d);
}

void g20_energy_abandon(struct g20_energy *d)
{
    take_turn(d, FREE);
    g20_tracker_flush(d->tracker, d->sinks.emission, d->sinks.user);
    atomic_store(&d->open, g20_tracker_open(d->tracker));
    g20_tile_clear(d->filling);
    g20_leveller_reset(d->leveller);
    g20_stft_reset(d->stft);
    g20_history_clear(d->arrived);
}

void g20_energy_flush(struct g20_energy *d)
{
    g20_tile_finish_row(d->filling);
    hand_over(d);
    g20_energy_abandon(d);
}

void g20_energy_push(struct g20_energy *d, struct g20_block *b)
{
    /* Nothing seen so far lies where it lay. The block that said so may have been dropped. */
    if ((b->flags & G20_BLOCK_RETUNED) || (d->center_hz != 0 && b->center_hz != d->center_hz))
        g20_energy_flush(d);
    d->center_hz = b->center_hz;
    d->arrived_ns = b->arrived_ns;
    g20_history_push(d->arrived, b);
    g20_stft_push(d->stft, b, on_frame, d);
}

uint32_t g20_energy_open(const struct g20_energy *d)
{
    return atomic_load(&d->open);
}
