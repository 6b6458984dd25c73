/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* font: a small bitmap font, so that pictures need no font files. */
#ifndef G20_RENDER_FONT_H
#define G20_RENDER_FONT_H

#define G20_FONT_W      6
#define G20_FONT_H      13
#define G20_FONT_FIRST  32
#define G20_FONT_GLYPHS 96 /* 32..126, then a box for everything else */

/* A byte a row, top first; the most significant bit is the leftmost pixel. */
extern const unsigned char g20_font[G20_FONT_GLYPHS][G20_FONT_H];

#endif
