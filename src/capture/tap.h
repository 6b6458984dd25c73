/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* tap: the one subscriber for blocks of IQ; a thread that hands each block, and each event of an
 * emission, to all who want them (captures, subbands of /ws/iq).
 *
 * Sinks are called one after the other on the tap's thread and must not wait. When they are too
 * slow together the hub drops blocks: a sink sees it in the sample numbers. */
#ifndef G20_CAPTURE_TAP_H
#define G20_CAPTURE_TAP_H

#include "engine/hub.h"

struct g20_tap;

struct g20_tap_sink {
    /* Tap thread; borrowed for the call. Either may be NULL. */
    void (*block)(const struct g20_block *b, void *user);
    void (*event)(const struct g20_hub_event *ev, void *user);
    void *user;
    struct g20_tap_sink *next; /* the tap's */
};

/* @blocks: that may wait, at most G20_LIVE_TAP less what others hold. @hub must outlive it. */
G20_MUST_USE int g20_tap_create(struct g20_tap **ret, struct g20_hub *hub, uint32_t blocks,
                                struct g20_err *e);
void g20_tap_destroy(struct g20_tap *t); /* no sink is left; NULL is fine */

/* @sink stays the caller's and must not move until it is removed. After remove() it is not being
 * called and never again. Not from a sink's own calls. */
void g20_tap_add(struct g20_tap *t, struct g20_tap_sink *sink);
void g20_tap_remove(struct g20_tap *t, struct g20_tap_sink *sink);

#endif
