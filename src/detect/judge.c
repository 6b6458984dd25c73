/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/judge.h"

#include "detect/pieces.h"
#include "detect/told.h"

#include <math.h>
#include <stdlib.h>

enum {
    B = G20_TILE_BINS,
    SLACK = G20_TILE_ROW_SAMPLES, /* samples by which a box's edge may be off */
    GAP = G20_TILE_BINS,          /* between pieces that may be one: no transform parts them */
    MEMBERS = 1024,               /* of one box that are looked at: strongest first */
};

#define SLACK_BINS 6.0
#define INSIDE     0.7  /* share of a find, in time and in frequency, that makes it a box's */
#define FILLS      0.5  /* share of a box's time and width that a find fills to stand for it */
#define GAP_PART   0.25 /* of the shorter piece */
#define DENSE      0.6  /* share of their time that pieces fill together to be one */
#define HALF_DENSE 0.5  /* the same where no pause is longer than UNSEEN */
#define UNSEEN     G20_TILE_HOP /* samples: half a transform, as wide as its window is */
#define LONG_ROWS  4.0          /* so long at least that it is more than a burst or two */
#define SEEN_ROWS  1.5          /* a pause that the network could have seen */
#define LIKE       4.0          /* power ratio up to which pieces are of one kind: 6 dB */
#define SLIVER     0.5          /* share of the energy of what it is a sliver of, at most */
#define LINE       0.1          /* of the width of a band, at most, that its carrier fills */
#define CENTRED    0.25         /* of that width, off the middle */
#define BESIDE     0.25         /* of the noise, at least: what lies beside a carrier is a signal */
#define SURE       6.0          /* and so many times its spread */
#define SPLATTER   1e-3 /* of the carrier: what lies beside it may be the transmitter's noise */
#define TOLD       0.6  /* share of the energy that is explained by others */
#define ALONE      0.7  /* what a find is worth that the network saw nothing of */
#define MOMENT     0.5  /* share of an emission's time that a moment of it lasts at most */
#define WIDE       0.4  /* of an emission's width: a moment so wide may be its strongest */
#define SWING      2.0  /* power ratio by which a channel lifts a part of a band: 3 dB */
#define SKIRT      0.25 /* of an emission's width that its moments may reach beyond its edges */

struct span {
    double t0, t1, f0, f1; /* samples, fractions of the rate */
    double begin, end;     /* of what is looked at */
};

static struct span span_of(const struct g20_hydra_box *b, const struct g20_tile *t)
{
    const uint32_t from = g20_tile_from(t); /* finds begin there */

    return (struct span){(double)g20_tile_sample(t, fmax((double)b->row0, from)),
                         (double)g20_tile_sample(t, (double)b->row1),
                         ((double)b->bin0 - 0.5) / B - 0.5,
                         ((double)b->bin1 - 0.5) / B - 0.5,
                         (double)g20_tile_sample(t, (double)from),
                         (double)g20_tile_sample(t, (double)t->rows)};
}

/* Share of lo .. hi within a .. b. */
static double share(double lo, double hi, double a, double b)
{
    return hi > lo ? fmax(0.0, fmin(hi, b) - fmax(lo, a)) / (hi - lo) : lo >= a && lo <= b;
}

static bool is_member(const struct g20_find *f, const struct span *s)
{
    const double w = SLACK_BINS / B;

    return share((double)f->start, (double)f->stop, s->t0 - SLACK, s->t1 + SLACK) > INSIDE &&
           share(f->f_lo, f->f_hi, s->f0 - w, s->f1 + w) > INSIDE;
}

/* Does @f fill the box's width, as far as a box can tell? */
static bool fills_width(const struct g20_find *f, const struct span *s)
{
    return f->f_hi - f->f_lo + 2.0 / B > FILLS * (s->f1 - s->f0);
}

static bool fills_time(const struct g20_find *f, const struct span *s)
{
    return (double)(f->stop - f->start) + SLACK > FILLS * (s->t1 - s->t0);
}

