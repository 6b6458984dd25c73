/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* canvas: an RGB picture, a few ways to draw on it, and PNG. What lies outside is clipped. */
#ifndef G20_RENDER_CANVAS_H
#define G20_RENDER_CANVAS_H

#include "base/err.h"

#include <stdint.h>

struct g20_canvas {
    int width, height;
    uint8_t *rgb; /* (height, width, 3), top left first */
};

/* Black. 1..16384 each side. */
G20_MUST_USE int g20_canvas_create(struct g20_canvas **ret, int width, int height);
void g20_canvas_destroy(struct g20_canvas *c);

/* Colours are 0xRRGGBB; boxes include both corners. */
void g20_canvas_fill(struct g20_canvas *c, int x0, int y0, int x1, int y1, uint32_t colour);
void g20_canvas_frame(struct g20_canvas *c, int x0, int y0, int x1, int y1, uint32_t colour);
/* @x, @y: top left of the first character, G20_FONT_W x G20_FONT_H pixels each. */
void g20_canvas_text(struct g20_canvas *c, int x, int y, const char *text, uint32_t colour);

/* Written aside and renamed. */
G20_MUST_USE int g20_canvas_write_png(const struct g20_canvas *c, const char *path,
                                      struct g20_err *e);

#endif
