/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/track.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    CLOSED_KEPT = 512, /* emissions remembered, so that an overlapping tile does not repeat them */
    CLOSE_MARGIN = 4 * G20_TILE_ROW_SAMPLES,
};

#define SAME_BAND 0.5 /* overlap in frequency over the narrower of the two */
#define SAME_TIME 0.3 /* overlap in time over the find's length: it was told before */
#define SURE_Z    6.0 /* normal score at which the confidence is one half */

struct entry {
    bool used;
    uint64_t update;      /* the last that saw it */
    uint64_t stop, known; /* known: what stop was before this tile; 0 when it is of this one */
    double f_lo, f_hi;    /* fractions of the rate */
    double power_on, noise_on, on; /* sums over samples that it was on */
    float score;                   /* of a network; 0: none looked */
    float named;                   /* score of the head that named it; 0: none did */
    struct g20_emission em;
};

struct g20_tracker {
    uint32_t cap, open;
    uint64_t next_id, overflow, updates;
    struct entry *entry;  /* (cap) */
    struct entry *closed; /* (CLOSED_KEPT) ring */
    uint32_t closed_at;
};

int g20_tracker_create(struct g20_tracker **ret, uint32_t max_open)
{
    struct g20_tracker *k = g20_calloc(1, sizeof(*k));

    if (!k)
        return -ENOMEM;
    k->cap = max_open;
    k->next_id = 1;
    k->entry = g20_calloc(max_open, sizeof(*k->entry));
    k->closed = g20_calloc(CLOSED_KEPT, sizeof(*k->closed));
    if (!k->entry || !k->closed) {
        g20_tracker_destroy(k);
        return -ENOMEM;
    }
    *ret = k;
    return 0;
}

void g20_tracker_destroy(struct g20_tracker *k)
{
    if (!k)
        return;
    g20_free(k->closed);
    g20_free(k->entry);
    g20_free(k);
}

float g20_find_confidence(double snr, double independent)
{
    const double z = snr * sqrt(independent);

    return (float)(1.0 / (1.0 + exp(-(z - SURE_Z) / 2.0)));
}

/* How often a box like this one is right (IoU 0.5), by logistic regression on emissions of
 * synthetic scenes (docs/decisions/tile-network.md): what fills its time is one burst, what does
 * not may be pieces of several; strong and long ones have exact edges; of what gathers its power in
 * a line, much is a moment of something wider. */
static double likelihood(const struct g20_emission *em, double width, double score)
{
    const double independent = fmax((double)em->sample_count * width, 1.0);

    return 1.0 / (1.0 + exp(-(0.0224 * (double)em->snr_db + 0.345 * log10(independent) +
                              5.38 * (double)em->duty + 5.45 * score -
                              0.135 * (double)(em->peak_dbfs - em->level_dbfs) - 9.93)));
}

static bool same_band(const struct entry *e, const struct g20_find *f)
{
    const double both = fmin(e->f_hi, f->f_hi) - fmax(e->f_lo, f->f_lo);

    return both > SAME_BAND * fmax(e->f_hi - e->f_lo, f->f_hi - f->f_lo);
}

static uint64_t common(const struct entry *e, uint64_t stop, const struct g20_find *f)
{
    const uint64_t lo = G20_MAX(e->em.sample_start, f->start), hi = G20_MIN(stop, f->stop);

    return hi > lo ? hi - lo : 0;
}

/* The entry that @f goes on, one of an earlier tile: finds of one tile are different signals,
 * unless both are parts of what an earlier tile had whole. */
static struct entry *match_open(struct g20_tracker *k, const struct g20_find *f)
{
    struct entry *best = NULL;
    uint64_t most = 0;
    bool is_new = false;

    for (uint32_t i = 0; i < k->cap; i++) {
        struct entry *e = &k->entry[i];
        const uint64_t both = e->used ? common(e, e->known, f) : 0;
        const bool fresh = e->update < k->updates;
        if (both > 0 && same_band(e, f) && (both > most || fresh > is_new) && fresh >= is_new) {
            best = e;
            most = both;
            is_new = fresh;
        }
    }
    return best;
}

static bool was_closed(const struct g20_tracker *k, const struct g20_find *f)
{
    for (uint32_t i = 0; i < CLOSED_KEPT; i++) {
        const struct entry *e = &k->closed[i];
        if (e->used && same_band(e, f) &&
            (double)common(e, e->stop, f) > SAME_TIME * (double)(f->stop - f->start))
            return true;
    }
    return false;
}

