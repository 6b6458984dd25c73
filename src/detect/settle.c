/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/settle.h"

#include "detect/pieces.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>

enum {
    B = G20_TILE_BINS,
    MARGIN = G20_HAND_MARGIN,
    JOIN = G20_TILE_BINS, /* samples: what is closer than a transform is one burst to it */
};

#define LEAST      6.0 /* times the spread of the noise's mean: less is not there, whoever saw it */
#define WEAK_FROM  0.7 /* times the noise, over it: -1.5 dB, to */
#define WEAK_TO    3.0 /* 5 dB: what the network sees better than the search by energy */
#define CLEAR      10.0  /* times the spread of the noise's mean: it is there, whatever it is */
#define DOUBT      0.85f /* of the threshold: a box that may be right, if it is weak and clear */
#define SURE       1.12f /* of the threshold: a box that is right, if it is not weak */
#define SHORT_ROWS 3.0   /* a box no longer may hold several bursts that rows cannot part */
#define SLACK_ROWS 1.5   /* by which samples and network may differ and still agree */

struct g20_settler {
    struct g20_hands *hands;
    const struct g20_hydra_box **box; /* (max_finds) to be settled */
    struct g20_find *find;            /* (max_finds) */
    uint32_t max_finds;
};

/* What the hands look at. */
struct view {
    const struct g20_hydra_box **box;
    const struct g20_tile *t;
    const struct g20_floor *f;
    const struct g20_history *h;
    float threshold; /* from which a box is likely to be right */
};

int g20_settler_create(struct g20_settler **ret, struct g20_hands *hands, uint32_t max_finds)
{
    struct g20_settler *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    s->hands = hands;
    s->max_finds = max_finds;
    s->box = g20_calloc(max_finds, sizeof(const struct g20_hydra_box *));
    s->find = g20_calloc(max_finds, sizeof(*s->find));
    if (!s->box || !s->find) {
        g20_settler_destroy(s);
        return -ENOMEM;
    }
    *ret = s;
    return 0;
}

void g20_settler_destroy(struct g20_settler *s)
{
    if (!s)
        return;
    g20_free(s->find);
    g20_free(s->box);
    g20_free(s);
}

static double frequency(float bin)
{
    return G20_CLAMP(((double)bin - 0.5) / B - 0.5, -0.5, 0.5);
}

/* Bursts closer than JOIN become one; their number. */
static size_t join(struct g20_burst *b, size_t n, uint64_t gap)
{
    size_t kept = 0;

    for (size_t i = 1; i < n; i++) {
        struct g20_burst *to = &b[kept];
        if (b[i].start > to->stop + gap) {
            b[++kept] = b[i];
            continue;
        }
        const double on = (double)(to->on + b[i].on);
        to->mean = on > 0.0 ? (to->mean * (double)to->on + b[i].mean * (double)b[i].on) / on : 0.0;
        to->on += b[i].on;
        to->stop = G20_MAX(to->stop, b[i].stop);
    }
    return n ? kept + 1 : 0;
}

/* Are the bursts those of a train? What @from or @to cuts may be one of them. */
static bool is_train(const struct g20_burst *b, size_t n, uint64_t from, uint64_t to, double width)
{
    while (n > 0 && b->start <= from)
        b++, n--;
    while (n > 0 && b[n - 1].stop >= to)
        n--;
    for (size_t i = 1; i < n; i++)
        if (!g20_bursts_repeat(b[i - 1].start, b[i - 1].stop, b[i].start, b[i].stop, width,
                               b[i - 1].is_level && b[i].is_level))
            return false;
    return n >= 2;
}

/* The bursts of @box as its band's envelope shows them; *ret_apart: each is one of its own. */
static size_t cut_in_time(struct g20_hand *s, const struct g20_hydra_box *box, const struct view *v,
                          uint64_t start, uint64_t stop, bool *ret_apart)
{
    const double width = (double)(box->bin1 - box->bin0);
    const double f_lo = frequency(box->bin0), f_hi = frequency(box->bin1);
    const uint64_t begin = g20_history_start(v->h), end = g20_history_end(v->h);
    const uint64_t from = G20_MAX(start > MARGIN ? start - MARGIN : 0, begin);
    const uint64_t to = G20_MIN(stop + MARGIN, end);
    const bool is_short = (double)(box->row1 - box->row0) <= SHORT_ROWS;
    struct g20_envelope env;

    *ret_apart = is_short;
    if (to <= from || (box->row0 < 0.5f && box->row1 > (float)v->t->rows - 0.5f))
        return 0;
    g20_envelope_make(s->envelope, v->h, from, to, fmax(f_lo, -0.5), fmin(f_hi, 0.5), &env);
    const struct g20_segment_cfg cfg = {
        .noise = g20_floor_band(v->f->quiet, env.pass_lo, env.pass_hi),
        .noise_min = g20_floor_band(v->f->noise, env.pass_lo, env.pass_hi),
        .bandwidth = width / B,
        .width = width / B,
    };
    const size_t n = g20_segment(s->segmenter, &env, &cfg, s->burst, G20_HAND_BURSTS);
    if (is_train(s->burst, n, from, to, width / B)) {
        *ret_apart = true;
        return n;
    }
    return join(s->burst, n, is_short ? JOIN : UINT64_MAX / 2);
}

