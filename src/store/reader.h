/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* reader: questions to the store, beside its writer. One thread at a time each.
 *
 * A question that takes longer than 5 s is given up with -ETIME. After the database was replaced
 * (damaged) the next question goes to the new one. */
#ifndef G20_STORE_READER_H
#define G20_STORE_READER_H

#include "store/emissions.h"
#include "store/records.h"
#include "store/store.h"

struct g20_store_reader;

/* @s is borrowed and must outlive it. Opens nothing yet. */
G20_MUST_USE int g20_store_reader_create(struct g20_store_reader **ret, struct g20_store *s);
void g20_store_reader_destroy(struct g20_store_reader *r); /* NULL is fine */

/* See emissions.h and records.h. */
G20_MUST_USE int g20_store_reader_emissions(struct g20_store_reader *r,
                                            const struct g20_emission_query *q,
                                            struct g20_stored_emission *ret, struct g20_err *e);
G20_MUST_USE int g20_store_reader_get(struct g20_store_reader *r, enum g20_kind kind,
                                      const char *id, json_t **ret, struct g20_err *e);
G20_MUST_USE int g20_store_reader_list(struct g20_store_reader *r, enum g20_kind kind,
                                       const struct g20_record_query *q, json_t **ret,
                                       bool *ret_more, int64_t *ret_us, int64_t *ret_n,
                                       struct g20_err *e);

/* What runs on another thread stops with -ETIME, and all later questions too: for a shutdown. */
void g20_store_reader_stop(struct g20_store_reader *r);

#endif
