/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/energy.h"

#include "detect/judge.h"
#include "detect/network.h"
#include "detect/settle.h"
#include "detect/shoulder.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <math.h>

enum {
    STEP_ROWS = G20_TILE_ROWS / 2, /* new rows at most between two looks */
    MIN_STEP_ROWS = 4,
    MAX_REGIONS = 256,
    MAX_FINDS = 4096,
    MAX_OPEN = 1024,
    HISTORY_BLOCKS = 4096,
};

/* In-band SNR that a find must have: what lies below is no more than the skirts of other signals,
 * or so weak that a person sees nothing on the spectrogram either. One that never stops has proved
 * itself by its shape. */
#define MIN_SNR 2.0 /* 3 dB */

#define SUPPORT 0.25f /* score from which a box of the network speaks for a find */

#define ENERGY_NAME    "energy"
#define ENERGY_VERSION "1"
#define NETWORK_NAME   "hydra" /* of one whose file does not say */

const char *const g20_energy_class_names[2] = {"background", "signal"};

struct g20_energy {
    struct g20_energy_cfg cfg;
    struct g20_energy_sinks sinks;
    struct g20_stft *stft;
    struct g20_tile *tile;
    struct g20_floor *floor;
    struct g20_cfar *cfar;
    struct g20_regions *regions;
    struct g20_refiner *refiner;
    struct g20_network *network; /* NULL: energy alone */
    struct g20_settler *settler;
    struct g20_namer *namer;    /* NULL: no heads */
    const char *name, *version; /* of the model */
    uint64_t network_ns;        /* that the last tile took it */
    struct g20_tracker *tracker;
    struct g20_history *history;
    uint8_t *cells;        /* (ROWS, BINS) */
    struct g20_find *find; /* (MAX_FINDS) finds above the score threshold */
    struct g20_box *box;   /* (MAX_FINDS) */
};

/* What finds signals in a tile and measures them. */
static int create_eyes(struct g20_energy *d, const struct g20_energy_cfg *cfg, struct g20_err *e)
{
    int r;

    d->name = ENERGY_NAME;
    d->version = ENERGY_VERSION;
    if (cfg->network && ((r = g20_network_load(&d->network, cfg->network, cfg->threads, e)) < 0 ||
                         (r = g20_settler_create(&d->settler, MAX_FINDS, e)) < 0))
        return r;
    if (d->network) {
        const char *name = g20_network_prop(d->network, "g20.name");
        const char *version = g20_network_prop(d->network, "g20.version");
        d->name = name ? name : NETWORK_NAME;
        d->version = version ? version : "0";
    }
    if ((cfg->heads || d->sinks.look) &&
        (r = g20_namer_create(&d->namer, cfg->heads, cfg->keeps_up, d->sinks.look, d->sinks.user,
                              e)) < 0)
        return r;
    if ((r = g20_cfar_create(&d->cfar, cfg->pfa)) < 0 ||
        (r = g20_regions_create(&d->regions, MAX_REGIONS)) < 0)
        return r;
    return g20_refiner_create(&d->refiner, MAX_FINDS, e);
}

