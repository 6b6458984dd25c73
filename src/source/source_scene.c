/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* source_scene: the scene as if a radio delivered it, 16-bit samples paced by the clock. When it
 * is read too slowly it loses samples as a radio does, counts them and says so. */
#include "base/alloc.h"
#include "base/clock.h"
#include "source/scene.h"
#include "source/scene_args.h"
#include "source/scene_math.h"
#include "source/source.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#define BUFFER_S  0.25 /* what the imagined radio keeps for a reader who is late */
#define LONGEST_S 0.05 /* of a block, so that a slow rate is not played in bursts */

struct dev {
    struct g20_scene *scene;
    struct g20_scene_cfg cfg;
    bool realtime;
    bool started;
    uint64_t origin_ns, origin_us; /* monotonic and UTC time of sample 0 */
    uint64_t next;                 /* sample to read next */
    uint64_t end;                  /* behind the last one; UINT64_MAX: none is */
    double center_hz;              /* of sample .next */
    uint64_t retune_at;            /* sample from which .retune_hz holds; UINT64_MAX: none waits */
    double retune_hz;
    _Atomic double wanted_hz; /* set by tune(), from any thread */
    uint32_t flags;           /* for the next block */
    uint64_t lost;
};

static void close_dev(void *ptr)
{
    struct dev *d = ptr;

    if (d)
        g20_scene_destroy(d->scene);
    g20_free(d);
}

static int open_dev(void **ret_dev, const struct g20_source_cfg *cfg, struct g20_source_info *info,
                    struct g20_err *e)
{
    struct g20_scene_cfg scene;

    g20_scene_cfg_default(&scene);
    if (cfg->rate_hz > 0)
        scene.rate_hz = cfg->rate_hz;
    if (cfg->center_hz > 0)
        scene.center_hz = cfg->center_hz;
    int r = g20_scene_parse_args(&scene, cfg->args, e);
    if (r < 0)
        return r;
    struct dev *d = g20_calloc(1, sizeof(*d));
    if (!d)
        return g20_fail(e, -ENOMEM, "scene: out of memory");
    r = g20_scene_create(&d->scene, &scene, e);
    if (r < 0) {
        close_dev(d);
        return r;
    }
    d->cfg = scene;
    d->realtime = cfg->realtime;
    d->center_hz = scene.center_hz;
    d->wanted_hz = scene.center_hz;
    d->retune_at = UINT64_MAX;
    snprintf(info->name, sizeof(info->name), "synthetic scene, seed %llu",
             (unsigned long long)scene.seed);
    info->rate_hz = scene.rate_hz;
    info->center_hz = scene.center_hz;
    info->center_known = true;
    info->format = G20_CI16;
    info->is_live = cfg->realtime;
    info->caps = (struct g20_source_caps){
        .can_tune = true,
        .channels = 1,
        .min_hz = 1,
        .max_hz = 1e12,
        .centers_hz = {{1, 1e12}},
        .ncenters = 1,
        .rates_hz = {{scene.rate_hz, scene.rate_hz}},
        .nrates = 1,
    };
    d->end = (uint64_t)llround(scene.seconds * scene.rate_hz);
    info->total_samples = d->end;
    if (d->end == 0)
        d->end = UINT64_MAX;
    *ret_dev = d;
    return 0;
}

/* Nanoseconds from sample 0 to sample @n, without a double's loss after days of samples. */
static uint64_t due_ns(const struct dev *d, uint64_t n)
{
    const uint64_t whole =
        n / (uint64_t)d->cfg.rate_hz; /* seconds, if the rate is a whole number */
    const double rest = (double)n - (double)whole * d->cfg.rate_hz;

    return whole * 1000000000u + (uint64_t)(int64_t)llround(rest * 1e9 / d->cfg.rate_hz);
}

static void start_clock(struct dev *d)
{
    if (d->started)
        return;
    d->started = true;
    d->origin_ns = g20_clock_mono_ns();
    d->origin_us = g20_clock_utc_us();
}

