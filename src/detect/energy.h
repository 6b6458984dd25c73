/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* energy: the detector, from sample blocks to emissions: classical, or led by a network.
 *
 *     blocks -> stft -> tile -> floor -> cfar -> regions -> refine (on the samples) -> track
 *
 * or with the tile network, whose boxes are settled on the samples and weighed against those finds
 * (judge.h);
 *
 * or, with a detector of another maker, which alone says what is there and of which class:
 *
 *     blocks -> stft -> tile -> floor -> network -> settle (on the samples) -> track
 *
 * The classical one needs no model and is the yardstick for every one. One object per stream, used
 * by one thread. Tiles are looked at by a thread of its own while push() fills the next one; push()
 * waits when that is full too. create() takes all the memory, push() never allocates or logs. */
#ifndef G20_DETECT_ENERGY_H
#define G20_DETECT_ENERGY_H

#include "base/block.h"
#include "base/cancel.h"
#include "detect/emission.h"
#include "detect/naming.h"
#include "detect/track.h"

struct g20_energy;

struct g20_energy_cfg {
    double pfa;              /* chance that noise alone raises a candidate in one row; 1e-5 */
    float score_threshold;   /* 0..1: finds with less confidence are left out */
    uint32_t max_detections; /* finds kept per tile: the surest */
    double max_delay_s; /* a tile is looked at when this much is new, if it is not full before */
    bool center_known;  /* emissions carry absolute frequencies */
    uint32_t history_blocks; /* sample blocks kept referenced at most; 0: 4096 */
    const char *network;     /* NULL: energy alone; else the tile network in this file proposes */
    float nms_threshold;     /* the network's, as decode.h and yolo.h have it */
    const struct g20_provider *provider; /* that runs the network; NULL: the CPU */
    struct g20_heads *heads;   /* that name what is found; NULL: none. Borrowed until destroy() */
    struct g20_memory *memory; /* of what the second look saw; NULL: none. Borrowed too */
    const struct g20_shape *shape; /* that is looked for too; NULL: those of heads. Borrowed too */
    bool keeps_up;                 /* with a live source: what may take long is bounded */
    uint32_t threads; /* that search a tile together (a network beside them has half as many); 0: as
                         many as there are cores */
    const char *wisdom_dir;
    const struct g20_cancel *cancel; /* of create(), borrowed for it; NULL: none */
};

struct g20_tile_report {            /* borrowed for the call */
    uint64_t time_us, first_sample; /* of the part of the tile that is new */
    uint64_t end_sample;
    uint64_t arrived_ns; /* of the block that its last sample came with */
    double center_hz, rate_hz, duration_s;
    uint64_t network_ns;         /* that the network took; 0: there is none */
    const struct g20_box *boxes; /* (count) finds that touch it */
    size_t count;
    const char *error; /* why the network did not look at it; NULL: it did */
};

/* Called by the thread that looks at tiles, or within flush(); never two at a time. */
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
void g20_energy_flush(struct g20_energy *d);   /* the end: look at what is left, close all */
void g20_energy_abandon(struct g20_energy *d); /* the end, soon: close all as it was last seen */

uint32_t g20_energy_open(const struct g20_energy *d); /* emissions open now */

extern const char *const g20_energy_class_names[2]; /* background, signal */

/* Names of the classes by class_id into *ret, which lives as long as @d: those above, or of a
 * network that has classes, background and its own. Their number. */
size_t g20_energy_classes(const struct g20_energy *d, const char *const **ret);

#endif
