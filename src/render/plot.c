/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "render/plot.h"

#include "render/canvas.h"
#include "render/font.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { W = 900, H = 540, LEFT = 70, RIGHT = 24, TOP = 48, BOTTOM = 64, MARK = 3 };

#define PAPER 0xFFFFFFu
#define INK   0x202020u
#define GRID  0xE0E0E0u

/* Okabe and Ito's colours, which people with any colour vision tell apart. */
static const uint32_t colours[G20_PLOT_CURVES] = {0x0072B2, 0xD55E00, 0x009E73,
                                                  0xCC79A7, 0xE69F00, 0x56B4E9};

static int at_x(const struct g20_plot *p, double x)
{
    const double span = G20_MAX(p->x[p->n - 1] - p->x[0], p->x_step);

    return LEFT + (int)lround((x - p->x[0]) / span * (W - LEFT - RIGHT));
}

static int at_y(const struct g20_plot *p, double y)
{
    const double part = (G20_CLAMP(y, p->y_lo, p->y_hi) - p->y_lo) / (p->y_hi - p->y_lo);

    return H - BOTTOM - (int)lround(part * (H - TOP - BOTTOM));
}

static void centred(struct g20_canvas *c, int x, int y, const char *text)
{
    g20_canvas_text(c, x - (int)strlen(text) * G20_FONT_W / 2, y, text, INK);
}

static void axes(struct g20_canvas *c, const struct g20_plot *p)
{
    const double last = p->x[p->n - 1];
    char text[32];

    for (int i = 0; p->x[0] + i * p->x_step <= last + 1e-9; i++) {
        const double v = p->x[0] + i * p->x_step;
        g20_canvas_fill(c, at_x(p, v), TOP, at_x(p, v), H - BOTTOM, GRID);
        snprintf(text, sizeof(text), "%g", v);
        centred(c, at_x(p, v), H - BOTTOM + 6, text);
    }
    for (int i = 0; p->y_lo + i * p->y_step <= p->y_hi + 1e-9; i++) {
        const double v = p->y_lo + i * p->y_step;
        const int y = at_y(p, v);
        g20_canvas_fill(c, LEFT, y, W - RIGHT, y, GRID);
        snprintf(text, sizeof(text), "%g", v);
        g20_canvas_text(c, LEFT - 8 - (int)strlen(text) * G20_FONT_W, y - G20_FONT_H / 2, text,
                        INK);
    }
    g20_canvas_fill(c, LEFT, H - BOTTOM, W - RIGHT, H - BOTTOM, INK);
    g20_canvas_fill(c, LEFT, TOP, LEFT, H - BOTTOM, INK);
    centred(c, (LEFT + W - RIGHT) / 2, H - BOTTOM + 24, p->x_label);
    g20_canvas_text(c, 8, TOP - 18, p->y_label, INK);
    centred(c, W / 2, 10, p->title);
}

/* Bresenham, two pixels thick. */
static void line(struct g20_canvas *c, int x0, int y0, int x1, int y1, uint32_t colour)
{
    const int dx = abs(x1 - x0), dy = -abs(y1 - y0), sx = x0 < x1 ? 1 : -1, sy = y0 < y1 ? 1 : -1;
    int err = dx + dy;

    for (;;) {
        g20_canvas_fill(c, x0, y0, x0 + 1, y0 + 1, colour);
        if (x0 == x1 && y0 == y1)
            return;
        const int twice = 2 * err;
        if (twice >= dy) {
            err += dy;
            x0 += sx;
        }
        if (twice <= dx) {
            err += dx;
            y0 += sy;
        }
    }
}

static void curve(struct g20_canvas *c, const struct g20_plot *p, size_t k)
{
    const double *y = p->curve[k].y;
    const int name_y = H - BOTTOM - 16 * (int)(p->curves - k) - 4, name_x = W - RIGHT - 220;

    for (size_t i = 0; i < p->n; i++) {
        if (isnan(y[i]))
            continue;
        const int px = at_x(p, p->x[i]), py = at_y(p, y[i]);
        g20_canvas_fill(c, px - MARK, py - MARK, px + MARK, py + MARK, colours[k]);
        if (i > 0 && !isnan(y[i - 1]))
            line(c, at_x(p, p->x[i - 1]), at_y(p, y[i - 1]), px, py, colours[k]);
    }
    g20_canvas_fill(c, name_x, name_y + 5, name_x + 18, name_y + 7, colours[k]);
    g20_canvas_text(c, name_x + 26, name_y, p->curve[k].name, INK);
}

int g20_plot_write(const struct g20_plot *p, const char *path, struct g20_err *e)
{
    struct g20_canvas *c;

    if (p->n < 1 || p->curves < 1 || p->curves > G20_PLOT_CURVES || !(p->y_hi > p->y_lo) ||
        !(p->x_step > 0) || !(p->y_step > 0))
        return g20_fail(e, -EINVAL, "%s: nothing to plot", path);
    int r = g20_canvas_create(&c, W, H);
    if (r < 0)
        return g20_fail(e, r, "%s: %s", path, g20_strerror(r));
    g20_canvas_fill(c, 0, 0, W - 1, H - 1, PAPER);
    axes(c, p);
    for (size_t k = 0; k < p->curves; k++)
        curve(c, p, k);
    r = g20_canvas_write_png(c, path, e);
    g20_canvas_destroy(c);
    return r;
}
