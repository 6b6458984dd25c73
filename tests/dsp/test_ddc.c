/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The down-converter against closed forms (a tone comes out as a tone, of known phase, at known
 * moments, or not at all), against theory (the filters' responses), and against liquid-dsp. */
#include "dsp/ddc.h"
#include "dsp/fir.h"
#include "signals.h"

#include <errno.h>
#include <liquid/liquid.h>

static struct g20_rng rng;

static struct g20_ddc *make(double rate, double offset, double bandwidth, double out)
{
    const struct g20_ddc_cfg cfg = {rate, offset, bandwidth, out};
    struct g20_ddc *d = NULL;
    struct g20_err e = {0};

    if (g20_ddc_create(&d, &cfg, &e) < 0)
        fail_msg("%s", e.msg);
    return d;
}

/* Inputs that the filters look back on and ahead, all together. */
static size_t memory_of(const struct g20_ddc_plan *p)
{
    double sum = 0, per = 1;

    for (uint32_t i = 0; i < p->steps; i++) {
        sum += per * (1 + (p->step[i].taps + 8.0 * p->step[i].up) / p->step[i].up);
        per *= p->step[i].down;
    }
    return (size_t)sum + 8;
}

struct output {
    float complex *x;
    size_t n, edge; /* outputs at either end that see silence */
};

/* A tone of @cycles a sample, absolute from sample 0, given from sample @first on; enough for
 * @wanted outputs that do not see its ends. */
static struct output tone(struct g20_ddc *d, double cycles, uint64_t first, size_t wanted)
{
    const struct g20_ddc_plan *p = g20_ddc_plan(d);
    const double per = (double)p->down / (double)p->up;
    const size_t margin = memory_of(p), n = 2 * margin + (size_t)((double)wanted * per) + 1;
    struct output o = {.edge = (size_t)((double)margin / per) + 1};
    float complex *x = g20_calloc(n, sizeof(*x));

    o.x = g20_calloc(g20_ddc_most(d, n), sizeof(*o.x));
    assert_non_null(x);
    assert_non_null(o.x);
    for (size_t i = 0; i < n; i++)
        x[i] = (float complex)cexp(I * 2 * M_PI * fmod(cycles * (double)(first + i), 1));
    g20_ddc_reset(d, first);
    o.n = g20_ddc_push(d, G20_CF32, x, n, o.x);
    o.n += g20_ddc_flush(d, o.x + o.n);
    assert_int_equal(o.n, (size_t)((double)(n - 1) / per) + 1);
    assert_true(o.n > 2 * o.edge);
    g20_free(x);
    return o;
}

static double level_db(const struct output *o)
{
    double sum = 0;

    for (size_t i = o->edge; i < o->n - o->edge; i++)
        sum += (double)(crealf(o->x[i]) * crealf(o->x[i]) + cimagf(o->x[i]) * cimagf(o->x[i]));
    return 10 * log10(sum / (double)(o->n - 2 * o->edge) + 1e-30);
}

struct setup {
    double rate, offset, bandwidth, out;
};

static struct setup random_setup(int i)
{
    struct setup s = {.rate = g20_rng_log_range(&rng, 1e5, 1e8)};

    s.bandwidth = s.rate / g20_rng_log_range(&rng, 1.4, 300);
    s.offset = g20_rng_range(&rng, -0.5, 0.5) * (s.rate - s.bandwidth);
    const double wish = s.bandwidth * g20_rng_range(&rng, 1.1, 3);
    s.out = i % 2 ? G20_MIN(s.rate, wish) : 0;
    return s;
}

/* What comes out for e^(j w n) is e^(j (w - w0) t) where t is the output's moment: that fixes
 * passband, group delay, phase and the time of the first sample at once. */
static void a_tone_in_the_band_comes_out_as_computed(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++) {
        const struct setup s = random_setup(i);
        struct g20_ddc *d = make(s.rate, s.offset, s.bandwidth, s.out);
        const struct g20_ddc_plan *p = g20_ddc_plan(d);

        for (int t = 0; t < 3; t++) {
            const double f = s.offset + g20_rng_range(&rng, -0.5, 0.5) * s.bandwidth;
            const uint64_t first = g20_rng_below(&rng, 1000000);
            struct output o = tone(d, f / s.rate, first, 300);
            const double to_db = 20 / log(10);
            for (size_t m = o.edge; m < o.n - o.edge; m++) {
                const double at = (double)first + (double)m * (double)p->down / (double)p->up;
                const double complex want =
                    cexp(I * 2 * M_PI * fmod((f - s.offset) / s.rate * at, 1));
                const double off = cabs((double complex)o.x[m] - want);
                if (off * to_db > G20_DDC_RIPPLE_DB)
                    fail_msg("setup %d (%g %g %g %g), tone %g, output %zu of %zu: off by %g", i,
                             s.rate, s.offset, s.bandwidth, s.out, f, m, o.n, off);
            }
            g20_free(o.x);
        }
        g20_ddc_destroy(d);
    }
}

