/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/api_query.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A query string as the lists of the API read it: what is accepted is in range, and a refusal says
 * why. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct g20_query q;
    struct g20_emission_query eq;
    struct g20_record_query rq;
    enum g20_api_format format;
    uint64_t most;
    struct g20_err e = {0};

    if (g20_query_parse((const char *)data, size, &q, &e) < 0)
        return 0;
    if (g20_api_query_emissions(&q, &eq, &format, &most, &e) < 0) {
        if (!e.msg[0])
            abort();
    } else if (eq.limit > G20_EMISSIONS_MOST || (eq.to_us > 0 && eq.to_us <= eq.from_us) ||
               (eq.has_cursor && (eq.cursor_us < 0 || eq.cursor_id < 0))) {
        abort();
    }
    for (int kind = 0; kind < G20_KINDS; kind++)
        if (g20_api_query_records(&q, (enum g20_kind)kind, &rq, &e) == 0 &&
            (rq.filters > G20_RECORD_FILTERS || rq.limit > G20_RECORDS_MOST))
            abort();
    return 0;
}
