/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/ddc_plan.h"
#include "signals.h"

#include <errno.h>

static struct g20_ddc_plan plan_of(double rate, double bandwidth, double out)
{
    const struct g20_ddc_cfg cfg = {.rate_hz = rate, .bandwidth_hz = bandwidth, .out_rate_hz = out};
    struct g20_ddc_plan p = {.steps = 0};
    struct g20_err e = {0};

    if (g20_ddc_plan_make(&p, &cfg, &e) < 0)
        fail_msg("%s", e.msg);
    return p;
}

/* Nothing that a step folds down may land within the output's band, and only the last one may cut
 * into what lies outside the band asked for. */
static void check_chain(const struct g20_ddc_plan *p, double rate, double bandwidth)
{
    uint64_t up = 1, down = 1;

    assert_in_range(p->steps, 1, G20_DDC_STAGES);
    for (uint32_t i = 0; i < p->steps; i++) {
        const struct g20_ddc_step *s = &p->step[i];
        const double in = rate * (double)up / (double)down, out = in * s->up / s->down;
        const bool is_last = i + 1 == p->steps;

        assert_true(s->up == 1 || is_last);
        assert_true(s->up >= 1 && s->up <= G20_DDC_MOST_UP && s->down >= 1);
        if (s->taps > 1) {
            assert_true(s->pass * in >= bandwidth / 2 * (1 - 1e-9));
            assert_true(s->stop * in <= out - p->out_rate_hz / 2 * (1 - 1e-9));
            assert_true(s->stop > s->pass && s->taps % 2 == 1);
        } else {
            assert_true(s->up == 1 && s->down == 1);
        }
        up *= s->up;
        down *= s->down;
    }
    assert_true(up * p->down == down * p->up);
    assert_float_equal(p->out_rate_hz, rate * (double)p->up / (double)p->down, 1e-9 * rate);
}

static void rates_are_whole_fractions_when_ours_to_choose(void **state)
{
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 52);
    for (int i = 0; i < 150; i++) {
        const double rate = g20_rng_log_range(&rng, 1e4, 1e9);
        const double bandwidth = rate / g20_rng_log_range(&rng, 1.3, 50000);
        const struct g20_ddc_plan p = plan_of(rate, bandwidth, 0);

        assert_int_equal(p.up, 1);
        assert_true(p.out_rate_hz >= 1.25 * bandwidth * (1 - 1e-9));
        /* the next whole fraction, or one with small factors near it */
        assert_true(p.out_rate_hz <=
                    1.25 * bandwidth * 1.2 * (double)(p.down + 1) / (double)p.down);
        check_chain(&p, rate, bandwidth);
    }
}

static void rates_asked_for_are_met(void **state)
{
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 53);
    for (int i = 0; i < 100; i++) {
        const double rate = floor(g20_rng_log_range(&rng, 1e6, 1e8));
        const double out = floor(rate / g20_rng_log_range(&rng, 1, 10000));
        const struct g20_ddc_plan p = plan_of(rate, out / g20_rng_range(&rng, 1.06, 3), out);

        assert_float_equal(p.out_rate_hz / out, 1, 1e-5);
        check_chain(&p, rate, 0);
    }
    /* exact where the numbers allow it */
    assert_true(plan_of(20e6, 12.5e3, 48e3).out_rate_hz == 48e3);
    assert_true(plan_of(61.44e6, 200e3, 250e3).out_rate_hz == 250e3);
    assert_true(plan_of(2.4e6, 200e3, 250e3).out_rate_hz == 250e3);
    assert_int_equal(plan_of(20e6, 200e3, 250e3).up, 1);
}

static void the_whole_band_passes_as_it_is(void **state)
{
    (void)state;
    const struct g20_ddc_plan p = plan_of(20e6, 20e6, 0);

    assert_int_equal(p.steps, 1);
    assert_int_equal(p.step[0].taps, 1);
    assert_true(p.out_rate_hz == 20e6);
}

static void faults_are_named(void **state)
{
    const struct {
        struct g20_ddc_cfg cfg;
        int code;
        const char *text;
    } bad[] = {
        {{0, 0, 1, 0}, -EINVAL, "rate_hz"},
        {{NAN, 0, 1, 0}, -EINVAL, "rate_hz"},
        {{INFINITY, 0, 1, 0}, -EINVAL, "rate_hz"},
        {{1e6, 0, 0, 0}, -EINVAL, "bandwidth_hz"},
        {{1e6, 0, -5, 0}, -EINVAL, "bandwidth_hz"},
        {{1e6, 0, NAN, 0}, -EINVAL, "bandwidth_hz"},
        {{1e6, NAN, 1e4, 0}, -EINVAL, "center_hz"},
        {{1e6, 0, 1, 0}, -EINVAL, "bandwidth_hz: want at least 13"},
        {{1e6, 4.96e5, 1e4, 0}, -ERANGE, "leave the stream"},
        {{1e6, -4.96e5, 1e4, 0}, -ERANGE, "leave the stream"},
        {{1e6, 0, 1.1e6, 0}, -ERANGE, "leave the stream"},
        {{1e6, 0, 1e5, 1.04e5}, -EINVAL, "rate_hz: want 105000"},
        {{1e6, 0, 1e5, 1.1e6}, -EINVAL, "rate_hz: want 105000"},
        {{1e6, 0, 1e5, NAN}, -EINVAL, "rate_hz"},
    };

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        struct g20_ddc_plan p = {.steps = 77};
        struct g20_err e = {0};

        assert_int_equal(g20_ddc_plan_make(&p, &bad[i].cfg, &e), bad[i].code);
        if (!strstr(e.msg, bad[i].text))
            fail_msg("case %zu: \"%s\"", i, e.msg);
        assert_int_equal(p.steps, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_whole_fractions_when_ours_to_choose),
        cmocka_unit_test(rates_asked_for_are_met),
        cmocka_unit_test(the_whole_band_passes_as_it_is),
        cmocka_unit_test(faults_are_named),
    };
    return cmocka_run_group_tests_name("ddc_plan", tests, NULL, NULL);
}