static double response(const struct g20_ddc_step *s, double cycles)
{
    double *h = g20_calloc(s->taps, sizeof(*h));
    double complex sum = 0;

    assert_non_null(h);
    g20_fir_lowpass(h, s->taps, (s->pass + s->stop) / 2 / s->up, G20_DDC_DESIGN_DB);
    for (uint32_t k = 0; k < s->taps; k++)
        sum += h[k] * cexp(-I * 2 * M_PI * cycles / s->up * k);
    g20_free(h);
    return s->taps > 1 ? cabs(sum) : 1;
}

/* The product of the filters' responses where the tone meets them, folded down by those before. */
static double theory_db(const struct g20_ddc_plan *p, double cycles)
{
    double db = 0;

    for (uint32_t i = 0; i < p->steps; i++) {
        db += 20 * log10(response(&p->step[i], cycles) + 1e-15);
        cycles *= (double)p->step[i].down / p->step[i].up;
        cycles -= round(cycles);
    }
    return db;
}

static void what_lies_outside_is_gone_as_theory_says(void **state)
{
    int measured = 0, far = 0;

    (void)state;
    for (int i = 0; i < 60; i++) {
        const struct setup s = random_setup(i);
        struct g20_ddc *d = make(s.rate, s.offset, s.bandwidth, s.out);
        const struct g20_ddc_plan *p = g20_ddc_plan(d);

        for (int t = 0; t < 6; t++) {
            double f = g20_rng_range(&rng, -0.5, 0.5) * s.rate - s.offset;
            if (t % 2) /* near the edges, where something is left */
                f = (g20_rng_below(&rng, 2) ? 1 : -1) *
                    g20_rng_range(&rng, s.bandwidth / 2, p->out_rate_hz * 0.55);
            f -= s.rate * round(f / s.rate);
            struct output o = tone(d, (f + s.offset) / s.rate, 0, 200);
            const double got = level_db(&o), want = theory_db(p, f / s.rate);
            if (fabs(f) >= p->out_rate_hz / 2) {
                far++;
                if (got > -G20_DDC_STOP_DB)
                    fail_msg("setup %d: %g Hz off is %g dB", i, f, got);
            }
            if (want > -70) {
                measured++;
                assert_float_equal(got, want, 0.05);
            }
            g20_free(o.x);
        }
        g20_ddc_destroy(d);
    }
    assert_true(measured > 60 && far > 60);
}

static size_t push_cut(struct g20_ddc *d, const float complex *x, size_t n, float complex *out,
                       size_t longest)
{
    size_t made = 0;

    g20_ddc_reset(d, 12345);
    for (size_t at = 0; at < n;) {
        const size_t wish = 1 + (size_t)g20_rng_below(&rng, (uint32_t)longest);
        const size_t some = G20_MIN(n - at, wish);
        const size_t most = g20_ddc_most(d, some);
        const size_t got = g20_ddc_push(d, G20_CF32, x + at, some, out + made);
        assert_true(got <= most);
        made += got;
        at += some;
    }
    return made + g20_ddc_flush(d, out + made);
}

