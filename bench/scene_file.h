/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene_file: samples for rows that play or read them, so that making them costs the row nothing.
 */
#ifndef G20_BENCH_SCENE_FILE_H
#define G20_BENCH_SCENE_FILE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The scene of the default seed at 20 MS/s to @path as ci16_le: 4 s, or a twentieth for a smoke
 * test. The caller removes it, after a failure too. */
G20_MUST_USE int bench_scene_file(const char *path, bool quick, uint64_t *ret_samples,
                                  struct g20_err *e);

#endif
