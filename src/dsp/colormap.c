/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/colormap.h"

#include <errno.h>
#include <string.h>

static const char *const NAMES[G20_COLORMAP_COUNT] = {
    [G20_COLORMAP_VIRIDIS] = "viridis", [G20_COLORMAP_PLASMA] = "plasma",
    [G20_COLORMAP_INFERNO] = "inferno", [G20_COLORMAP_MAGMA] = "magma",
    [G20_COLORMAP_TURBO] = "turbo",
};

const char *g20_colormap_name(enum g20_colormap id)
{
    return (unsigned)id < G20_COLORMAP_COUNT ? NAMES[id] : NULL;
}

int g20_colormap_by_name(const char *name)
{
    for (int id = 0; id < G20_COLORMAP_COUNT; id++) {
        if (strcmp(name, NAMES[id]) == 0)
            return id;
    }
    return -ENOENT;
}