static void the_cut_of_the_input_does_not_matter(void **state)
{
    enum { N = 30000 };
    float complex *x = g20_calloc(N, sizeof(*x)), *a, *b;

    (void)state;
    assert_non_null(x);
    for (size_t i = 0; i < N; i++)
        x[i] = (float)g20_rng_normal(&rng) + I * (float)g20_rng_normal(&rng);
    for (int i = 0; i < 24; i++) {
        const struct setup s = random_setup(i);
        struct g20_ddc *d = make(s.rate, s.offset, s.bandwidth, s.out);

        a = g20_calloc(g20_ddc_most(d, N), sizeof(*a));
        b = g20_calloc(g20_ddc_most(d, N), sizeof(*b));
        assert_non_null(a);
        assert_non_null(b);
        const size_t n = push_cut(d, x, N, a, N);
        for (uint32_t longest = 1; longest < N; longest = 7 * longest + 2) {
            assert_int_equal(push_cut(d, x, N, b, longest), n);
            assert_memory_equal(a, b, n * sizeof(*a));
        }
        g20_free(a);
        g20_free(b);
        g20_ddc_destroy(d);
    }
    g20_free(x);
}

static void every_format_gives_the_same(void **state)
{
    enum { N = 6000 };
    static double complex x[N];
    static float complex out[4][N];
    struct g20_ddc *d = make(1e6, 1e5, 1e5, 0);
    struct g20_pool *pool = NULL;

    (void)state;
    fill_tone(x, N, 0.11, 0.5);
    assert_int_equal(g20_pool_create(&pool, 3, N), 0);
    for (int f = 0; f < 4; f++) {
        const double step = f == G20_CF32 ? 1e-6 : f == G20_CI16 ? 1.0 / 32768 : 1.0 / 127;
        struct g20_block *b = make_block(pool, (enum g20_sample_format)f, x, 0, N, 1e6);
        g20_ddc_reset(d, 0);
        const size_t n = g20_ddc_push(d, b->format, b->data, b->len, out[f]);
        assert_true(n > 600);
        for (size_t i = 0; i < n; i++)
            assert_true((double)cabsf(out[f][i] - out[0][i]) < step);
        g20_block_unref(&b);
    }
    g20_pool_destroy(pool);
    g20_ddc_destroy(d);
}

static void bad_numbers_count_as_0(void **state)
{
    enum { N = 4000 };
    static float x[2 * N], clean[2 * N];
    static float complex out[2][N];
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1e30f};
    struct g20_ddc *d = make(1e6, -2e5, 1e5, 0);

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(x); i++)
        x[i] = clean[i] = (float)g20_rng_normal(&rng);
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        x[1000 * i + 501] = bad[i];
        clean[1000 * i + 501] = 0;
    }
    const size_t n = g20_ddc_push(d, G20_CF32, x, N, out[0]);
    g20_ddc_reset(d, 0);
    assert_int_equal(g20_ddc_push(d, G20_CF32, clean, N, out[1]), n);
    assert_memory_equal(out[0], out[1], n * sizeof(out[0][0]));
    g20_ddc_destroy(d);
}

/* The same chain from liquid's oscillator and decimators, fed with our taps. Its decimator answers
 * to the first of each @down samples: silence before the input lines both up. */
