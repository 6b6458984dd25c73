/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* crew: a few threads that do one job together, many times a second.
 *
 * The caller is member 0. Members wait for each other inside a job at barriers; waiting spins for a
 * moment and then sleeps. */
#ifndef G20_NN_CREW_H
#define G20_NN_CREW_H

#include "base/err.h"

#include <stdint.h>

enum { G20_CREW_MAX = 16 };

struct g20_crew;
typedef void g20_crew_fn(struct g20_crew *c, uint32_t member, uint32_t members, void *user);

/* @members: 1..G20_CREW_MAX, the caller counted. */
G20_MUST_USE int g20_crew_create(struct g20_crew **ret, uint32_t members, struct g20_err *e);
void g20_crew_destroy(struct g20_crew *c);

uint32_t g20_crew_members(const struct g20_crew *c);

/* Of @n things, those that are member @member's: *ret_from .. *ret_to - 1. */
void g20_crew_share(uint32_t n, uint32_t member, uint32_t members, uint32_t *ret_from,
                    uint32_t *ret_to);

/* @fn on every member; returns when all have. One job at a time. @c NULL: the caller alone, as
 * member 0 of 1, and @fn gets NULL. */
void g20_crew_run(struct g20_crew *c, g20_crew_fn *fn, void *user);

/* Within a job: until every member is here. What each wrote before, all see after. */
void g20_crew_meet(struct g20_crew *c);

#endif
