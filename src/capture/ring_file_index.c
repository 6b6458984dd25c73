/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The index in a ring's file: what it holds, written so that a killed process finds it again. */
#include "capture/ring_file_own.h"

#include "base/clock.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AHEAD = 32 << 20 }; /* at most so much is written between two indices */

/* The marks as far as the file has them. */
static void cut_marks(struct g20_ring_file *f)
{
    const struct g20_ring_marks *all = &f->ring->marks;

    f->cut.first = f->cut.count = 0;
    for (uint32_t i = 0; i < all->count && f->cut.count < f->cut.cap; i++) {
        const struct g20_ring_mark *m = g20_ring_marks_at(all, i);
        const size_t each = g20_sample_bytes((enum g20_sample_format)m->format);
        const uint64_t end = g20_ring_mark_end(m);
        uint64_t pos = m->pos, bytes;

        while ((pos = g20_ring_file_held(f, pos, &bytes)) < end && f->cut.count < f->cut.cap) {
            const uint64_t first = (pos - m->pos + each - 1) / each;
            const uint64_t last = (G20_MIN(pos + bytes, end) - m->pos) / each;
            struct g20_ring_mark part = *m;

            pos += bytes;
            if (first >= last)
                continue;
            part.pos = m->pos + first * each;
            part.samples = last - first;
            part.first_sample += first;
            part.time_us = g20_ring_mark_time(m, first);
            part.flags |= first > 0 ? G20_BLOCK_GAP : 0;
            g20_ring_marks_add(&f->cut, &part);
        }
    }
}

int g20_ring_file_save(struct g20_ring_file *f)
{
    pthread_mutex_lock(&f->ring->lock);
    const uint64_t limit = f->head + G20_MIN((uint64_t)AHEAD, f->cap / 8);
    if (limit > f->cap)
        g20_ring_file_move_tail(f, limit - f->cap);
    const struct g20_ring_index x = {
        .generation = f->generation + 1, .cap = f->cap, .tail = f->tail, .head = f->head};
    cut_marks(f);
    pthread_mutex_unlock(&f->ring->lock);
    g20_ring_index_write(&x, &f->cut, f->index);
    const size_t n = g20_ring_index_bytes(f->cut.count);
    const ssize_t done = pwrite(f->fd, f->index, n, (off_t)(x.generation % 2 * G20_RING_FILE_SLOT));
    if (done != (ssize_t)n)
        return done < 0 ? -errno : -ENOSPC;
    f->generation++;
    f->limit = limit;
    f->index_ns = g20_clock_mono_ns();
    return 0;
}

/* The index in one of the two places into f->cut; false: none that can be used. */
static bool load_slot(struct g20_ring_file *f, int slot, struct g20_ring_index *x, int *ret)
{
    const ssize_t n = pread(f->fd, f->index, G20_RING_FILE_SLOT, (off_t)slot * G20_RING_FILE_SLOT);

    f->cut.first = f->cut.count = 0;
    *ret = g20_ring_index_read(f->index, n > 0 ? (size_t)n : 0, x, &f->cut, NULL);
    return *ret >= 0 && x->cap == f->cap;
}

int g20_ring_file_load(struct g20_ring_file *f)
{
    struct g20_ring_index x[2] = {{0}, {0}};
    struct stat st;
    bool good[2];
    int r[2];

    if (fstat(f->fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -ENODATA;
    for (int i = 0; i < 2; i++)
        good[i] = load_slot(f, i, &x[i], &r[i]);
    if (r[0] == -ENODATA && r[1] == -ENODATA && st.st_size > 0)
        return -ENODATA;
    if (!good[0] && !good[1])
        return 0;
    const int best = !good[0] || (good[1] && x[1].generation > x[0].generation);
    if (!load_slot(f, best, &x[best], &r[best]))
        return 0;
    f->generation = x[best].generation;
    f->tail = x[best].tail;
    f->head = x[best].head;
    for (uint32_t i = f->cut.count > G20_RING_MARKS / 2 ? f->cut.count - G20_RING_MARKS / 2 : 0;
         i < f->cut.count; i++)
        g20_ring_marks_add(&f->ring->marks, g20_ring_marks_at(&f->cut, i));
    return 0;
}
