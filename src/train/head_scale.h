/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* head_scale: the generator's finds as they would be at another rate.
 *
 * Scenes are 20 MHz wide; what people teach may be a few kilohertz wide and a hundred times as
 * long. A classifier that sees no other examples tells the signal by its bandwidth, and names
 * everything else of that bandwidth. But a scene played at another rate is a scene: its looks are
 * the same, but for bandwidth and duration, one of which grows as the other shrinks. */
#ifndef G20_TRAIN_HEAD_SCALE_H
#define G20_TRAIN_HEAD_SCALE_H

#include "train/head.h"

/* Of each example of @s from number @first on one more that is as wide as one of those that are
 * meant, drawn from @seed among those before @first. -ENOMEM. */
G20_MUST_USE int g20_head_scale(struct g20_head_set *s, size_t first, uint64_t seed);

#endif
