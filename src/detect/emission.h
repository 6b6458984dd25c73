/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* emission: a tracked signal in time and frequency, and the boxes it is made from. */
#ifndef G20_DETECT_EMISSION_H
#define G20_DETECT_EMISSION_H

#include "base/base.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* One detection in one tile, in real units. */
struct g20_box {
    uint64_t sample_start, sample_count; /* stream sample numbers */
    double f_lo_hz, f_hi_hz;             /* offsets from the tile's centre */
    int class_id;                        /* index into the detector's class names */
    float confidence;                    /* 0..1 */
    float snr_db;                        /* mean in-band power over the noise floor there */
    float level_dbfs,
        peak_dbfs; /* mean over time of the power summed over its band; strongest bin */
};

struct g20_emission {
    uint64_t id; /* unique in a run, counts up from 1 */
    int channel; /* receive chain */
    int class_id;
    char class_name[32];
    float confidence;
    uint64_t sample_start, sample_count;
    uint64_t start_us; /* UTC; 0 for a recording without a date */
    double duration_s;
    double f_lo_hz, f_hi_hz; /* absolute when center_known, else baseband offsets */
    bool center_known;
    float level_dbfs; /* mean power in its band while it lasts, dBFS */
    float peak_dbfs;  /* strongest bin, dBFS */
    float snr_db;     /* mean in-band power while on over noise power in the same band */
    float duty;       /* share of its duration that it is on, 0..1 */
    char model[32], model_version[16];
};

enum g20_emission_event { G20_EMISSION_OPEN, G20_EMISSION_UPDATE, G20_EMISSION_CLOSE };

/* Worst case of one emission as JSON (protocol.md section 8) without a file, with the ending NUL.
 */
#define G20_EMISSION_JSON_MAX 1024

/* One line of JSON without a newline; @file NULL: no "file", "sample_start" and "sample_count"
 * (they belong to recordings only). Returns the length, < 0 when @size is too small. */
int g20_emission_json(const struct g20_emission *em, const char *file, char *buf, size_t size);

/* The same at the end of @t, whatever the length of @file; t->failed tells. */
void g20_emission_text(const struct g20_emission *em, const char *file, struct g20_text *t);

#endif
