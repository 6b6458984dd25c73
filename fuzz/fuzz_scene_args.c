/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/scene_args.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Text that is refused changes nothing and says why; what is taken are numbers. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct g20_scene_cfg cfg, before;
    struct g20_err e = {0};
    char text[1024];

    if (size >= sizeof(text))
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    g20_scene_cfg_default(&before);
    cfg = before;
    if (g20_scene_parse_args(&cfg, text, &e) < 0) {
        if (!e.msg[0] || cfg.seed != before.seed || cfg.only != before.only ||
            fabs(cfg.noise_dbfs - before.noise_dbfs) > 0 ||
            fabs(cfg.density - before.density) > 0 || fabs(cfg.seconds - before.seconds) > 0 ||
            cfg.quiet != before.quiet || cfg.impairments != before.impairments)
            __builtin_trap();
        return 0;
    }
    if (!isfinite(cfg.noise_dbfs) || !isfinite(cfg.density) || !isfinite(cfg.seconds) ||
        (cfg.only && !g20_scene_kind_name(cfg.only)))
        __builtin_trap();
    return 0;
}
