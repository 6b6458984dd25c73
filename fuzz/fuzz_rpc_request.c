/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "rpc/request.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_hz(double v)
{
    return isnan(v) || (v > 0 && v <= 1e12);
}

/* The first byte is the method, the rest its request. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int64_t live = g20_alloc_live();
    struct g20_rpc_request q;
    struct g20_err e = {0};

    if (size < 1)
        return 0;
    const enum g20_rpc_method method = (enum g20_rpc_method)(data[0] % G20_RPC_METHODS);
    const int r = g20_rpc_request_parse(method, data + 1, size - 1, &q, &e);
    if (g20_alloc_live() != live || (r < 0 && !e.msg[0]))
        __builtin_trap();
    if (r < 0)
        return 0;
    if (method == G20_RPC_TUNE_CHANNEL &&
        (!is_hz(q.tune.center_hz) || !is_hz(q.tune.bandwidth_hz) || q.tune.channel > 255))
        __builtin_trap();
    if (method == G20_RPC_START_CAPTURE &&
        (q.capture.output_path[0] == '/' ||
         strstr(q.capture.output_path, "..") == q.capture.output_path ||
         strstr(q.capture.output_path, "/.") || strchr(q.capture.session_id, '/'))) {
        if (q.capture.output_path[0])
            __builtin_trap();
    }
    if (method == G20_RPC_LOAD_MODEL && (strchr(q.name, '/') || q.name[0] == '.'))
        __builtin_trap();
    return 0;
}
