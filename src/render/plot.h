/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* plot: a few curves over one axis, as a PNG. Pure but for the file it writes. */
#ifndef G20_RENDER_PLOT_H
#define G20_RENDER_PLOT_H

#include "base/err.h"

enum { G20_PLOT_CURVES = 6 };

struct g20_plot_curve {
    const char *name;
    const double *y; /* (n) NAN: no value there, the curve has a gap */
};

struct g20_plot {
    const char *title, *x_label, *y_label;
    const double *x; /* (n) rising */
    size_t n;        /* >= 1 */
    double x_step;   /* grid, > 0; begins at x[0] */
    double y_lo, y_hi, y_step;
    struct g20_plot_curve curve[G20_PLOT_CURVES];
    size_t curves;
};

/* Written aside and renamed. -EINVAL: nothing to show. */
G20_MUST_USE int g20_plot_write(const struct g20_plot *p, const char *path, struct g20_err *e);

#endif
