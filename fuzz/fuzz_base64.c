/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/base64.h"

#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted is the only text of its bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t room = g20_base64_room(size);
    char *out = g20_calloc(room + 1, 1);
    struct g20_err e;
    size_t n;

    if (!out)
        abort();
    if (g20_base64_decode((const char *)data, size, out, room, &n, &e) == 0) {
        char *again = g20_base64_encode(out, n);
        if (!again || strlen(again) != size || memcmp(again, data, size) != 0)
            abort();
        g20_free(again);
    }
    g20_free(out);
    return 0;
}