static double signal(const struct g20_find *f)
{
    return fmax(f->power - f->noise, 0.0);
}

/* May @b, which comes after @a, be a piece of the same burst? */
static bool goes_on(const struct g20_find *a, const struct g20_find *b)
{
    const double gap = (double)b->start - (double)a->stop;
    const double shorter = (double)G20_MIN(a->stop - a->start, b->stop - b->start);
    const double common = fmin(a->f_hi, b->f_hi) - fmax(a->f_lo, b->f_lo);
    const double all = fmax(a->f_hi, b->f_hi) - fmin(a->f_lo, b->f_lo);

    return gap <= fmin(GAP, GAP_PART * shorter) && common > 0.5 * all &&
           signal(a) < LIKE * signal(b) && signal(b) < LIKE * signal(a) &&
           !(a->is_pulse && b->is_pulse) &&
           !(a->is_level && b->is_level &&
             g20_bursts_repeat(a->start, a->stop, b->start, b->stop, common, true));
}

struct member {
    uint64_t start;
    size_t index; /* of find */
};

static int by_start(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    return (x->start > y->start) - (x->start < y->start);
}

/* Members in the order of time: those that go on from one before become one with it; one that was
 * taken in gets no time left. */
static void join_pieces(struct g20_find *find, const struct member *m, size_t n)
{
    struct g20_find *last = &find[m[0].index];

    for (size_t i = 1; i < n; i++) {
        struct g20_find *next = &find[m[i].index];
        if (goes_on(last, next)) {
            g20_find_join(last, next);
            next->stop = next->start;
        } else if (next->stop > last->stop) {
            last = next;
        }
    }
}

/* Is @b a burst like @a, a pause behind it? Of one that the ends of what is looked at cut, the rest
 * is unknown. */
static bool is_alike(const struct g20_find *a, const struct g20_find *b, const struct span *s)
{
    const uint64_t longer = G20_MAX(a->stop - a->start, b->stop - b->start);
    const uint64_t start = (double)a->start < s->begin + SLACK ? a->stop - longer : a->start;
    const uint64_t stop = (double)b->stop > s->end - SLACK ? b->start + longer : b->stop;

    return g20_bursts_repeat(start, a->stop, b->start, stop, b->f_hi - b->f_lo, true);
}

/* What pieces are left fill box @s most of the time, or half of it with pauses that no transform
 * shows; and either they are no train, or one of bursts that do not keep their level and the
 * network could have seen the pauses and did not: they are one emission whose frequency or level
 * moves. */
static void join_dense(struct g20_find *find, const struct member *m, size_t n,
                       const struct span *s)
{
    uint64_t filled = 0, end = m[0].start;
    double least = INFINITY, most = 0.0, gap = INFINITY, longest = 0.0;
    const struct g20_find *last = NULL;
    size_t pieces = 0, alike = 0, level = 0;

    for (size_t i = 0; i < n; i++) {
        const struct g20_find *f = &find[m[i].index];
        if (f->stop <= end || f->stop <= f->start)
            continue;
        const bool is_like = last && is_alike(last, f, s);
        alike += is_like;
        level += is_like && last->is_level && f->is_level;
        last = f;
        if (pieces > 0 && f->start > end) {
            gap = fmin(gap, (double)(f->start - end));
            longest = fmax(longest, (double)(f->start - end));
        }
        filled += f->stop - G20_MAX(f->start, end);
        end = f->stop;
        least = fmin(least, signal(f));
        most = fmax(most, signal(f));
        pieces++;
    }
    const double spread = (double)(end - m[0].start), row = G20_TILE_ROW_SAMPLES;
    const double dense = longest < UNSEEN ? HALF_DENSE : DENSE;
    if (longest >= UNSEEN &&
        (level + 1 == pieces || (2 * alike >= pieces && gap < SEEN_ROWS * row)))
        return; /* bursts of a train: level ones, or with pauses that rows hardly show */
    if (pieces < 2 || most > LIKE * least || (double)filled < dense * spread ||
        spread < FILLS * (s->t1 - s->t0) || spread < LONG_ROWS * row)
        return;
    struct g20_find *all = &find[m[0].index];
    for (size_t i = 1; i < n; i++) {
        struct g20_find *f = &find[m[i].index];
        if (f->stop > f->start) {
            g20_find_join(all, f);
            f->stop = f->start;
        }
    }
}

