/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* level: a tile and its samples brought to one gain of the receiver, the newest, where that stepped
 * (gain.h), so that a step is no emission and hides none.
 *
 * One thread; nothing is allocated after create(). */
#ifndef G20_DETECT_LEVEL_H
#define G20_DETECT_LEVEL_H

#include "detect/gain.h"
#include "detect/history.h"

struct g20_leveller;

G20_MUST_USE int g20_leveller_create(struct g20_leveller **ret, struct g20_err *e);
void g20_leveller_destroy(struct g20_leveller *l);

/* Forget what was judged: what comes next is another stream. */
void g20_leveller_reset(struct g20_leveller *l);

/* May the newest rows hold a step that the next few rows will settle? */
bool g20_leveller_waits(const struct g20_tile *t);

/* Find the steps in the rows that came since the last call; what lies before one, rows of @t and
 * samples of @h (which has them all), is brought to the gain after it. */
void g20_leveller_level(struct g20_leveller *l, struct g20_tile *t, struct g20_history *h);

#endif
