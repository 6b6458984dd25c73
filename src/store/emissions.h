/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* emissions: their table. @db belongs to the calling thread. */
#ifndef G20_STORE_EMISSIONS_H
#define G20_STORE_EMISSIONS_H

#include "detect/emission.h"
#include "store/sql.h"

enum g20_emission_state {
    G20_EMISSION_IS_OPEN,
    G20_EMISSION_IS_CLOSED,
    G20_EMISSION_IS_UNFINISHED, /* its end was never seen: the daemon died, or lost count */
};

/* "open" "closed" "unfinished" */
const char *g20_emission_state_name(enum g20_emission_state state);

struct g20_stored_emission {
    enum g20_emission_state state;
    struct g20_emission em; /* sample_start and sample_count are 0: they belong to recordings */
};

enum { G20_EMISSIONS_MOST = 1000 }; /* in one answer */

/* Zero every field for 'all of them, the newest first'. */
struct g20_emission_query {
    uint64_t from_us, to_us; /* those that touch [from, to); to 0: no end */
    bool has_f_lo, has_f_hi, has_snr, has_state, has_channel;
    double f_lo_hz, f_hi_hz; /* those that touch [f_lo, f_hi] */
    double min_snr_db;
    enum g20_emission_state state;
    int channel;
    char class_name[32]; /* "": any */
    bool ascending;      /* oldest first */
    uint32_t limit;      /* 1 to G20_EMISSIONS_MOST; 0: 100 */
    /* Go on behind the last one of the answer before. */
    bool has_cursor;
    int64_t cursor_us, cursor_id;
};

/* A new one, or the new state of a known one; one that has ended is never opened again. -EEXIST:
 * the id belongs to another emission. @st caches the statement between calls; it
 * starts as NULL and belongs to @db. */
G20_MUST_USE int g20_emissions_write(sqlite3 *db, sqlite3_stmt **st, const struct g20_emission *em,
                                     bool closed, struct g20_err *e);

/* All that are still marked open will never be closed: mark them. Returns how many. */
G20_MUST_USE int g20_emissions_mark_unfinished(sqlite3 *db, struct g20_err *e);

/* The highest id ever given, deleted ones too; 0: none. */
G20_MUST_USE int g20_emissions_last_id(sqlite3 *db, int64_t *ret, struct g20_err *e);

/* Up to @q->limit into @ret (room for G20_EMISSIONS_MOST). Returns how many. */
G20_MUST_USE int g20_emissions_find(sqlite3 *db, const struct g20_emission_query *q,
                                    struct g20_stored_emission *ret, struct g20_err *e);

/* Delete up to @most that ended before @before_us. Returns how many. */
G20_MUST_USE int g20_emissions_delete_before(sqlite3 *db, uint64_t before_us, int most,
                                             struct g20_err *e);

#endif
