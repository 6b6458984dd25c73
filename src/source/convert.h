/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* convert: the sample formats of files, and what turns them into those of a block.
 *
 * Integers are scaled so that the most negative code reads -1 (see base/block.h): signed n bits
 * x / 2^(n-1), unsigned (x - (2^n - 1) / 2) / ((2^n - 1) / 2). Floats are taken as they are. */
#ifndef G20_SOURCE_CONVERT_H
#define G20_SOURCE_CONVERT_H

#include "base/block.h"

/* G20_I24 occurs in WAV files only. */
enum g20_scalar { G20_F32, G20_F64, G20_I32, G20_U32, G20_I24, G20_I16, G20_U16, G20_I8, G20_U8 };

struct g20_datatype {
    enum g20_scalar scalar;
    bool is_complex;
    bool big_endian; /* false for one byte */
};

/* A SigMF datatype such as "ci16_le"; -EINVAL for anything else. Unless @strict, other common
 * names are taken too: "cs16" for "ci16", and little-endian when _le or _be is missing. */
G20_MUST_USE int g20_datatype_parse(struct g20_datatype *ret, const char *text, bool strict);
/* The SigMF name, into >= 8 bytes ("ci24_le" for what SigMF does not have). */
void g20_datatype_name(const struct g20_datatype *t, char *buf, size_t size);
size_t g20_scalar_bytes(enum g20_scalar s);
size_t g20_datatype_bytes(const struct g20_datatype *t); /* of one sample, real or complex */

/* True when a block can hold the bytes as they are; the format goes to *ret. Otherwise *ret is
 * G20_CF32, to be converted. */
bool g20_datatype_is_native(const struct g20_datatype *t, enum g20_sample_format *ret);

/* @n scalars (two a complex sample) at @in, any alignment, to floats. They may not overlap. */
void g20_convert(const struct g20_datatype *t, float *out, const void *in, size_t n);

/* Floats of a file can be NaN, infinite, or so large that a power spectrum overflows (more than
 * 1e12, 240 dB above full scale). A sample with one becomes 0; returns how many did.
 * @per_sample is 2 for interleaved I, Q and 1 for real samples. */
size_t g20_clear_bad(float *x, size_t samples, size_t per_sample);

#endif
