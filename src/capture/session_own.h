/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* session_own: what session.c (life, and blocks into the buffer) and session_write.c share. */
#ifndef G20_CAPTURE_SESSION_OWN_H
#define G20_CAPTURE_SESSION_OWN_H

#include "base/thread.h"
#include "capture/notes.h"
#include "capture/record.h"
#include "capture/session.h"
#include "capture/subband.h"

enum { G20_SESSION_NOTES = 2048 };

struct g20_session_segment {
    struct g20_record_segment file;
    double stream; /* the stream's sample number of its first */
};

struct g20_session_capture {
    struct g20_capture_info info; /* under @lock but for the strings set at the start */
    struct g20_tap *tap;
    struct g20_tap_sink sink;
    struct g20_subband *band; /* NULL: the whole band */
    void (*done)(const struct g20_capture_info *info, void *user);
    void *user;
    double max_s;
    uint64_t max_bytes;
    struct g20_thread thread;
    struct g20_record *record;   /* writer thread */
    struct g20_stretch *stretch; /* writer thread; NULL: blocks come from the tap */

    /* Of the thread that has the blocks. */
    uint64_t next; /* stream sample expected */
    double center_hz;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint8_t *buf; /* (cap) */
    size_t cap, head, len;
    uint64_t taken; /* samples put into the buffer so far */
    bool broken;    /* the next sample put in begins a segment */
    bool closing;
    bool stopping;     /* no more is waited for */
    int silent_ms;     /* the writer's: since a block came */
    uint64_t end_us;   /* of a stretch; 0: open */
    uint64_t delay_us; /* the filters of the band want so much after the end */
    enum g20_sample_format format;
    double per;                      /* stream samples a sample of the file; 0: nothing came yet */
    struct g20_session_segment *seg; /* (SEGMENTS of session.c) */
    size_t nseg;
    struct g20_notes notes; /* in the stream's sample numbers */
};

/* With the lock: no more goes into the buffer. The first reason stays. */
void g20_session_close(struct g20_session_capture *s, const char *why);

/* The next block of the stream; @user: the capture. */
void g20_session_block(const struct g20_block *b, void *user);

/* The writer's thread, @arg the capture: until it is closed and the buffer is empty, then the
 * notes. */
void *g20_session_write(void *arg);

#endif