int g20_energy_create(struct g20_energy **ret, const struct g20_energy_cfg *cfg,
                      const struct g20_energy_sinks *sinks, struct g20_err *e)
{
    const struct g20_stft_cfg stft = {.nfft = G20_TILE_BINS,
                                      .hop = G20_TILE_HOP,
                                      .window = G20_WINDOW_HANN,
                                      .wisdom_dir = cfg->wisdom_dir};
    struct g20_energy *d = g20_calloc(1, sizeof(*d));
    int r = -ENOMEM;

    if (!d)
        goto fail;
    d->cfg = *cfg;
    d->cfg.wisdom_dir = d->cfg.network = NULL; /* borrowed for the call only */
    d->sinks = *sinks;
    d->cells = g20_calloc_aligned((size_t)G20_TILE_ROWS * G20_TILE_BINS, 1);
    d->find = g20_calloc(MAX_FINDS, sizeof(*d->find));
    d->box = g20_calloc(MAX_FINDS, sizeof(*d->box));
    if (!d->cells || !d->find || !d->box)
        goto fail;
    if ((r = g20_stft_create(&d->stft, &stft, e)) < 0 || (r = g20_tile_create(&d->tile)) < 0 ||
        (r = g20_floor_create(&d->floor)) < 0 || (r = create_eyes(d, cfg, e)) < 0 ||
        (r = g20_tracker_create(&d->tracker, MAX_OPEN)) < 0 ||
        (r = g20_history_create(&d->history,
                                cfg->history_blocks ? cfg->history_blocks : HISTORY_BLOCKS)) < 0)
        goto fail;
    *ret = d;
    return 0;

fail:
    g20_energy_destroy(d);
    return r == -ENOMEM ? g20_fail(e, r, "energy detector: out of memory") : r;
}

void g20_energy_destroy(struct g20_energy *d)
{
    if (!d)
        return;
    g20_history_destroy(d->history);
    g20_tracker_destroy(d->tracker);
    g20_namer_destroy(d->namer);
    g20_settler_destroy(d->settler);
    g20_network_destroy(d->network);
    g20_refiner_destroy(d->refiner);
    g20_regions_destroy(d->regions);
    g20_cfar_destroy(d->cfar);
    g20_floor_destroy(d->floor);
    g20_tile_destroy(d->tile);
    g20_stft_destroy(d->stft);
    g20_free(d->box);
    g20_free(d->find);
    g20_free(d->cells);
    g20_free(d);
}

static double snr_of(const struct g20_find *f)
{
    return (f->power - f->noise) / f->noise;
}

/* What the new part of the tile shows, as boxes. */
static size_t make_boxes(struct g20_energy *d, size_t n, uint64_t from, uint64_t to, double rate)
{
    size_t count = 0;

    for (size_t i = 0; i < n && count < d->cfg.max_detections; i++) {
        const struct g20_find *f = &d->find[i];
        const uint64_t lo = G20_MAX(f->start, from), hi = G20_MIN(f->stop, to);
        if (lo >= hi)
            continue;
        d->box[count++] = (struct g20_box){
            .sample_start = lo,
            .sample_count = hi - lo,
            .f_lo_hz = f->f_lo * rate,
            .f_hi_hz = f->f_hi * rate,
            .class_id = 1,
            .confidence = f->score,
            .snr_db = (float)(10.0 * log10(snr_of(f))),
            .level_dbfs = (float)(10.0 * log10(f->power)),
            .peak_dbfs = (float)(10.0 * log10(f->peak)),
        };
    }
    return count;
}

/* Finds of the search by energy that may count at all. */
static size_t search(struct g20_energy *d)
{
    const struct g20_find *find;
    size_t kept = 0;

    g20_cfar_mark(d->cfar, d->tile, d->floor, d->cells);
    g20_regions_find(d->regions, d->tile, d->floor, d->cells);
    const size_t n = g20_refine(d->refiner, d->regions, d->tile, d->floor, d->history, &find);
    for (size_t i = 0; i < n; i++) {
        const double independent = fmax(1.0, (double)find[i].on * (find[i].f_hi - find[i].f_lo));
        if (snr_of(&find[i]) < MIN_SNR && !find[i].is_steady)
            continue;
        d->find[kept] = find[i];
        d->find[kept++].score = g20_find_confidence(snr_of(&find[i]), independent);
    }
    return kept;
}

