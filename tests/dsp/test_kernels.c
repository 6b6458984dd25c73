/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Every vectorised set against the plain one, over odd lengths and misaligned pointers, with the
 * memory on either side of each output watched. */
#include "dsp/kernels.h"
#include "signals.h"

enum { MAX_SETS = 8, CAP = 1200, MARGIN = 64 };

static const struct g20_kernels *sets[MAX_SETS];
static size_t n_sets;

/* Lengths around every vector width and unrolling, and a longer one. */
static const size_t LENGTHS[] = {1,  2,  3,  4,  5,  7,  8,  9,   15,  16,  17,  31,
                                 32, 33, 47, 63, 64, 65, 96, 127, 128, 129, 255, 515};
static const size_t OFFSETS[] = {0, 1, 2, 3, 5, 7}; /* in elements, from an aligned start */

static struct g20_rng rng;

struct guarded {
    unsigned char byte[MARGIN + CAP * 8 + MARGIN];
    size_t start, bytes;
};

static void *guard(struct guarded *g, size_t offset_bytes, size_t bytes)
{
    memset(g->byte, 0xa5, sizeof(g->byte));
    g->start = MARGIN + offset_bytes;
    g->bytes = bytes;
    assert_true(g->start + bytes + 8 <= sizeof(g->byte));
    return g->byte + g->start;
}

static void check_margins(const struct guarded *g)
{
    for (size_t i = 0; i < g->start; i++)
        assert_int_equal(g->byte[i], 0xa5);
    for (size_t i = g->start + g->bytes; i < sizeof(g->byte); i++)
        assert_int_equal(g->byte[i], 0xa5);
}

/* Powers over all of the range, with the odd ones that a kernel has to survive among them. */
static void fill_powers(float *p, size_t n)
{
    static const float odd[] = {0, -1, 1e-18f, 1e-19f, 1e-45f, 1, 2, 0.5f, 3e38f, INFINITY, NAN};

    for (size_t i = 0; i < n; i++)
        p[i] = g20_rng_below(&rng, 4) == 0 ? odd[g20_rng_below(&rng, G20_COUNT_OF(odd))]
                                           : (float)g20_rng_log_range(&rng, 1e-20, 1e4);
}

static void close_to(float got, float want, float relative)
{
    if (isnan(want))
        assert_true(isnan(got));
    else if (isinf(want))
        assert_true(got == want);
    else
        assert_true(fabsf(got - want) <= relative * fabsf(want));
}

#define FOR_EACH_CASE(set, n, off)                                                            \
    for (size_t set_ = 1; set_ < n_sets; set_++)                                              \
        for (size_t len_ = 0; len_ < G20_COUNT_OF(LENGTHS); len_++)                           \
            for (size_t off_ = 0; off_ < G20_COUNT_OF(OFFSETS); off_++)                       \
                for (const struct g20_kernels *set = sets[set_], *one = set; one; one = NULL) \
                    for (size_t n = LENGTHS[len_], off = OFFSETS[off_], go_ = 1; go_; go_ = 0)

static void windowing_agrees_bit_for_bit(void **state)
{
    (void)state;
    static struct guarded in, a, b;
    static float w[2 * CAP];

    for (size_t i = 0; i < G20_COUNT_OF(w); i++)
        w[i] = (float)g20_rng_range(&rng, -1, 1);
    for (int format = 0; format < 4; format++) {
        const size_t bytes = g20_sample_bytes((enum g20_sample_format)format);
        FOR_EACH_CASE(k, n, off)
        {
            /* samples at any address their own type allows */
            unsigned char *x = guard(&in, off * bytes / 2, n * bytes);
            float *want = guard(&a, 4 * off, 8 * n), *got = guard(&b, 4 * off, 8 * n);

            for (size_t i = 0; i < n * bytes; i++)
                x[i] = (unsigned char)g20_rng_u64(&rng);
            for (size_t i = 0; format == G20_CF32 && i < 2 * n; i++) {
                if (g20_rng_below(&rng, 3) > 0) /* the rest stays raw bits: NaN, huge, denormal */
                    ((float *)(void *)x)[i] = (float)g20_rng_range(&rng, -1, 1);
            }
            const bool bad = sets[0]->window[format](want, x, w + off, n);
            assert_int_equal(k->window[format](got, x, w + off, n), bad);
            assert_memory_equal(got, want, 8 * n);
            check_margins(&b);
        }
    }
}

