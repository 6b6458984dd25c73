/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* rfcap: the captures of the prototype: a header of 512 bytes (little-endian), then complex64.
 * Pure; a fuzz target.
 *
 *     0 magic "G20" NUL     4 u32 version, 1     8 f64 sample rate, Hz     16 f64 centre, Hz
 *     24 f64 bandwidth, Hz  32 u64 samples       40 f64 start, s since 1970
 *     48 name, 32 bytes     80 f64 latitude      88 f64 longitude          512 samples */
#ifndef G20_TEACH_RFCAP_H
#define G20_TEACH_RFCAP_H

#include "base/err.h"

#include <stdint.h>

enum { G20_RFCAP_HEADER = 512 };

struct g20_rfcap {
    double rate_hz, center_hz;
    double bandwidth_hz; /* > 0, at most the rate */
    uint64_t samples;    /* as the header says: compare with the file's length */
    uint64_t start_us;   /* UTC; 0: not known */
    char name[33];       /* valid UTF-8 without control characters, may be "" */
};

/* G20_EFORMAT no such file, or a number in it that cannot be; G20_EVERSION. */
G20_MUST_USE int g20_rfcap_parse(const void *data, size_t len, struct g20_rfcap *ret,
                                 struct g20_err *e);

#endif
