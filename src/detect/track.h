/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* track: finds of successive tiles joined into emissions.
 *
 * Tiles overlap, so the same burst is seen more than once: a find that overlaps an open emission
 * in time and frequency extends it, one that overlaps an emission already closed is dropped. An
 * emission closes when the tile has gone past its end by a margin. Its confidence is the score of
 * its finds, where what that is over the threshold counts by how likely a box like its is right.
 * One thread; nothing is allocated after create(). */
#ifndef G20_DETECT_TRACK_H
#define G20_DETECT_TRACK_H

#include "detect/emission.h"
#include "detect/refine.h"

struct g20_tracker;

struct g20_track_stream { /* of the tile that the finds belong to */
    double center_hz, rate_hz;
    bool center_known;
    uint64_t ref_sample, ref_time_us; /* a sample and its UTC, to date the others */
    uint64_t end;                     /* stream number behind the tile's last sample */
    float threshold;                  /* score that finds have at least */
    const char *model, *model_version;
};

typedef void g20_emission_fn(enum g20_emission_event event, const struct g20_emission *em,
                             void *user);

/* @max_open: emissions open at once; when full the weakest new ones are counted, not tracked. */
G20_MUST_USE int g20_tracker_create(struct g20_tracker **ret, uint32_t max_open);
void g20_tracker_destroy(struct g20_tracker *k);

void g20_tracker_update(struct g20_tracker *k, const struct g20_find *find, size_t n,
                        const struct g20_track_stream *s, g20_emission_fn *on_event, void *user);

/* The stream has ended or broken off: close all that is open. */
void g20_tracker_flush(struct g20_tracker *k, g20_emission_fn *on_event, void *user);

uint32_t g20_tracker_open(const struct g20_tracker *k);     /* emissions open now */
uint64_t g20_tracker_overflow(const struct g20_tracker *k); /* finds that had no place */

/* Confidence 0..1 of a find with @snr (linear power ratio) and @independent averaged powers: how
 * surely noise alone would not have made it. Monotone, 0.5 at the detection threshold. */
float g20_find_confidence(double snr, double independent);

#endif
