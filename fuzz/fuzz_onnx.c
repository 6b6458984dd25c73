/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/onnx.h"
#include "nn/onnx_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct g20_onnx_scan scan;
    struct g20_model m;
    struct g20_err e;
    char text[64];

    if (g20_onnx_scan(&scan, data, size, "fuzz.onnx", &e) == 0)
        for (uint32_t i = 0; i < scan.props; i++)
            if (g20_onnx_scan_prop(&scan, "names", text, sizeof(text)) >= (int)sizeof(text))
                __builtin_trap();

    if (g20_onnx_parse(&m, data, size, "fuzz.onnx", &e) == 0) {
        /* What the header promises of a model that was read. */
        if (!m.params || m.net.count < 2 || m.net.params * 2 > size || m.height == 0)
            __builtin_trap();
        g20_model_fini(&m);
    }
    return 0;
}
