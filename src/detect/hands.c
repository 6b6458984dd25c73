/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/hands.h"

#include "base/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SAMPLES = (G20_TILE_ROWS + 2) * G20_TILE_ROW_SAMPLES + 2 * G20_HAND_MARGIN };

/* Where the finds of one candidate lie. */
struct slice {
    uint32_t hand, at, count;
};

/* When a candidate's turn is. */
struct turn {
    uint32_t cost, item;
};

struct g20_hands {
    struct g20_crew *crew;
    uint32_t count, max_items;
    struct slice *slice; /* (max_items) */
    struct turn *turn;   /* (max_items) */
    struct {             /* the work being done */
        g20_hand_fn *fn;
        void *user;
        uint32_t items;
        atomic_uint next;
    } job;
    struct g20_hand hand[]; /* (count) */
};

static int create_hand(struct g20_hand *h, uint32_t max_finds, struct g20_err *e)
{
    int r;

    h->max_finds = max_finds;
    h->burst = g20_calloc(G20_HAND_BURSTS, sizeof(*h->burst));
    h->own = g20_calloc(G20_HAND_BURSTS, sizeof(*h->own));
    h->find = g20_calloc(max_finds, sizeof(*h->find));
    if (!h->burst || !h->own || !h->find)
        return g20_fail(e, -ENOMEM, "measuring finds: out of memory");
    if ((r = g20_occupied_create(&h->occupied, e)) < 0 ||
        (r = g20_envelope_create(&h->envelope, MAX_SAMPLES, e)) < 0)
        return r;
    r = g20_segmenter_create(&h->segmenter, MAX_SAMPLES);
    return r < 0 ? g20_fail(e, r, "measuring finds: out of memory") : 0;
}

int g20_hands_create(struct g20_hands **ret, struct g20_crew *crew, uint32_t max_finds,
                     uint32_t max_items, struct g20_err *e)
{
    const uint32_t count = g20_crew_members(crew);
    struct g20_hands *h = g20_calloc(1, sizeof(*h) + count * sizeof(h->hand[0]));
    int r = 0;

    if (!h)
        return g20_fail(e, -ENOMEM, "measuring finds: out of memory");
    h->crew = crew;
    h->count = count;
    h->max_items = max_items;
    h->slice = g20_calloc(max_items, sizeof(*h->slice));
    h->turn = g20_calloc(max_items, sizeof(*h->turn));
    if (!h->slice || !h->turn)
        r = g20_fail(e, -ENOMEM, "measuring finds: out of memory");
    for (uint32_t i = 0; i < count && r >= 0; i++)
        r = create_hand(&h->hand[i], max_finds, e);
    if (r < 0)
        g20_hands_destroy(h);
    else
        *ret = h;
    return r;
}

void g20_hands_destroy(struct g20_hands *h)
{
    if (!h)
        return;
    for (uint32_t i = 0; i < h->count; i++) {
        g20_occupied_destroy(h->hand[i].occupied);
        g20_envelope_destroy(h->hand[i].envelope);
        g20_segmenter_destroy(h->hand[i].segmenter);
        g20_free(h->hand[i].find);
        g20_free(h->hand[i].own);
        g20_free(h->hand[i].burst);
    }
    g20_free(h->turn);
    g20_free(h->slice);
    g20_free(h);
}

void g20_hand_add(struct g20_hand *h, const struct g20_find *find)
{
    if (h->finds < h->max_finds)
        h->find[h->finds++] = *find;
}

static void work(struct g20_crew *crew, uint32_t member, uint32_t members, void *user)
{
    struct g20_hands *h = user;
    struct g20_hand *hand = &h->hand[member];

    (void)crew;
    (void)members;
    hand->finds = 0;
    for (uint32_t i; (i = atomic_fetch_add(&h->job.next, 1)) < h->job.items;) {
        const uint32_t item = h->turn[i].item;
        struct slice *s = &h->slice[item];
        *s = (struct slice){.hand = member, .at = hand->finds};
        h->job.fn(hand, item, h->job.user);
        s->count = hand->finds - s->at;
    }
}

static int dearest_first(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;

    if (x->cost != y->cost)
        return x->cost < y->cost ? 1 : -1;
    return (x->item > y->item) - (x->item < y->item);
}

size_t g20_hands_work(struct g20_hands *h, uint32_t items, const uint32_t *cost, g20_hand_fn *fn,
                      void *user, struct g20_find *out, size_t most)
{
    size_t n = 0;

    assert(items <= h->max_items);
    for (uint32_t i = 0; i < items; i++)
        h->turn[i] = (struct turn){.cost = cost ? cost[i] : 0, .item = i};
    if (cost)
        qsort(h->turn, items, sizeof(*h->turn), dearest_first);
    h->job.fn = fn;
    h->job.user = user;
    h->job.items = items;
    atomic_store(&h->job.next, 0);
    if (items > 0)
        g20_crew_run(h->crew, work, h);
    for (uint32_t i = 0; i < items; i++) {
        const struct slice *s = &h->slice[i];
        const size_t count = G20_MIN((size_t)s->count, most - n);

        if (count > 0)
            memcpy(out + n, h->hand[s->hand].find + s->at, count * sizeof(*out));
        n += count;
    }
    return n;
}
