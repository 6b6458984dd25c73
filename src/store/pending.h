/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* pending: emissions that wait to be written, one entry each, however often they change.
 *
 * Bounded. When it is full, one that is still on gives way to one that has ended; only when all
 * have ended is one refused, and whoever put it counts it. Not thread-safe; nothing is allocated
 * after create(). */
#ifndef G20_STORE_PENDING_H
#define G20_STORE_PENDING_H

#include "base/err.h"
#include "detect/emission.h"

struct g20_pending;

struct g20_pending_item {
    bool closed;
    struct g20_emission em;
};

G20_MUST_USE int g20_pending_create(struct g20_pending **ret, uint32_t cap); /* 1 to 1 << 20 */
void g20_pending_destroy(struct g20_pending *p);                             /* NULL is fine */

enum g20_pending_result {
    G20_PENDING_TAKEN,
    G20_PENDING_UPDATE_DROPPED, /* full: this one, or another, that is still on was forgotten */
    G20_PENDING_LOST,           /* full of those that have ended, and this one has too */
};

/* An entry that has ended stays so. @newer false: an older state of the emission, kept only when
 * there is no entry (a batch that could not be written comes back). */
enum g20_pending_result g20_pending_put(struct g20_pending *p, bool closed, bool newer,
                                        const struct g20_emission *em);

uint32_t g20_pending_count(const struct g20_pending *p);
const struct g20_pending_item *g20_pending_item(const struct g20_pending *p, uint32_t i);
void g20_pending_clear(struct g20_pending *p);

#endif
