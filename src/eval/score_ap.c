/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "eval/score_ap.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 10 };

static int by_confidence(const void *a, const void *b)
{
    const struct g20_ap_item *x = a, *y = b;

    return (x->confidence < y->confidence) - (x->confidence > y->confidence);
}

/* Order of one file's emissions, strongest first; ties keep their order. */
struct rank {
    float confidence;
    size_t at;
};

static int by_rank(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    const int r = (x->confidence < y->confidence) - (x->confidence > y->confidence);

    return r ? r : (x->at > y->at) - (x->at < y->at);
}

int g20_ap_reserve(struct g20_ap *a, size_t n)
{
    if (a->count + n <= a->cap)
        return 0;
    const size_t cap = 2 * (a->count + n);
    struct g20_ap_item *grown = g20_realloc(a->item, cap, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    a->item = grown;
    a->cap = cap;
    return 0;
}

/* The free true box that @e overlaps best, at least by @least; nbox when there is none. */
static size_t best_box(const struct g20_truth_box *box, size_t nbox, const bool *taken,
                       const struct g20_span_box *e, double least, struct g20_tolerance tol)
{
    size_t best = nbox;

    for (size_t i = 0; i < nbox; i++) {
        const double iou = taken[i] ? 0 : g20_iou_box(e, &box[i], tol);
        if (iou >= least && iou > 0) {
            least = nextafter(iou, 2);
            best = i;
        }
    }
    return best;
}

int g20_ap_add(struct g20_ap *a, const struct g20_truth_box *box, size_t nbox,
               const struct g20_span_box *em, const float *confidence, const bool *skip, size_t n,
               struct g20_tolerance tol)
{
    struct rank *rank = g20_calloc(n + 1, sizeof(*rank));
    bool *taken = g20_calloc(nbox + 1, sizeof(*taken));
    int r = rank && taken ? g20_ap_reserve(a, n) : -ENOMEM;

    for (size_t i = 0; r == 0 && i < n; i++) {
        rank[i] = (struct rank){confidence[i], i};
        a->item[a->count + i] = (struct g20_ap_item){.confidence = confidence[i]};
    }
    if (r == 0 && n > 1)
        qsort(rank, n, sizeof(*rank), by_rank);
    for (int step = 0; r == 0 && step < STEPS; step++) {
        memset(taken, 0, nbox * sizeof(*taken));
        for (size_t i = 0; i < n; i++) {
            const size_t k = rank[i].at;
            struct g20_ap_item *item = &a->item[a->count + k];
            const size_t hit = best_box(box, nbox, taken, &em[k], 0.5 + 0.05 * step, tol);
            if (hit < nbox) {
                taken[hit] = true;
                item->right |= (uint16_t)(1u << step);
            } else if (skip[k]) {
                item->left_out |= (uint16_t)(1u << step);
            }
        }
    }
    if (r == 0) {
        a->count += n;
        a->boxes += nbox;
    }
    g20_free(taken);
    g20_free(rank);
    return r;
}

/* Area below the curve whose precision at a recall is the best at that recall or a higher one:
 * walking from the weakest emission to the strongest, the best so far is that precision. */
double g20_ap_at(struct g20_ap *a, int step)
{
    const uint16_t bit = (uint16_t)(1u << step);
    size_t right = 0, counted = 0;
    double area = 0, best = 0;

    if (a->boxes == 0)
        return NAN;
    if (a->count > 1)
        qsort(a->item, a->count, sizeof(*a->item), by_confidence);
    for (size_t i = 0; i < a->count; i++) {
        counted += !(a->item[i].left_out & bit);
        right += (a->item[i].right & bit) != 0;
    }
    for (size_t i = a->count; i-- > 0;) {
        if (a->item[i].left_out & bit)
            continue;
        best = fmax(best, (double)right / (double)counted);
        counted--;
        if (a->item[i].right & bit) {
            area += best / (double)a->boxes;
            right--;
        }
    }
    return area;
}

void g20_ap_fini(struct g20_ap *a)
{
    g20_free(a->item);
    *a = (struct g20_ap){0};
}
