/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/scene_plan.h"

#include <math.h>
#include <string.h>

#define PER_TILE 6.0   /* arrivals in one band and one tile at density 1 */
#define USABLE   0.46  /* of the rate, to both sides of a band's middle: receivers roll off */
#define LONGEST  4e8   /* samples of one burst */
#define SHORTEST 100.0 /* samples of one burst */

int g20_plan_init(struct g20_plan *p, uint64_t seed, const struct g20_scene_cfg *cfg)
{
    const double density = cfg->quiet ? 0 : cfg->density;

    memset(p, 0, sizeof(*p));
    g20_rng_init(&p->rng, seed);
    p->only = cfg->only;
    p->snr_lo_db = cfg->snr_lo_db;
    p->snr_hi_db = cfg->snr_hi_db;
    p->overlap = cfg->overlap;
    p->channel = cfg->channel;
    p->mean_gap = density > 0 ? G20_PLAN_TILE / (3 * PER_TILE * density) : 0;
    return g20_obw_create(&p->obw);
}

void g20_plan_fini(struct g20_plan *p)
{
    g20_obw_destroy(p->obw);
    p->obw = NULL;
}

static double weight_of(const struct g20_plan *p, size_t i)
{
    const struct g20_scene_kind *k = &g20_scene_kinds[i];

    if (p->only)
        return strcmp(p->only, k->name) == 0;
    return (double)k->weight;
}

static const struct g20_scene_kind *pick_kind(struct g20_plan *p)
{
    double total = 0;
    size_t i = 0;

    for (size_t k = 0; k < g20_scene_kind_count; k++)
        total += weight_of(p, k);
    for (double x = g20_rng_range(&p->rng, 0, total); i < g20_scene_kind_count - 1; i++) {
        x -= weight_of(p, i);
        if (x < 0)
            break;
    }
    return &g20_scene_kinds[i];
}

/* Bandwidth, length, rate of the baseband; measures what the waveform really occupies. */
static void draw_waveform(struct g20_plan *p, struct g20_emitter *e)
{
    const struct g20_scene_kind *k = e->kind;
    struct g20_rng *r = &p->rng;
    const double bw = g20_rng_log_range(r, k->bw_lo, k->bw_hi);
    const uint32_t d = g20_voice_split((uint32_t)(1 / (bw * k->over)), &e->d1, &e->d2);
    const double tb = k->tb_hi > 0 ? g20_rng_log_range(r, k->tb_lo, k->tb_hi) : 0;
    const double samples = G20_CLAMP(tb / bw, SHORTEST, LONGEST);

    e->seed = g20_rng_u64(r);
    e->base_bw = bw * d;
    e->base_count = (uint64_t)ceil(samples / d);

    /* The edge lasts half of 1 / bandwidth but no more than a tenth of the burst. */
    struct g20_gen g;
    g20_gen_start(&g, k, e->seed, e->seed, e->base_bw, e->base_count);
    e->base_count = g.count;
    const uint64_t edge = k->keyed ? g.edge : G20_MIN(g.edge, 1 + g.count / 10);
    e->ramp = (uint32_t)(edge * d);
    e->end = e->begin + e->base_count * d;

    double lo, hi;
    g20_obw_measure(p->obw, k, e->seed, e->base_bw, e->base_count, (uint32_t)edge, &lo, &hi,
                    &e->power);
    e->lo = lo / d;
    e->hi = hi / d;
}

/* A second ray, later and weaker, that comes and goes; and a transmitter that warms up. */
static void draw_channel(struct g20_plan *p, struct g20_emitter *e)
{
    struct g20_rng *r = &p->rng;

    if (!p->channel)
        return;
    if (g20_rng_uniform(r) < 0.4) {
        e->echo.delay = (uint32_t)g20_rng_log_range(r, 1, G20_ECHO_MAX);
        e->echo.strength = g20_rng_range(r, 0.1, 0.9);
        e->echo.phase = g20_rng_uniform(r);
        e->echo.step = g20_rng_log_range(r, 1e-8, 1e-6);
    }
    if (g20_rng_uniform(r) < 0.3) {
        const double len = (double)(e->end - e->begin);
        const double way = G20_CLAMP(0.2 * (e->hi - e->lo), 0.0, 1e-5) * g20_rng_range(r, -1, 1);
        e->drift = way / len;
        e->lo += fmin(way, 0.0);
        e->hi += fmax(way, 0.0);
    }
}