static void windowing_replaces_what_is_no_number(void **state)
{
    (void)state;
    const float in[] = {NAN, 1, INFINITY, -INFINITY, 2e9f, -2e9f, 1e9f, -1e9f, -NAN, 0.5f};
    const float w[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const float want[] = {0, 1, 0, 0, 0, 0, 1e9f, -1e9f, 0, 0.5f};

    for (size_t s = 0; s < n_sets; s++) {
        float out[10];
        assert_true(sets[s]->window[G20_CF32](out, in, w, 5));
        for (int i = 0; i < 10; i++)
            assert_true(out[i] == want[i]);
        assert_false(sets[s]->window[G20_CF32](out, want, w, 5));
    }
}

static void integers_scale_to_full_scale_one(void **state)
{
    (void)state;
    const int16_t ci16[2] = {-32768, 16384};
    const int8_t ci8[2] = {-128, 64};
    const uint8_t cu8[2] = {0, 255};
    const void *const in[] = {[G20_CI16] = ci16, [G20_CI8] = ci8, [G20_CU8] = cu8};
    const float want[][2] = {[G20_CI16] = {-1, 0.5f}, [G20_CI8] = {-1, 0.5f}, [G20_CU8] = {-1, 1}};
    const float w[2] = {1, 1};

    for (size_t s = 0; s < n_sets; s++) {
        for (int f = G20_CI16; f <= G20_CU8; f++) {
            float out[2];
            sets[s]->window[f](out, in[f], w, 1);
            for (int c = 0; c < 2; c++)
                assert_float_equal(out[c] * g20_kernels_scale(f), want[f][c], 1e-7);
        }
    }
}

static void power_agrees_within_rounding(void **state)
{
    (void)state;
    static struct guarded in, a, b;

    FOR_EACH_CASE(k, n, off)
    {
        float *x = guard(&in, 4 * off, 8 * n);
        float *want = guard(&a, 4 * off, 4 * n), *got = guard(&b, 4 * off, 4 * n);

        for (size_t i = 0; i < 2 * n; i++)
            x[i] = (float)(g20_rng_normal(&rng) * g20_rng_log_range(&rng, 1e-9, 1e9));
        sets[0]->power(want, x, n, 0.37f);
        k->power(got, x, n, 0.37f);
        for (size_t i = 0; i < n; i++)
            close_to(got[i], want[i], 3e-7f); /* a fused multiply-add rounds once less */
        check_margins(&b);
    }
}

static void folding_agrees_bit_for_bit(void **state)
{
    (void)state;
    static struct guarded in, sum_a, max_a, sum_b, max_b;

    FOR_EACH_CASE(k, n, off)
    {
        float *p = guard(&in, 4 * off, 4 * n);
        float *s1 = guard(&sum_a, 4 * off, 4 * n), *m1 = guard(&max_a, 4 * off, 4 * n);
        float *s2 = guard(&sum_b, 4 * off, 4 * n), *m2 = guard(&max_b, 4 * off, 4 * n);

        for (size_t i = 0; i < n; i++) {
            p[i] = (float)g20_rng_uniform(&rng);
            s1[i] = s2[i] = (float)g20_rng_uniform(&rng);
            m1[i] = m2[i] = (float)g20_rng_uniform(&rng);
        }
        sets[0]->fold(s1, m1, p, n);
        k->fold(s2, m2, p, n);
        assert_memory_equal(s1, s2, 4 * n);
        assert_memory_equal(m1, m2, 4 * n);
        for (size_t i = 0; i < n; i++)
            p[i] *= 2;
        sets[0]->fold_max(m1, p, n);
        k->fold_max(m2, p, n);
        assert_memory_equal(m1, m2, 4 * n);
        check_margins(&sum_b);
        check_margins(&max_b);
    }
}

static void decibels_are_within_a_thousandth(void **state)
{
    (void)state;
    static struct guarded in, b;

    FOR_EACH_CASE(k, n, off)
    {
        float *p = guard(&in, 4 * off, 4 * n), *got = guard(&b, 4 * off, 4 * n);

        fill_powers(p, n);
        k->power_to_db(got, p, n);
        for (size_t i = 0; i < n; i++) {
            if (p[i] > G20_POWER_MIN && isfinite(p[i]))
                assert_float_equal((double)got[i], db((double)p[i]), 0.001);
            else if (!(p[i] > 0)) /* 0, negative, NaN */
                assert_float_equal(got[i], G20_POWER_MIN_DB, 0.001);
            else
                assert_true(got[i] <= -179.99f || got[i] > 380.0f); /* tiny; infinite */
        }
        check_margins(&b);
    }
}

static void decibels_have_no_step_and_never_fall(void **state)
{
    (void)state;
    enum { STEPS = 1000 };
    float p[STEPS], out[STEPS];

    for (size_t s = 0; s < n_sets; s++) {
        for (float octave = 1e-9f; octave < 100; octave *= 2) { /* across each power of two */
            const float edge = exp2f(floorf(log2f(octave)));
            for (int i = 0; i < STEPS; i++)
                p[i] = edge * (0.99f + 0.02f * (float)i / STEPS);
            sets[s]->power_to_db(out, p, STEPS);
            for (int i = 1; i < STEPS; i++) /* a step is 0.0001 dB, a float here 0.00001 */
                assert_true(out[i] >= out[i - 1] - 2e-5f && out[i] <= out[i - 1] + 5e-4f);
        }
    }
}

/* A code may differ by one where the exact value lies on the border between two. */
static void codes_agree_but_for_rounding_at_a_border(void **state)
{
    (void)state;
    static struct guarded in, a, b;
    static const float odd[] = {NAN, INFINITY, -INFINITY, -100, -40, 1e30f, -1e30f};

    FOR_EACH_CASE(k, n, off)
    {
        float *x = guard(&in, 4 * off, 4 * n);
        uint8_t *want = guard(&a, off, n), *got = guard(&b, off, n);

        for (size_t i = 0; i < n; i++)
            x[i] = g20_rng_below(&rng, 5) == 0 ? odd[g20_rng_below(&rng, G20_COUNT_OF(odd))]
                                               : (float)g20_rng_range(&rng, -110, -30);
        sets[0]->db_to_u8(want, x, n, -100, -40);
        k->db_to_u8(got, x, n, -100, -40);
        for (size_t i = 0; i < n; i++) {
            const double exact = 255 * ((double)x[i] + 100) / 60;
            if (!isfinite(x[i]) || exact < 0 || exact > 255)
                assert_int_equal(got[i], x[i] > -40 ? 255 : 0);
            if (got[i] != want[i])
                assert_float_equal(fabs(exact - floor(exact)), 0.5, 1e-3);
        }
        check_margins(&b);

        fill_powers(x, n);
        sets[0]->power_to_u8(want, x, n, -100, -40);
        k->power_to_u8(got, x, n, -100, -40);
        for (size_t i = 0; i < n; i++) {
            if (got[i] == want[i])
                continue;
            const double exact = 255 * (db((double)x[i]) + 100) / 60;
            assert_float_equal(fabs(exact - floor(exact)), 0.5, 0.01);
        }
        check_margins(&b);
    }
}

static void maximum_agrees(void **state)
{
    (void)state;
    static struct guarded in;

    FOR_EACH_CASE(k, n, off)
    {
        float *x = guard(&in, 4 * off, 4 * n);

        for (size_t i = 0; i < n; i++)
            x[i] = (float)g20_rng_range(&rng, -200, -100);
        for (size_t at = 0; at < n; at += 1 + n / 40) { /* wherever it stands */
            const float was = x[at];
            x[at] = -50.0f + (float)at;
            assert_true(k->max(x, n) == x[at] && sets[0]->max(x, n) == x[at]);
            x[at] = was;
        }
    }
}

static void colours_are_the_codes_looked_up(void **state)
{
    (void)state;
    static struct guarded in, b;
    static uint8_t codes[CAP];
    uint32_t lut[256];

    for (int i = 0; i < 256; i++)
        lut[i] = (uint32_t)g20_rng_u64(&rng);
    FOR_EACH_CASE(k, n, off)
    {
        float *x = guard(&in, 4 * off, 4 * n);
        uint8_t *got = guard(&b, off, 4 * n); /* pixels at any address */

        for (size_t i = 0; i < n; i++)
            x[i] = i % 9 ? (float)g20_rng_range(&rng, -110, -30) : NAN;
        k->db_to_u8(codes, x, n, -100, -40);
        k->colour(got, x, n, lut, -100, -40);
        for (size_t i = 0; i < n; i++)
            assert_memory_equal(got + 4 * i, &lut[codes[i]], 4);
        check_margins(&b);
    }
}

static void fill_noise(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)g20_rng_range(&rng, -1, 1);
}

