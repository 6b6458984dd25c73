/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What the ring holds, and its readers. */
#include "capture/ring_own.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <math.h>

/* ---- what is held; with the lock ---- */

/* The first position held from @pos on, UINT64_MAX none; how many bytes in a row can be read there
 * and whether from the memory. */
static uint64_t held(struct g20_ring *r, uint64_t pos, uint64_t *ret_bytes, bool *ret_memory)
{
    const uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    uint64_t bytes = 0;
    const uint64_t on_disk = r->file ? g20_ring_file_held(r->file, pos, &bytes) : UINT64_MAX;
    const uint64_t in_memory = G20_MAX(pos, tail);

    *ret_memory = in_memory < r->head && in_memory <= on_disk;
    *ret_bytes = *ret_memory ? r->head - in_memory : bytes;
    return *ret_memory ? in_memory : on_disk;
}

const char *g20_ring_disk_name(enum g20_ring_disk d)
{
    static const char *const names[] = {"off", "ok", "full", "failed"};

    return names[d];
}

/* UTC of a position that is within @m. */
static uint64_t time_at(const struct g20_ring_mark *m, uint64_t pos)
{
    return g20_ring_mark_time(m,
                              (pos - m->pos) / g20_sample_bytes((enum g20_sample_format)m->format));
}

static void count_held(struct g20_ring *r, struct g20_ring_state *ret)
{
    for (uint32_t i = 0; i < r->marks.count; i++) {
        const struct g20_ring_mark *m = g20_ring_marks_at(&r->marks, i);
        const uint64_t end = g20_ring_mark_end(m);
        uint64_t pos = m->pos, bytes;
        bool memory;

        while ((pos = held(r, pos, &bytes, &memory)) < end) {
            const uint64_t n = G20_MIN(bytes, end - pos);
            if (ret->from_us == 0)
                ret->from_us = time_at(m, pos);
            ret->to_us = time_at(m, pos + n);
            ret->bytes += n;
            ret->memory_bytes += memory ? n : 0;
            ret->seconds +=
                (double)(n / g20_sample_bytes((enum g20_sample_format)m->format)) / m->rate_hz;
            pos += n;
        }
        ret->runs += m->samples > 0;
    }
}

static void state(struct g20_ring *r, struct g20_ring_state *ret)
{
    *ret = (struct g20_ring_state){
        .cap_bytes = r->cap, .taken = r->taken, .lost = r->lost, .overtaken = r->overtaken};
    count_held(r, ret);
    if (r->file)
        g20_ring_file_state(r->file, ret);
}

void g20_ring_state(struct g20_ring *r, struct g20_ring_state *ret)
{
    pthread_mutex_lock(&r->lock);
    state(r, ret);
    pthread_mutex_unlock(&r->lock);
}

/* ---- readers ---- */

struct g20_ring_reader {
    struct g20_ring *ring;
    uint64_t pos;
    bool begun, overtaken;
    uint8_t *buf; /* (G20_RING_PIECE samples of any format) */
};

/* Where UTC @us lies; with the lock. Clocks may have been set back: the newest run counts. */
static int seek(struct g20_ring *r, uint64_t us, uint64_t *ret_pos, struct g20_err *e)
{
    struct g20_ring_state st;
    uint32_t i = r->marks.count;

    *ret_pos = r->head;
    if (us == 0 || r->marks.count == 0)
        return 0;
    state(r, &st);
    if (st.from_us == 0 || us < st.from_us) {
        char from[32], to[32];
        g20_clock_format(st.from_us, from, sizeof(from));
        g20_clock_format(st.to_us, to, sizeof(to));
        return g20_fail(e, -ENODATA,
                        "start_us: that time is not held any more: the ring holds %.1f s, %s to %s",
                        st.seconds, from, to);
    }
    while (i > 0 && g20_ring_marks_at(&r->marks, i - 1)->time_us > us)
        i--;
    if (i == 0)
        return 0;
    const struct g20_ring_mark *m = g20_ring_marks_at(&r->marks, i - 1);
    const double n = (double)(us - m->time_us) * m->rate_hz * 1e-6;
    *ret_pos = m->pos + (uint64_t)llround(G20_MIN(n, (double)m->samples)) *
                            g20_sample_bytes((enum g20_sample_format)m->format);
    return 0;
}

void g20_ring_reader_destroy(struct g20_ring_reader *rd)
{
    if (!rd)
        return;
    g20_free(rd->buf);
    g20_free(rd);
}

int g20_ring_reader_create(struct g20_ring_reader **ret, struct g20_ring *r, uint64_t from_us,
                           struct g20_err *e)
{
    struct g20_ring_reader *rd = g20_calloc(1, sizeof(*rd));
    uint8_t *buf = g20_calloc_aligned(G20_RING_PIECE, 8);

