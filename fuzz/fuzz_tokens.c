/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "config/tokens.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A token file, and the same bytes as what a client shows. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char valid[] = "control 0123456789abcdef0123\n";
    const char *text = (const char *)data;
    struct g20_tokens *t = NULL;
    struct g20_err e = {0};

    if (g20_tokens_parse(&t, "fuzz", text, size, &e) < 0) {
        if (t || !e.msg[0])
            __builtin_trap();
    } else if (g20_tokens_count(t) < 1 || g20_tokens_role(t, text, 3) != G20_ROLE_NONE) {
        __builtin_trap();
    }
    g20_tokens_destroy(t);
    t = NULL;
    if (g20_tokens_parse(&t, "valid", valid, sizeof(valid) - 1, &e) < 0)
        __builtin_trap();
    if (g20_tokens_bearer(t, text, size) != G20_ROLE_NONE &&
        (size < 27 || memcmp(data + size - 20, valid + 8, 20) != 0))
        __builtin_trap();
    g20_tokens_destroy(t);
    return 0;
}
