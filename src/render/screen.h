/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* screen: the live waterfall as a picture, newest row on top, with frequencies, UTC time and the
 * tracked emissions as labelled boxes. For viewers that draw nothing themselves.
 *
 * push() and emission() are cheap; draw() costs a copy of the picture. One owner at a time. */
#ifndef G20_RENDER_SCREEN_H
#define G20_RENDER_SCREEN_H

#include "detect/emission.h"
#include "dsp/waterfall.h"
#include "render/canvas.h"

struct g20_screen;

enum { G20_SCREEN_WIDTH_MIN = 160, G20_SCREEN_WIDTH_MAX = 3840 };

/* @width: even, WIDTH_MIN..MAX; the height is 9 / 16 of it. */
G20_MUST_USE int g20_screen_create(struct g20_screen **ret, int width, int colormap,
                                   struct g20_err *e);
void g20_screen_destroy(struct g20_screen *s); /* NULL is fine */

/* A retune or a restart empties the screen. Only borrows @row. */
void g20_screen_push(struct g20_screen *s, const struct g20_wf_row *row, float db_min,
                     float db_max);
void g20_screen_emission(struct g20_screen *s, enum g20_emission_event event,
                         const struct g20_emission *em);

/* The picture as it is now; owned by the screen and valid until the next call. */
const struct g20_canvas *g20_screen_draw(struct g20_screen *s);

#endif