/* Do finds stand for box @s, of @score? They are made surer and joined as it asks. */
static bool is_filled(struct g20_find *find, size_t n, const struct span *s, float score)
{
    struct member member[MEMBERS];
    size_t count = 0;
    bool filled = false;

    for (size_t i = 0; i < n && count < MEMBERS; i++) {
        if (find[i].stop <= find[i].start || !is_member(&find[i], s) || !fills_width(&find[i], s))
            continue;
        member[count++] = (struct member){find[i].start, i};
        find[i].seen = fmaxf(find[i].seen, score);
        filled = filled || fills_time(&find[i], s);
    }
    if (filled || count < 2)
        return count > 0;
    qsort(member, count, sizeof(member[0]), by_start);
    join_pieces(find, member, count);
    join_dense(find, member, count, s);
    return true;
}

size_t g20_judge_boxes(struct g20_find *find, size_t n_find, struct g20_hydra_box *box,
                       size_t n_box, const struct g20_tile *t)
{
    size_t boxes = 0;

    for (size_t i = 0; i < n_box; i++) {
        const struct span s = span_of(&box[i], t);
        if (!is_filled(find, n_find, &s, box[i].score))
            box[boxes++] = box[i];
    }
    return boxes;
}

/* How much of @seen's energy is that of @f, whose power is taken to be spread evenly, but for a
 * pulse's: that is in the middle of its band, which is all that @seen may have. */
static double part_of(const struct g20_find *seen, const struct g20_find *f)
{
    const double band = share(f->f_lo, f->f_hi, seen->f_lo, seen->f_hi);

    return g20_find_energy(f) *
           share((double)f->start, (double)f->stop, (double)seen->start, (double)seen->stop) *
           (f->is_pulse && band > FILLS ? 1.0 : band);
}

static bool is_sliver(const struct g20_find *f, const struct g20_find *of)
{
    const struct span s = {
        .t0 = (double)of->start, .t1 = (double)of->stop, .f0 = of->f_lo, .f1 = of->f_hi};

    return !f->is_pulse && is_member(f, &s) && g20_find_energy(f) < SLIVER * g20_find_energy(of);
}

/* Is @f a line in the middle of @seen's band, on as long as it is, and is what the band holds
 * beside it more than noise or the transmitter's splatter: a carrier between its sidebands? */
static bool is_carrier(const struct g20_find *f, const struct g20_find *seen)
{
    const double width = seen->f_hi - seen->f_lo, beside = signal(seen) - signal(f);
    const double off = 0.5 * fabs(f->f_lo + f->f_hi - seen->f_lo - seen->f_hi);
    const double spread = 1.0 / sqrt(fmax(1.0, (double)(seen->stop - seen->start) * width));

    return f->f_hi - f->f_lo < LINE * width && off < CENTRED * width &&
           share((double)seen->start, (double)seen->stop, (double)f->start, (double)f->stop) >
               INSIDE &&
           share((double)f->start, (double)f->stop, (double)seen->start, (double)seen->stop) >
               INSIDE &&
           beside > fmax(BESIDE, SURE * spread) * seen->noise && beside > SPLATTER * signal(f);
}

/* Is @seen, cut out of a box that says nothing of its edges, what @f's power gathers in, as long as
 * it is: its carrier, or the middle of its band? */
