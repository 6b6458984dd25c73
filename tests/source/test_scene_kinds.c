/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Every kind's boxes against its samples. Two scenes of one seed, one of them quiet, have the same
 * noise to the bit: their difference is the signals alone. It is measured with a transform of its
 * own, over the whole of a burst, not with the scene's. */
#include "base/alloc.h"
#include "source/scene.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N    (1u << 21) /* samples looked at */
#define RATE 1e6

static void dft(double complex *x, size_t n)
{
    for (size_t i = 1, j = 0; i < n; i++) {
        size_t bit = n >> 1;

        for (; j & bit; bit >>= 1)
            j ^= bit;
        j |= bit;
        if (i < j) {
            const double complex t = x[i];
            x[i] = x[j];
            x[j] = t;
        }
    }
    for (size_t half = 1; half < n; half *= 2) {
        for (size_t k = 0; k < half; k++) {
            const double a = -3.141592653589793 * (double)k / (double)half, c = cos(a), s = sin(a);

            for (size_t i = k; i < n; i += 2 * half) {
                const double r = creal(x[i + half]), m = cimag(x[i + half]);
                const double complex t = (r * c - m * s) + I * (r * s + m * c);

                x[i + half] = x[i] - t;
                x[i] += t;
            }
        }
    }
}

static double power(float complex x)
{
    const double r = (double)crealf(x), m = (double)cimagf(x);

    return r * r + m * m;
}

/* The signals alone, and their boxes. */
static size_t play(const char *kind, uint64_t seed, double density, float complex *x,
                   struct g20_scene_box *box, size_t cap)
{
    struct g20_scene_cfg cfg;
    struct g20_scene *loud = NULL, *quiet = NULL;
    float complex *noise = g20_calloc(N, sizeof(*noise));

    g20_scene_cfg_default(&cfg);
    cfg.rate_hz = RATE;
    cfg.seed = seed;
    cfg.only = kind;
    cfg.density = density;
    cfg.impairments = false;
    assert_int_equal(g20_scene_create(&loud, &cfg, NULL), 0);
    cfg.quiet = true;
    assert_int_equal(g20_scene_create(&quiet, &cfg, NULL), 0);
    g20_scene_read(loud, x, N);
    g20_scene_read(quiet, noise, N);
    for (size_t i = 0; i < N; i++)
        x[i] -= noise[i];
    const size_t n = g20_scene_boxes(loud, 0, box, cap);
    assert_true(n <= cap);
    g20_scene_destroy(loud);
    g20_scene_destroy(quiet);
    g20_free(noise);
    return n;
}

/* Whether @b is wholly inside and alone on the air, with @margin samples to both sides. */
static bool is_alone(const struct g20_scene_box *box, size_t n, size_t b, uint64_t margin)
{
    const uint64_t lo = box[b].sample_start, hi = lo + box[b].sample_count;

    if (lo < margin || hi + margin > N)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (i != b && box[i].sample_start < hi + margin &&
            lo < box[i].sample_start + box[i].sample_count + margin)
            return false;
    }
    return true;
}

struct measured {
    double lo, hi;        /* 99 % bandwidth, Hz */
    double in_box;        /* share of the power that lies between the box's edges */
    double on_power;      /* mean power at the top of a mark */
    double mean_power;    /* mean over the box */
    uint64_t first, last; /* samples at more than half the amplitude of the signal */
};

static void measure(const float complex *x, const struct g20_scene_box *b, uint64_t margin,
                    struct measured *m)
{
    const uint64_t from = b->sample_start - margin, len = b->sample_count + 2 * margin;
    size_t n = 1;

    while (n < len)
        n *= 2;
    n *= n < N ? 2 : 1;
    double complex *z = g20_calloc(n, sizeof(*z));
    double peak = 0, on = 0, total = 0, sum = 0;
    uint64_t count = 0;

    memset(m, 0, sizeof(*m));
    for (uint64_t i = 0; i < len; i++) {
        z[i] = x[from + i];
        peak = G20_MAX(peak, power(x[from + i]));
        m->mean_power += power(x[from + i]) / (double)b->sample_count;
    }
    m->first = UINT64_MAX;
    for (uint64_t i = from; i < from + len; i++) {
        if (power(x[i]) < peak / 4)
            continue;
        if (power(x[i]) > 0.8 * peak) { /* the top of a mark, not its edges */
            on += power(x[i]);
            count++;
        }
        m->first = G20_MIN(m->first, i);
        m->last = i;
    }
    m->on_power = on / (double)count;
    dft(z, n);
    for (size_t i = 0; i < n; i++)
        total += creal(z[i]) * creal(z[i]) + cimag(z[i]) * cimag(z[i]);
    m->lo = m->hi = NAN;
    for (size_t i = 0; i < n; i++) {
        const size_t k = (i + n / 2) % n;
        const double f = ((double)i / (double)n - 0.5) * RATE;
        const double p = (creal(z[k]) * creal(z[k]) + cimag(z[k]) * cimag(z[k])) / total;

        sum += p;
        if (isnan(m->lo) && sum >= 0.005)
            m->lo = f;
        if (isnan(m->hi) && sum >= 0.995)
            m->hi = f;
        if (f >= b->f_lo_hz && f <= b->f_hi_hz)
            m->in_box += p;
    }
    g20_free(z);
}

