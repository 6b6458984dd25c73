/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The file of a ring: two places for its index, written in turn, then the room of the samples,
 * where position p lies at p modulo its size.
 *
 * An index is written before anything that it still holds is overwritten: it leaves out as much at
 * its old end as may be written before the next one. A process killed at any moment leaves an index
 * that is true, and loses at most its last second. Written with pwrite(): a full disk is an error
 * then, not a signal, as it would be for mapped memory. */
#include "capture/ring_file_own.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "capture/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    CHUNK = 1 << 20, /* written at a time */
    WAIT_MS = 1000,  /* for a chunk, and between two tries of a full disk */
};

/* ---- what it holds; with the ring's lock ---- */

uint64_t g20_ring_file_held(const struct g20_ring_file *f, uint64_t pos, uint64_t *ret_bytes)
{
    uint64_t end = f->head;

    pos = G20_MAX(pos, f->tail);
    for (uint32_t i = 0; i < f->holes; i++) {
        if (pos >= f->hole[i].from && pos < f->hole[i].to)
            pos = f->hole[i].to;
        else if (pos < f->hole[i].from)
            end = G20_MIN(end, f->hole[i].from);
    }
    *ret_bytes = pos < end ? end - pos : 0;
    return pos < end ? pos : UINT64_MAX;
}

void g20_ring_file_state(const struct g20_ring_file *f, struct g20_ring_state *ret)
{
    ret->disk = f->state;
    ret->cap_bytes = G20_MAX(ret->cap_bytes, f->cap);
    ret->disk_bytes = f->written;
    ret->disk_overtaken = f->late;
    snprintf(ret->disk_why, sizeof(ret->disk_why), "%s", f->why);
}

void g20_ring_file_move_tail(struct g20_ring_file *f, uint64_t tail)
{
    uint32_t gone = 0;

    f->tail = G20_MAX(f->tail, tail);
    f->head = G20_MAX(f->head, f->tail);
    while (gone < f->holes && f->hole[gone].to <= f->tail)
        gone++;
    f->holes -= gone;
    memmove(f->hole, f->hole + gone, f->holes * sizeof(*f->hole));
}

void g20_ring_file_forget(struct g20_ring_file *f, uint64_t pos)
{
    if (pos > f->tail && pos <= f->head)
        g20_ring_file_move_tail(f, pos);
}

/* Positions up to @to will not be written; the oldest hole takes all before it along when there are
 * too many. */
static void add_hole(struct g20_ring_file *f, uint64_t to)
{
    if (to <= f->head)
        return;
    if (f->holes > 0 && f->hole[f->holes - 1].to == f->head) {
        f->hole[f->holes - 1].to = to;
    } else {
        if (f->holes == G20_RING_HOLES)
            g20_ring_file_move_tail(f, f->hole[0].to);
        f->hole[f->holes++] = (struct g20_ring_hole){.from = f->head, .to = to};
        f->late++;
    }
    f->head = to;
}

/* ---- reading ---- */

