/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* jpeg: a canvas as a JPEG picture (libjpeg-turbo). One owner at a time. */
#ifndef G20_RENDER_JPEG_H
#define G20_RENDER_JPEG_H

#include "render/canvas.h"

struct g20_jpeg;

/* For pictures of @width x @height. @quality: 1..100. */
G20_MUST_USE int g20_jpeg_create(struct g20_jpeg **ret, int width, int height, int quality,
                                 struct g20_err *e);
void g20_jpeg_destroy(struct g20_jpeg *j); /* NULL is fine */

/* *ret_data (*ret_len) stays valid until the next call. */
G20_MUST_USE int g20_jpeg_encode(struct g20_jpeg *j, const struct g20_canvas *c,
                                 const uint8_t **ret_data, size_t *ret_len, struct g20_err *e);

#endif
