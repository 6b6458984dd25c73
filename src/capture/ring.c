/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Words of the memory are atomic, so that a reader may copy while the writer comes round: the
 * writer moves the tail first and then stores with release; a reader loads with acquire and looks
 * at the tail after that. Whoever saw a new word sees the new tail, and throws its copy away. */
#include "capture/ring_own.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define CLOCK_STEP_US 50.0 /* further from the run's own clock, a block gets a mark of its own */

/* ---- memory ---- */

static void store(struct g20_ring *r, uint64_t at, uint64_t v)
{
    atomic_store_explicit(&r->word[at / 8 % (r->cap / 8)], v, memory_order_release);
}

static uint64_t load(struct g20_ring *r, uint64_t at)
{
    return atomic_load_explicit(&r->word[at / 8 % (r->cap / 8)], memory_order_acquire);
}

/* The only writer may read a word, change a part of it and store it. */
static void store_part(struct g20_ring *r, uint64_t pos, const uint8_t *src, size_t n)
{
    uint64_t v = load(r, pos);

    memcpy((uint8_t *)&v + pos % 8, src, n);
    store(r, pos, v);
}

static void copy_in(struct g20_ring *r, uint64_t pos, const uint8_t *src, size_t n)
{
    const size_t first = G20_MIN((8 - pos % 8) % 8, n);

    if (first > 0)
        store_part(r, pos, src, first);
    pos += first;
    src += first;
    n -= first;
    for (; n >= 8; n -= 8, pos += 8, src += 8) {
        uint64_t v;
        memcpy(&v, src, 8);
        store(r, pos, v);
    }
    if (n > 0)
        store_part(r, pos, src, n);
}

bool g20_ring_copy(struct g20_ring *r, uint64_t pos, size_t n, void *dst)
{
    const uint64_t from = pos;
    uint8_t *out = dst;

    while (n > 0) {
        const uint64_t v = load(r, pos);
        const size_t k = G20_MIN(8 - pos % 8, n);

        if (k == 8)
            memcpy(out, &v, 8);
        else
            memcpy(out, (const uint8_t *)&v + pos % 8, k);
        pos += k;
        out += k;
        n -= k;
    }
    return atomic_load_explicit(&r->tail, memory_order_acquire) <= from;
}

/* ---- the writer ---- */

static struct g20_ring_mark *newest(struct g20_ring *r)
{
    return r->marks.count > 0 ? g20_ring_marks_at(&r->marks, r->marks.count - 1) : NULL;
}

/* The mark that @b goes on with, or a new one; with the lock. */
static struct g20_ring_mark *mark_for(struct g20_ring *r, const struct g20_block *b)
{
    struct g20_ring_mark *m = newest(r);
    struct g20_ring_mark fresh = {.pos = (r->head + 7) / 8 * 8,
                                  .first_sample = b->first_sample,
                                  .time_us = b->time_us,
                                  .center_hz = b->center_hz,
                                  .rate_hz = b->rate_hz,
                                  .format = b->format,
                                  .flags = b->flags};

    if (!r->has_next)
        fresh.flags |= G20_BLOCK_NEW_SEGMENT;
    else if (b->first_sample != r->next)
        fresh.flags |= G20_BLOCK_GAP;
    if (r->has_next && m &&
        (m->rate_hz != b->rate_hz || m->center_hz != b->center_hz ||
         m->format != (uint32_t)b->format))
        fresh.flags |= G20_BLOCK_RETUNED;
    if (r->has_next && b->first_sample > r->next)
        r->lost += b->first_sample - r->next;
    if (fresh.flags == 0 && m) {
        const double off = (double)b->time_us - (double)g20_ring_mark_time(m, m->samples);
        if (fabs(off) <= CLOCK_STEP_US)
            return m;
        fresh.pos = r->head;
    }
    g20_ring_marks_add(&r->marks, &fresh);
    return newest(r);
}