    if (!rd || !buf) {
        g20_free(rd);
        g20_free(buf);
        return g20_fail(e, -ENOMEM, "ring: out of memory");
    }
    rd->ring = r;
    rd->buf = buf;
    pthread_mutex_lock(&r->lock);
    const int rc = seek(r, from_us, &rd->pos, e);
    pthread_mutex_unlock(&r->lock);
    if (rc < 0) {
        g20_ring_reader_destroy(rd);
        return rc;
    }
    *ret = rd;
    return 0;
}

struct piece {
    struct g20_ring_mark mark;
    uint64_t pos, at; /* of its first sample, in the ring and in the mark */
    size_t n;         /* samples */
    bool memory;
};

static void overtaken(struct g20_ring_reader *rd, uint64_t pos)
{
    if (rd->begun && pos > rd->pos) {
        rd->overtaken = true;
        rd->ring->overtaken++;
    }
    rd->pos = pos;
}

/* The next piece; with the lock. 1, 0 or -ENODATA, as g20_ring_read(). */
static int locate(struct g20_ring_reader *rd, uint64_t end_us, struct piece *p)
{
    struct g20_ring *r = rd->ring;

    for (;;) {
        const uint32_t i = g20_ring_marks_find(&r->marks, rd->pos);
        if (i == r->marks.count)
            return 0;
        const struct g20_ring_mark *m = g20_ring_marks_at(&r->marks, i);
        const size_t each = g20_sample_bytes((enum g20_sample_format)m->format);
        uint64_t bytes, from = G20_MAX(rd->pos, m->pos);
        const uint64_t at = held(r, from, &bytes, &p->memory);
        if (at >= r->head)
            return 0;
        if (at > from) {
            overtaken(rd, at);
            continue;
        }
        from = m->pos + (from - m->pos + each - 1) / each * each;
        const double limit = end_us == 0 ? INFINITY
                             : end_us > m->time_us
                                 ? round((double)(end_us - m->time_us) * m->rate_hz * 1e-6)
                                 : 0;
        p->at = (from - m->pos) / each;
        if ((double)p->at >= limit)
            return -ENODATA;
        bytes -= G20_MIN(from - at, bytes);
        p->n = (size_t)G20_MIN(G20_MIN(bytes / each, m->samples - p->at), (uint64_t)G20_RING_PIECE);
        p->n = (size_t)G20_MIN((double)p->n, limit - (double)p->at);
        p->mark = *m;
        p->pos = from;
        if (p->n > 0)
            return 1;
        overtaken(rd, from + each); /* a hole begins within this sample */
    }
}

static int wait_for_piece(struct g20_ring_reader *rd, uint64_t end_us, int timeout_ms,
                          struct piece *p)
{
    const struct timespec until = g20_clock_deadline(timeout_ms);
    struct g20_ring *r = rd->ring;
    int rc;

    pthread_mutex_lock(&r->lock);
    while ((rc = locate(rd, end_us, p)) == 0 && timeout_ms > 0 &&
           pthread_cond_timedwait(&r->grown, &r->lock, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&r->lock);
    return rc;
}

/* 1: it is in the buffer; 0: it went while it was copied. */
static int fetch(struct g20_ring_reader *rd, const struct piece *p, struct g20_err *e)
{
    const size_t bytes = p->n * g20_sample_bytes((enum g20_sample_format)p->mark.format);

    if (p->memory)
        return g20_ring_copy(rd->ring, p->pos, bytes, rd->buf);
    return g20_ring_file_read(rd->ring->file, p->pos, bytes, rd->buf, e);
}

int g20_ring_read(struct g20_ring_reader *rd, uint64_t end_us, int timeout_ms,
                  struct g20_block *ret, struct g20_err *e)
{
    struct piece p;
    int rc;

    do {
        rc = wait_for_piece(rd, end_us, timeout_ms, &p);
        if (rc <= 0)
            return rc;
        rc = fetch(rd, &p, e);
    } while (rc == 0);
    rd->begun = true;
    rd->pos = p.pos + p.n * g20_sample_bytes((enum g20_sample_format)p.mark.format);
    if (rc < 0)
        return rc;
    *ret = (struct g20_block){.format = (enum g20_sample_format)p.mark.format,
                              .len = (uint32_t)p.n,
                              .cap = G20_RING_PIECE,
                              .flags = (p.at == 0 ? p.mark.flags : 0) |
                                       (rd->overtaken ? G20_BLOCK_GAP : 0),
                              .first_sample = p.mark.first_sample + p.at,
                              .time_us = g20_ring_mark_time(&p.mark, p.at),
                              .center_hz = p.mark.center_hz,
                              .rate_hz = p.mark.rate_hz,
                              .data = rd->buf};
    rd->overtaken = false;
    return 1;
}
