/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* shape: how long and how wide a taught signal is, and emissions of that shape that the detector
 * has in pieces, or several as one.
 *
 * People drew the signal's boxes; the detector, which knows no signal, may have its tones one by
 * one, its parts between pauses, or bursts in a row as one. So a tile's finds that together are of
 * the shape are joined, and finds longer than it are cut where they pause for longer than the
 * signal does. What comes out are candidates: a head says whether they are the signal. */
#ifndef G20_DETECT_SHAPE_H
#define G20_DETECT_SHAPE_H

#include "detect/find.h"
#include "detect/floor.h"
#include "detect/hands.h"
#include "detect/history.h"

struct g20_shape {
    double shortest, longest; /* seconds; longest 0: it is not known */
    double narrowest, widest; /* hertz */
    double pause;             /* seconds: the longest within an emission */
};

enum {
    G20_SHAPE_CANDIDATES = 32, /* of a tile, for a shape */
    G20_SHAPE_PARTS = 16,      /* of a candidate */
};

struct g20_candidate {
    struct g20_find find;
    uint32_t parts, part[G20_SHAPE_PARTS]; /* numbers of the finds it is joined from; 0: it was cut
                                              out of longer ones */
};

/* One of @drawn's boxes more (all zero: the first), as long and as wide, and with such a pause. */
void g20_shape_add(struct g20_shape *drawn, double seconds, double hertz, double pause);

/* "0.01 0.02 1e+04 2e+04 0.001", and back; false: that is none. */
enum { G20_SHAPE_TEXT = 80 };
void g20_shape_text(const struct g20_shape *s, char buf[G20_SHAPE_TEXT]);
bool g20_shape_read(struct g20_shape *s, const char *text);

/* Candidates joined from @find (n) of a stream of @rate_hz; their number. */
size_t g20_shape_join(const struct g20_shape *s, double rate_hz, const struct g20_find *find,
                      size_t n, struct g20_candidate ret[G20_SHAPE_CANDIDATES]);

/* Candidates cut out of those among @find (n) that are too long and that nobody named. @left:
 * samples that may be looked at; what was is taken off. */
size_t g20_shape_cut(const struct g20_shape *s, double rate_hz, const struct g20_find *find,
                     size_t n, double *left, struct g20_hands *hands, const struct g20_floor *floor,
                     const struct g20_history *h, struct g20_candidate ret[G20_SHAPE_CANDIDATES]);

#endif
