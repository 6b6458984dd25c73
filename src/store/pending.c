/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/pending.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

struct g20_pending {
    struct g20_pending_item *item; /* (cap) */
    uint32_t *place;               /* (mask + 1) 1 + index of an item by hash of its id; 0: none */
    uint32_t count, cap, mask;
    uint32_t evict; /* where the search for one to give way goes on */
};

int g20_pending_create(struct g20_pending **ret, uint32_t cap)
{
    if (cap < 1 || cap > 1u << 20)
        return -EINVAL;
    struct g20_pending *p = g20_calloc(1, sizeof(*p));
    if (!p)
        return -ENOMEM;
    p->cap = cap;
    p->mask = 1;
    while (p->mask < 2 * cap)
        p->mask *= 2;
    p->item = g20_calloc(cap, sizeof(*p->item));
    p->place = g20_calloc(p->mask, sizeof(*p->place));
    p->mask--;
    if (!p->item || !p->place) {
        g20_pending_destroy(p);
        return -ENOMEM;
    }
    *ret = p;
    return 0;
}

void g20_pending_destroy(struct g20_pending *p)
{
    if (!p)
        return;
    g20_free(p->place);
    g20_free(p->item);
    g20_free(p);
}

static uint32_t home_of(const struct g20_pending *p, uint64_t id)
{
    return (uint32_t)((id * 0x9e3779b97f4a7c15u) >> 32) & p->mask;
}

/* Where @id stands, or the free place where it belongs. */
static uint32_t find(const struct g20_pending *p, uint64_t id)
{
    uint32_t at = home_of(p, id);

    while (p->place[at] != 0 && p->item[p->place[at] - 1].em.id != id)
        at = (at + 1) & p->mask;
    return at;
}

/* Linear probing: those behind a gap that would not be found any more move up. */
static void unlink_place(struct g20_pending *p, uint32_t at)
{
    uint32_t next = at;

    for (;;) {
        next = (next + 1) & p->mask;
        if (p->place[next] == 0)
            break;
        const uint32_t home = home_of(p, p->item[p->place[next] - 1].em.id);
        if (((next - home) & p->mask) >= ((next - at) & p->mask)) {
            p->place[at] = p->place[next];
            at = next;
        }
    }
    p->place[at] = 0;
}

/* An entry that has not ended is forgotten; its index, or UINT32_MAX. */
static uint32_t make_room(struct g20_pending *p)
{
    for (uint32_t i = 0; i < p->cap; i++) {
        const uint32_t k = (p->evict + i) % p->cap;

        if (!p->item[k].closed) {
            unlink_place(p, find(p, p->item[k].em.id));
            p->evict = (k + 1) % p->cap;
            return k;
        }
    }
    return UINT32_MAX;
}

enum g20_pending_result g20_pending_put(struct g20_pending *p, bool closed, bool newer,
                                        const struct g20_emission *em)
{
    enum g20_pending_result result = G20_PENDING_TAKEN;
    uint32_t at = find(p, em->id), k;

    if (p->place[at] != 0) {
        struct g20_pending_item *item = &p->item[p->place[at] - 1];

        if ((newer && !item->closed) || (closed && !item->closed))
            *item = (struct g20_pending_item){.closed = closed, .em = *em};
        return result;
    }
    if (p->count < p->cap) {
        k = p->count++;
    } else {
        if (!closed)
            return G20_PENDING_UPDATE_DROPPED;
        k = make_room(p);
        if (k == UINT32_MAX)
            return G20_PENDING_LOST;
        at = find(p, em->id); /* things have moved */
        result = G20_PENDING_UPDATE_DROPPED;
    }
    p->item[k] = (struct g20_pending_item){.closed = closed, .em = *em};
    p->place[at] = k + 1;
    return result;
}

uint32_t g20_pending_count(const struct g20_pending *p)
{
    return p->count;
}

const struct g20_pending_item *g20_pending_item(const struct g20_pending *p, uint32_t i)
{
    return &p->item[i];
}

void g20_pending_clear(struct g20_pending *p)
{
    if (p->count == 0)
        return;
    memset(p->place, 0, ((size_t)p->mask + 1) * sizeof(*p->place));
    p->count = 0;
    p->evict = 0;
}
