/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The scene is made in blocks of G20_SCENE_BLOCK samples, whatever is asked for: that is why the
 * samples do not depend on how a run is split into calls. A block is noise, plus every voice that
 * is on, through the receiver's faults. docs/scene.md describes what comes out. */
#include "source/scene.h"

#include "base/alloc.h"
#include "source/scene_boxes.h"
#include "source/scene_faults.h"
#include "source/scene_noise.h"
#include "source/scene_plan.h"
#include "source/scene_rx.h"
#include "source/scene_voice.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define BLOCK  G20_SCENE_BLOCK
#define VOICES 64

struct g20_scene {
    struct g20_scene_noise noise;
    struct g20_scene_cfg cfg;
    struct g20_scene_faults *faults; /* NULL: a perfect receiver */
    struct g20_scene_rx *rx;         /* NULL: none either */
    struct g20_plan plan;
    struct g20_voice_bank *bank;
    struct g20_scene_boxes boxes;
    struct g20_voice *voice;           /* (VOICES) */
    uint64_t box_of[VOICES];           /* number of each one's box */
    struct g20_emitter *owner[VOICES]; /* NULL: free */
    double offset, wanted_offset;      /* of the band from the nominal centre, cycles a sample */
    uint64_t made, given;              /* samples */
    _Alignas(G20_ALIGN) float re[BLOCK], im[BLOCK];
    float complex out[BLOCK];
};

void g20_scene_cfg_default(struct g20_scene_cfg *cfg)
{
    *cfg = (struct g20_scene_cfg){.seed = 20,
                                  .rate_hz = 20e6,
                                  .center_hz = 433.92e6,
                                  .noise_dbfs = -60,
                                  .impairments = true,
                                  .density = 1,
                                  .snr_lo_db = 3,
                                  .snr_hi_db = 40};
}

static int check(const struct g20_scene_cfg *c, struct g20_err *e)
{
    /* Written so that NaN fails. */
    if (!(c->rate_hz >= 1e5 && c->rate_hz <= 100e6))
        return g20_fail(e, -ERANGE, "scene: rate: %g is not within 1e5..1e8", c->rate_hz);
    if (!(c->center_hz >= 0 && c->center_hz <= 1e12))
        return g20_fail(e, -ERANGE, "scene: center: %g is not within 0..1e12", c->center_hz);
    if (!(c->noise_dbfs >= -120 && c->noise_dbfs <= -20))
        return g20_fail(e, -ERANGE, "scene: noise: %g is not within -120..-20", c->noise_dbfs);
    if (!(c->density >= 0 && c->density <= 20))
        return g20_fail(e, -ERANGE, "scene: density: %g is not within 0..20", c->density);
    if (!(c->snr_lo_db >= -20 && c->snr_lo_db <= c->snr_hi_db && c->snr_hi_db <= 60))
        return g20_fail(e, -ERANGE, "scene: snr_min, snr_max: %g, %g are not rising within -20..60",
                        c->snr_lo_db, c->snr_hi_db);
    if (!(c->overlap >= 0 && c->overlap <= 1))
        return g20_fail(e, -ERANGE, "scene: overlap: %g is not within 0..1", c->overlap);
    if (c->only && !g20_scene_kind_name(c->only))
        return g20_fail(e, -EINVAL, "scene: kind: there is no kind \"%.40s\"", c->only);
    return 0;
}

