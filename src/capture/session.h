/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* session: one capture: where its samples come from, a buffer of bytes, a thread that writes them
 * to the disk.
 *
 * From a stretch of time (the ring, or another recording) the writer's thread takes them itself,
 * as fast as the disk is. Without a ring the session is a sink of the tap, whose thread copies
 * samples into the buffer and never waits: what does not fit is dropped, counted, and what follows
 * is a segment of its own. Private to src/capture. */
#ifndef G20_CAPTURE_SESSION_H
#define G20_CAPTURE_SESSION_H

#include "capture/capture.h"
#include "capture/stretch.h"

struct g20_session_cfg {
    struct g20_capture_request request; /* strings are copied */
    const char *base;                   /* path without endings */
    double byte_rate;                   /* expected: for the size of the buffer */
    double center_hz;                   /* expected, of the file */
    struct g20_stretch *stretch;        /* moves on success; NULL: from the tap */
    const struct g20_emission *note;    /* (notes) seen before, of which it may have some */
    size_t notes;
    bool past; /* a recording: what is seen now has nothing to do with it */
    void (*done)(const struct g20_capture_info *info, void *user); /* writer thread; may be NULL */
    void *user;
};

struct g20_session_capture;

G20_MUST_USE int g20_session_start(struct g20_session_capture **ret,
                                   const struct g20_session_cfg *cfg, struct g20_tap *tap,
                                   struct g20_err *e);
/* Nothing after UTC @end_us any more, unless it ends before anyway; ends by itself then. */
void g20_session_end_at(struct g20_session_capture *s, uint64_t end_us);
/* Ends it when it still runs, waits until its files are complete. @end_us: up to there, when that
 * is in the ring; 0: at once. */
void g20_session_finish(struct g20_session_capture *s, uint64_t end_us);
void g20_session_destroy(struct g20_session_capture *s); /* finishes first; NULL is fine */
void g20_session_info(struct g20_session_capture *s, struct g20_capture_info *ret);

#endif
