/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/hub.h"

#include "base/alloc.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

enum kind { ROWS, TILES, EVENTS, BLOCKS, KINDS };

struct mailbox {
    void **slot; /* (cap) ring; head is the oldest */
    uint32_t head, len, cap;
    uint64_t dropped;
};

struct g20_hub_sub {
    struct g20_hub *hub;
    struct mailbox box[KINDS];
    bool lost_rows; /* since the last row taken */
    bool woken;     /* wake() was called and nothing taken since */
    void (*wake)(void *user);
    void *user;
};

/* One lock for all: it is held for a few pointer moves a row, some hundred times a second. It is
 * also held while wake() runs, so that unsubscribe() can promise that wake() is over. */
struct g20_hub {
    pthread_mutex_t lock;
    struct g20_hub_sub *subs[G20_HUB_MAX_SUBS];
    uint32_t nsubs;
    atomic_uint_fast64_t boxes_cut;
};

/* Shared items are refcounted; the count lies before what the subscriber sees. */
struct item {
    atomic_uint refs;
    _Alignas(16) unsigned char body[];
};

static struct item *item_of(void *body)
{
    return (struct item *)((unsigned char *)body - offsetof(struct item, body));
}

static void *item_create(size_t bytes)
{
    struct item *it = g20_calloc(1, sizeof(*it) + bytes);

    if (!it)
        return NULL;
    atomic_init(&it->refs, 1);
    return it->body;
}

static void item_unref(void *body)
{
    if (body && atomic_fetch_sub(&item_of(body)->refs, 1) == 1)
        g20_free(item_of(body));
}

static void *ref(enum kind k, void *thing)
{
    if (k == ROWS)
        return g20_wf_row_ref(thing);
    if (k == BLOCKS)
        return g20_block_ref(thing);
    atomic_fetch_add(&item_of(thing)->refs, 1);
    return thing;
}

static void unref(enum kind k, void *thing)
{
    struct g20_wf_row *row = thing;
    struct g20_block *block = thing;

    if (k == ROWS)
        g20_wf_row_unref(&row);
    else if (k == BLOCKS)
        g20_block_unref(&block);
    else
        item_unref(thing);
}

static void *mailbox_take(struct mailbox *b)
{
    if (b->len == 0 || !b->slot)
        return NULL;
    void *thing = b->slot[b->head];
    b->head = (b->head + 1) % b->cap;
    b->len--;
    return thing;
}

int g20_hub_create(struct g20_hub **ret)
{
    struct g20_hub *h = g20_calloc(1, sizeof(*h));

    if (!h)
        return -ENOMEM;
    pthread_mutex_init(&h->lock, NULL);
    *ret = h;
    return 0;
}

void g20_hub_destroy(struct g20_hub *h)
{
    if (!h)
        return;
    while (h->nsubs > 0)
        g20_hub_unsubscribe(h, h->subs[h->nsubs - 1]);
    pthread_mutex_destroy(&h->lock);
    g20_free(h);
}

/* Gives every subscriber a reference of its own; the caller keeps the one it has. */
static void publish(struct g20_hub *h, enum kind k, void *thing)
{
    pthread_mutex_lock(&h->lock);
    for (uint32_t i = 0; i < h->nsubs; i++) {
        struct g20_hub_sub *s = h->subs[i];
        struct mailbox *b = &s->box[k];

        if (b->cap == 0)
            continue;
        if (b->len == b->cap) {
            unref(k, mailbox_take(b));
            b->dropped++;
            s->lost_rows |= k == ROWS;
        }
        b->slot[(b->head + b->len++) % b->cap] = ref(k, thing);
        if (!s->woken && s->wake) {
            s->woken = true;
            s->wake(s->user);
        }
    }
    pthread_mutex_unlock(&h->lock);
}

void g20_hub_row(struct g20_hub *h, struct g20_wf_row *row)
{
    publish(h, ROWS, row);
    g20_wf_row_unref(&row);
}

void g20_hub_block(struct g20_hub *h, struct g20_block *block)
{
    publish(h, BLOCKS, block);
}

static void count_lost(struct g20_hub *h, enum kind k)
{
    pthread_mutex_lock(&h->lock);
    for (uint32_t i = 0; i < h->nsubs; i++)
        h->subs[i]->box[k].dropped++;
    pthread_mutex_unlock(&h->lock);
}

void g20_hub_detections(struct g20_hub *h, const struct g20_detections *d)
{
    const size_t count = G20_MIN(d->count, (size_t)G20_HUB_MAX_BOXES);
    struct g20_hub_tile *t = item_create(sizeof(*t) + count * sizeof(t->boxes[0]));

    if (!t) {
        count_lost(h, TILES);
        return;
    }
    t->d = *d;
    if (count > 0)
        memcpy(t->boxes, d->boxes, count * sizeof(t->boxes[0]));
    t->d.boxes = t->boxes;
    t->d.count = count;
    t->d.class_names = NULL; /* borrowed for the call only */
    if (count < d->count)
        atomic_fetch_add(&h->boxes_cut, d->count - count);
    publish(h, TILES, t);
    item_unref(t);
}