/* The network's boxes weighed against the @n finds; those that stand for themselves are added. */
static size_t look_again(struct g20_energy *d, size_t n)
{
    struct g20_hydra_box *box;
    const struct g20_find *settled;
    const uint64_t t0 = g20_clock_mono_ns();
    size_t boxes = g20_network_look(d->network, d->tile, d->floor, SUPPORT, &box);
    d->network_ns = g20_clock_mono_ns() - t0;

    if (d->sinks.image)
        d->sinks.image(g20_network_image(d->network), d->sinks.user);
    boxes = g20_judge_boxes(d->find, n, box, boxes, d->tile);
    while (boxes > 0 && box[boxes - 1].score < d->cfg.score_threshold)
        boxes--;
    const size_t more = g20_settle(d->settler, box, boxes, g20_tile_from(d->tile), d->tile,
                                   d->floor, d->history, &settled);
    return g20_judge_finds(d->find, n, MAX_FINDS, settled, more);
}

/* All that the tile shows, measured, into .find; their number. */
static size_t find_all(struct g20_energy *d)
{
    size_t n = search(d), kept = 0;

    if (d->network)
        n = look_again(d, n);
    for (size_t i = 0; i < n; i++)
        if (d->find[i].score >= d->cfg.score_threshold)
            d->find[kept++] = d->find[i];
    kept = g20_shoulders_drop(d->find, kept);
    if (d->namer)
        g20_namer_name(d->namer, d->find, kept, d->history, d->tile->rate_hz);
    return kept;
}

/* Look at the tile, report, and slide so that half of it stays as context. */
static void look(struct g20_energy *d)
{
    struct g20_tile *t = d->tile;

    if (t->new_rows == 0)
        return;
    const struct g20_tile_row *first_new = &t->row[t->rows - t->new_rows];
    g20_floor_measure(d->floor, t);
    const size_t n = find_all(d);

    const struct g20_tile_report report = {
        .time_us = first_new->time_us,
        .first_sample = first_new->first_sample,
        .end_sample = g20_tile_end(t),
        .center_hz = t->center_hz,
        .rate_hz = t->rate_hz,
        .duration_s = (double)(g20_tile_end(t) - first_new->first_sample) / t->rate_hz,
        .network_ns = d->network_ns,
        .boxes = d->box,
        .count = make_boxes(d, n, first_new->first_sample, g20_tile_end(t), t->rate_hz),
    };
    if (d->sinks.tile)
        d->sinks.tile(&report, d->sinks.user);
    const struct g20_track_stream stream = {
        .center_hz = t->center_hz,
        .rate_hz = t->rate_hz,
        .center_known = d->cfg.center_known,
        .ref_sample = first_new->first_sample,
        .ref_time_us = first_new->time_us,
        .end = g20_tile_end(t),
        .model = d->name,
        .model_version = d->version,
    };
    g20_tracker_update(d->tracker, d->find, n, &stream, d->sinks.emission, d->sinks.user);
    g20_tile_slide(t, G20_TILE_ROWS - STEP_ROWS);
    g20_history_trim(d->history, t->row[0].first_sample);
}

static void on_frame(const struct g20_frame *frame, void *user)
{
    struct g20_energy *d = user;
    struct g20_tile *t = d->tile;

    if (!g20_tile_add(t, frame))
        return;
    const double rows = d->cfg.max_delay_s * t->rate_hz / G20_TILE_ROW_SAMPLES;
    const uint32_t step = (uint32_t)G20_CLAMP(rows, (double)MIN_STEP_ROWS, (double)STEP_ROWS);
    if (t->new_rows >= step || t->rows >= G20_TILE_ROWS)
        look(d);
}

void g20_energy_flush(struct g20_energy *d)
{
    g20_tile_finish_row(d->tile);
    look(d);
    g20_tracker_flush(d->tracker, d->sinks.emission, d->sinks.user);
    g20_tile_slide(d->tile, 0);
    g20_stft_reset(d->stft);
    g20_history_clear(d->history);
}

void g20_energy_push(struct g20_energy *d, struct g20_block *b)
{
    if (b->flags & G20_BLOCK_RETUNED) /* nothing seen so far lies where it lay */
        g20_energy_flush(d);
    g20_history_push(d->history, b);
    g20_stft_push(d->stft, b, on_frame, d);
}

uint32_t g20_energy_open(const struct g20_energy *d)
{
    return g20_tracker_open(d->tracker);
}
