/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What of a burst's spectrum is the signal: its edges and what lies within them. */
#include "detect/occupied_own.h"

#include <math.h>

enum {
    SMOOTH_HALF = 1,
    LINE_PART = 8, /* of the width: what a line does not fill */
};

#define VISIBLE  4.0   /* 6 dB over the noise */
#define DARK     0.1   /* of the noise: its own error */
#define GAP_PART 0.15  /* of the width so far that may be dark inside a signal */
#define FAR_DB   30.0  /* under the peak, what is visible is the receiver's splatter */
#define TAIL     0.005 /* of the power left outside at each edge: 99 % inside */

static float ratio_at(const float *power, const float *noise, int n, int i)
{
    float p = 0.0f, q = 0.0f;

    for (int j = G20_MAX(i - SMOOTH_HALF, 0); j <= G20_MIN(i + SMOOTH_HALF, n - 1); j++) {
        p += power[j];
        q += noise[j];
    }
    return p / q;
}

G20_WIDE static void smooth_ratio(float *restrict ratio, const float *restrict power,
                                  const float *restrict noise, int n)
{
    for (int i = SMOOTH_HALF; i < n - SMOOTH_HALF; i++) {
        float p = 0.0f, q = 0.0f;
        for (int j = -SMOOTH_HALF; j <= SMOOTH_HALF; j++) {
            p += power[i + j];
            q += noise[i + j];
        }
        ratio[i] = p / q;
    }
    for (int i = 0; i < SMOOTH_HALF; i++) {
        ratio[i] = ratio_at(power, noise, n, i);
        ratio[n - 1 - i] = ratio_at(power, noise, n, n - 1 - i);
    }
}

/* Most of the ratio of power to noise within @lo .. @hi, as means of an eighth of them: a line (a
 * carrier between its sidebands) is no measure of how far those reach. */
static float density(const struct g20_occupied_meter *m, int lo, int hi)
{
    const int width = G20_MAX((hi - lo + 1) / LINE_PART, 2 * SMOOTH_HALF + 1);
    float p = 0.0f, q = 0.0f, most = 0.0f;

    for (int i = lo; i <= hi; i++) {
        p += m->power[i];
        q += m->noise[i];
        if (i - width >= lo) {
            p -= m->power[i - width];
            q -= m->noise[i - width];
        }
        if (i - lo + 1 >= G20_MIN(width, hi - lo + 1))
            most = fmaxf(most, p / q);
    }
    return most;
}

/* Walk from @at in direction @dir while the spectrum stays visible, over gaps in proportion. */
static int walk(const float *ratio, int n, int at, int dir, int width, float least)
{
    int end = at, dark = 0;

    for (int i = at; i >= 0 && i < n; i += dir) {
        if (ratio[i] > least) {
            end = i;
            dark = 0;
        } else if (++dark > G20_MAX(2, (int)(GAP_PART * G20_MAX(width, dir * (end - at))))) {
            break;
        }
    }
    return end;
}

/* Edge, in bins, outside of which @TAIL of the excess lies; interpolated within the bin. */
static double edge(const struct g20_occupied_meter *m, int from, int to, int dir, double total)
{
    double part = 0.0;

    for (int i = from; i != to + dir; i += dir) {
        const double x = (double)m->power[i] - (double)m->noise[i];
        if (part + x >= TAIL * total)
            return i + 0.5 - dir * 0.5 + dir * (x > 0.0 ? (TAIL * total - part) / x : 0.0);
        part += x;
    }
    return to + 0.5 + dir * 0.5;
}

/* Is what @lo .. @hi hold beside @vlo .. @vhi no more than noise? A region that several bursts
 * share is wider than each of them. */
static bool is_dark_beside(const struct g20_occupied_meter *m, int lo, int hi, int vlo, int vhi)
{
    double excess = 0.0, noise = 0.0;

    for (int i = lo; i <= hi; i++)
        if (i < vlo || i > vhi) {
            excess += (double)m->power[i] - (double)m->noise[i];
            noise += (double)m->noise[i];
        }
    return excess < DARK * noise;
}

void g20_occupied_measure(struct g20_occupied_meter *m, const struct g20_history *h,
                          const struct g20_tile *t, uint64_t start, uint64_t stop, double hint_lo,
                          double hint_hi, const float *noise, struct g20_occupied *ret)
{
    const struct g20_spectrum spectrum = g20_occupied_spectrum(m, h, t, start, stop, noise);
    const int n = spectrum.n;

    smooth_ratio(m->smooth, m->power, m->noise, n);

    int lo = G20_CLAMP((int)floor((hint_lo + 0.5) * n + 0.5), 0, n - 1);
    int hi = G20_CLAMP((int)ceil((hint_hi + 0.5) * n - 0.5), lo, n - 1), top = lo;
    for (int i = lo; i <= hi; i++)
        if (m->power[i] - m->noise[i] > m->power[top] - m->noise[top])
            top = i;
    const float least = fmaxf((float)VISIBLE, density(m, lo, hi) * (float)pow(10.0, -0.1 * FAR_DB));
    const int vlo = walk(m->smooth, n, top, -1, hi - lo, least);
    const int vhi = walk(m->smooth, n, top, +1, hi - lo, least);
    if (m->smooth[top] > least && is_dark_beside(m, lo, hi, vlo, vhi)) {
        lo = vlo;
        hi = vhi;
    }
    lo = G20_MIN(lo, vlo);
    hi = G20_MAX(hi, vhi);

    double total = 0.0;
    for (int i = lo; i <= hi; i++)
        total += (double)m->power[i] - (double)m->noise[i];
    double a = edge(m, lo, hi, +1, total), b = edge(m, hi, lo, -1, total);
    if (total <= 0.0 || b <= a) {
        a = lo;
        b = hi + 1;
    }
    const double half = total > 0.0 ? g20_side_lobes(&spectrum, lo, hi, total) : 0.0;
    if (half > 0.0) {
        a = fmax(0.5 * (lo + hi + 1) - half, 0.0);
        b = fmin(0.5 * (lo + hi + 1) + half, n);
    }
    ret->power = ret->noise = ret->peak = 0.0;
    for (int i = (int)a; i < (int)ceil(b); i++) {
        ret->power += m->power[i];
        ret->noise += m->noise[i];
        ret->peak = fmax(ret->peak, m->most[i]);
    }
    /* Bin i covers i - 1/2 .. i + 1/2; bin n / 2 is zero. */
    ret->f_lo = G20_MAX((a - 0.5) / n - 0.5, -0.5);
    ret->f_hi = G20_MIN((b - 0.5) / n - 0.5, 0.5);
    ret->visible_lo = (G20_MIN(vlo, (int)a) - 0.5) / n - 0.5;
    ret->visible_hi = (G20_MAX(vhi, (int)b) + 0.5) / n - 0.5;
}
