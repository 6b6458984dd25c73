/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/file_args.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[8192], escaped[8192];
    struct g20_file_args a, again;
    struct g20_err e;

    if (size >= sizeof(text))
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (g20_file_args_parse(&a, text, &e) < 0)
        return 0;
    /* A path that was read can be written again, and reads the same. */
    if (g20_file_args_escape(a.path, escaped, sizeof(escaped)) < 0 ||
        g20_file_args_parse(&again, escaped, &e) < 0 || strcmp(again.path, a.path) != 0)
        __builtin_trap();
    g20_file_args_from_name(&a);
    if (a.rate_hz < 0 || a.rate_hz > 1e12)
        __builtin_trap();
    return 0;
}
