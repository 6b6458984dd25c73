/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* spectrogram: a recording as a picture with its emissions in boxes. Frequency runs to the right,
 * time down; every sample is transformed and pixels take the maximum, so short bursts show. */
#ifndef G20_RENDER_SPECTROGRAM_H
#define G20_RENDER_SPECTROGRAM_H

#include "base/err.h"
#include "detect/emission.h"

/* Where the spectrum lies in the picture; pixels, both ends inside. */
enum {
    G20_SPECTROGRAM_X = 70,
    G20_SPECTROGRAM_Y = 24,
    G20_SPECTROGRAM_W = 1024,
    G20_SPECTROGRAM_H = 640
};

/* Reads @file a second time (as source.args of the driver "file"; it must have a known length, so
 * not standard input) and writes the PNG to @path. */
G20_MUST_USE int g20_spectrogram_write(const char *file, const struct g20_emission *em, size_t n,
                                       const char *path, struct g20_err *e);

#endif
