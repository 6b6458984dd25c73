/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/wire.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BOXES = 64 };

static void row(const uint8_t *data, size_t size)
{
    const uint8_t *pixels = NULL;
    uint8_t again[G20_WF01_BYTES];
    struct g20_wf01 h;
    struct g20_err e = {0};

    if (g20_wf01_decode(data, size, &h, &pixels, &e) < 0) {
        if (!e.msg[0])
            __builtin_trap();
        return;
    }
    /* The pixels lie in the message, and the header writes itself again. */
    const size_t bytes = (size_t)h.bins * h.rows * g20_wf01_pixel_bytes(h.format);
    if (pixels < data || bytes > size - (size_t)(pixels - data))
        __builtin_trap();
    g20_wf01_encode(&h, again);
    if (h.header_bytes == G20_WF01_BYTES && memcmp(again, data, sizeof(again)) != 0)
        __builtin_trap();
}

static void tile(const uint8_t *data, size_t size)
{
    struct g20_wire_box box[BOXES];
    struct g20_dt01 h;
    struct g20_err e = {0};
    uint8_t again[G20_DT01_BYTES + BOXES * G20_WIRE_BOX_BYTES];

    if (g20_dt01_decode(data, size, &h, box, BOXES, &e) < 0) {
        if (!e.msg[0])
            __builtin_trap();
        return;
    }
    if (h.count > BOXES) /* more than there was room for */
        return;
    g20_dt01_encode(&h, box, again);
    if (memcmp(again, data, g20_dt01_bytes(h.count)) != 0)
        __builtin_trap();
}

static void iq(const uint8_t *data, size_t size)
{
    float complex x[BOXES];
    struct g20_iq01 h;
    struct g20_err e = {0};
    uint8_t again[G20_IQ01_BYTES + BOXES * 8];

    if (g20_iq01_decode(data, size, &h, x, BOXES, &e) < 0) {
        if (!e.msg[0])
            __builtin_trap();
        return;
    }
    if (h.num_samples > BOXES)
        return;
    g20_iq01_encode(&h, x, again);
    if (memcmp(again, data, G20_IQ01_BYTES) != 0) /* a NaN may come back as another */
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    row(data, size);
    tile(data, size);
    iq(data, size);
    return 0;
}
