/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* search: all that a tile shows, found and measured on the samples: by energy, weighed against this
 * program's network where there is one, or by a detector of another maker alone (energy.h).
 *
 * One thread at a time, with a crew of its own that works within a look. create() takes all the
 * memory. */
#ifndef G20_DETECT_SEARCH_H
#define G20_DETECT_SEARCH_H

#include "detect/energy.h"

enum { G20_SEARCH_FINDS = 4096 }; /* of one tile, at most */

struct g20_search;

/* Of @cfg what concerns looking, of @sinks look() and image(), which are called within a look. */
G20_MUST_USE int g20_search_create(struct g20_search **ret, const struct g20_energy_cfg *cfg,
                                   const struct g20_energy_sinks *sinks, struct g20_err *e);
void g20_search_destroy(struct g20_search *s);

/* The model's name and version, for emissions; they live as long as @s. */
const char *g20_search_model(const struct g20_search *s, const char **ret_version);

/* As g20_energy_classes(). */
size_t g20_search_classes(const struct g20_search *s, const char *const **ret);

/* Finds in the new rows of @t into *ret (borrowed until the next look); their number. */
size_t g20_search_look(struct g20_search *s, const struct g20_tile *t, const struct g20_history *h,
                       const struct g20_track_stream *stream, const struct g20_find **ret);

/* What nobody waits for, of the last look and what that was given: see g20_namer_remember(). */
void g20_search_remember(struct g20_search *s, const struct g20_track_stream *stream,
                         const atomic_bool *due);

/* Of the last look: what the network took, 0 without one; why it did not look, NULL if it did. */
uint64_t g20_search_network_ns(const struct g20_search *s);
const char *g20_search_error(const struct g20_search *s);

/* Power over noise in its band. */
double g20_find_snr(const struct g20_find *f);

#endif
