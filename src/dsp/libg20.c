/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* libg20: what include/g20.h promises, on top of the daemon's own modules. */
#include "dsp/colormap.h"
#include "dsp/kernels.h"
#include "g20.h"

#include <math.h>
#include <string.h>

/* The public numbers are those of WF01 and of the daemon. */
_Static_assert((int)G20_VIRIDIS == (int)G20_COLORMAP_VIRIDIS, "colormap ids");
_Static_assert((int)G20_PLASMA == (int)G20_COLORMAP_PLASMA, "colormap ids");
_Static_assert((int)G20_INFERNO == (int)G20_COLORMAP_INFERNO, "colormap ids");
_Static_assert((int)G20_MAGMA == (int)G20_COLORMAP_MAGMA, "colormap ids");
_Static_assert((int)G20_TURBO == (int)G20_COLORMAP_TURBO, "colormap ids");

void apply_colormap(const float *db, uint8_t *rgba, int length, int colormap_id, float db_min,
                    float db_max)
{
    uint32_t lut[256];

    if (length <= 0)
        return;
    if (colormap_id < 0 || colormap_id >= G20_COLORMAP_COUNT)
        colormap_id = G20_VIRIDIS;
    for (int i = 0; i < 256; i++) {
        const uint8_t *c = g20_colormap_rgb[colormap_id][i];
        const uint8_t pixel[4] = {c[0], c[1], c[2], 255};
        memcpy(&lut[i], pixel, 4);
    }
    if (!isfinite(db_min) || !isfinite(db_max) || db_max <= db_min) {
        for (size_t i = 0; i < (size_t)length; i++)
            memcpy(rgba + 4 * i, &lut[0], 4);
        return;
    }
    g20_kernels()->colour(rgba, db, (size_t)length, lut, db_min, db_max);
}
