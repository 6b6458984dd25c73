/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ring_file_own: what ring_file.c (its thread and its life) and ring_file_index.c (the index in it)
 * share. */
#ifndef G20_CAPTURE_RING_FILE_OWN_H
#define G20_CAPTURE_RING_FILE_OWN_H

#include "capture/ring_own.h"

enum {
    G20_RING_FILE_SLOT = 1 << 20,                /* of an index */
    G20_RING_FILE_DATA = 2 * G20_RING_FILE_SLOT, /* where the samples begin */
};

struct g20_ring_hole { /* positions that were not written */
    uint64_t from, to;
};

struct g20_ring_file {
    struct g20_ring *ring;
    int fd;
    uint64_t cap;
    struct g20_thread thread;

    /* Under the ring's lock. */
    uint64_t tail, head; /* held, but for the holes */
    struct g20_ring_hole hole[G20_RING_HOLES];
    uint32_t holes;
    enum g20_ring_disk state;
    char why[200];
    uint64_t written, late;
    bool stopping;

    /* The thread's. */
    uint64_t generation, limit; /* nothing is written beyond before the next index */
    uint64_t index_ns;          /* when it was */
    uint8_t *buf, *index;       /* what is written next; (G20_RING_FILE_SLOT) */
    struct g20_ring_marks cut;  /* the marks without the holes */
};

/* With the ring's lock: what is before @tail is held no longer. */
void g20_ring_file_move_tail(struct g20_ring_file *f, uint64_t tail);

/* Write the next index; up to .limit may be written then. */
int g20_ring_file_save(struct g20_ring_file *f);
/* Takes over what the file holds: the newer of two indices that are whole. -ENODATA: the file is
 * something else. */
G20_MUST_USE int g20_ring_file_load(struct g20_ring_file *f);

#endif
