/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* segment: a band's envelope cut into bursts.
 *
 * The envelope is averaged just long enough that the noise stays below the threshold, crossed with
 * hysteresis, and each burst's edges are put where the average passes half of that burst's own
 * level: for a step that is the true edge. Pieces of a keyed signal (few symbols long, bandwidth x
 * duration small) join into one packet over gaps of a few symbols; pieces that are packets of
 * their own, or bursts of a train, stay apart. */
#ifndef G20_DETECT_SEGMENT_H
#define G20_DETECT_SEGMENT_H

#include "detect/envelope.h"

#include <stdbool.h>

enum {
    G20_SEGMENT_SHORTEST = 64
}; /* samples; less is an impulse: quantised noise makes them too */

struct g20_burst {
    uint64_t start, stop; /* stream sample numbers, stop is one behind */
    uint64_t on;          /* samples of it above the threshold: duty = on / (stop - start) */
    double mean;          /* power within the band while on */
    bool is_level;        /* it has no pause, and keeps its power */
};

struct g20_segment_cfg {
    double noise; /* mean power within the envelope's band when the signal is off: at most this */
    double noise_min; /* and at least this: what lies between is read off the envelope's pauses */
    double bandwidth; /* of the middle half of the signal's power, as a fraction of the rate: times
                         a duration, about the symbols it could hold */
    double width;     /* of the signal's whole band */
    bool with_impulses; /* bursts of a few samples too */
};

struct g20_segmenter;
G20_MUST_USE int g20_segmenter_create(struct g20_segmenter **ret, size_t max_values);
void g20_segmenter_destroy(struct g20_segmenter *s);

/* Bursts in time order; at most @cap are written, their number is returned. */
size_t g20_segment(struct g20_segmenter *s, const struct g20_envelope *env,
                   const struct g20_segment_cfg *cfg, struct g20_burst *out, size_t cap);

#endif