/* The oldest position that anything may be asked about. */
static void forget(struct g20_ring *r, uint64_t memory_tail)
{
    uint64_t bytes, oldest = memory_tail;

    if (r->file)
        oldest = G20_MIN(oldest, g20_ring_file_held(r->file, 0, &bytes));
    g20_ring_marks_drop(&r->marks, oldest);
    const uint64_t first = r->marks.count > 0 ? g20_ring_marks_at(&r->marks, 0)->pos : 0;
    if (r->file && first > oldest) /* there were more marks than fit */
        g20_ring_file_forget(r->file, first);
}

void g20_ring_push(struct g20_ring *r, const struct g20_block *b)
{
    const size_t bytes = (size_t)b->len * g20_sample_bytes(b->format);

    if (bytes == 0 || bytes > r->cap / 2)
        return;
    pthread_mutex_lock(&r->lock);
    struct g20_ring_mark *m = mark_for(r, b);
    const uint64_t pos = g20_ring_mark_end(m), end = pos + bytes;
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    if (end > r->cap && end - r->cap > tail) {
        tail = end - r->cap;
        atomic_store_explicit(&r->tail, tail, memory_order_release);
    }
    pthread_mutex_unlock(&r->lock);

    copy_in(r, pos, b->data, bytes);

    pthread_mutex_lock(&r->lock);
    newest(r)->samples += b->len;
    r->head = end;
    r->taken += b->len;
    forget(r, tail);
    g20_ring_ahead_tell(r);
    pthread_cond_broadcast(&r->grown);
    pthread_mutex_unlock(&r->lock);
    r->next = b->first_sample + b->len;
    r->has_next = true;
}

static void on_block(const struct g20_block *b, void *user)
{
    g20_ring_push(user, b);
}

/* ---- its life ---- */

void g20_ring_destroy(struct g20_ring *r)
{
    if (!r)
        return;
    if (r->tap)
        g20_tap_remove(r->tap, &r->sink);
    g20_ring_file_destroy(r->file);
    g20_ring_ahead_stop(r);
    g20_ring_marks_fini(&r->marks);
    g20_free(r->word);
    pthread_cond_destroy(&r->ahead.near);
    pthread_cond_destroy(&r->grown);
    pthread_mutex_destroy(&r->lock);
    g20_free(r);
}

static void init_grown(struct g20_ring *r)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&r->grown, &attr);
    pthread_condattr_destroy(&attr);
}

int g20_ring_create(struct g20_ring **ret, const struct g20_ring_cfg *cfg, struct g20_tap *tap,
                    struct g20_err *e)
{
    const bool has_file = cfg->path && cfg->path[0];

    if (cfg->bytes < G20_RING_LEAST || (has_file && cfg->path_bytes < G20_RING_LEAST))
        return g20_fail(e, -EINVAL, "ring: want at least %d bytes", G20_RING_LEAST);
    struct g20_ring *r = g20_calloc(1, sizeof(*r));
    if (!r)
        return g20_fail(e, -ENOMEM, "ring: out of memory");
    pthread_mutex_init(&r->lock, NULL);
    init_grown(r);
    pthread_cond_init(&r->ahead.near, NULL);
    r->cap = cfg->bytes / G20_ALIGN * G20_ALIGN;
    r->word = g20_alloc_aligned(r->cap / 8, 8);
    if (!r->word || g20_ring_marks_init(&r->marks, G20_RING_MARKS) < 0) {
        g20_ring_destroy(r);
        return g20_fail(e, -ENOMEM, "ring: no room for %llu bytes", (unsigned long long)cfg->bytes);
    }
    /* Far fewer page faults on the first way round; an advice only. */
    (void)madvise(r->word, r->cap, MADV_HUGEPAGE);
    int rc = has_file ? g20_ring_file_create(&r->file, r, cfg->path, cfg->path_bytes, e) : 0;
    if (rc >= 0)
        rc = g20_ring_ahead_start(r, e);
    if (rc < 0) {
        g20_ring_destroy(r);
        return rc;
    }
    if (tap) {
        r->tap = tap;
        r->sink = (struct g20_tap_sink){.block = on_block, .user = r};
        g20_tap_add(tap, &r->sink);
    }
    *ret = r;
    return 0;
}

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