/* Both parts when they go round the end. */
static int at_file(struct g20_ring_file *f, uint64_t pos, size_t n, uint8_t *data, bool writes)
{
    while (n > 0) {
        const uint64_t at = pos % f->cap;
        const size_t k = (size_t)G20_MIN((uint64_t)n, f->cap - at);
        const ssize_t got = writes ? pwrite(f->fd, data, k, (off_t)(G20_RING_FILE_DATA + at))
                                   : pread(f->fd, data, k, (off_t)(G20_RING_FILE_DATA + at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        pos += (uint64_t)got;
        data += got;
        n -= (size_t)got;
    }
    return 0;
}

int g20_ring_file_read(struct g20_ring_file *f, uint64_t pos, size_t n, void *dst,
                       struct g20_err *e)
{
    const int r = at_file(f, pos, n, dst, false);

    pthread_mutex_lock(&f->ring->lock);
    const bool there = pos >= f->tail;
    pthread_mutex_unlock(&f->ring->lock);
    if (!there)
        return 0;
    return r < 0 ? g20_fail(e, r, "storage.ring_file: %s", strerror(-r)) : 1;
}

/* ---- its thread ---- */

/* Waits for a chunk, or what there is after a second. Bytes to write at f->head, 0: none; what the
 * memory has no more becomes a hole. */
static size_t wait_for_chunk(struct g20_ring_file *f, bool *ret_stopping)
{
    const struct timespec until = g20_clock_deadline(WAIT_MS);
    struct g20_ring *r = f->ring;

    pthread_mutex_lock(&r->lock);
    while (!f->stopping && r->head < f->head + CHUNK &&
           pthread_cond_timedwait(&r->grown, &r->lock, &until) != ETIMEDOUT)
        ;
    add_hole(f, atomic_load_explicit(&r->tail, memory_order_relaxed));
    const size_t n = (size_t)G20_MIN(r->head - G20_MIN(f->head, r->head), (uint64_t)CHUNK);
    *ret_stopping = f->stopping;
    pthread_mutex_unlock(&r->lock);
    return n;
}

static int write_chunk(struct g20_ring_file *f, size_t n)
{
    const uint64_t pos = f->head; /* only this thread moves it */
    int r = 0;

    if (pos + n > f->limit)
        r = g20_ring_file_save(f);
    if (r >= 0 && n > 0 && !g20_ring_copy(f->ring, pos, n, f->buf))
        return 0; /* overtaken: the hole is noted next time */
    if (r >= 0 && n > 0)
        r = at_file(f, pos, n, f->buf, true);
    if (r < 0)
        return r;
    pthread_mutex_lock(&f->ring->lock);
    f->head = pos + n;
    f->written += n;
    if (f->state != G20_RING_DISK_OK) {
        f->state = G20_RING_DISK_OK;
        f->why[0] = '\0';
    }
    pthread_mutex_unlock(&f->ring->lock);
    return g20_clock_mono_ns() - f->index_ns > 1000000000u ? g20_ring_file_save(f) : 0;
}

/* Says so, waits, and leaves out what came meanwhile. */
static void stand_still(struct g20_ring_file *f, int r)
{
    const struct timespec until = g20_clock_deadline(WAIT_MS);
    const bool full = r == -ENOSPC || r == -EFBIG || r == -EDQUOT;

    pthread_mutex_lock(&f->ring->lock);
    f->state = full ? G20_RING_DISK_FULL : G20_RING_DISK_FAILED;
    snprintf(f->why, sizeof(f->why), "%s", strerror(-r));
    while (!f->stopping &&
           pthread_cond_timedwait(&f->ring->grown, &f->ring->lock, &until) != ETIMEDOUT)
        ;
    add_hole(f, f->ring->head);
    pthread_mutex_unlock(&f->ring->lock);
}

static void *file_main(void *arg)
{
    struct g20_ring_file *f = arg;
    bool stopping = false;

    while (!stopping) {
        const size_t n = wait_for_chunk(f, &stopping);
        const int r = write_chunk(f, n);
        if (r < 0)
            stand_still(f, r);
    }
    (void)g20_ring_file_save(f); /* the one before is true as well */
    return NULL;
}

/* ---- its life ---- */

void g20_ring_file_destroy(struct g20_ring_file *f)
{
    if (!f)
        return;
    pthread_mutex_lock(&f->ring->lock);
    f->stopping = true;
    pthread_cond_broadcast(&f->ring->grown);
    pthread_mutex_unlock(&f->ring->lock);
    g20_thread_join(&f->thread);
    if (f->fd >= 0)
        close(f->fd);
    g20_ring_marks_fini(&f->cut);
    g20_free(f->buf);
    g20_free(f->index);
    g20_free(f);
}

static void failed(struct g20_ring_file *f, const char *what, const char *why)
{
    f->state = G20_RING_DISK_FAILED;
    snprintf(f->why, sizeof(f->why), "%.120s: %.70s", what, why);
}

/* What is wrong goes to the state. */
static bool open_file(struct g20_ring_file *f, const char *path)
{
    char folder[PATH_MAX];
    struct g20_err e = {0};

    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash && slash != folder) {
        *slash = '\0';
        if (g20_place_make(folder, &e) < 0) {
            failed(f, "storage.ring_file", e.msg);
            return false;
        }
    }
    f->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (f->fd < 0) {
        failed(f, path, strerror(errno));
        return false;
    }
    if (flock(f->fd, LOCK_EX | LOCK_NB) < 0) {
        failed(f, path, "another process has it");
        return false;
    }
    const int r = g20_ring_file_load(f);
    if (r < 0)
        failed(f, path, r == -ENODATA ? "is there and is no ring; it is left alone" : strerror(-r));
    return r >= 0;
}

int g20_ring_file_create(struct g20_ring_file **ret, struct g20_ring *r, const char *path,
                         uint64_t bytes, struct g20_err *e)
{
    struct g20_ring_file *f = g20_calloc(1, sizeof(*f));

    if (!f)
        return g20_fail(e, -ENOMEM, "ring: out of memory");
    f->ring = r;
    f->fd = -1;
    f->cap = bytes / G20_ALIGN * G20_ALIGN;
    f->state = G20_RING_DISK_OK;
    f->buf = g20_calloc_aligned(CHUNK, 1);
    f->index = g20_calloc_aligned(G20_RING_FILE_SLOT, 1);
    int rc = f->buf && f->index ? g20_ring_marks_init(&f->cut, G20_RING_INDEX_MOST) : -ENOMEM;
    if (rc < 0)
        g20_fail(e, rc, "ring: out of memory");
    if (rc >= 0 && open_file(f, path)) {
        /* Positions go on behind what is there; nothing of it is in the memory. */
        r->head = (f->head + 63) / 64 * 64;
        atomic_store_explicit(&r->tail, r->head, memory_order_release);
        add_hole(f, r->head);
        f->late = 0;
        rc = g20_thread_start(&f->thread, "g20-ring", file_main, f, e);
    }
    if (rc < 0) {
        g20_ring_file_destroy(f);
        return rc;
    }
    *ret = f;
    return 0;
}