static bool agree(uint64_t a, uint64_t b)
{
    return fabs((double)a - (double)b) < SLACK_ROWS * G20_TILE_ROW_SAMPLES;
}

/* Mean power within the box, full scale 1, as its rows and bins have it. */
static double tile_power(const struct g20_hydra_box *box, const struct g20_tile *t)
{
    const uint32_t row0 = G20_MIN((uint32_t)box->row0, t->rows - 1);
    const uint32_t row1 = G20_CLAMP((uint32_t)ceilf(box->row1), row0 + 1, t->rows);
    const uint32_t bin0 = (uint32_t)G20_CLAMP(box->bin0, 0.0f, (float)B - 1.0f);
    const uint32_t bin1 = G20_CLAMP((uint32_t)ceilf(box->bin1), bin0 + 1, (uint32_t)B);
    double sum = 0.0;

    for (uint32_t r = row0; r < row1; r++)
        for (uint32_t b = bin0; b < bin1; b++)
            sum += (double)t->mean[(size_t)r * B + b];
    return sum / 1.5 / (row1 - row0); /* equivalent noise bandwidth of the Hann window, bins */
}

/* The score that a box must have. What stands further out the search by energy finds by itself: a
 * box alone is its splatter, or one of its pauses; what stands out less may be the floor. */
static float least_score(const struct view *v, double over, double independent)
{
    if (over < WEAK_FROM || over > WEAK_TO)
        return SURE * v->threshold;
    return over * sqrt(independent) > CLEAR ? DOUBT * v->threshold : v->threshold;
}

static void add(struct g20_hand *s, const struct g20_hydra_box *box, const struct g20_burst *b,
                bool is_cut, const struct view *v)
{
    const double f_lo = frequency(box->bin0), f_hi = frequency(box->bin1);
    const double on = (double)(b->stop - b->start) / (double)G20_MAX(b->on, 1u);
    struct g20_occupied o;

    if (b->stop <= b->start)
        return;
    g20_occupied_measure(s->occupied, v->h, v->t, b->start, b->stop, f_lo, f_hi, v->f->noise, &o);
    const double common = fmin(o.f_hi, f_hi) - fmax(o.f_lo, f_lo);
    const double all = fmax(o.f_hi, f_hi) - fmin(o.f_lo, f_lo);
    const bool same = o.power > o.noise && common + 2.0 / B > 0.6 * all;
    const double noise = same ? o.noise : g20_floor_band(v->f->noise, f_lo, f_hi);
    const double power = same ? o.power : tile_power(box, v->t);
    const double independent =
        fmax(1.0, (double)(b->stop - b->start) * (same ? o.f_hi - o.f_lo : f_hi - f_lo));

    const double over = (power - noise) / noise;

    if (over * sqrt(independent) < LEAST || box->score < least_score(v, over, independent))
        return;

    g20_hand_add(s, &(struct g20_find){
                        .start = b->start,
                        .stop = b->stop,
                        .on = b->on,
                        .f_lo = same ? o.f_lo : f_lo,
                        .f_hi = same ? o.f_hi : f_hi,
                        .power = (power - noise) * on + noise,
                        .noise = noise,
                        .peak = same ? o.peak : power,
                        .is_steady = box->row0 < 0.5f && box->row1 > (float)v->t->rows - 0.5f,
                        .is_level = b->is_level,
                        .is_cut = is_cut,
                        .score = fmaxf(box->score, v->threshold),
                        .class_id = box->class_id,
                    });
}

static void settle(struct g20_hand *s, uint32_t item, void *user)
{
    const struct view *v = user;
    const struct g20_hydra_box *box = v->box[item];
    const uint64_t begin = g20_history_start(v->h), end = g20_history_end(v->h);
    const uint64_t start = G20_CLAMP(g20_tile_sample(v->t, (double)box->row0), begin, end);
    const uint64_t stop = G20_CLAMP(g20_tile_sample(v->t, (double)box->row1), begin, end);
    bool apart;
    const size_t n = cut_in_time(s, box, v, start, stop, &apart);
    struct g20_burst whole = {.start = start, .stop = stop, .on = stop - start};

    if (n > 0 && apart) {
        for (size_t i = 0; i < n; i++)
            add(s, box, &s->burst[i], n > 1, v);
        return;
    }
    if (n == 1 && agree(s->burst[0].start, start))
        whole.start = s->burst[0].start;
    if (n == 1 && agree(s->burst[0].stop, stop))
        whole.stop = s->burst[0].stop;
    whole.on =
        n == 1 ? G20_MIN(s->burst[0].on, whole.stop - whole.start) : whole.stop - whole.start;
    add(s, box, &whole, false, v);
}

size_t g20_settle(struct g20_settler *s, const struct g20_hydra_box *box, size_t count,
                  uint32_t from, const struct g20_tile *t, const struct g20_floor *f,
                  const struct g20_history *h, float threshold, const struct g20_find **ret_finds)
{
    struct view v = {.box = s->box, .t = t, .f = f, .h = h, .threshold = threshold};
    uint32_t items = 0;

    for (size_t i = 0; i < count && items < s->max_finds; i++)
        if (box[i].row1 > (float)from && box[i].score >= DOUBT * threshold)
            s->box[items++] = &box[i];
    *ret_finds = s->find;
    return g20_hands_work(s->hands, items, NULL, settle, &v, s->find, s->max_finds);
}
