/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* colormap: the five waterfall palettes, the one source of truth for C, libg20 and the web UI
 * (gen_colormaps writes the web's copy at build time: build/src/dsp/colormaps.json). */
#ifndef G20_DSP_COLORMAP_H
#define G20_DSP_COLORMAP_H

#include "base/base.h"

#include <stdint.h>

enum g20_colormap {
    G20_COLORMAP_VIRIDIS,
    G20_COLORMAP_PLASMA,
    G20_COLORMAP_INFERNO,
    G20_COLORMAP_MAGMA,
    G20_COLORMAP_TURBO,
    G20_COLORMAP_COUNT
};

extern const uint8_t g20_colormap_rgb[G20_COLORMAP_COUNT][256][3];

const char *g20_colormap_name(enum g20_colormap id);     /* "viridis" ...; NULL for a bad id */
int g20_colormap_by_name(const char *name) G20_MUST_USE; /* the id, or -ENOENT */

#endif
