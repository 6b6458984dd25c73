/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* gen_colormaps: a build tool that prints the palettes as JSON for the web UI, so that the table in
 * colormap_tables.c stays the only one:
 *
 *     {"names": ["viridis", ...], "rgb": [[r0, g0, b0, r1, ... b255], ...]}
 *
 * Both arrays are in the order of enum g20_colormap (the colormap byte of WF01); 768 numbers a
 * palette, 0..255. */
#include "dsp/colormap.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    printf("{\"names\": [");
    for (int id = 0; id < G20_COLORMAP_COUNT; id++)
        printf("%s\"%s\"", id ? ", " : "", g20_colormap_name((enum g20_colormap)id));
    printf("],\n\"rgb\": [");
    for (int id = 0; id < G20_COLORMAP_COUNT; id++) {
        printf("%s\n[", id ? "," : "");
        for (int i = 0; i < 768; i++)
            printf("%s%d", i ? "," : "", g20_colormap_rgb[id][i / 3][i % 3]);
        printf("]");
    }
    printf("\n]}\n");
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
