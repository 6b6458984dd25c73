/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* hub: hands waterfall rows, detections, emission events and blocks of IQ to any number of
 * subscribers.
 *
 * Publishers (the pipeline's threads) never wait: each subscriber has bounded mailboxes, and
 * when one is full its oldest item is dropped and counted, for that subscriber only. A subscriber
 * that lost rows sees it on the next one it takes (enum g20_wf_flag, bit G20_WF_DROPPED, in
 * *ret_flags); one that lost blocks sees it in their sample numbers. Rows and blocks are shared by
 * reference, never copied, and come from fixed pools: hold few, and not for long; tiles and events
 * are copied once into refcounted items that all subscribers share. Thread-safe throughout. */
#ifndef G20_ENGINE_HUB_H
#define G20_ENGINE_HUB_H

#include "engine/pipeline.h"

struct g20_hub;
struct g20_hub_sub;

enum { G20_HUB_MAX_SUBS = 64, G20_HUB_MAX_BOXES = 4096 };

/* One tile's detections; boxes beyond G20_HUB_MAX_BOXES are cut off and counted. */
struct g20_hub_tile {
    struct g20_detections d; /* boxes point into this item; class_names is NULL */
    struct g20_box boxes[];
};

struct g20_hub_event {
    enum g20_emission_event kind;
    struct g20_emission em;
};

G20_MUST_USE int g20_hub_create(struct g20_hub **ret);
void g20_hub_destroy(struct g20_hub *h); /* no publisher may be inside; subscribers are gone */

/* Publishing; called on the pipeline's threads. row() takes over the caller's reference. */
void g20_hub_row(struct g20_hub *h, struct g20_wf_row *row);
void g20_hub_detections(struct g20_hub *h, const struct g20_detections *d);
void g20_hub_emission(struct g20_hub *h, enum g20_emission_event kind,
                      const struct g20_emission *em);

/* The caller keeps its reference. */
void g20_hub_block(struct g20_hub *h, struct g20_block *block);

struct g20_hub_sub_cfg {
    /* Mailbox sizes, each up to 4096; 0: wants none of these. All subscribers' blocks together must
     * not exceed G20_LIVE_TAP (engine/live.h), or the pipeline runs out of them. */
    uint32_t rows, tiles, events, blocks;
    /* Called on a publisher's thread after something was put in; must not block or call the hub.
     * Not called again until the subscriber has taken something. */
    void (*wake)(void *user);
    void *user;
};

G20_MUST_USE int g20_hub_subscribe(struct g20_hub *h, const struct g20_hub_sub_cfg *cfg,
                                   struct g20_hub_sub **ret);
/* After it returns, wake() is not running and is never called again. NULL is fine. */
void g20_hub_unsubscribe(struct g20_hub *h, struct g20_hub_sub *sub);

/* Taking, oldest first; NULL when empty. The caller owns what it gets. */
struct g20_wf_row *g20_hub_take_row(struct g20_hub_sub *sub, uint32_t *ret_flags);
struct g20_hub_tile *g20_hub_take_tile(struct g20_hub_sub *sub);
struct g20_hub_event *g20_hub_take_event(struct g20_hub_sub *sub);
struct g20_block *g20_hub_take_block(struct g20_hub_sub *sub);
void g20_hub_tile_unref(struct g20_hub_tile *tile);
void g20_hub_event_unref(struct g20_hub_event *event);

struct g20_hub_sub_stats {
    uint64_t rows_dropped, tiles_dropped, events_dropped, blocks_dropped;
    uint32_t rows, tiles, events, blocks; /* waiting now */
    uint64_t boxes_cut;                   /* of the whole hub */
};
void g20_hub_sub_stats(struct g20_hub_sub *sub, struct g20_hub_sub_stats *ret);

#endif
