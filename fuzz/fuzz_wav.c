/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/wav.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
    const uint8_t *data;
    size_t size;
};

static int64_t read_bytes(void *user, void *buf, size_t n, uint64_t at)
{
    const struct bytes *b = user;

    if (at >= b->size)
        return 0;
    if (n > b->size - at)
        n = b->size - (size_t)at;
    memcpy(buf, b->data + at, n);
    return (int64_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes b = {data, size};
    struct g20_wav w;
    struct g20_err e;

    if (g20_wav_parse(&w, read_bytes, &b, size, size & 1, "fuzz.wav", &e) == 0) {
        if (w.data_at > size || w.data_bytes > size - w.data_at || !(w.rate_hz > 0))
            __builtin_trap();
    }
    return 0;
}
