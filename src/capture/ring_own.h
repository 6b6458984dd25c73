/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ring_own: what ring.c (its writer and its life), ring_read.c, ring_file.c and ring_ahead.c share.
 */
#ifndef G20_CAPTURE_RING_OWN_H
#define G20_CAPTURE_RING_OWN_H

#include "base/thread.h"
#include "capture/ring.h"
#include "capture/ring_ahead.h"
#include "capture/ring_marks.h"

#include <stdatomic.h>

enum { G20_RING_MARKS = 8192, G20_RING_HOLES = 64 };

struct g20_ring_file; /* the file's side */

struct g20_ring {
    uint64_t cap;                /* bytes, a multiple of G20_ALIGN */
    atomic_uint_least64_t *word; /* (cap / 8) */
    atomic_uint_least64_t tail;  /* memory holds positions from here to head */
    struct g20_tap *tap;
    struct g20_tap_sink sink;
    bool has_next; /* the writer's, as is @next: the sample number expected */
    uint64_t next;

    pthread_mutex_t lock; /* of the rest; never held for long */
    pthread_cond_t grown;
    uint64_t head;
    struct g20_ring_marks marks;
    uint64_t taken, lost, overtaken;
    struct g20_ring_file *file; /* NULL: none */
    struct g20_ring_ahead ahead;
};

/* Copy positions @pos to @pos + @n of the memory; false: they are gone, @dst holds anything. */
bool g20_ring_copy(struct g20_ring *r, uint64_t pos, size_t n, void *dst);

/* Opens or makes the file, takes over what it holds and starts its thread; before the first sample
 * comes. */
G20_MUST_USE int g20_ring_file_create(struct g20_ring_file **ret, struct g20_ring *r,
                                      const char *path, uint64_t bytes, struct g20_err *e);
void g20_ring_file_destroy(struct g20_ring_file *f); /* NULL is fine */

/* With the ring's lock: the first position held from @pos on and how many bytes in a row;
 * UINT64_MAX: none. */
uint64_t g20_ring_file_held(const struct g20_ring_file *f, uint64_t pos, uint64_t *ret_bytes);
void g20_ring_file_state(const struct g20_ring_file *f, struct g20_ring_state *ret);
/* With the ring's lock: the marks before @pos are gone. */
void g20_ring_file_forget(struct g20_ring_file *f, uint64_t pos);
/* Without it. */
G20_MUST_USE int g20_ring_file_read(struct g20_ring_file *f, uint64_t pos, size_t n, void *dst,
                                    struct g20_err *e);

#endif
