/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* side_lobes: how far a band reaches beyond the part of it that stands out of the noise.
 *
 * The spectrum of a keyed signal falls with the square of the distance and soon lies below the
 * noise of any single bin; that of a voice under its carrier does so at once. Summed over rings
 * around the band, each wider than the one before, it shows all the same. A ring counts when both
 * its sides hold more than the noise and its error can be, alike, and not much more than the ring
 * before: what is on one side only is a neighbour. Beyond one dark or dim ring, the null beside a
 * main lobe, both sides must be more alike. */
#ifndef G20_DETECT_SIDE_LOBES_H
#define G20_DETECT_SIDE_LOBES_H

#include <stdint.h>

struct g20_spectrum {
    const float *power, *noise; /* (n) mean power and noise per bin, lowest frequency first */
    int n;
    uint32_t frames; /* averaged */
};

/* Half the width, in bins around the middle of bins @lo .. @hi, that encloses 99 % of the @total
 * within them and of what lies beyond. 0: too little does. Pure. */
double g20_side_lobes(const struct g20_spectrum *s, int lo, int hi, double total);

#endif
