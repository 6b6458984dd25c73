/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/mission_heads.h"

#include "base/log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

enum { PATH_BYTES = 4096 };

static int load_one(struct g20_mission_heads *m, struct g20_heads *heads, const char *models_dir,
                    const struct g20_mission_head *want, struct g20_err *e)
{
    char path[PATH_BYTES];
    const size_t i = m->count;
    double before = 0;
    const bool there = g20_heads_threshold(heads, want->name, NAN, &before) == 0;

    if (!there) {
        snprintf(path, sizeof(path), "%s/heads/%s.onnx", models_dir, want->name);
        const int r = g20_heads_add(heads, path, e);
        if (r < 0)
            return r;
    }
    snprintf(m->head[i].name, sizeof(m->head[i].name), "%s", want->name);
    m->head[i].loaded = !there;
    m->head[i].least = before;
    m->count++;
    if (isnan(want->threshold) ||
        g20_heads_threshold(heads, want->name, want->threshold, NULL) == 0)
        return 0;
    return g20_fail(e, -ENOENT, "heads: the file of \"%s\" holds a head of another name",
                    want->name);
}

int g20_mission_heads_load(struct g20_mission_heads *ret, struct g20_heads *heads,
                           const char *models_dir, const struct g20_mission_plan *plan,
                           struct g20_err *e)
{
    int r = 0;

    *ret = (struct g20_mission_heads){.count = 0};
    if (plan->nheads > 0 && !heads)
        return g20_fail(e, -EOPNOTSUPP, "heads: there is no trunk that heads could stand on");
    for (size_t i = 0; i < plan->nheads && r >= 0; i++)
        r = load_one(ret, heads, models_dir, &plan->heads[i], e);
    if (r < 0)
        g20_mission_heads_restore(ret, heads);
    return r;
}

void g20_mission_heads_restore(struct g20_mission_heads *m, struct g20_heads *heads)
{
    struct g20_err e = {0};

    for (size_t i = 0; i < m->count; i++) {
        const int r = m->head[i].loaded
                          ? g20_heads_remove(heads, m->head[i].name, &e)
                          : g20_heads_threshold(heads, m->head[i].name, m->head[i].least, NULL);
        if (r < 0)
            g20_log(G20_LOG_WARNING, "mission", "a head went away meanwhile",
                    G20_F_STR("name", m->head[i].name));
    }
    m->count = 0;
}
