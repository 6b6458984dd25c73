/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "rpc/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A request to the reflection service: an answer or none, and nothing of ours left behind. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int64_t live = g20_alloc_live();
    grpc_byte_buffer *answer = g20_rpc_reflect(data, size);

    if (answer && grpc_byte_buffer_length(answer) == 0)
        __builtin_trap();
    grpc_byte_buffer_destroy(answer);
    if (g20_alloc_live() != live)
        __builtin_trap();
    return 0;
}