static size_t liquid_chain(const struct g20_ddc_plan *p, double cycles, float complex *x, size_t n,
                           float complex *y)
{
    double *h = g20_calloc(65536, sizeof(*h));
    float *taps = g20_calloc(65536, sizeof(*taps));
    nco_crcf nco = nco_crcf_create(LIQUID_VCO);

    assert_non_null(h);
    assert_non_null(taps);
    nco_crcf_set_frequency(nco, (float)(2 * M_PI * cycles));
    for (size_t i = 0; i < n; i++)
        x[i] *= (float complex)cexp(-I * 2 * M_PI * fmod(cycles * (double)i, 1));
    for (uint32_t s = 0; s < p->steps; s++) {
        const uint32_t down = p->step[s].down, len = p->step[s].taps, c = (len - 1) / 2;
        const size_t pad = (down - c % down) % down, skip = (c + pad) / down;
        g20_fir_lowpass(h, len, (p->step[s].pass + p->step[s].stop) / 2, G20_DDC_DESIGN_DB);
        for (uint32_t k = 0; k < len; k++)
            taps[k] = (float)h[k];
        firdecim_crcf q = firdecim_crcf_create(down, taps, len);
        size_t made = 0;
        for (size_t at = 0; at + down <= pad + n + c; at += down) {
            float complex in[512], out;
            for (size_t k = 0; k < down; k++)
                in[k] = at + k >= pad && at + k < pad + n ? x[at + k - pad] : 0;
            firdecim_crcf_execute(q, in, &out);
            if (at / down >= skip)
                y[made++] = out;
        }
        firdecim_crcf_destroy(q);
        memcpy(x, y, made * sizeof(*x));
        n = made;
    }
    nco_crcf_destroy(nco);
    g20_free(h);
    g20_free(taps);
    return n;
}

static void liquid_gives_the_same(void **state)
{
    enum { N = 20000 };
    static const double bandwidths[] = {0.7, 0.3, 0.1, 0.05, 0.013};
    float complex *x = g20_calloc(2 * N, sizeof(*x)), *a = g20_calloc(2 * N, sizeof(*a)),
                  *b = g20_calloc(2 * N, sizeof(*b));

    (void)state;
    assert_true(x && a && b);
    for (size_t i = 0; i < G20_COUNT_OF(bandwidths); i++) {
        struct g20_ddc *d = make(1, 0.137, bandwidths[i], 0);
        const struct g20_ddc_plan *p = g20_ddc_plan(d);

        for (size_t k = 0; k < N; k++)
            x[k] = (float)g20_rng_normal(&rng) + I * (float)g20_rng_normal(&rng);
        const size_t n = g20_ddc_push(d, G20_CF32, x, N, a);
        const size_t m = liquid_chain(p, 0.137, x, N, b);
        assert_true(m >= n && n > 100);
        for (size_t k = 0; k < n; k++)
            assert_true(cabsf(a[k] - b[k]) < 3e-5f);
        g20_ddc_destroy(d);
    }
    g20_free(x);
    g20_free(a);
    g20_free(b);
}

static void memory_is_taken_by_create_only(void **state)
{
    enum { N = 5000 };
    static float complex x[N], out[N];
    static const struct g20_ddc_cfg cfg = {1e6, 1e5, 1e5, 1.37e5};
    const int64_t live = g20_alloc_live();

    (void)state;
    for (uint64_t nth = 0;; nth++) {
        struct g20_ddc *d = NULL;
        struct g20_err e = {0};

        g20_alloc_fail_at(nth);
        const int r = g20_ddc_create(&d, &cfg, &e);
        if (r >= 0) {
            g20_ddc_push(d, G20_CF32, x, N, out); /* any allocation would fail */
            g20_ddc_flush(d, out);
            g20_alloc_fail_at(G20_ALLOC_NEVER);
            g20_ddc_destroy(d);
            assert_true(nth > 5);
            break;
        }
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_int_equal(r, -ENOMEM);
        assert_null(d);
        assert_int_equal(g20_alloc_live(), live);
    }
    assert_int_equal(g20_alloc_live(), live);
    g20_ddc_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_in_the_band_comes_out_as_computed),
        cmocka_unit_test(what_lies_outside_is_gone_as_theory_says),
        cmocka_unit_test(the_cut_of_the_input_does_not_matter),
        cmocka_unit_test(every_format_gives_the_same),
        cmocka_unit_test(bad_numbers_count_as_0),
        cmocka_unit_test(liquid_gives_the_same),
        cmocka_unit_test(memory_is_taken_by_create_only),
    };
    g20_rng_init(&rng, 50);
    return cmocka_run_group_tests_name("ddc", tests, NULL, NULL);
}
