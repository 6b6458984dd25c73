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

#define G20_PACKET_BT 24.0 /* bandwidth x duration from which a piece is a packet, not a symbol */

/* A hopper stays on a channel for a hop or two by chance; what goes on for long are lines of one
 * signal (video's), whose pauses lie beside the band that was found: they are not level. @find (n)
 * is put in order of starts. */
void g20_pieces_know_lines(struct g20_find *find, size_t n);

/* @find (n), in any order: how many are left, in order of their starts. One that is joined of
 * several is as sure as the surest of them. */
size_t g20_pieces_join(struct g20_find *find, size_t n);

/* @b becomes a part of @a. */
void g20_find_join(struct g20_find *a, const struct g20_find *b);

/* Samples that a pause lasts at least to be one for sure: a transform shows it, or the bandwidth
 * does, and it is no trifle beside the bursts' own length; @width: a fraction of the rate. */
double g20_pause_shown(double width, double length);

/* Are a0 .. a1 and the later b0 .. b1, of a signal @width wide (a fraction of the rate), two bursts
 * of a train, each an emission of its own: as long as each other, longer than a symbol, and further
 * apart than a signal's own pauses? Those that keep their level (@level) have none that a transform
 * or their bandwidth shows. */
bool g20_bursts_repeat(uint64_t a0, uint64_t a1, uint64_t b0, uint64_t b1, double width,
                       bool level);

#endif
