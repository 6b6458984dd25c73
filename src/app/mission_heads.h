/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* mission_heads: the heads of a plan, loaded and at its thresholds while it runs, and as before
 * afterwards. One thread at a time. */
#ifndef G20_APP_MISSION_HEADS_H
#define G20_APP_MISSION_HEADS_H

#include "detect/heads.h"
#include "engine/mission_plan.h"

struct g20_mission_heads {
    struct {
        char name[G20_HEAD_NAME];
        bool loaded;  /* by this plan */
        double least; /* its threshold before */
    } head[G20_MISSION_HEADS];
    size_t count;
};

/* All of them or none. -EOPNOTSUPP: @heads is NULL, there is no trunk; others as of
 * g20_heads_add(). */
G20_MUST_USE int g20_mission_heads_load(struct g20_mission_heads *ret, struct g20_heads *heads,
                                        const char *models_dir, const struct g20_mission_plan *plan,
                                        struct g20_err *e);
void g20_mission_heads_restore(struct g20_mission_heads *m, struct g20_heads *heads);

#endif
