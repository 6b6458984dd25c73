/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/request.h"

#include "base/alloc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is accepted is whole, and every refusal has a text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *o = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    const char *command = json_string_value(json_object_get(o, "command"));
    struct g20_teach_request q;
    struct g20_err e = {0};

    if (command && g20_teach_request_parse(command, o, &q, &e) < 0) {
        if (!e.msg[0])
            abort();
    } else if (command) {
        if (q.box_list) { /* of a time: as if these were its samples */
            q.samples = 1000;
            q.rate_hz = 1e6;
            q.iq = g20_calloc(2000, sizeof(float));
            if (!q.iq || g20_teach_request_boxes(&q, 1e8, &e) < 0) {
                g20_teach_request_fini(&q);
                json_decref(o);
                return 0;
            }
        }
        for (size_t i = 0; i < q.boxes; i++)
            if (g20_box_check(&q.box[i], i, q.samples, &e) < 0)
                abort();
        if (q.kind == G20_TEACH_SAVE && (!q.iq || !q.samples || !q.boxes || !(q.rate_hz > 0.0)))
            abort();
        g20_teach_request_fini(&q);
    }
    json_decref(o);
    return 0;
}
