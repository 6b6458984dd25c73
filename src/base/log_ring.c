/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/log_ring.h"

#include "base/alloc.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

struct slot {
    size_t at, len; /* in bytes[]; len 0: a line that was only counted */
};

struct g20_log_ring {
    pthread_mutex_t lock;
    char *bytes; /* (size) lines one after the other, none across the end */
    size_t size, head;
    uint64_t total;                        /* lines ever; line n lies in slot n % LINES */
    uint64_t first;                        /* the oldest that is kept; total + 1: none */
    struct slot slots[G20_LOG_RING_LINES]; /* by number */
};

int g20_log_ring_create(struct g20_log_ring **ret, size_t bytes, struct g20_err *e)
{
    struct g20_log_ring *r = g20_calloc(1, sizeof(*r));

    if (!r)
        return g20_fail(e, -ENOMEM, "out of memory");
    r->size = G20_MAX(bytes, (size_t)G20_LOG_RING_LEAST);
    r->first = 1;
    r->bytes = g20_calloc(1, r->size);
    if (!r->bytes) {
        g20_free(r);
        return g20_fail(e, -ENOMEM, "out of memory");
    }
    pthread_mutex_init(&r->lock, NULL);
    *ret = r;
    return 0;
}

void g20_log_ring_destroy(struct g20_log_ring *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->lock);
    g20_free(r->bytes);
    g20_free(r);
}

static struct slot *slot_of(struct g20_log_ring *r, uint64_t n)
{
    return &r->slots[n % G20_LOG_RING_LINES];
}

static bool in_the_way(const struct slot *s, size_t from, size_t to)
{
    return s->at < to && s->at + s->len > from;
}

/* Where @len bytes may go; lines that lie there, and all older ones, are forgotten. */
static size_t make_room(struct g20_log_ring *r, size_t len)
{
    if (r->head + len > r->size) { /* what is left at the end is of the round before: the oldest */
        while (r->first <= r->total && slot_of(r, r->first)->at >= r->head)
            r->first++;
        r->head = 0;
    }
    while (r->first <= r->total && (in_the_way(slot_of(r, r->first), r->head, r->head + len) ||
                                    slot_of(r, r->first)->len == 0))
        r->first++;
    return r->head;
}

void g20_log_ring_put(const char *line, size_t len, void *ring)
{
    struct g20_log_ring *r = ring;

    pthread_mutex_lock(&r->lock);
    if (len > r->size / 4)
        len = 0;
    const size_t at = make_room(r, len);
    if (r->total + 1 - r->first == G20_LOG_RING_LINES)
        r->first++;
    r->total++;
    *slot_of(r, r->total) = (struct slot){.at = at, .len = len};
    memcpy(r->bytes + at, line, len);
    r->head = at + len;
    pthread_mutex_unlock(&r->lock);
}

void g20_log_ring_read(struct g20_log_ring *r, uint64_t after, uint32_t most, struct g20_text *out,
                       struct g20_log_page *ret)
{
    pthread_mutex_lock(&r->lock);
    if (after > r->total)
        after = 0;
    uint64_t from = G20_MAX(after + 1, r->first);
    if (r->total + 1 - from > most)
        from = r->total + 1 - most;
    *ret = (struct g20_log_page){.next = r->total, .missed = from - after - 1};
    for (uint64_t n = from; n <= r->total; n++) {
        const struct slot *s = slot_of(r, n);

        if (s->len == 0) {
            ret->missed++;
            continue;
        }
        if (ret->lines++ > 0)
            g20_text_puts(out, ",");
        g20_text_put(out, r->bytes + s->at, s->len);
    }
    pthread_mutex_unlock(&r->lock);
}
