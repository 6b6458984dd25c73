/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/query.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted has as many names as parameters, each found again; a refusal has a text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct g20_query q = {0};
    struct g20_err e = {0};
    double v = 1;

    if (g20_query_parse((const char *)data, size, &q, &e) < 0) {
        if (!e.msg[0])
            abort();
        return 0;
    }
    if (q.count > G20_QUERY_MAX || q.used > G20_QUERY_BYTES)
        abort();
    for (uint32_t i = 0; i < q.count; i++) {
        const char *name = q.text + q.name[i];

        if (g20_query_get(&q, name) != q.text + q.value[i] || strlen(name) == 0)
            abort();
        if (g20_query_number(&q, name, 0, 1e9, &v, &e) > 0 && !(v >= 0 && v <= 1e9))
            abort();
    }
    return 0;
}
