/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* shoulder: what a strong burst spills beside its own band is left out.
 *
 * Keyed and frequency-shifted bursts have side lobes well over the noise when they are strong, and
 * a search by regions finds each lobe for itself. A lobe comes or goes with its burst, lies within
 * one bandwidth of it and is much weaker a hertz. Pure function. */
#ifndef G20_DETECT_SHOULDER_H
#define G20_DETECT_SHOULDER_H

#include "detect/refine.h"

/* @find (n), in any order: shoulders are taken out; how many are left, strongest first. */
size_t g20_shoulders_drop(struct g20_find *find, size_t n);

#endif
