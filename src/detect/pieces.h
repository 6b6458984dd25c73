/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* pieces: finds of one band and level that follow each other after no more than half a transform,
 * and no more than the longer of them lasts.
 *
 * No spectrogram shows such a pause: they are told as one, however a signal's own nulls, keys and
 * fades cut it. Pure function. */
#ifndef G20_DETECT_PIECES_H
#define G20_DETECT_PIECES_H

#include <stddef.h>

#include "detect/find.h"

/* @find (n), in any order: how many are left, in order of their starts. One that is joined of
 * several is as sure as the surest of them. */
size_t g20_pieces_join(struct g20_find *find, size_t n);

/* @b becomes a part of @a. */
void g20_find_join(struct g20_find *a, const struct g20_find *b);

#endif
