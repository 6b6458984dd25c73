/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ring: the last seconds or minutes of IQ in the radio's own format, in memory and, behind it, in a
 * file that survives a restart.
 *
 * A sink of the tap puts blocks in and never waits: for no reader and no disk. A reader copies; one
 * that is overtaken finds the gap in the sample numbers and goes on with the oldest that is held.
 * Runs of samples keep their centre, rate, format, sample numbers and UTC; what was lost stays
 * lost. The file is written by a thread of its own, which is a reader of the memory: when the disk
 * is too slow, or full, it has gaps and goes on as soon as it can. Thread-safe. */
#ifndef G20_CAPTURE_RING_H
#define G20_CAPTURE_RING_H

#include "capture/tap.h"

struct g20_ring;
struct g20_ring_reader;

enum { G20_RING_LEAST = 4 << 20, G20_RING_PIECE = 32768 }; /* bytes of memory; samples of a read */

struct g20_ring_cfg {
    /* Of memory, at least G20_RING_LEAST; what is further than 32 MiB ahead of the newest sample
     * and was never written costs none (ring_ahead.h). */
    uint64_t bytes;
    const char *path;    /* of the file; NULL or "": none */
    uint64_t path_bytes; /* of samples in it, at least G20_RING_LEAST */
};

/* A file that cannot be used is no failure: the state says why. @tap must outlive it; NULL: the
 * caller pushes. */
G20_MUST_USE int g20_ring_create(struct g20_ring **ret, const struct g20_ring_cfg *cfg,
                                 struct g20_tap *tap, struct g20_err *e);
void g20_ring_destroy(struct g20_ring *r); /* no reader is left; NULL is fine */

/* For one thread at a time; without a tap. */
void g20_ring_push(struct g20_ring *r, const struct g20_block *b);

enum g20_ring_disk { G20_RING_NO_DISK, G20_RING_DISK_OK, G20_RING_DISK_FULL, G20_RING_DISK_FAILED };
const char *g20_ring_disk_name(enum g20_ring_disk d); /* "off", "ok", "full", "failed" */

struct g20_ring_state {
    uint64_t from_us, to_us; /* UTC of what is held, with gaps perhaps; 0: nothing */
    double seconds;          /* of samples held */
    uint64_t bytes, cap_bytes;
    uint64_t memory_bytes; /* of them in memory */
    uint32_t runs;
    uint64_t taken, lost; /* samples put in; that were missing between them */
    uint64_t overtaken;   /* times that a reader was */
    enum g20_ring_disk disk;
    char disk_why[200];
    uint64_t disk_bytes;     /* written so far */
    uint64_t disk_overtaken; /* gaps in the file because the disk was late or full */
};
void g20_ring_state(struct g20_ring *r, struct g20_ring_state *ret);

/* Stands at UTC @from_us (0: at the newest). -ENODATA: that is not held any more, the message says
 * what is; later than the newest is fine. */
G20_MUST_USE int g20_ring_reader_create(struct g20_ring_reader **ret, struct g20_ring *r,
                                        uint64_t from_us, struct g20_err *e);
void g20_ring_reader_destroy(struct g20_ring_reader *rd); /* NULL is fine */

/* The next samples, of one run, as a block of at most G20_RING_PIECE: borrowed until the next call,
 * flags as for a source; when the reader was overtaken G20_BLOCK_GAP is set. 1: there are some; 0:
 * none came within @timeout_ms; -ENODATA: all before UTC @end_us (0: no end) was read; other
 * errors: the disk's, which the reader steps over when it is called again. One thread. */
G20_MUST_USE int g20_ring_read(struct g20_ring_reader *rd, uint64_t end_us, int timeout_ms,
                               struct g20_block *ret, struct g20_err *e);

#endif