/* Lengths of @n count outputs here; taps of several lengths, steps odd and even. */
static void filters_agree_within_rounding(void **state)
{
    static float in[8 * CAP], taps[4 * 64];
    static struct guarded a, b;

    (void)state;
    fill_noise(in, G20_COUNT_OF(in));
    for (size_t len = G20_FIR_MULTIPLE; len <= 64; len += 3 * G20_FIR_MULTIPLE) {
        fill_noise(taps, G20_COUNT_OF(taps));
        for (size_t i = 0; i < 2 * len; i++)
            taps[2 * i + 1] = taps[2 * i];
        FOR_EACH_CASE(k, n, off)
        {
            const size_t step = 1 + off;
            if (2 * off + 2 * ((n - 1) * step + len) > G20_COUNT_OF(in))
                continue;
            float *want = guard(&a, 0, 8 * n), *got = guard(&b, 4 * off, 8 * n);
            for (int is_complex = 0; is_complex < 2; is_complex++) {
                (is_complex ? sets[0]->fir_complex : sets[0]->fir)(want, in + off, taps, len, step,
                                                                   n);
                (is_complex ? k->fir_complex : k->fir)(got, in + off, taps, len, step, n);
                for (size_t i = 0; i < 2 * n; i++)
                    assert_true(fabsf(got[i] - want[i]) < 2e-5f);
                check_margins(&b);
            }
        }
    }
}

