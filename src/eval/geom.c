/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "eval/geom.h"

#include <math.h>
#include <stdlib.h>

double g20_iou_1d(double a0, double a1, double b0, double b1, double tol)
{
    if (fmin(a1, b1) - fmax(a0, b0) <= -tol)
        return 0;
    const double lo = fmin(fabs(a0 - b0), tol), hi = fmin(fabs(a1 - b1), tol);
    a0 += a0 < b0 ? lo : -lo;
    a1 += a1 < b1 ? hi : -hi;
    const double both = fmin(a1, b1) - fmax(a0, b0), any = fmax(a1, b1) - fmin(a0, b0);
    return any > 0 ? fmax(0, both / any) : 1;
}

double g20_iou_freq(const struct g20_span_box *e, const struct g20_truth_box *b, double tol)
{
    return fmax(g20_iou_1d(e->f_lo, e->f_hi, b->f_lo, b->f_hi, tol),
                g20_iou_1d(e->f_lo, e->f_hi, b->vis_lo, b->vis_hi, tol));
}

double g20_iou_box(const struct g20_span_box *e, const struct g20_truth_box *b,
                   struct g20_tolerance tol)
{
    return g20_iou_1d(e->start, e->stop, b->start, b->stop, tol.samples) *
           g20_iou_freq(e, b, tol.hz);
}

static int compare(double x, double y)
{
    return (x > y) - (x < y);
}

static int by_edges(const void *a, const void *b)
{
    const struct g20_truth_box *x = a, *y = b;
    const double cx[] = {x->start, x->stop, x->f_lo, x->f_hi, x->vis_lo, x->vis_hi};
    const double cy[] = {y->start, y->stop, y->f_lo, y->f_hi, y->vis_lo, y->vis_hi};
    int r = 0;

    for (size_t i = 0; i < G20_COUNT_OF(cx) && r == 0; i++)
        r = compare(cx[i], cy[i]);
    return r;
}

size_t g20_merge_boxes(struct g20_truth_box *b, size_t n, double gap)
{
    size_t left = 0;

    if (n > 1)
        qsort(b, n, sizeof(*b), by_edges);
    for (size_t i = 0; i < n; i++) {
        const struct g20_truth_box next = b[i];
        size_t k = 0;
        while (k < left &&
               !(next.start <= b[k].stop + gap && next.f_lo <= b[k].f_hi && b[k].f_lo <= next.f_hi))
            k++;
        if (k == left) {
            b[left++] = next;
            continue;
        }
        b[k].start = fmin(b[k].start, next.start);
        b[k].stop = fmax(b[k].stop, next.stop);
        b[k].f_lo = fmin(b[k].f_lo, next.f_lo);
        b[k].f_hi = fmax(b[k].f_hi, next.f_hi);
        b[k].vis_lo = fmin(b[k].vis_lo, next.vis_lo);
        b[k].vis_hi = fmax(b[k].vis_hi, next.vis_hi);
        b[k].snr_db = fmaxf(b[k].snr_db, next.snr_db);
    }
    return left;
}