void g20_hub_emission(struct g20_hub *h, enum g20_emission_event kind,
                      const struct g20_emission *em)
{
    struct g20_hub_event *ev = item_create(sizeof(*ev));

    if (!ev) {
        count_lost(h, EVENTS);
        return;
    }
    ev->kind = kind;
    ev->em = *em;
    publish(h, EVENTS, ev);
    item_unref(ev);
}

static void sub_free(struct g20_hub_sub *s)
{
    if (!s)
        return;
    for (int k = 0; k < KINDS; k++) {
        for (void *thing; (thing = mailbox_take(&s->box[k]));)
            unref((enum kind)k, thing);
        g20_free(s->box[k].slot);
    }
    g20_free(s);
}

int g20_hub_subscribe(struct g20_hub *h, const struct g20_hub_sub_cfg *cfg,
                      struct g20_hub_sub **ret)
{
    const uint32_t caps[KINDS] = {cfg->rows, cfg->tiles, cfg->events, cfg->blocks};
    int r = -ENOMEM;

    struct g20_hub_sub *s = g20_calloc(1, sizeof(*s));
    if (!s)
        return r;
    s->hub = h;
    s->wake = cfg->wake;
    s->user = cfg->user;
    for (int k = 0; k < KINDS; k++) {
        if (caps[k] == 0)
            continue;
        if (caps[k] > 4096) {
            r = -EINVAL;
            goto fail;
        }
        s->box[k].cap = caps[k];
        s->box[k].slot = g20_calloc(caps[k], sizeof(void *));
        if (!s->box[k].slot)
            goto fail;
    }

    pthread_mutex_lock(&h->lock);
    r = h->nsubs < G20_HUB_MAX_SUBS ? 0 : -EUSERS;
    if (r == 0)
        h->subs[h->nsubs++] = s;
    pthread_mutex_unlock(&h->lock);
    if (r < 0)
        goto fail;
    *ret = s;
    return 0;

fail:
    sub_free(s);
    return r;
}

void g20_hub_unsubscribe(struct g20_hub *h, struct g20_hub_sub *sub)
{
    if (!sub)
        return;
    pthread_mutex_lock(&h->lock);
    for (uint32_t i = 0; i < h->nsubs; i++) {
        if (h->subs[i] == sub) {
            h->subs[i] = h->subs[--h->nsubs];
            break;
        }
    }
    pthread_mutex_unlock(&h->lock);
    sub_free(sub);
}

static void *take(struct g20_hub_sub *s, enum kind k, uint32_t *ret_flags)
{
    pthread_mutex_lock(&s->hub->lock);
    void *thing = mailbox_take(&s->box[k]);
    s->woken = false;
    if (thing && k == ROWS) {
        *ret_flags = s->lost_rows ? G20_WF_DROPPED : 0;
        s->lost_rows = false;
    }
    pthread_mutex_unlock(&s->hub->lock);
    return thing;
}

struct g20_wf_row *g20_hub_take_row(struct g20_hub_sub *sub, uint32_t *ret_flags)
{
    return take(sub, ROWS, ret_flags);
}

struct g20_hub_tile *g20_hub_take_tile(struct g20_hub_sub *sub)
{
    return take(sub, TILES, NULL);
}

struct g20_hub_event *g20_hub_take_event(struct g20_hub_sub *sub)
{
    return take(sub, EVENTS, NULL);
}

struct g20_block *g20_hub_take_block(struct g20_hub_sub *sub)
{
    return take(sub, BLOCKS, NULL);
}

void g20_hub_tile_unref(struct g20_hub_tile *tile)
{
    item_unref(tile);
}

void g20_hub_event_unref(struct g20_hub_event *event)
{
    item_unref(event);
}

void g20_hub_sub_stats(struct g20_hub_sub *s, struct g20_hub_sub_stats *ret)
{
    pthread_mutex_lock(&s->hub->lock);
    *ret = (struct g20_hub_sub_stats){
        .rows_dropped = s->box[ROWS].dropped,
        .tiles_dropped = s->box[TILES].dropped,
        .events_dropped = s->box[EVENTS].dropped,
        .blocks_dropped = s->box[BLOCKS].dropped,
        .rows = s->box[ROWS].len,
        .tiles = s->box[TILES].len,
        .events = s->box[EVENTS].len,
        .blocks = s->box[BLOCKS].len,
        .boxes_cut = atomic_load(&s->hub->boxes_cut),
    };
    pthread_mutex_unlock(&s->hub->lock);
}