static void filters_of_ci16_agree_to_the_bit(void **state)
{
    static int16_t in[8 * CAP], taps[4 * 32];
    static struct guarded a, b;

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(in); i++)
        in[i] = (int16_t)(g20_rng_below(&rng, 5) ? g20_rng_range(&rng, -32768, 32767) : -32768);
    for (size_t len = 8; len <= 32; len += 8) {
        for (size_t i = 0; i < 4 * len; i++) /* four products of two numbers each in a sum */
            taps[i] = (int16_t)g20_rng_range(&rng, -8191, 8191);
        FOR_EACH_CASE(k, n, off)
        {
            const size_t step = 1 + off;
            if (2 * off + 2 * ((n - 1) * step + len) > G20_COUNT_OF(in))
                continue;
            float *want = guard(&a, 0, 8 * n), *got = guard(&b, 4 * off, 8 * n);
            sets[0]->fir_ci16(want, in + off, taps, len, step, n);
            k->fir_ci16(got, in + off, taps, len, step, n);
            assert_memory_equal(got, want, 8 * n);
            check_margins(&b);
        }
    }
}

static void turning_agrees_within_rounding(void **state)
{
    static float turn[2 * CAP], x[2 * CAP];
    static struct guarded a, b;

    (void)state;
    fill_noise(turn, G20_COUNT_OF(turn));
    fill_noise(x, G20_COUNT_OF(x));
    FOR_EACH_CASE(k, n, off)
    {
        float *want = guard(&a, 0, 8 * n), *got = guard(&b, 4 * off, 8 * n);
        memcpy(want, x, 8 * n);
        memcpy(got, x, 8 * n);
        sets[0]->rotate(want, turn + off, n, 0.6f, -0.8f);
        k->rotate(got, turn + off, n, 0.6f, -0.8f);
        for (size_t i = 0; i < 2 * n; i++)
            assert_true(fabsf(got[i] - want[i]) < 1e-6f);
        check_margins(&b);
    }
}

static void the_chosen_set_is_the_last_that_the_cpu_runs(void **state)
{
    (void)state;
    assert_true(n_sets >= 2);
    assert_string_equal(sets[0]->name, "generic");
    assert_ptr_equal(g20_kernels(), sets[n_sets - 1]);
    assert_int_equal(g20_kernels_all(sets, 1), 1);
    print_message("           kernels of this CPU: %s\n", g20_kernels()->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windowing_agrees_bit_for_bit),
        cmocka_unit_test(windowing_replaces_what_is_no_number),
        cmocka_unit_test(integers_scale_to_full_scale_one),
        cmocka_unit_test(power_agrees_within_rounding),
        cmocka_unit_test(folding_agrees_bit_for_bit),
        cmocka_unit_test(decibels_are_within_a_thousandth),
        cmocka_unit_test(decibels_have_no_step_and_never_fall),
        cmocka_unit_test(codes_agree_but_for_rounding_at_a_border),
        cmocka_unit_test(maximum_agrees),
        cmocka_unit_test(colours_are_the_codes_looked_up),
        cmocka_unit_test(filters_agree_within_rounding),
        cmocka_unit_test(filters_of_ci16_agree_to_the_bit),
        cmocka_unit_test(turning_agrees_within_rounding),
        cmocka_unit_test(the_chosen_set_is_the_last_that_the_cpu_runs),
    };

    g20_rng_init(&rng, 60);
    n_sets = g20_kernels_all(sets, MAX_SETS);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
