/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* capture: recordings of the live stream as SigMF, started and stopped by command, cut out of what
 * the ring holds, or cut out of another recording.
 *
 * The whole band in the radio's own format, or a band of it as cf32. Gaps and retunes begin a new
 * captures segment; the emissions seen meanwhile become annotations; core:sha512 is there. A file
 * gets its name when it is complete. With a ring a capture may begin in the past, and a disk may
 * be late by what the ring holds. Thread-safe. */
#ifndef G20_CAPTURE_CAPTURE_H
#define G20_CAPTURE_CAPTURE_H

#include "capture/ring.h"
#include "engine/control.h"

struct g20_captures;

enum g20_capture_state {
    G20_CAPTURE_RUNNING,
    G20_CAPTURE_DONE,      /* stopped, or a limit was reached */
    G20_CAPTURE_DISK_FULL, /* closed properly with what fitted */
    G20_CAPTURE_FAILED,
};
const char *g20_capture_state_name(enum g20_capture_state state); /* "recording", "done", ... */

/* What is written beside a capture in the store; plain memory. */
struct g20_capture_about {
    char origin[16];                     /* "command", "box", "trigger", "mission" */
    uint64_t emission_id;                /* 0: none */
    uint32_t channel;                    /* receiver */
    char class_name[32], mission_id[72]; /* "": none */
    char record_id[72];                  /* of the store; set by cfg.begun */
};

struct g20_capture_request {
    const char *session_id;         /* 1 to 63 characters: letters, digits, "-", "_", "." */
    const char *output_path;        /* below the folder of captures, see capture/place.h */
    double center_hz, bandwidth_hz; /* bandwidth 0: the whole band as it comes */
    double max_s;                   /* 0: as long as it takes */
    uint64_t max_bytes;             /* 0: no limit */
    /* UTC; 0: from now, until it is stopped. A start in the past, or a pre-roll, needs the ring. */
    uint64_t start_us, end_us;
    double pre_s; /* so much before now; as much of it as is held */
    /* Path of a complete recording below the folder, without endings: cut out of that; start_us and
     * end_us 0: from its start, to its end. NULL: the live stream. */
    const char *from;
    struct g20_capture_about about;
};

struct g20_capture_info {
    char session_id[64];
    char path[1024]; /* without endings, whole path */
    enum g20_capture_state state;
    uint64_t samples, bytes, dropped; /* on the disk; that were lost on the way to it */
    uint64_t start_us, end_us; /* UTC of the first sample, and behind the last; 0: none yet */
    double rate_hz, center_hz; /* of the first sample */
    double bandwidth_hz;       /* as asked for; 0: the whole band */
    uint32_t segments, annotations;
    char why[320]; /* it ended, or failed */
    struct g20_capture_about about;
};

struct g20_captures_cfg {
    const char *folder;
    uint32_t sessions;     /* at a time, at most 64 */
    struct g20_ring *ring; /* NULL: none is kept. Outlives the captures */
    bool leave_unfinished; /* by others: somebody else may be recording in that folder */
    /* Before one begins, on the thread of start(); may fill in about.record_id. @info has its path,
     * times, band. May be NULL. Must not call back. */
    void (*begun)(struct g20_capture_info *info, void *user);
    /* When one has ended, on its own thread; may be NULL. Must not call back. */
    void (*done)(const struct g20_capture_info *info, void *user);
    void *user;
};

/* Makes the folder and recovers what a killed process left there; *ret_recovered may be NULL.
 * @tap must outlive it, @control is copied. */
G20_MUST_USE int g20_captures_create(struct g20_captures **ret, const struct g20_captures_cfg *cfg,
                                     struct g20_tap *tap, const struct g20_control *control,
                                     uint32_t *ret_recovered, struct g20_err *e);
/* Ends and completes all that run. NULL is fine. */
void g20_captures_destroy(struct g20_captures *c);

/* -EINVAL or -ERANGE names the field; -EEXIST the session runs, or the file is there; -EUSERS too
 * many; -ENODEV nothing is received; -ENODATA that time is not held any more; -ENOENT no such
 * recording; others from the system. @ret (NULL: not wanted) is what it is like now. */
G20_MUST_USE int g20_captures_start(struct g20_captures *c, const struct g20_capture_request *req,
                                    struct g20_capture_info *ret, struct g20_err *e);
/* It ends at UTC @end_us by itself, unless a limit ends it before; with a ring only. -ENOENT. */
G20_MUST_USE int g20_captures_end_at(struct g20_captures *c, const char *session_id,
                                     uint64_t end_us, struct g20_err *e);
/* Also for one that has ended by itself, once. -ENOENT: no such session. */
G20_MUST_USE int g20_captures_stop(struct g20_captures *c, const char *session_id,
                                   struct g20_capture_info *ret, struct g20_err *e);
/* Those that run, and those that ended by themselves and were not asked for. */
size_t g20_captures_list(struct g20_captures *c, struct g20_capture_info *ret, size_t cap);

struct g20_captures_stats {
    uint32_t running;
    uint64_t started, bytes, dropped, failed; /* of all so far */
};
void g20_captures_stats(struct g20_captures *c, struct g20_captures_stats *ret);

#endif
