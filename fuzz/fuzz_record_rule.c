/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/record_rule.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted keeps its promises and is accepted again from its own JSON. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct g20_record_rule r[G20_RECORD_RULES], again;
    struct g20_err e = {0};
    json_t *o = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);

    if (!o)
        return 0;
    const int n = g20_record_rules_parse(r, o, "rules", &e);
    json_decref(o);
    if (n < 0 && !e.msg[0])
        abort();
    for (int i = 0; i < n; i++) {
        if (!(r[i].max_s > 0) || r[i].nclasses > G20_RECORD_CLASSES)
            abort();
        o = g20_record_rule_json(&r[i]);
        if (!o || g20_record_rule_parse(&again, o, "again", &e) < 0)
            abort();
        json_decref(o);
    }
    return 0;
}