int g20_scene_create(struct g20_scene **ret, const struct g20_scene_cfg *cfg, struct g20_err *e)
{
    struct g20_rng seeds;
    int r = check(cfg, e);

    if (r < 0)
        return r;
    struct g20_scene *s = g20_calloc_aligned(1, sizeof(*s));
    if (!s)
        return g20_fail(e, -ENOMEM, "scene: out of memory");
    s->cfg = *cfg;
    g20_rng_init(&seeds, cfg->seed);
    g20_scene_noise_init(&s->noise, g20_rng_u64(&seeds), pow(10, 0.1 * cfg->noise_dbfs),
                         cfg->impairments);
    const uint64_t plan_seed = g20_rng_u64(&seeds), fault_seed = g20_rng_u64(&seeds);
    const uint64_t rx_seed = g20_rng_u64(&seeds);
    s->voice = g20_calloc_aligned(VOICES, sizeof(*s->voice));
    if (!s->voice || g20_voice_bank_create(&s->bank) < 0 || g20_scene_boxes_init(&s->boxes) < 0 ||
        g20_plan_init(&s->plan, plan_seed, cfg) < 0 ||
        (cfg->impairments && g20_scene_faults_create(&s->faults, fault_seed, &s->noise) < 0) ||
        (cfg->receiver &&
         g20_scene_rx_create(&s->rx, rx_seed, pow(10, 0.1 * cfg->noise_dbfs)) < 0)) {
        g20_scene_destroy(s);
        return g20_fail(e, -ENOMEM, "scene: out of memory");
    }
    if (s->faults)
        g20_scene_faults_boxes(s->faults, &s->boxes, cfg->rate_hz);
    *ret = s;
    return 0;
}

void g20_scene_destroy(struct g20_scene *s)
{
    if (!s)
        return;
    g20_scene_faults_destroy(s->faults);
    g20_scene_rx_destroy(s->rx);
    g20_plan_fini(&s->plan);
    g20_scene_boxes_fini(&s->boxes);
    g20_voice_bank_destroy(s->bank);
    g20_free(s->voice);
    g20_free(s);
}

static bool is_visible(const struct g20_scene *s, const struct g20_emitter *em)
{
    const double f = em->freq - s->offset;

    return f + em->lo > -0.49 && f + em->hi < 0.49;
}

static void add_box(struct g20_scene *s, size_t v, const struct g20_emitter *em, uint64_t at)
{
    const uint64_t late = s->rx ? G20_SCENE_RX_DELAY : 0;
    const uint64_t start = G20_MAX(at, em->begin + em->ramp / 2) + late;
    const uint64_t end = em->end - em->ramp / 2 + late;
    const double f = em->freq - s->offset;
    struct g20_scene_box b = {.sample_start = start,
                              .sample_count = end > start ? end - start : 0,
                              .f_lo_hz = (f + em->lo) * s->cfg.rate_hz,
                              .f_hi_hz = (f + em->hi) * s->cfg.rate_hz,
                              .snr_db = (float)(10 * log10(em->snr)),
                              .kind = em->kind->name,
                              .emitter = em->seed};

    s->box_of[v] = g20_scene_boxes_add(&s->boxes, &b);
}

/* The current burst of @em gets a voice at sample @at, if it can be seen and one is free. */
static void start_voice(struct g20_scene *s, struct g20_emitter *em, uint64_t at)
{
    size_t i = 0;

    if (!is_visible(s, em))
        return;
    while (i < VOICES && s->owner[i])
        i++;
    if (i == VOICES)
        return;
    struct g20_voice *v = &s->voice[i];
    const double f = em->freq - s->offset;
    /* 99 % of the power lies within the box, the noise there is the mean of a few points. */
    double density = 0;
    for (int k = 0; k < 9; k++)
        density += g20_scene_noise_density(&s->noise, f + em->lo + (em->hi - em->lo) * k / 8) / 9;
    v->kind = em->kind;
    v->d1 = em->d1;
    v->d2 = em->d2;
    v->begin = G20_MAX(at, em->begin);
    v->end = em->end;
    v->ramp = em->kind->keyed ? 0 : em->ramp;
    v->late = at > em->begin;
    v->freq = f;
    v->drift = em->drift;
    v->echo = em->echo;
    v->echo.phase += em->echo.step * (double)(v->begin % 1000000007);
    v->amp = (float)sqrt(
        em->snr * density * (em->hi - em->lo) /
        (0.99 * em->power * g20_echo_power(&v->echo, v->end - v->begin, f + em->lo, f + em->hi)));
    g20_gen_start(&v->gen, em->kind, em->seed, em->seed + em->number, em->base_bw, em->base_count);
    g20_voice_start(v, s->bank);
    s->owner[i] = em;
    em->slot = (uint32_t)i + 1;
    add_box(s, i, em, v->begin);
}