static void fill_emission(struct entry *e, const struct g20_track_stream *s)
{
    struct g20_emission *em = &e->em;
    const double ref = s->center_known ? s->center_hz : 0.0;
    const double power = e->power_on / e->on, noise = e->noise_on / e->on;
    const double snr = fmax(power - noise, 1e-30) / fmax(noise, 1e-30);
    const int64_t offset = (int64_t)(em->sample_start - s->ref_sample);

    em->sample_count = e->stop - em->sample_start;
    em->start_us = s->ref_time_us + (uint64_t)llround((double)offset / s->rate_hz * 1e6);
    em->duration_s = (double)em->sample_count / s->rate_hz;
    em->f_lo_hz = ref + e->f_lo * s->rate_hz;
    em->f_hi_hz = ref + e->f_hi * s->rate_hz;
    em->center_known = s->center_known;
    em->level_dbfs = (float)(10.0 * log10(fmax(power, 1e-30)));
    em->snr_db = (float)(10.0 * log10(snr));
    em->duty = (float)fmin(1.0, e->on / (double)G20_MAX(em->sample_count, 1u));
    const double width = e->f_hi - e->f_lo;
    const float score =
        e->score > 0.0f ? e->score : g20_find_confidence(snr, fmax(1.0, e->on * width));
    const float over = fmaxf(score - s->threshold, 0.0f);
    em->confidence = score - over + over * (float)likelihood(em, width, (double)score);
}

static void extend(struct entry *e, const struct g20_find *f)
{
    /* Where tiles overlap the same samples are seen twice: a longer view replaces a shorter. */
    const bool covers = f->start <= e->em.sample_start;
    const double share =
        (double)(f->stop - f->start) - (covers ? 0.0 : (double)common(e, e->stop, f));
    const double on = (double)f->on * share / (double)(f->stop - f->start);

    if (covers) {
        e->power_on = e->noise_on = e->on = 0.0;
        e->em.sample_start = f->start;
    }
    if (on > 0.0) {
        /* The wider or longer part says more about the band. */
        const double w = on / (e->on + on);
        e->f_lo = e->on > 0.0 ? (1.0 - w) * e->f_lo + w * f->f_lo : f->f_lo;
        e->f_hi = e->on > 0.0 ? (1.0 - w) * e->f_hi + w * f->f_hi : f->f_hi;
        e->on += on;
        e->power_on += f->power * on;
        e->noise_on += f->noise * on;
    }
    e->stop = G20_MAX(e->stop, f->stop);
    e->score = fmaxf(e->score, f->score);
    if (f->named > e->named) {
        e->named = f->named;
        e->em.class_id = f->class_id ? (int)f->class_id : 1;
        memcpy(e->em.class_name, f->name, sizeof(e->em.class_name));
    }
    e->em.peak_dbfs = fmaxf(e->em.peak_dbfs, (float)(10.0 * log10(fmax(f->peak, 1e-30))));
}

static struct entry *open_new(struct g20_tracker *k, const struct g20_find *f,
                              const struct g20_track_stream *s)
{
    for (uint32_t i = 0; i < k->cap; i++) {
        struct entry *e = &k->entry[i];
        if (e->used)
            continue;
        *e = (struct entry){.used = true, .stop = f->stop, .f_lo = f->f_lo, .f_hi = f->f_hi};
        e->em.id = k->next_id++;
        e->em.class_id = 1;
        e->em.sample_start = f->start;
        e->em.peak_dbfs = -300.0f;
        snprintf(e->em.class_name, sizeof(e->em.class_name), "signal");
        snprintf(e->em.model, sizeof(e->em.model), "%s", s->model);
        snprintf(e->em.model_version, sizeof(e->em.model_version), "%s", s->model_version);
        extend(e, f);
        k->open++;
        return e;
    }
    k->overflow++;
    return NULL;
}

static void close_entry(struct g20_tracker *k, struct entry *e, g20_emission_fn *on_event,
                        void *user)
{
    if (on_event)
        on_event(G20_EMISSION_CLOSE, &e->em, user);
    k->closed[k->closed_at] = *e;
    k->closed_at = (k->closed_at + 1) % CLOSED_KEPT;
    e->used = false;
    k->open--;
}

void g20_tracker_update(struct g20_tracker *k, const struct g20_find *find, size_t n,
                        const struct g20_track_stream *s, g20_emission_fn *on_event, void *user)
{
    k->updates++;
    for (uint32_t i = 0; i < k->cap; i++)
        k->entry[i].known = k->entry[i].used ? k->entry[i].stop : 0;
    for (size_t i = 0; i < n; i++) {
        const struct g20_find *f = &find[i];
        struct entry *e = match_open(k, f);
        const enum g20_emission_event event = e ? G20_EMISSION_UPDATE : G20_EMISSION_OPEN;

        if (e)
            extend(e, f);
        else if (!was_closed(k, f))
            e = open_new(k, f, s);
        if (!e)
            continue;
        e->update = k->updates;
        fill_emission(e, s);
        if (on_event)
            on_event(event, &e->em, user);
    }
    for (uint32_t i = 0; i < k->cap; i++)
        if (k->entry[i].used && k->entry[i].stop + CLOSE_MARGIN < s->end)
            close_entry(k, &k->entry[i], on_event, user);
}

void g20_tracker_flush(struct g20_tracker *k, g20_emission_fn *on_event, void *user)
{
    for (uint32_t i = 0; i < k->cap; i++)
        if (k->entry[i].used)
            close_entry(k, &k->entry[i], on_event, user);
    for (uint32_t i = 0; i < CLOSED_KEPT; i++)
        k->closed[i].used = false;
}

uint32_t g20_tracker_open(const struct g20_tracker *k)
{
    return k->open;
}

uint64_t g20_tracker_overflow(const struct g20_tracker *k)
{
    return k->overflow;
}
