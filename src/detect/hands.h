/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* hands: the tools that measure one candidate on the samples (envelope, bursts, occupied
 * bandwidth), a set for each thread, and the work shared among them.
 *
 * Candidates are measured independently of each other, so whichever hand takes one, what comes out
 * is the same, in the candidates' order. One caller at a time; nothing is allocated after
 * create(). */
#ifndef G20_DETECT_HANDS_H
#define G20_DETECT_HANDS_H

#include "detect/find.h"
#include "detect/occupied.h"
#include "detect/segment.h"
#include "detect/tile.h"
#include "nn/crew.h"

enum {
    G20_HAND_BURSTS = 2048,          /* of one candidate */
    G20_HAND_MARGIN = G20_TILE_BINS, /* samples looked at before and behind a candidate */
};

struct g20_hand {
    struct g20_envelope_maker *envelope;
    struct g20_segmenter *segmenter;
    struct g20_occupied_meter *occupied;
    struct g20_burst *burst;  /* (G20_HAND_BURSTS) */
    struct g20_occupied *own; /* (G20_HAND_BURSTS) the bands of these */
    struct g20_find *find;    /* (max_finds) for g20_hand_add() alone */
    uint32_t finds, max_finds;
};

struct g20_hands;

/* One for each member of @crew, which is borrowed until destroy(). @max_finds: kept of one tile.
 * @max_items: candidates of one tile. */
G20_MUST_USE int g20_hands_create(struct g20_hands **ret, struct g20_crew *crew, uint32_t max_finds,
                                  uint32_t max_items, struct g20_err *e);
void g20_hands_destroy(struct g20_hands *h);

/* Within the work on a candidate; one that does not fit any more is left out. */
void g20_hand_add(struct g20_hand *h, const struct g20_find *find);

typedef void g20_hand_fn(struct g20_hand *hand, uint32_t item, void *user);

/* @fn for each of the candidates 0 .. @items - 1, on all members at the same time: those of most
 * @cost (items) first, so that no member waits long for the last; NULL: as they come. What they
 * added goes to @out (@most), in the order of the candidates; its number. */
size_t g20_hands_work(struct g20_hands *h, uint32_t items, const uint32_t *cost, g20_hand_fn *fn,
                      void *user, struct g20_find *out, size_t most);

#endif
