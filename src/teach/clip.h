/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* clip: a stretch of IQ out of a recording, to make a sample of. */
#ifndef G20_TEACH_CLIP_H
#define G20_TEACH_CLIP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { G20_CLIP_MOST = 1 << 24 }; /* samples: 128 MiB */

struct g20_clip {
    float *iq; /* (samples) complex, full scale 1; owned */
    uint64_t samples;
    double rate_hz, center_hz;
    uint64_t time_us;      /* UTC of the first; 0: not known */
    uint64_t sample_start; /* of the recording */
    char recording[64];
    bool has_number; /* where in that recording it begins is known: */
    uint64_t number; /* of the first sample there */
};

/* Samples @start .. @start + @count - 1 of the SigMF recording @path, as much of them as there is
 * (and G20_CLIP_MOST at most), of the first one's tuning. -ENODATA: nothing is there. */
G20_MUST_USE int g20_clip_read(struct g20_clip *ret, const char *path, uint64_t start,
                               uint64_t count, struct g20_err *e);

/* The recording in @folder that has UTC @time_us for @duration_s and the band @f_lo_hz .. @f_hi_hz,
 * with @around_s more at both sides as far as it goes. -ENODATA: none has. */
G20_MUST_USE int g20_clip_find(struct g20_clip *ret, const char *folder, uint64_t time_us,
                               double duration_s, double f_lo_hz, double f_hi_hz, double around_s,
                               struct g20_err *e);
void g20_clip_fini(struct g20_clip *c);

/* The name of a recording's file without folder and ending, as clean text. */
void g20_clip_name(char *buf, size_t size, const char *file);

#endif
