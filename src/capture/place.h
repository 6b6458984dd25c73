/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* place: where a capture may be written. A path that came from a network is taken apart: relative,
 * without "..", hidden names or control characters, every folder on the way a real one below the
 * capture folder, no link. */
#ifndef G20_CAPTURE_PLACE_H
#define G20_CAPTURE_PLACE_H

#include "base/err.h"

#include <stdint.h>

/* The base name (without .sigmf, .sigmf-meta or .sigmf-data) of @path below @folder into @buf
 * (@size); missing folders are made. -EINVAL names the field output_path; -EEXIST: a recording of
 * that name is there, finished or not. */
G20_MUST_USE int g20_place_find(const char *folder, const char *path, char *buf, size_t size,
                                struct g20_err *e);

/* A name that tells the time, "BEFORE20261129T101500.123-433920000Hz-N", into @buf; without the
 * part whose number is 0. */
void g20_place_name(const char *before, uint64_t start_us, double center_hz, unsigned n, char *buf,
                    size_t size);

/* The folder itself, with those above it. */
G20_MUST_USE int g20_place_make(const char *folder, struct g20_err *e);

#endif
