/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/rfcap.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the header promises of a parsed one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct g20_rfcap c;
    struct g20_err e;

    if (g20_rfcap_parse(data, size, &c, &e) == 0 &&
        (!(c.rate_hz > 0.0) || !isfinite(c.center_hz) || !(c.bandwidth_hz > 0.0) ||
         c.bandwidth_hz > c.rate_hz || !g20_text_is_clean(c.name)))
        abort();
    return 0;
}