static bool is_core(const struct g20_find *seen, const struct g20_find *f)
{
    const double whole = g20_find_energy(f), part = g20_find_energy(seen);

    return seen->is_cut && share(seen->f_lo, seen->f_hi, f->f_lo, f->f_hi) > INSIDE &&
           part > SLIVER * whole && whole > SLIVER * part &&
           share((double)seen->start, (double)seen->stop, (double)f->start, (double)f->stop) >
               INSIDE &&
           share((double)f->start, (double)f->stop, (double)seen->start, (double)seen->stop) >
               INSIDE;
}

/* Does the list tell of @seen already? Slivers of it that the network saw nothing of do not, nor
 * does its carrier. */
static bool is_told(const struct g20_find *seen, const struct g20_find *find, size_t n)
{
    double known = 0.0;

    for (size_t i = 0; i < n; i++) {
        if (find[i].stop <= find[i].start || (find[i].seen <= 0.0f && is_sliver(&find[i], seen)) ||
            is_carrier(&find[i], seen))
            continue;
        if (g20_find_is_artefact(seen, &find[i]) || is_core(seen, &find[i]))
            return true;
        known += part_of(seen, &find[i]);
    }
    return known > TOLD * g20_find_energy(seen);
}

/* Takes out what is no more than a sliver of @seen, or its carrier. */
static void take_out_slivers(struct g20_find *find, size_t n, const struct g20_find *seen)
{
    for (size_t i = 0; i < n; i++)
        if (find[i].stop > find[i].start &&
            (is_sliver(&find[i], seen) || is_carrier(&find[i], seen)))
            find[i].stop = find[i].start;
}

/* Is @f, which the network saw nothing of, a moment of @of: its power gathered for a while in a
 * part of its band (or just beyond), as that of every signal with a moving frequency is? */
static bool is_moment(const struct g20_find *f, const struct g20_find *of)
{
    const double skirt = SKIRT * (of->f_hi - of->f_lo) + SLACK_BINS / B;
    const double length = (double)(of->stop - of->start);
    const double part = (f->f_hi - f->f_lo) / (of->f_hi - of->f_lo);

    return (double)(f->stop - f->start) < MOMENT * length &&
           signal(f) <= (part > WIDE ? LIKE : SWING) * signal(of) &&
           share((double)f->start, (double)f->stop, (double)of->start - GAP,
                 (double)of->stop + GAP) > 0.9 &&
           share(f->f_lo, f->f_hi, of->f_lo - skirt, of->f_hi + skirt) > 0.9;
}

static void take_out_moments(struct g20_find *find, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0;
             k < n && find[i].seen <= 0.0f && !find[i].is_pulse && find[i].stop > find[i].start;
             k++)
            if (k != i && find[k].stop > find[k].start && find[k].seen > 0.0f &&
                is_moment(&find[i], &find[k]))
                find[i].stop = find[i].start;
}

size_t g20_judge_moments(struct g20_find *find, size_t n)
{
    size_t kept = 0;

    take_out_moments(find, n);
    for (size_t i = 0; i < n; i++)
        if (find[i].stop > find[i].start)
            find[kept++] = find[i];
    return kept;
}

size_t g20_judge_finds(struct g20_find *find, size_t n_find, size_t cap,
                       const struct g20_find *seen, size_t n_seen)
{
    size_t n = n_find, kept = 0;

    for (size_t i = 0; i < n_seen; i++) {
        if (is_told(&seen[i], find, n))
            continue;
        take_out_slivers(find, n_find, &seen[i]);
        if (n < cap) {
            find[n] = seen[i];
            find[n++].seen = seen[i].score;
        }
    }
    take_out_moments(find, n);
    for (size_t i = 0; i < n; i++) {
        if (find[i].stop <= find[i].start)
            continue;
        find[kept] = find[i];
        if (i < n_find)
            find[kept].score = find[i].seen > 0.0f
                                   ? 1.0f - (1.0f - find[i].score) * (1.0f - find[i].seen)
                                   : (float)ALONE * find[i].score;
        kept++;
    }
    return kept;
}
