/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ring_ahead: the first touch of a ring's memory, by a thread that keeps a bounded step ahead of
 * the writer on its first way round.
 *
 * The system gives a page when it is written for the first time, and takes its time for it: on a
 * virtual machine several times as long as the copy itself. The writer, which is the tap's thread
 * and must not be late, finds its pages there; what the ring has never used still costs nothing. */
#ifndef G20_CAPTURE_RING_AHEAD_H
#define G20_CAPTURE_RING_AHEAD_H

#include "base/thread.h"

#include <stdint.h>

struct g20_ring;

enum { G20_RING_AHEAD = 32 << 20 }; /* bytes: 0.2 s of 20 MS/s as cf32 */

struct g20_ring_ahead {
    struct g20_thread thread;
    pthread_cond_t near;

    /* Under the ring's lock. */
    uint64_t touched, end; /* positions; there is nothing to touch from end on */
    bool stopping;
};

/* From r->head on, once round; before the first sample comes. */
G20_MUST_USE int g20_ring_ahead_start(struct g20_ring *r, struct g20_err *e);
/* With the ring's lock, after each move of r->head. */
void g20_ring_ahead_tell(struct g20_ring *r);
void g20_ring_ahead_stop(struct g20_ring *r); /* one that was never started is fine */

#endif
