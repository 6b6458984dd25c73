/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "config/config.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_fault(const char *message, void *user)
{
    (void)message;
    ++*(size_t *)user;
}

/* A file that is refused changes nothing; what one that is taken sets can be written and read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct g20_config before, cfg, again;
    const struct g20_option *o;
    struct g20_err e = {0};
    size_t faults = 0, count;

    g20_config_default(&before);
    cfg = before;
    if (g20_config_read_text(&cfg, "fuzz", (const char *)data, size, on_fault, &faults, &e) < 0) {
        if (faults == 0 || !e.msg[0])
            __builtin_trap();
        o = g20_config_options(&count);
        for (size_t i = 0; i < count; i++)
            if (memcmp((char *)&before + o[i].at, (char *)&cfg + o[i].at, o[i].size) != 0)
                __builtin_trap();
        return 0;
    }
    if (faults > 0)
        __builtin_trap();
    again = before;
    o = g20_config_options(&count);
    for (size_t i = 0; i < count; i++) {
        char text[G20_CONFIG_PATH_MAX];

        g20_config_format(&cfg, &o[i], text, sizeof(text));
        if (o[i].flags & G20_OPT_SECRET)
            continue;
        if (g20_config_set(&again, o[i].key, text, &e) < 0 ||
            memcmp((char *)&again + o[i].at, (char *)&cfg + o[i].at, o[i].size) != 0)
            __builtin_trap();
    }
    return 0;
}
