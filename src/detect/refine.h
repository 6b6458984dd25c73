/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* refine: regions of a tile measured on the samples themselves.
 *
 * Start and stop come from the envelope of the region's own band, the frequency edges from the
 * burst's own spectrum, so a burst shorter than one transform gets its true start, length and
 * width. Artefacts of the receiver (images, splatter, intermodulation that come and go with a
 * strong burst) are taken out. One thread; nothing is allocated after create(). */
#ifndef G20_DETECT_REFINE_H
#define G20_DETECT_REFINE_H

#include "detect/occupied.h"
#include "detect/region.h"
#include "detect/segment.h"

struct g20_find {
    uint64_t start, stop, on; /* stream sample numbers; samples above the threshold */
    double f_lo, f_hi;        /* fractions of the rate */
    double power, noise;      /* mean power within them while on, and the noise there */
    double peak;              /* strongest bin as a tone's power */
    bool is_steady;
    float score; /* 0..1: how surely it is a signal */
    float seen;  /* 0..1: score of a network's box that speaks for it */
    float named; /* 0..1: score of the head that named it; 0: none did */
    char name[32];
};

struct g20_refiner;
G20_MUST_USE int g20_refiner_create(struct g20_refiner **ret, uint32_t max_finds,
                                    struct g20_err *e);
void g20_refiner_destroy(struct g20_refiner *r);

/* Measures @s on the samples of @h. Returns the number of finds, strongest first; *ret_finds is
 * borrowed until the next call. */
size_t g20_refine(struct g20_refiner *r, const struct g20_regions *s, const struct g20_tile *t,
                  const struct g20_floor *f, const struct g20_history *h,
                  const struct g20_find **ret_finds);

/* Mean power over the noise x samples that it is on. */
double g20_find_energy(const struct g20_find *f);

/* Is @weak but the receiver's answer to @strong: much weaker, and there only while it is? */
bool g20_find_is_artefact(const struct g20_find *weak, const struct g20_find *strong);

#endif
