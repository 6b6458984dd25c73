/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/sigmf.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct g20_sigmf *m = NULL;
    struct g20_err e;

    if (g20_sigmf_parse(&m, (const char *)data, size, "fuzz.sigmf-meta", &e) == 0) {
        /* What the header promises of a parsed document. */
        if (m->ncaptures < 1 || !(m->rate_hz > 0) || m->channels < 1)
            __builtin_trap();
        for (size_t i = 1; i < m->ncaptures; i++) {
            if (m->captures[i].sample_start <= m->captures[i - 1].sample_start)
                __builtin_trap();
        }
    }
    g20_sigmf_destroy(m);
    return 0;
}
