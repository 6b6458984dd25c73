/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* mission: carries out a plan: tunes from step to step, stays until so many good samples of a step
 * have come, and keeps account of what was watched.
 *
 * A thread of its own. It counts the samples that the pipeline hands out at the step's frequency,
 * so neither the device's settling nor anything lost counts as watched. A radio that is away is
 * waited for. Thread-safe. */
#ifndef G20_ENGINE_MISSION_H
#define G20_ENGINE_MISSION_H

#include "engine/control.h"
#include "engine/hub.h"
#include "engine/mission_plan.h"

struct g20_mission;

enum g20_mission_run {
    G20_MISSION_IDLE,
    G20_MISSION_WAITING, /* for its time of day, the next round, or the radio */
    G20_MISSION_SWEEPING,
    G20_MISSION_DONE,   /* all rounds of the plan */
    G20_MISSION_FAILED, /* @error says why */
};

struct g20_mission_band { /* one range of the plan */
    struct g20_span band;
    uint64_t visits; /* of all its steps together */
    size_t steps;
    double watched_s;    /* of all its steps together */
    double share;        /* of the time since the start that one frequency of it was watched */
    double dwell_s;      /* mean of a visit */
    double revisit_s;    /* mean, from visit to visit of one step; 0: not known yet */
    double intercept[3]; /* of a burst of 1, 10, 100 ms; see g20_mission_intercept() */
};

struct g20_mission_state {
    enum g20_mission_run run;
    char name[64], error[320];
    uint64_t rounds, visits, tune_failures;
    uint64_t started_us;         /* UTC; 0: never */
    double seconds;              /* since then */
    size_t step, steps, visited; /* @visited: of the steps, at least once */
    double center_hz;
    double speed_hz_per_s;                             /* new spectrum a second, over all visits */
    struct g20_mission_band bands[G20_MISSION_RANGES]; /* (nbands) */
    size_t nbands;
};

/* @hub and @control are borrowed and must outlive it. */
G20_MUST_USE int g20_mission_create(struct g20_mission **ret, struct g20_hub *hub,
                                    const struct g20_control *control);
/* -EBUSY one runs; -ENODEV no radio; -ERANGE a frequency that it does not have; -EOPNOTSUPP what
 * is not built, or a source that cannot be tuned. */
G20_MUST_USE int g20_mission_start(struct g20_mission *m, const struct g20_mission_plan *plan,
                                   struct g20_err *e);
void g20_mission_stop(struct g20_mission *m); /* returns once it is; the statistics stay */
void g20_mission_state(struct g20_mission *m, struct g20_mission_state *ret);
void g20_mission_destroy(struct g20_mission *m); /* stops first; NULL is fine */

#endif
