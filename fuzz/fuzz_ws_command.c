/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/command.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is accepted is a view that can be made, and every refusal has a code and a text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct g20_view_cfg now = {.full_span = true, .width = 64, .fps = 30, .auto_range = true};
    struct g20_command_error err;
    struct g20_command c;

    if (g20_command_parse((const char *)data, size, &now, &c, &err) < 0) {
        if (!err.code || !err.message[0])
            abort();
        g20_command_error_fini(&err);
        return 0;
    }
    if (c.view.width < G20_VIEW_WIDTH_MIN || c.view.width > G20_VIEW_WIDTH_MAX ||
        !(c.view.fps > 0) || !(c.view.auto_range || c.view.db_min < c.view.db_max) ||
        !(c.view.full_span || c.view.f_lo_hz < c.view.f_hi_hz))
        abort();
    g20_command_fini(&c);
    return 0;
}