static void draw_pattern(struct g20_plan *p, struct g20_emitter *e)
{
    const double len = (double)(e->end - e->begin);
    uint64_t bursts = 1;

    e->channels = 1;
    if (e->kind->pattern == G20_PATTERN_HOP) {
        bursts = 8 + g20_rng_below(&p->rng, 57);
        e->channels = 4 + (uint32_t)g20_rng_below(&p->rng, G20_PLAN_CHANNELS - 3);
        e->spacing = (e->hi - e->lo) * g20_rng_range(&p->rng, 1.3, 3);
        e->period = (uint64_t)(len * g20_rng_range(&p->rng, 1.02, 1.5));
        if (e->spacing * e->channels > USABLE)
            e->channels = (uint32_t)G20_MAX(USABLE / e->spacing, 1);
    } else if (e->kind->pattern == G20_PATTERN_TRAIN) {
        bursts = 4 + g20_rng_below(&p->rng, 13);
        /* Far enough apart that a transform of 4096 samples holds one burst at most. */
        e->period = (uint64_t)(len + g20_rng_log_range(&p->rng, 8192, 131072));
    }
    e->last = e->begin + (bursts - 1) * e->period + (e->end - e->begin);
}

/* Frequency of burst number .number. */
static double channel_of(const struct g20_emitter *e)
{
    struct g20_rng r;

    if (e->channels < 2)
        return e->base;
    g20_rng_init(&r, e->seed ^ (0x9e3779b97f4a7c15u * (e->number + 1)));
    return e->base + e->spacing * (double)g20_rng_below(&r, e->channels);
}

static bool is_clear(const struct g20_plan *p, const struct g20_emitter *e)
{
    for (size_t i = 0; i < G20_PLAN_MAX; i++) {
        const struct g20_emitter *o = &p->on[i];
        if (o->kind && o != e && o->last > e->begin && o->hull_lo < e->hull_hi &&
            e->hull_lo < o->hull_hi)
            return false;
    }
    return true;
}

/* Somewhere in one of the three bands where nothing else is, with a guard of a third of its width;
 * or, if it is one of those that overlap, anywhere. */
static bool place(struct g20_plan *p, struct g20_emitter *e)
{
    const double above = e->hi + e->spacing * (e->channels - 1);
    const double guard = 0.15 * (e->hi - e->lo) + 1e-4;
    const double room = 2 * USABLE - (above - e->lo);

    const bool anywhere = p->overlap > 0 && g20_rng_uniform(&p->rng) < p->overlap;

    if (room <= 0)
        return false;
    for (int attempt = 0; attempt < 24; attempt++) {
        const double band = (double)g20_rng_below(&p->rng, 3) - 1;

        e->base = band - USABLE - e->lo + g20_rng_range(&p->rng, 0, room);
        e->hull_lo = e->base + e->lo - guard;
        e->hull_hi = e->base + above + guard;
        if (anywhere || is_clear(p, e))
            return true;
    }
    return false;
}

static void arrive(struct g20_plan *p, uint64_t at)
{
    struct g20_emitter e = {.kind = pick_kind(p), .begin = at};

    draw_waveform(p, &e);
    draw_channel(p, &e);
    draw_pattern(p, &e);
    e.snr = pow(10, 0.1 * g20_rng_range(&p->rng, p->snr_lo_db, p->snr_hi_db));
    if (place(p, &e)) {
        for (size_t i = 0; i < G20_PLAN_MAX; i++) {
            if (!p->on[i].kind) {
                e.freq = channel_of(&e);
                p->on[i] = e;
                return;
            }
        }
    }
    p->refused++;
}

void g20_plan_advance(struct g20_plan *p, uint64_t until)
{
    if (p->mean_gap <= 0)
        return;
    while (p->next < (double)until) {
        arrive(p, (uint64_t)p->next);
        p->next += 1 - p->mean_gap * log(1 - g20_rng_uniform(&p->rng));
    }
}

void g20_plan_step(struct g20_emitter *e)
{
    const uint64_t len = e->end - e->begin;

    if (e->end >= e->last) {
        e->kind = NULL;
        return;
    }
    e->number++;
    e->begin += e->period;
    e->end = e->begin + len;
    e->freq = channel_of(e);
}
