/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* review_known: which emissions a review need not ask about: what samples label already, wherever
 * they were cut from, and what is among its items. An emission lies in many recordings (the ring's,
 * a capture, samples around its neighbours), so it is known by its UTC and band; where nobody knows
 * the time, by the recording that all of them were cut from and the place therein. One thread. */
#ifndef G20_APP_REVIEW_KNOWN_H
#define G20_APP_REVIEW_KNOWN_H

#include "source/sigmf.h"

struct g20_known_place {
    char recording[64];       /* "": times are UTC; else from its begin */
    double start_us, stop_us; /* microseconds */
    double f_lo, f_hi;        /* hertz, as in the file */
};

struct g20_known { /* zeroed */
    struct g20_known_place *item;
    size_t count;
};

/* Samples @start .. @start + @count - 1 of recording @m, file @path. false: nobody knows where that
 * is. */
bool g20_known_place(const struct g20_sigmf *m, const char *path, uint64_t start, uint64_t count,
                     struct g20_known_place *ret);
/* -ENOMEM. */
G20_MUST_USE int g20_known_add(struct g20_known *k, const struct g20_known_place *p);
/* The boxes of sample @path that say @signal, or that it is something else; one that cannot be read
 * has none. -ENOMEM. */
G20_MUST_USE int g20_known_sample(struct g20_known *k, const char *path, const char *signal);
/* Does a good part (0.3) of @p lie in those that are known? */
bool g20_known_has(const struct g20_known *k, const struct g20_known_place *p);
void g20_known_fini(struct g20_known *k);

#endif
