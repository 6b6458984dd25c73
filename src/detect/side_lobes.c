/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/side_lobes.h"

#include "base/base.h"

#include <math.h>
#include <stdbool.h>

enum { MAX_RINGS = 24 };

#define OUTSIDE     0.01 /* of the power: 99 % inside */
#define LEAST       0.02 /* of the power: fewer are not worth it */
#define GROWTH      1.3  /* of a ring over the one before */
#define RING_Z      4.0  /* normal score from which a ring shows more than noise */
#define FLOOR_ERROR 0.1  /* of the noise: less may be the floor's error */
#define ALIKE       0.25 /* of one side's power the other has at least */
#define LOBES_ALIKE 0.5  /* the same beyond a null, where a pair of neighbours may lie */
#define LOBE        0.25 /* of the band's power a bin that a lobe has at most: 6 dB under it */
#define RISE        2.0  /* of power a bin, over the ring before */
#define SQUARE_FIT  2.5  /* by which two rings may differ from one law */
#define MOST_BEYOND 3.0  /* times as far as seen that side lobes are told to reach */
#define HANN_ENBW   1.5

struct rings {
    double reach[MAX_RINGS + 1]; /* bins from the middle; ring k lies from k to k + 1 */
    double power[MAX_RINGS];     /* on both sides, without the noise */
    double sum;
    int count;
};

/* What is over the noise from @inner to @outer bins on one side of @at; the noise is added to
 * @noise. False where the band ends. */
static bool look_aside(const struct g20_spectrum *s, double at, double inner, double outer, int dir,
                       double *excess, double *noise)
{
    const double near = at + dir * inner, far = at + dir * outer;
    const int a = (int)(dir > 0 ? ceil(near) : floor(near));
    const int b = (int)(dir > 0 ? ceil(far) : floor(far)); /* bin i lies from i - 1/2 to i + 1/2 */

    *excess = 0.0;
    if (a < 0 || a >= s->n || b < -1 || b > s->n)
        return false;
    for (int i = a; i != b; i += dir) {
        *excess += (double)s->power[i] - (double)s->noise[i];
        *noise += (double)s->noise[i];
    }
    return true;
}

/* Two dark rings end them; one is a null if beyond it shines a lobe on both sides. */
static void look_around(const struct g20_spectrum *s, double middle, double half, double total,
                        struct rings *r)
{
    double last = total / half; /* density of the ring before */
    int lit = 0;                /* rings up to the last that counts */

    *r = (struct rings){.reach = {half}};
    while (r->count < MAX_RINGS) {
        const double inner = r->reach[r->count], outer = fmax(inner * GROWTH, inner + 2.0);
        double lo, hi, noise = 0.0;
        if (!look_aside(s, middle, inner, outer, -1, &lo, &noise) ||
            !look_aside(s, middle, inner, outer, +1, &hi, &noise))
            break;
        const double cells = fmax(1.0, (outer - inner) * s->frames / HANN_ENBW);
        const double error = noise * fmax(RING_Z / sqrt(cells), FLOOR_ERROR);
        const double density = fmax(lo + hi, 0.0) / (outer - inner);
        const bool is_dark = lo + hi < error;
        const bool is_lobe = density > RISE * last;
        const double alike = (is_lobe ? LOBES_ALIKE : ALIKE) * fmax(lo, hi) - error;
        if (is_dark ? r->count > lit
                    : fmin(lo, hi) < alike || (is_lobe && density > LOBE * total / half))
            break;
        r->power[r->count++] = density * (outer - inner);
        r->reach[r->count] = outer;
        last = density;
        if (!is_dark)
            lit = r->count;
    }
    r->count = lit;
    for (int k = 0; k < lit; k++)
        r->sum += r->power[k];
}

/* What lies beyond the last ring, if the last two fall with the square of the distance: K / f^2 on
 * both sides is K / r beyond r. Else nothing. */
static double beyond(const struct rings *r)
{
    const int n = r->count;

    if (n < 2)
        return 0.0;
    const double last = r->power[n - 1] / (1.0 / r->reach[n - 1] - 1.0 / r->reach[n]);
    const double before = r->power[n - 2] / (1.0 / r->reach[n - 2] - 1.0 / r->reach[n - 1]);
    return last > before / SQUARE_FIT && last < before * SQUARE_FIT
               ? 0.5 * (last + before) / r->reach[n]
               : 0.0;
}

double g20_side_lobes(const struct g20_spectrum *s, int lo, int hi, double total)
{
    struct rings r;

    look_around(s, 0.5 * (lo + hi), fmax(0.5 * (hi + 1 - lo), 1.5), total, &r);
    if (r.count == 0 || r.sum < LEAST * total)
        return 0.0;
    double rest = beyond(&r);
    const double outside = OUTSIDE * (total + r.sum + rest);
    if (rest > outside)
        return r.reach[r.count] * fmin(rest / outside, MOST_BEYOND);
    for (int k = r.count - 1; k >= 0; rest += r.power[k--])
        if (rest + r.power[k] > outside) /* even within a ring */
            return r.reach[k + 1] - (r.reach[k + 1] - r.reach[k]) * (outside - rest) / r.power[k];
    return 0.0;
}
