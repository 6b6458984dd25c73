/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* energy: the detector, from sample blocks to emissions: classical, or led by a network.
 *
 *     blocks -> stft -> tile -> floor -> cfar -> regions -> refine (on the samples) -> track
 *
 * or, with a network in place of cfar, regions and refine:
 *
 *     blocks -> stft -> tile -> floor -> network -> settle (on the samples) -> track
 *
 * The classical one needs no model and is the yardstick for every one. One object per stream, used
 * by one thread; create() takes all the memory, push() never allocates, locks or logs. */
#ifndef G20_DETECT_ENERGY_H
#define G20_DETECT_ENERGY_H

#include "base/block.h"
#include "detect/emission.h"
#include "detect/naming.h"
#include "detect/track.h"

struct g20_energy;

struct g20_energy_cfg {
    double pfa;              /* chance that noise alone raises a candidate in one row; 1e-5 */
    float score_threshold;   /* 0..1: finds with less confidence are left out */
    uint32_t max_detections; /* finds kept per tile */
    double max_delay_s; /* a tile is looked at when this much is new, if it is not full before */
    bool center_known;  /* emissions carry absolute frequencies */
    uint32_t history_blocks; /* sample blocks kept referenced at most; 0: 4096 */
    const char *network;     /* NULL: energy alone; else the tile network in this file proposes */
    struct g20_heads *heads; /* that name what is found; NULL: none. Borrowed until destroy() */
    bool keeps_up;           /* with a live source: what may take long is bounded */
    uint32_t threads;        /* that the network may use; 0: as many as there are cores */
    const char *wisdom_dir;
};

struct g20_tile_report {            /* borrowed for the call */
    uint64_t time_us, first_sample; /* of the part of the tile that is new */
    uint64_t end_sample;
    double center_hz, rate_hz, duration_s;
    uint64_t network_ns;         /* that the network took; 0: there is none */
    const struct g20_box *boxes; /* (count) finds that touch it */
    size_t count;
};

struct g20_energy_sinks {
    void (*tile)(const struct g20_tile_report *report, void *user);
    g20_emission_fn *emission;
    /* The second look at a find; may be NULL. */
    g20_naming_fn *look;
    void (*image)(const uint8_t *image, void *user); /* what the network looked at; may be NULL */
    void *user;
};

G20_MUST_USE int g20_energy_create(struct g20_energy **ret, const struct g20_energy_cfg *cfg,
                                   const struct g20_energy_sinks *sinks, struct g20_err *e);
void g20_energy_destroy(struct g20_energy *d);

void g20_energy_push(struct g20_energy *d, struct g20_block *b); /* keeps a reference */
void g20_energy_flush(struct g20_energy *d); /* the end: look at what is left, close all */

uint32_t g20_energy_open(const struct g20_energy *d); /* emissions open now */

extern const char *const g20_energy_class_names[2]; /* background, signal */

#endif