/* Lose what a radio's buffer would have lost by now. The scene itself stands still meanwhile: to
 * draw all that was on in a time that nobody hears would make a late machine later still. */
static void overrun(struct dev *d)
{
    const double behind =
        (double)(g20_clock_mono_ns() - d->origin_ns) * 1e-9 - (double)due_ns(d, d->next) * 1e-9;

    if (behind <= BUFFER_S)
        return;
    const uint64_t n = (uint64_t)(behind * d->cfg.rate_hz);
    d->next += n;
    if (d->retune_at != UINT64_MAX)
        d->retune_at += n;
    d->lost += n;
    d->flags |= G20_BLOCK_GAP;
}

/* Sleep until @len samples are there. False when that takes longer than @timeout_ms. */
static bool wait_due(const struct dev *d, uint32_t len, int timeout_ms)
{
    const uint64_t due = d->origin_ns + due_ns(d, d->next + len), now = g20_clock_mono_ns();
    const uint64_t limit = timeout_ms < 0 ? UINT64_MAX : (uint64_t)timeout_ms * 1000000u;

    if (now >= due)
        return true;
    g20_sleep_ns(G20_MIN(due - now, limit));
    return due - now <= limit;
}

/* A tune() since the last call takes effect at the next sample that is not made yet. */
static void take_retune(struct dev *d)
{
    const double wanted = d->wanted_hz;

    if (wanted != (d->retune_at == UINT64_MAX ? d->center_hz : d->retune_hz)) {
        uint64_t ahead;

        g20_scene_tune(d->scene, wanted - d->cfg.center_hz, &ahead);
        d->retune_at = d->next + ahead;
        d->retune_hz = wanted;
    }
    if (d->next >= d->retune_at) {
        d->center_hz = d->retune_hz;
        d->retune_at = UINT64_MAX;
        d->flags |= G20_BLOCK_RETUNED;
    }
}

static int read_dev(void *ptr, struct g20_block *b, int timeout_ms, struct g20_err *e)
{
    struct dev *d = ptr;
    const double most = LONGEST_S * d->cfg.rate_hz;
    uint32_t len = G20_MIN(b->cap, (uint32_t)G20_MAX(most, 1));

    (void)e;
    start_clock(d);
    if (d->realtime)
        overrun(d);
    if (d->next >= d->end)
        return 0;
    if (d->end - d->next < len)
        len = (uint32_t)(d->end - d->next);
    take_retune(d);
    if (d->retune_at - d->next < len) /* one centre a block */
        len = (uint32_t)(d->retune_at - d->next);
    if (d->realtime && !wait_due(d, len, timeout_ms))
        return -ETIMEDOUT;

    g20_scene_read_ci16(d->scene, b->data, len);
    b->format = G20_CI16;
    b->len = len;
    b->flags = d->flags;
    b->lost = d->lost;
    b->first_sample = d->next;
    b->time_us = d->origin_us + due_ns(d, d->next) / 1000;
    b->center_hz = d->center_hz;
    b->rate_hz = d->cfg.rate_hz;
    d->next += len;
    d->flags = 0;
    d->lost = 0;
    return (int)len;
}

static int tune_dev(void *ptr, const struct g20_tune *wanted, struct g20_tune *ret_actual,
                    struct g20_err *e)
{
    struct dev *d = ptr;

    (void)e;
    if (!isnan(wanted->center_hz))
        d->wanted_hz = wanted->center_hz;
    *ret_actual = (struct g20_tune){.center_hz = d->wanted_hz, .bandwidth_hz = NAN, .gain_db = NAN};
    return 0;
}

static size_t list(struct g20_source_device *ret, size_t cap)
{
    if (cap == 0)
        return 0;
    *ret = (struct g20_source_device){.driver = "scene", .label = "synthetic scene, no hardware"};
    return 1;
}

const struct g20_source_ops g20_source_scene_ops = {.name = "scene",
                                                    .open = open_dev,
                                                    .read = read_dev,
                                                    .tune = tune_dev,
                                                    .close = close_dev,
                                                    .list = list};