static void stop_voice(struct g20_scene *s, struct g20_emitter *em)
{
    if (em->slot)
        s->owner[em->slot - 1] = NULL;
    em->slot = 0;
}

/* What leaves the band ends at sample @at, what enters begins. */
static void retune(struct g20_scene *s, uint64_t at)
{
    s->offset = s->wanted_offset;
    for (size_t i = 0; i < G20_PLAN_MAX; i++) {
        struct g20_emitter *em = &s->plan.on[i];

        if (!em->kind || em->begin >= at || em->end <= at)
            continue;
        if (em->slot)
            g20_scene_boxes_end(&s->boxes, s->box_of[em->slot - 1], at);
        stop_voice(s, em);
        start_voice(s, em, at);
    }
}

/* All bursts of @em that touch the block from @first on. */
static void play_emitter(struct g20_scene *s, struct g20_emitter *em, uint64_t first)
{
    const uint64_t until = first + BLOCK;

    while (em->kind && em->begin < until) {
        if (!em->slot && em->begin >= first)
            start_voice(s, em, first);
        if (em->slot)
            g20_voice_add(&s->voice[em->slot - 1], first, BLOCK, s->re, s->im);
        if (em->end > until)
            break;
        stop_voice(s, em);
        g20_plan_step(em);
    }
}

static void make_block(struct g20_scene *s, float complex *out)
{
    const uint64_t first = s->made;

    if (s->offset != s->wanted_offset)
        retune(s, first);
    g20_scene_noise_fill(&s->noise, s->re, s->im, BLOCK);
    g20_plan_advance(&s->plan, first + BLOCK);
    for (size_t i = 0; i < G20_PLAN_MAX; i++)
        play_emitter(s, &s->plan.on[i], first);
    g20_scene_faults_apply(s->faults, s->re, s->im, out);
    if (s->rx)
        g20_scene_rx_apply(s->rx, out);
    s->made += BLOCK;
}

void g20_scene_read(struct g20_scene *s, float complex *out, size_t n)
{
    while (n > 0) {
        size_t len = (size_t)(s->made - s->given);

        if (len == 0 && n >= BLOCK) { /* straight to the caller */
            make_block(s, out);
            len = BLOCK;
        } else {
            if (len == 0) {
                make_block(s, s->out);
                len = BLOCK;
            }
            const size_t from = BLOCK - len;
            len = G20_MIN(len, n);
            memcpy(out, s->out + from, len * sizeof(*out));
        }
        s->given += len;
        out += len;
        n -= len;
    }
}

size_t g20_scene_boxes(const struct g20_scene *s, uint64_t since, struct g20_scene_box *out,
                       size_t cap)
{
    return g20_scene_boxes_get(&s->boxes, since, s->given, out, cap);
}

void g20_scene_tune(struct g20_scene *s, double offset_hz, uint64_t *ret_ahead)
{
    s->wanted_offset = offset_hz / s->cfg.rate_hz;
    if (ret_ahead)
        *ret_ahead = s->made - s->given;
}

/* Whole blocks that nobody will read: what ends in them ends, what is on goes on after them. */
static void skip_blocks(struct g20_scene *s, uint64_t blocks)
{
    const uint64_t to = s->made + blocks * BLOCK;

    g20_plan_advance(&s->plan, to);
    for (size_t i = 0; i < G20_PLAN_MAX; i++) {
        struct g20_emitter *em = &s->plan.on[i];

        while (em->kind && em->end <= to) {
            stop_voice(s, em);
            g20_plan_step(em);
        }
        if (!em->kind || em->begin >= to)
            continue;
        if (em->slot)
            s->voice[em->slot - 1].next = to;
        else
            start_voice(s, em, to);
    }
    s->made = s->given = to;
}

void g20_scene_skip(struct g20_scene *s, uint64_t n)
{
    const uint64_t ready = G20_MIN(n, s->made - s->given);

    s->given += ready;
    n -= ready;
    if (n >= BLOCK)
        skip_blocks(s, n / BLOCK);
    n %= BLOCK;
    if (n) {
        make_block(s, s->out);
        s->given += n;
    }
}
