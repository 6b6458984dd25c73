/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* find: what one tile shows, measured on the samples. */
#ifndef G20_DETECT_FIND_H
#define G20_DETECT_FIND_H

#include <stdbool.h>
#include <stdint.h>

struct g20_find {
    uint64_t start, stop, on; /* stream sample numbers; samples above the threshold */
    double f_lo, f_hi;        /* fractions of the rate */
    double power, noise;      /* mean power within them while on, and the noise there */
    double peak;              /* strongest bin as a tone's power */
    bool is_steady;
    bool is_level;    /* one burst that keeps its power */
    bool is_doubtful; /* may be something's side effect, or noise: a network has to see it too */
    bool is_cut;      /* one of the bursts that a box of the network is cut into */
    bool is_pulse;    /* short, one of a regular train (trains.h): no impulse, and it stays apart */
    float score;      /* 0..1: how surely it is a signal */
    float seen;       /* 0..1: score of a network's box that speaks for it */
    float named;      /* 0..1: score of the head or the network that named it; 0: none did */
    uint32_t class_id; /* 0: a signal like others */
    char name[32];
};

#endif
