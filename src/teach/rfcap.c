/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/rfcap.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

static uint64_t get_u64(const uint8_t *at)
{
    uint64_t v = 0;

    for (int i = 7; i >= 0; i--)
        v = v << 8 | at[i];
    return v;
}

static double get_f64(const uint8_t *at)
{
    const uint64_t bits = get_u64(at);
    double v;

    memcpy(&v, &bits, sizeof(v));
    return v;
}

int g20_rfcap_parse(const void *data, size_t len, struct g20_rfcap *ret, struct g20_err *e)
{
    const uint8_t *at = data;
    struct g20_rfcap c = {.name = ""};

    if (len < G20_RFCAP_HEADER || memcmp(at, "G20", 4) != 0)
        return g20_fail(e, G20_EFORMAT,
                        "no RFCAP capture: want a header of %d bytes that begins "
                        "with \"G20\" and a zero",
                        G20_RFCAP_HEADER);
    const uint32_t version = (uint32_t)(get_u64(at) >> 32);
    if (version != 1)
        return g20_fail(e, G20_EVERSION, "RFCAP version %u: want 1", version);
    c.rate_hz = get_f64(at + 8);
    c.center_hz = get_f64(at + 16);
    c.bandwidth_hz = get_f64(at + 24);
    c.samples = get_u64(at + 32);
    const double start_s = get_f64(at + 40);
    if (!(c.rate_hz >= 1e-3 && c.rate_hz <= 1e12))
        return g20_fail(e, G20_EFORMAT, "sample rate %g: want 1e-3 to 1e12 Hz", c.rate_hz);
    if (!(fabs(c.center_hz) <= 1e15))
        return g20_fail(e, G20_EFORMAT, "centre %g: want a frequency in Hz", c.center_hz);
    if (!(c.bandwidth_hz > 0.0 && c.bandwidth_hz <= c.rate_hz))
        c.bandwidth_hz = c.rate_hz; /* the prototype wrote 0 for "all of it" */
    if (start_s > 0.0 && start_s < 1e11)
        c.start_us = (uint64_t)(start_s * 1e6);
    memcpy(c.name, at + 48, 32);
    if (!g20_text_is_clean(c.name))
        c.name[0] = '\0';
    *ret = c;
    return 0;
}
