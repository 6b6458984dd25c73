/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* api_query: what a list of /api/emissions, /api/signals, ... is asked for, read strictly: an
 * unknown parameter, or a value out of range, is an error that names it. Pure; a fuzz target. */
#ifndef G20_SERVER_API_QUERY_H
#define G20_SERVER_API_QUERY_H

#include "server/query.h"
#include "store/emissions.h"
#include "store/records.h"

enum g20_api_format { G20_API_JSON, G20_API_JSONL, G20_API_CSV, G20_API_SIGMF };

/* from_us, to_us, f_lo_hz, f_hi_hz, class, min_snr, state, channel, order, limit, cursor, format.
 * *ret_most: rows wanted of an export, 0: all of them. -EINVAL. */
G20_MUST_USE int g20_api_query_emissions(const struct g20_query *q, struct g20_emission_query *ret,
                                         enum g20_api_format *ret_format, uint64_t *ret_most,
                                         struct g20_err *e);

/* from_us, to_us, order, limit, cursor, and the fields of @kind that lists may be asked for by. The
 * values are borrowed from @q. */
G20_MUST_USE int g20_api_query_records(const struct g20_query *q, enum g20_kind kind,
                                       struct g20_record_query *ret, struct g20_err *e);

#endif
