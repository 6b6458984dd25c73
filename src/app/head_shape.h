/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* head_shape: the shape (detect/shape.h) of a labelled signal. */
#ifndef G20_APP_HEAD_SHAPE_H
#define G20_APP_HEAD_SHAPE_H

#include "detect/shape.h"

#include "base/err.h"

/* Of all boxes with the label @name in @files (@count). One that no look of the detector is sure to
 * see whole, or that has no band, means that the signal has none: ret->longest is 0. */
G20_MUST_USE int g20_head_shape(const char *name, int count, char *const *files,
                                struct g20_shape *ret, struct g20_err *e);

#endif
