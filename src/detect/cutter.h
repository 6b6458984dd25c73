/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* cutter: which of the pieces of an envelope that stand out of the noise are one burst (segment.h
 * finds the pieces).
 *
 * Symbols of a keyed signal are, over pauses of a few symbols, and what noise or a null parts for a
 * moment; packets of their own and bursts of a train are not, nor is what shows far weaker in
 * another's pauses. */
#ifndef G20_DETECT_CUTTER_H
#define G20_DETECT_CUTTER_H

#include "detect/segment.h"

#define G20_CUTTER_INDEPENDENT 0.6 /* powers per value of an envelope under its taper */

struct g20_piece {
    size_t lo, hi, on; /* values */
    size_t symbol;     /* length of its last piece, or of the shortest that came apart */
    size_t whole;      /* of its last piece, whatever that came apart in */
    double power;      /* mean x on */
    double squares;    /* of its values, summed */
    bool is_level;     /* its last piece keeps its power */
};

struct g20_cutter {
    const struct g20_envelope *env;
    const struct g20_segment_cfg *cfg;
    const double *sum; /* prefix sums of the envelope, from 0 on */
    double noise;
    size_t width;                     /* values averaged to tell pieces from noise */
    struct g20_burst *out;            /* (cap) */
    size_t cap, count;                /* more than fit are counted too */
    struct g20_piece now, last, weak; /* none where it has no length */
};

/* Values lo .. hi - 1 are the next piece: behind c->now.hi. */
void g20_cutter_take(struct g20_cutter *c, size_t lo, size_t hi);

/* There are no more: the bursts in time order, at most .cap; their number. */
size_t g20_cutter_end(struct g20_cutter *c);

#endif
