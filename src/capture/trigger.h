/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* trigger: captures started by emissions: rules (engine/record_rule.h) of an owner, the operator or
 * a mission, matched against every emission that the detector reports.
 *
 * An emission that falls into a capture of the same owner that still runs prolongs it instead of
 * starting another, so a busy band makes one recording of at most max_s; how many a rule may start
 * in an hour is limited. A thread of its own starts and ends captures: nobody waits for a disk.
 * Thread-safe. */
#ifndef G20_CAPTURE_TRIGGER_H
#define G20_CAPTURE_TRIGGER_H

#include "capture/capture.h"
#include "engine/record_rule.h"

struct g20_triggers;

/* @captures and @tap must outlive it. @max_bytes: of one capture. */
G20_MUST_USE int g20_triggers_create(struct g20_triggers **ret, struct g20_captures *captures,
                                     struct g20_tap *tap, uint64_t max_bytes, struct g20_err *e);
/* Captures that run are ended. NULL is fine. */
void g20_triggers_destroy(struct g20_triggers *t);

/* @rules (@n <= G20_RECORD_RULES, copied) of @owner from now on, instead of those it had; 0: none
 * any more, what it records ends with its post-roll. @owner: "" is the operator, else the id of a
 * mission, which the store gets with each capture. -ENOSPC: too many owners. */
G20_MUST_USE int g20_triggers_set(struct g20_triggers *t, const char *owner,
                                  const struct g20_record_rule *rules, size_t n, struct g20_err *e);
/* The rules of @owner into @ret (G20_RECORD_RULES): their number. */
size_t g20_triggers_get(struct g20_triggers *t, const char *owner, struct g20_record_rule *ret);

struct g20_triggers_stats {
    uint64_t started; /* captures */
    uint64_t merged;  /* emissions that prolonged one */
    uint64_t limited; /* emissions not recorded because of max_per_hour, or too many captures */
    uint64_t failed;  /* captures that could not be started */
    uint64_t missed;  /* events that came faster than the thread took them */
    uint32_t running;
};
void g20_triggers_stats(struct g20_triggers *t, struct g20_triggers_stats *ret);

#endif
