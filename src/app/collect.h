/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* collect: the second receiver of a radio. While a mission scans with the first one, this one is
 * tuned to one emission after the other that the scan meets, and each is recorded for a while.
 *
 * It has a source of its own (the same device, another channel), without a detector, and captures
 * of its own. A thread of its own tunes, starts and waits; a radio that is away is waited for. */
#ifndef G20_APP_COLLECT_H
#define G20_APP_COLLECT_H

#include "capture/capture.h"
#include "engine/live.h"
#include "engine/mission_plan.h"

struct g20_collect;

struct g20_collect_cfg {
    const struct g20_source_cfg *source; /* of the first receiver; copied, as are all strings */
    uint32_t channel;                    /* the second one's, of the same device */
    struct g20_hub *scan;                /* whose emissions are collected; outlives it */
    /* Emissions within its ranges that its rule (record.rule) is for, and that were there after
     * @since_us (UTC: it had the radio); how long (max_s) and wide each is recorded. */
    const struct g20_mission_plan *plan;
    uint64_t since_us;
    const char *folder; /* for its captures, nobody else's: unfinished ones in it are recovered */
    const char *mission_id;                                   /* "": of no store */
    void (*begun)(struct g20_capture_info *info, void *user); /* as of g20_captures_cfg */
    void (*done)(const struct g20_capture_info *info, void *user);
    void *user;
};

enum { G20_COLLECT_HOLD_S = 60 }; /* a band that was collected is left alone for so long */

G20_MUST_USE int g20_collect_create(struct g20_collect **ret, const struct g20_collect_cfg *cfg,
                                    struct g20_err *e);
void g20_collect_destroy(struct g20_collect *c); /* ends what is being recorded; NULL is fine */

struct g20_collect_state {
    bool collecting;
    double f_lo_hz, f_hi_hz; /* of the emission that is collected now, or was last; 0: none yet */
    uint64_t emission_id;
    uint64_t collected, failed; /* failed: not tuned to, or not recorded */
    uint64_t passed;            /* emissions that came while it was busy */
    char why[200];              /* the last one failed */
};
void g20_collect_state(struct g20_collect *c, struct g20_collect_state *ret);

#endif
