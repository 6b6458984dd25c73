/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* mission_plan: what a mission does, as JSON (docs/missions.md), read strictly; the frequencies it
 * visits, and when it is on. Pure: no radio, no clock. */
#ifndef G20_ENGINE_MISSION_PLAN_H
#define G20_ENGINE_MISSION_PLAN_H

#include "base/err.h"
#include "engine/record_rule.h"
#include "source/source.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    G20_MISSION_RANGES = 16,
    G20_MISSION_HEADS = 32,
    G20_MISSION_STEPS = 4096,
    G20_MISSION_BYTES = 65536, /* of a plan's text */
};

struct g20_mission_head {
    char name[32];
    double threshold; /* 0..1: the least score that names an emission; NAN: as it is */
};

enum g20_mission_record_when { G20_RECORD_NEVER, G20_RECORD_ALWAYS, G20_RECORD_EMISSIONS };

struct g20_mission_record {
    enum g20_mission_record_when when;
    struct g20_record_rule rule; /* with ALWAYS only its max_s counts */
};

struct g20_mission_plan {
    char name[64];
    struct g20_span ranges[G20_MISSION_RANGES]; /* (nranges) hertz, wider than the radio or not */
    size_t nranges;
    double dwell_s;      /* samples of so long from each step */
    double revisit_s;    /* a round begins so long after the one before; 0: at once */
    double usable;       /* 0..1, of the sample rate: how far apart the steps are at most */
    double bandwidth_hz; /* NAN: as it is */
    double gain_db;      /* NAN: as it is */
    uint32_t rounds;     /* it is done after so many; 0: until it is stopped */
    struct g20_mission_head heads[G20_MISSION_HEADS]; /* (nheads) loaded while it runs */
    size_t nheads;
    struct g20_mission_record record;
    bool hands_over;     /* "hand_over": true */
    uint8_t days;        /* bit 0 Monday .. bit 6 Sunday, UTC; 127 without a schedule */
    int start_s, stop_s; /* seconds of the day; stop before start: over midnight; equal: all day */
};

/* An error names the field: "ranges[1].f_hi_hz: want more than f_lo_hz". A plan without a name is
 * called "mission". */
G20_MUST_USE int g20_mission_plan_read(struct g20_mission_plan *ret, const json_t *plan,
                                       struct g20_err *e);
/* Likewise its text. The fuzz target. */
G20_MUST_USE int g20_mission_plan_parse(struct g20_mission_plan *ret, const char *text, size_t len,
                                        struct g20_err *e);

/* A frequency to visit and the band that counts as seen there. */
struct g20_mission_step {
    double center_hz, lo_hz, hi_hz;
    size_t range; /* of the plan */
};

/* The steps of a radio with @rate_hz into @ret (at most G20_MISSION_STEPS), lowest first in each
 * range: equal parts of it, none wider than usable * rate. Their number; -ERANGE: too many. */
G20_MUST_USE int g20_mission_plan_steps(const struct g20_mission_plan *p, double rate_hz,
                                        struct g20_mission_step *ret, struct g20_err *e);

/* Seconds from @utc_us until the schedule lets it run; 0: it does. */
double g20_mission_plan_wait(const struct g20_mission_plan *p, uint64_t utc_us);

/* How likely a burst of @burst_s that begins at any time is seen by @dwell_s every @revisit_s: a
 * millisecond of it must be, or all of a shorter one. */
double g20_mission_intercept(double dwell_s, double revisit_s, double burst_s);

#endif
