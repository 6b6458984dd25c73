/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/ring_marks.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char magic[8] = "G20RING";

enum { VERSION = 1, AT_SUM = 56 };

uint64_t g20_ring_mark_end(const struct g20_ring_mark *m)
{
    return m->pos + m->samples * g20_sample_bytes((enum g20_sample_format)m->format);
}

uint64_t g20_ring_mark_time(const struct g20_ring_mark *m, uint64_t sample)
{
    return m->time_us + (uint64_t)llround((double)sample * 1e6 / m->rate_hz);
}

int g20_ring_marks_init(struct g20_ring_marks *m, uint32_t cap)
{
    m->mark = g20_calloc(cap, sizeof(*m->mark));
    m->cap = cap;
    m->first = m->count = 0;
    return m->mark ? 0 : -ENOMEM;
}

void g20_ring_marks_fini(struct g20_ring_marks *m)
{
    g20_free(m->mark);
    m->mark = NULL;
}

struct g20_ring_mark *g20_ring_marks_at(const struct g20_ring_marks *m, uint32_t i)
{
    return &m->mark[(m->first + i) % m->cap];
}

void g20_ring_marks_add(struct g20_ring_marks *m, const struct g20_ring_mark *mark)
{
    if (m->count == m->cap) {
        m->first = (m->first + 1) % m->cap;
        m->count--;
    }
    *g20_ring_marks_at(m, m->count++) = *mark;
}

void g20_ring_marks_drop(struct g20_ring_marks *m, uint64_t pos)
{
    while (m->count > 0 && g20_ring_mark_end(g20_ring_marks_at(m, 0)) <= pos) {
        m->first = (m->first + 1) % m->cap;
        m->count--;
    }
}

uint32_t g20_ring_marks_find(const struct g20_ring_marks *m, uint64_t pos)
{
    uint32_t lo = 0, hi = m->count;

    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (g20_ring_mark_end(g20_ring_marks_at(m, mid)) <= pos)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* ---- on a disk ---- */

/* Little-endian; zeros behind the eighth byte. */
static void put(uint8_t **at, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++, v >>= 8)
        *(*at)++ = (uint8_t)v;
}

static uint64_t get(const uint8_t **at, size_t bytes)
{
    uint64_t v = 0;

    for (size_t i = 0; i < bytes; i++)
        v |= (uint64_t) * (*at)++ << (8 * i);
    return v;
}

static void put_real(uint8_t **at, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof(bits));
    put(at, bits, 8);
}

static double get_real(const uint8_t **at)
{
    const uint64_t bits = get(at, 8);
    double v;

    memcpy(&v, &bits, sizeof(v));
    return v;
}

size_t g20_ring_index_bytes(uint32_t n)
{
    return G20_RING_INDEX_HEAD + (size_t)n * G20_RING_INDEX_MARK;
}

/* FNV-1a. */
uint64_t g20_ring_index_sum(const uint8_t *data, size_t len)
{
    uint64_t sum = 0xcbf29ce484222325u;

    for (size_t i = 0; i < len; i++) {
        const bool own = i >= AT_SUM && i < AT_SUM + 8;
        sum = (sum ^ (own ? 0 : data[i])) * 0x100000001b3u;
    }
    return sum;
}

void g20_ring_index_write(const struct g20_ring_index *x, const struct g20_ring_marks *marks,
                          uint8_t *ret)
{
    uint8_t *at = ret;

    memcpy(at, magic, sizeof(magic));
    at += sizeof(magic);
    put(&at, VERSION, 4);
    put(&at, marks->count, 4);
    put(&at, x->generation, 8);
    put(&at, x->cap, 8);
    put(&at, x->tail, 8);
    put(&at, x->head, 8);
    put(&at, 0, 16);
    for (uint32_t i = 0; i < marks->count; i++) {
        const struct g20_ring_mark *m = g20_ring_marks_at(marks, i);
        put(&at, m->pos, 8);
        put(&at, m->samples, 8);
        put(&at, m->first_sample, 8);
        put(&at, m->time_us, 8);
        put_real(&at, m->center_hz);
        put_real(&at, m->rate_hz);
        put(&at, m->format, 4);
        put(&at, m->flags, 4);
    }
    uint8_t *sum_at = ret + AT_SUM;
    put(&sum_at, g20_ring_index_sum(ret, (size_t)(at - ret)), 8);
}

/* Whatever a damaged disk says, what is accepted lies within the room and in order. */
static bool is_good(const struct g20_ring_mark *m, const struct g20_ring_index *x, uint64_t after)
{
    const uint32_t flags = G20_BLOCK_GAP | G20_BLOCK_RETUNED | G20_BLOCK_NEW_SEGMENT;

    return m->format <= G20_CU8 && (m->flags & ~flags) == 0 && m->samples > 0 &&
           m->samples <= x->cap && m->pos >= after && m->pos <= x->head &&
           g20_ring_mark_end(m) <= x->head && m->rate_hz > 0 && m->rate_hz <= 1e12 &&
           fabs(m->center_hz) <= 1e15 && m->time_us < (uint64_t)1 << 62 &&
           m->first_sample < (uint64_t)1 << 62 && (double)m->samples / m->rate_hz < 1e9;
}

int g20_ring_index_read(const uint8_t *data, size_t len, struct g20_ring_index *ret,
                        struct g20_ring_marks *ret_marks, struct g20_err *e)
{
    const uint8_t *at = data + sizeof(magic);
    struct g20_ring_index x;

    if (len < G20_RING_INDEX_HEAD || memcmp(data, magic, sizeof(magic)) != 0)
        return g20_fail(e, -ENODATA, "no index of a ring");
    const uint64_t version = get(&at, 4), count = get(&at, 4);
    if (version != VERSION)
        return g20_fail(e, G20_EVERSION, "version %llu of a ring, want %d",
                        (unsigned long long)version, VERSION);
    x.generation = get(&at, 8);
    x.cap = get(&at, 8);
    x.tail = get(&at, 8);
    x.head = get(&at, 8);
    at += 8;
    if (count > G20_RING_INDEX_MOST || g20_ring_index_bytes((uint32_t)count) > len)
        return g20_fail(e, G20_EFORMAT, "index cut off");
    if (get(&at, 8) != g20_ring_index_sum(data, g20_ring_index_bytes((uint32_t)count)))
        return g20_fail(e, G20_EFORMAT, "index torn: its sum is wrong");
    if (x.head >= (uint64_t)1 << 62 || x.cap == 0 || x.cap >= (uint64_t)1 << 62 ||
        x.tail > x.head || x.head - x.tail > x.cap)
        return g20_fail(e, G20_EFORMAT, "index damaged: its ends");
    uint64_t after = x.tail;
    for (uint64_t i = 0; i < count; i++) {
        struct g20_ring_mark m;
        m.pos = get(&at, 8);
        m.samples = get(&at, 8);
        m.first_sample = get(&at, 8);
        m.time_us = get(&at, 8);
        m.center_hz = get_real(&at);
        m.rate_hz = get_real(&at);
        m.format = (uint32_t)get(&at, 4);
        m.flags = (uint32_t)get(&at, 4);
        if (!is_good(&m, &x, after))
            return g20_fail(e, G20_EFORMAT, "index damaged: run %llu", (unsigned long long)i);
        after = g20_ring_mark_end(&m);
        g20_ring_marks_add(ret_marks, &m);
    }
    *ret = x;
    return 0;
}
