/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* naming: the second look at a tile's finds, within a bounded time.
 *
 * Looks at short finds cost nothing that counts; one at a narrow signal that lasts for the whole
 * tile costs about what the search did. So the short ones come first, and the long ones take turns
 * from tile to tile: they will be there again. One thread; nothing is allocated after create(). */
#ifndef G20_DETECT_NAMING_H
#define G20_DETECT_NAMING_H

#include "detect/heads.h"
#include "detect/memory.h"
#include "detect/shape.h"
#include "detect/track.h"

#include <stdatomic.h>

typedef void g20_naming_fn(const struct g20_find *f, const struct g20_look *look, void *user);

struct g20_namer_cfg {             /* all borrowed until destroy() */
    struct g20_heads *heads;       /* NULL: nobody names */
    struct g20_memory *memory;     /* what is looked at is kept there; NULL: nowhere */
    const struct g20_shape *shape; /* candidates of it are looked at too; NULL: of heads alone */
    struct g20_hands *hands;       /* that cut candidates */
    bool bounded;                  /* false: time does not count */
    g20_naming_fn *fn;             /* gets every look; NULL: nobody */
    void *user;
};

struct g20_namer;
G20_MUST_USE int g20_namer_create(struct g20_namer **ret, const struct g20_namer_cfg *cfg,
                                  struct g20_err *e);
void g20_namer_destroy(struct g20_namer *n);

/* Sets .name and .named of those among @find (count, strongest first) that a head knows; then those
 * that are its signal together are joined, and those that hold it several times are cut up: how
 * many there are then, at most @cap. While there is no head and no .fn, nothing is done. */
size_t g20_namer_name(struct g20_namer *n, struct g20_find *find, size_t count, size_t cap,
                      const struct g20_floor *floor, const struct g20_history *h,
                      const struct g20_track_stream *s);

/* Of a tile that nobody asked to name: some of @find (count) are looked at for the memory alone, in
 * turn from tile to tile where there are many, within a quarter of the time that naming may take of
 * @rows new rows. Ends before that once *@due (NULL: never), which another thread may set; but
 * where each tile is due already when this is called, one find is looked at in four of them. */
void g20_namer_remember(struct g20_namer *n, const struct g20_find *find, size_t count,
                        uint32_t rows, const struct g20_history *h,
                        const struct g20_track_stream *s, const atomic_bool *due);

#endif
