/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "render/canvas.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "render/font.h"

#include <errno.h>
#include <png.h>

int g20_canvas_create(struct g20_canvas **ret, int width, int height)
{
    if (width < 1 || height < 1 || width > 16384 || height > 16384)
        return -EINVAL;
    struct g20_canvas *c = g20_calloc(1, sizeof(*c));
    if (!c)
        return -ENOMEM;
    c->width = width;
    c->height = height;
    c->rgb = g20_calloc((size_t)width * (size_t)height, 3);
    if (!c->rgb) {
        g20_canvas_destroy(c);
        return -ENOMEM;
    }
    *ret = c;
    return 0;
}

void g20_canvas_destroy(struct g20_canvas *c)
{
    if (!c)
        return;
    g20_free(c->rgb);
    g20_free(c);
}

void g20_canvas_fill(struct g20_canvas *c, int x0, int y0, int x1, int y1, uint32_t colour)
{
    x0 = G20_MAX(x0, 0);
    y0 = G20_MAX(y0, 0);
    x1 = G20_MIN(x1, c->width - 1);
    y1 = G20_MIN(y1, c->height - 1);
    for (int y = y0; y <= y1; y++) {
        uint8_t *p = c->rgb + 3 * ((size_t)y * (size_t)c->width + (size_t)G20_MAX(x0, 0));
        for (int x = x0; x <= x1; x++, p += 3) {
            p[0] = (uint8_t)(colour >> 16);
            p[1] = (uint8_t)(colour >> 8);
            p[2] = (uint8_t)colour;
        }
    }
}

void g20_canvas_frame(struct g20_canvas *c, int x0, int y0, int x1, int y1, uint32_t colour)
{
    g20_canvas_fill(c, x0, y0, x1, y0, colour);
    g20_canvas_fill(c, x0, y1, x1, y1, colour);
    g20_canvas_fill(c, x0, y0, x0, y1, colour);
    g20_canvas_fill(c, x1, y0, x1, y1, colour);
}

void g20_canvas_text(struct g20_canvas *c, int x, int y, const char *text, uint32_t colour)
{
    unsigned code;

    for (; (code = g20_text_next(&text)) && x < c->width; x += G20_FONT_W) {
        const unsigned glyph =
            code >= G20_FONT_FIRST && code < 127 ? code - G20_FONT_FIRST : G20_FONT_GLYPHS - 1;
        for (int row = 0; row < G20_FONT_H; row++)
            for (int col = 0; col < G20_FONT_W; col++)
                if (g20_font[glyph][row] & (0x80 >> col))
                    g20_canvas_fill(c, x + col, y + row, x + col, y + row, colour);
    }
}

int g20_canvas_write_png(const struct g20_canvas *c, const char *path, struct g20_err *e)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)c->width,
                       .height = (png_uint_32)c->height,
                       .format = PNG_FORMAT_RGB};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    void *data = g20_calloc(size, 1);

    if (!data)
        return g20_fail(e, -ENOMEM, "%s: %s", path, g20_strerror(-ENOMEM));
    int r = png_image_write_to_memory(&image, data, &size, 0, c->rgb, 0, NULL) ? 0 : -EIO;
    if (r < 0)
        g20_fail(e, r, "%s: %s", path, image.message);
    else
        r = g20_file_write(path, data, size, e);
    g20_free(data);
    return r;
}
