/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/team.h"

#include "source/scene.h"

int g20_team_work(void *workers, size_t size, uint32_t n, g20_thread_fn *fn, struct g20_err *e)
{
    int r = 0;

    for (uint32_t i = 0; i < n && r >= 0; i++) {
        struct g20_team_member *m = (struct g20_team_member *)((char *)workers + i * size);
        r = g20_thread_start(&m->thread, "train", fn, m, e);
    }
    for (uint32_t i = 0; i < n; i++) {
        struct g20_team_member *m = (struct g20_team_member *)((char *)workers + i * size);
        g20_thread_join(&m->thread);
        if (r >= 0 && m->failed < 0) {
            *e = m->err;
            r = m->failed;
        }
    }
    return r;
}

struct g20_block *g20_team_block(struct g20_pool *pool, struct g20_scene *s, uint64_t at,
                                 uint32_t samples)
{
    struct g20_block *b = g20_pool_get(pool, 0);

    if (!b)
        return NULL;
    b->format = G20_CF32;
    b->len = samples;
    b->flags = 0;
    b->first_sample = at;
    b->rate_hz = 20e6;
    b->center_hz = 0;
    b->time_us = 0;
    g20_scene_read(s, b->data, samples);
    return b;
}