struct tolerance {
    const char *kind;
    double edge; /* of the bandwidth */
    double db;   /* of the SNR */
    bool keyed;  /* SNR is that of the marks; edges are sharp */
    bool flat;   /* constant envelope: half the amplitude is half of the peak */
};

static void check_box(const struct g20_scene_box *b, const struct measured *m,
                      const struct tolerance *t)
{
    const double width = b->f_hi_hz - b->f_lo_hz, slack = t->edge * width;
    const double density = 1e-6 / RATE; /* white, -60 dBFS */
    const double p = t->keyed ? m->on_power : m->mean_power;
    const double snr = 10 * log10(0.99 * p / (density * width));
    const int64_t first = (int64_t)m->first - (int64_t)b->sample_start;
    const int64_t last = (int64_t)m->last + 1 - (int64_t)(b->sample_start + b->sample_count);

    const int64_t late = 2 + (int64_t)(0.02 * RATE / width); /* samples, or 2 % of 1 / bandwidth */

    if (fabs(m->lo - b->f_lo_hz) > slack || fabs(m->hi - b->f_hi_hz) > slack ||
        fabs(snr - (double)b->snr_db) > t->db ||
        (t->flat && (llabs(first) > late || llabs(last) > late)))
        print_message(
            "%s at %llu + %llu: %.0f..%.0f Hz measured %.0f..%.0f (%.4f in the box); SNR %.2f "
            "measured %.2f; edges off by %lld and %lld",
            b->kind, (unsigned long long)b->sample_start, (unsigned long long)b->sample_count,
            b->f_lo_hz, b->f_hi_hz, m->lo, m->hi, m->in_box, (double)b->snr_db, snr,
            (long long)first, (long long)last);
}

static void a_box_is_what_its_samples_measure(void **state)
{
    /* Random data longer than what the scene looks at, or speech, vary about what it saw. */
    static const struct tolerance kinds[] = {
        {"ook", 0.03, 0.6, true, false},     {"morse", 0.03, 0.6, true, false},
        {"pulse", 0.03, 1.2, true, true},    {"fsk", 0.03, 0.3, false, true},
        {"gfsk", 0.03, 0.3, false, true},    {"msk", 0.03, 0.3, false, true},
        {"hopper", 0.15, 0.5, false, true},  {"tdma", 0.15, 0.5, false, true},
        {"bpsk", 0.03, 0.3, false, false},   {"qpsk", 0.03, 0.3, false, false},
        {"qam16", 0.03, 0.3, false, false},  {"ofdm", 0.03, 0.3, false, false},
        {"lora", 0.03, 0.3, false, true},    {"chirp", 0.03, 0.3, false, true},
        {"radar", 0.03, 0.3, false, true},   {"nbfm", 0.15, 0.3, false, true},
        {"wbfm", 0.15, 0.3, false, true},    {"am", 0.15, 1.0, false, false},
        {"ssb", 0.15, 1.5, false, false},    {"carrier", 0.25, 0.4, false, true},
        {"ppm", 0.03, 0.6, true, false},     {"psk8", 0.03, 0.3, false, false},
        {"qam64", 0.03, 0.3, false, false},  {"dsss", 0.03, 0.3, false, false},
        {"scfdma", 0.03, 0.3, false, false}, {"fmcw", 0.05, 0.3, false, true},
        {"video", 0.15, 0.3, false, true},
    };
    static struct g20_scene_box box[4096];
    float complex *x = g20_calloc(N, sizeof(*x));

    (void)state;
    for (size_t k = 0; g20_scene_kind_at(k); k++)
        assert_true(k < G20_COUNT_OF(kinds)); /* a new kind needs a row here */
    for (size_t k = 0; k < G20_COUNT_OF(kinds); k++) {
        const struct tolerance *t = &kinds[k];
        const bool is_long = strcmp(t->kind, "wbfm") == 0 || strcmp(t->kind, "lora") == 0;
        int checked = 0;

        for (uint64_t seed = 1; seed <= 24 && checked < 2; seed++) {
            const size_t n = play(t->kind, seed, is_long ? 0.2 : 0.5, x, box, G20_COUNT_OF(box));

            for (size_t i = 0; i < n && checked < 2; i++) {
                struct measured m;
                const uint64_t margin = 4096;

                assert_string_equal(box[i].kind, t->kind);
                if (!is_alone(box, n, i, margin))
                    continue;
                measure(x, &box[i], margin, &m);
                check_box(&box[i], &m, t);
                checked++;
            }
        }
        if (checked == 0)
            fail_msg("%s: nothing to measure in 24 scenes", t->kind);
    }
    g20_free(x);
}

static void between_the_boxes_there_is_nothing(void **state)
{
    static struct g20_scene_box box[4096];
    float complex *x = g20_calloc(N, sizeof(*x));
    double outside = 0, all = 0;

    (void)state;
    const size_t n = play(NULL, 3, 1, x, box, G20_COUNT_OF(box));
    for (size_t i = 0; i < N; i++) {
        bool covered = false;

        for (size_t k = 0; k < n && !covered; k++)
            covered = i + 8192 >= box[k].sample_start &&
                      i <= box[k].sample_start + box[k].sample_count + 8192;
        all += power(x[i]);
        if (!covered)
            outside += power(x[i]);
    }
    assert_true(n > 3);
    assert_true(all > 0);
    assert_true(outside == 0);
    g20_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_box_is_what_its_samples_measure),
        cmocka_unit_test(between_the_boxes_there_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
