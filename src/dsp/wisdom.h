/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* wisdom: where a measured FFT plan is kept between runs. One small text file a plan:
 *
 *     G20 FFT plan v1 <FNV-1a of all that follows this line, 16 hex digits>\n
 *     <text of the FFTW version>\n
 *     <FFTW's own wisdom>
 *
 * A file that is missing, cut short, damaged or of another FFTW version is simply not used: the
 * checksum keeps damaged text away from FFTW's parser, and a plan is measured afresh. */
#ifndef G20_DSP_WISDOM_H
#define G20_DSP_WISDOM_H

#include "base/base.h"

#include <stdint.h>

/* File name of a plan: "fft-4096-forward.wisdom". */
void g20_wisdom_name(char *buf, size_t size, uint32_t n, int dir);

/* 0 and the wisdom as text (NUL-terminated) in @text (@cap bytes); -errno, or G20_EFORMAT for a
 * file that is damaged or too large, or G20_EVERSION. */
G20_MUST_USE int g20_wisdom_load(const char *dir, const char *name, const char *version, char *text,
                                 size_t cap);

/* Create @dir (and its parents) where missing and replace the file in one step; 0 or -errno. */
G20_MUST_USE int g20_wisdom_save(const char *dir, const char *name, const char *version,
                                 const char *text);

#endif
