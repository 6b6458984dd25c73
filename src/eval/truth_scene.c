/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "eval/truth.h"
#include "source/scene.h"
#include "source/scene_args.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_BOXES = 65536 }; /* what a scene remembers */

static void take(struct g20_truth_box *to, const struct g20_scene_box *b)
{
    *to = (struct g20_truth_box){
        .start = (double)b->sample_start,
        .stop = (double)(b->sample_start + b->sample_count),
        .f_lo = b->f_lo_hz,
        .f_hi = b->f_hi_hz,
        .vis_lo = b->f_lo_hz,
        .vis_hi = b->f_hi_hz,
        .ignore = b->ignore,
        .snr_db = b->snr_db,
    };
    snprintf(to->kind, sizeof(to->kind), "%s", b->kind);
}

/* The boxes are known once the samples are made. */
static int play(const struct g20_scene_cfg *cfg, uint64_t samples, struct g20_scene_box *box,
                size_t *ret_count, struct g20_err *e)
{
    float complex x[G20_SCENE_BLOCK];
    struct g20_scene *s;
    const int r = g20_scene_create(&s, cfg, e);

    if (r < 0)
        return r;
    for (uint64_t at = 0; at < samples; at += G20_SCENE_BLOCK)
        g20_scene_read(s, x, (size_t)G20_MIN(samples - at, (uint64_t)G20_SCENE_BLOCK));
    const size_t n = g20_scene_boxes(s, 0, box, MOST_BOXES);
    g20_scene_destroy(s);
    if (n >= MOST_BOXES)
        return g20_fail(e, -EFBIG, "scene: more than %d emissions: fewer seconds", MOST_BOXES);
    *ret_count = n;
    return 0;
}

int g20_truth_scene(struct g20_truth **ret, const char *args, double rate_hz, struct g20_err *e)
{
    struct g20_scene_cfg cfg;
    struct g20_scene_box *box;
    struct g20_truth *t = NULL;
    size_t count = 0;

    g20_scene_cfg_default(&cfg);
    cfg.rate_hz = rate_hz;
    int r = g20_scene_parse_args(&cfg, args, e);
    if (r < 0)
        return r;
    if (!(cfg.seconds > 0))
        return g20_fail(e, -EINVAL, "scene: %.200s: wants seconds=N", args);
    const uint64_t samples = (uint64_t)llround(cfg.seconds * cfg.rate_hz);
    box = g20_calloc(MOST_BOXES, sizeof(*box));
    if (!box)
        return g20_fail(e, -ENOMEM, "scene: out of memory");
    r = play(&cfg, samples, box, &count, e);
    if (r >= 0 && (r = g20_truth_create(&t, count)) < 0)
        g20_fail(e, r, "scene: %s", g20_strerror(r));
    if (r >= 0) {
        snprintf(t->name, sizeof(t->name), "scene:%s", args);
        t->rate_hz = cfg.rate_hz;
        t->center_hz = cfg.center_hz;
        t->samples = samples;
        for (size_t i = 0; i < count; i++)
            take(&t->box[i], &box[i]);
        *ret = t;
    }
    g20_free(box);
    return r < 0 ? r : 0;
}
