/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/region_own.h"

#define NARROW 4 /* times narrower than its region rows must be to be one of their own, */
#define ROWS   2 /* and so many */

/* The strip of region @of ends; one that is long enough is the region @n. How many there are. */
static uint32_t end_strip(struct g20_regions *s, struct g20_strip *t, uint32_t n, uint32_t most)
{
    if (t->has_seed && t->row1 - t->row0 >= ROWS && n < most)
        s->found[n++] =
            (struct g20_region){.row0 = t->row0, .row1 = t->row1, .bin0 = t->lo, .bin1 = t->hi};
    t->row0 = t->row1 = 0;
    t->has_seed = false;
    return n;
}

/* The row that strip @t read is complete: it goes on with it, or it ends. */
static uint32_t end_row(struct g20_regions *s, const struct g20_region *of, struct g20_strip *t,
                        uint32_t n, uint32_t most)
{
    const uint32_t width = of->bin1 - of->bin0;
    const bool is_any = t->row1 > t->row0, is_narrow = NARROW * (t->row_hi - t->row_lo) <= width;
    const uint32_t lo = is_any ? G20_MIN(t->lo, t->row_lo) : t->row_lo;
    const uint32_t hi = is_any ? G20_MAX(t->hi, t->row_hi) : t->row_hi;

    if (is_any && (!is_narrow || t->row > t->row1 + G20_REGION_BRIDGE ||
                   NARROW * (hi - lo) > width || t->row_lo > t->hi || t->lo > t->row_hi))
        n = end_strip(s, t, n, most);
    if (is_narrow) {
        const bool goes_on = t->row1 > t->row0;
        t->lo = goes_on ? lo : t->row_lo;
        t->hi = goes_on ? hi : t->row_hi;
        t->row0 = goes_on ? t->row0 : t->row;
        t->row1 = t->row + 1;
        t->has_seed |= t->row_has_seed;
    }
    return n;
}

uint32_t g20_region_strips(struct g20_regions *s, uint32_t n)
{
    const uint32_t most = n + G20_REGION_STRIPS, regions = n;

    for (uint32_t i = 0; i < regions; i++)
        s->strip[i] = (struct g20_strip){.row = UINT32_MAX};
    for (uint32_t i = 0; i < s->nruns; i++) {
        const struct g20_run *run = &s->run[i], *root = &s->run[g20_run_root(s->run, i)];
        if (!root->has_seed)
            continue;
        struct g20_strip *t = &s->strip[root->region];
        if (t->row == run->row) {
            t->row_hi = run->hi; /* runs of a row are in order */
            t->row_has_seed |= run->has_seed;
            continue;
        }
        if (t->row != UINT32_MAX)
            n = end_row(s, &s->found[root->region], t, n, most);
        t->row = run->row;
        t->row_lo = run->lo;
        t->row_hi = run->hi;
        t->row_has_seed = run->has_seed;
    }
    for (uint32_t i = 0; i < regions; i++)
        n = end_strip(s, &s->strip[i], end_row(s, &s->found[i], &s->strip[i], n, most), most);
    return n;
}
