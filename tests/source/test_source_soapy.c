/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The driver against tests/soapy/test_radio.cpp, which says what its samples are. G20_RETUNES in
 * the environment makes the retunes more than 200. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/thread.h"
#include "source/source.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char control[64] = "/tmp/g20_radio_XXXXXX";

static void tell(const char *text)
{
    FILE *f = fopen(control, "we");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int open_with(struct g20_source **ret, const char *args, double rate_hz, struct g20_err *e)
{
    char all[256];
    struct g20_source_cfg cfg = {
        .driver = "soapy", .args = all, .rate_hz = rate_hz, .center_hz = 100e6, .gain_db = 20};

    snprintf(all, sizeof(all), "driver=g20test,control=%s,%s", control, args);
    return g20_source_open(ret, &cfg, e);
}

struct run {
    struct g20_source *s;
    struct g20_pool *pool;
    struct g20_block *b;
};

static void start(struct run *r, const char *args, double rate_hz)
{
    struct g20_err e = {0};

    tell("");
    *r = (struct run){0};
    if (open_with(&r->s, args, rate_hz, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(g20_pool_create(&r->pool, 3, 8192), 0);
    r->b = g20_pool_get(r->pool, 0);
}

static void end(struct run *r)
{
    g20_block_unref(&r->b);
    g20_source_close(r->s);
    g20_pool_destroy(r->pool);
    assert_int_equal(g20_alloc_live(), 0);
}

/* The next block, or the code of a failure; silence is not one. */
static int next(struct run *r, struct g20_err *e)
{
    int n;

    do {
        n = g20_source_read(r->s, r->b, 100, e);
    } while (n == -ETIMEDOUT);
    return n;
}

struct asking {
    struct run *r;
    struct g20_tune wanted, actual;
    struct g20_err e;
    int code;
    atomic_bool done;
};

static void *ask(void *arg)
{
    struct asking *a = arg;

    a->code = g20_source_tune(a->r->s, &a->wanted, &a->actual, &a->e);
    atomic_store(&a->done, true);
    return NULL;
}

static int tune_once(struct run *r, struct asking *a)
{
    struct g20_thread t = {0};

    a->r = r;
    atomic_init(&a->done, false);
    assert_int_equal(g20_thread_start(&t, "asks", ask, a, NULL), 0);
    while (!atomic_load(&a->done))
        (void)!g20_source_read(r->s, r->b, 5, NULL);
    g20_thread_join(&t);
    return a->code;
}

/* Tune while reading, as the daemon does. On a busy machine this thread may not run for the 300 ms
 * that an answer may take: asked again then. */
static int tune(struct run *r, struct asking *a)
{
    int code;

    for (int tries = 0; tries < 20; tries++) {
        code = tune_once(r, a);
        if (code != -ETIMEDOUT && code != -EBUSY)
            break;
    }
    return code;
}

/* Without time stamps a number is as good as the host's clock: not looked at then. */
static void check_code(const struct g20_block *b, bool numbers, uint64_t *mismatches)
{
    const int16_t *x = b->data;
    const int mhz = (int)(b->center_hz / 1e6);

    for (uint32_t i = 0; i < b->len; i++)
        *mismatches +=
            x[2 * i] != mhz || (numbers && x[2 * i + 1] != (int)((b->first_sample + i) % 16384));
}

static void samples_come_through_unchanged_in_every_format(void **state)
{
    (void)state;
    static const struct {
        const char *args;
        enum g20_sample_format format;
    } all[] = {{"paced=false,native=CS16", G20_CI16},
               {"paced=false,native=CF32", G20_CF32},
               {"paced=false,native=CS8", G20_CI8},
               {"paced=false,native=CU8", G20_CU8},
               {"paced=false,native=CS32", G20_CI16}, /* the radio's side converts */
               {"paced=false,native=CS32,g20:format=CS32", G20_CF32},
               {"paced=false,native=CS16,full=2048", G20_CI16},
               {"paced=false,g20:direct=true", G20_CI16},
               {"paced=false,native=CU8,g20:direct=true", G20_CU8}};

    for (size_t i = 0; i < G20_COUNT_OF(all); i++) {
        struct run r;
        start(&r, all[i].args, 2e6);
        for (int k = 0; k < 3; k++) {
            assert_int_equal(next(&r, NULL), 8192);
            assert_int_equal(r.b->format, all[i].format);
            assert_int_equal(r.b->flags, 0);
            assert_int_equal(r.b->first_sample, 8192 * k);
            const int at = 5000, n = (8192 * k + at) % 16384;
            const float want = (float)n / 32768.0f;
            const float step = r.b->format == G20_CI8 || r.b->format == G20_CU8 ? 1.1f / 128
                               : strstr(all[i].args, "2048")                    ? 1.1f / 2048
                                                                                : 1e-6f;
            const float got = r.b->format == G20_CF32 ? ((float *)r.b->data)[2 * at + 1]
                              : r.b->format == G20_CI16
                                  ? (float)((int16_t *)r.b->data)[2 * at + 1] / 32768
                              : r.b->format == G20_CI8
                                  ? (float)((int8_t *)r.b->data)[2 * at + 1] / 128
                                  : ((float)((uint8_t *)r.b->data)[2 * at + 1] - 127.5f) / 127.5f;
            assert_true(fabsf(got - want) < step);
        }
        end(&r);
    }
}

static void the_device_says_what_it_can(void **state)
{
    (void)state;
    struct run r;

    start(&r, "paced=false", 0);
    const struct g20_source_info *i = g20_source_info(r.s);
    assert_true(i->rate_hz == 20e6 && i->center_hz == 100e6 && i->is_live && i->center_known);
    assert_true(i->caps.min_hz == 10e6 && i->caps.max_hz == 6e9 && i->caps.channels == 2);
    assert_true(i->caps.has_gain && i->caps.max_gain_db == 60 && i->caps.nantennas == 2);
    assert_true(i->caps.nbandwidths == 2 && i->caps.bandwidths_hz[1].hi == 50e6);
    assert_string_equal(i->name, "g20test test radio");
    assert_true(i->frontend.gain_db == 20 && !i->frontend.agc);
    struct asking a = {.wanted = {.center_hz = NAN, .bandwidth_hz = 10e6, .gain_db = 12.4}};
    assert_true(i->frontend.bandwidth_hz == 20e6); /* nobody set it */
    assert_int_equal(tune(&r, &a), 0);
    assert_true(i->frontend.bandwidth_hz == 10e6);
    assert_true(i->frontend.gain_db == 12); /* as it is, not as it was asked for */
    end(&r);
    start(&r, "paced=false,g20:agc=true", 0);
    i = g20_source_info(r.s);
    assert_true(i->frontend.agc && isnan(i->frontend.gain_db));
    end(&r);
    struct g20_source_device found[8];
    size_t n = g20_source_list(found, G20_COUNT_OF(found)), seen = 0;
    for (size_t k = 0; k < n; k++)
        seen += strcmp(found[k].hardware, "g20test") == 0 && strcmp(found[k].serial, "20") == 0;
    assert_int_equal(seen, 1);
}

static void what_it_cannot_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *args;
        double rate_hz;
        int code;
        const char *text;
    } all[] = {{"", 100e6, -ERANGE, "source.sample_rate_hz: 100000000: this radio has 100000 to"},
               {"g20:channel=2", 0, -ERANGE, "this radio has 2"},
               {"g20:chanel=2", 0, -EINVAL, "\"g20:chanel\" is unknown"},
               {"g20:settle_ms=soon", 0, -EINVAL, "g20:settle_ms: want"},
               {"g20:direct=1", 0, -EINVAL, "true or false"},
               {"g20:format=CS4", 0, -ENOTSUP, "CS4"}};
    struct g20_err e;
    struct g20_source *s = NULL;

    tell("");
    for (size_t i = 0; i < G20_COUNT_OF(all); i++) {
        assert_int_equal(open_with(&s, all[i].args, all[i].rate_hz, &e), all[i].code);
        assert_non_null(strstr(e.msg, all[i].text));
    }
    struct g20_source_cfg cfg = {.driver = "soapy", .args = "driver=g20test", .antenna = "TX"};
    assert_int_equal(g20_source_open(&s, &cfg, &e), -EINVAL);
    assert_non_null(strstr(e.msg, "this radio has RX, TX/RX"));
    cfg = (struct g20_source_cfg){.driver = "soapy", .args = "driver=g20test", .center_hz = 7e9};
    assert_int_equal(g20_source_open(&s, &cfg, &e), -ERANGE);
    cfg.args = "driver=nosuch";
    assert_int_equal(g20_source_open(&s, &cfg, &e), -ENODEV);
    tell("vanished 1\n");
    assert_int_equal(open_with(&s, "", 0, &e), -ENODEV);
    assert_null(s);
}

static void retunes(const char *args, int count)
{
    struct run r;
    uint64_t wrong = 0, good = 0, blocks = 0;

    start(&r, args, 2e6);
    for (int i = 0; i < count; i++) {
        struct asking a = {.wanted = {.center_hz = (11.0 + i % 1900) * 1e6,
                                      .bandwidth_hz = NAN,
                                      .gain_db = i % 3 ? NAN : i % 60}};
        assert_int_equal(tune(&r, &a), 0);
        assert_true(a.actual.center_hz == a.wanted.center_hz);
        for (int k = 0; k < 2; k++) {
            assert_true(next(&r, NULL) > 0);
            wrong += k == 0 && r.b->flags == 0 && r.b->center_hz != a.wanted.center_hz;
            check_code(r.b, !strstr(args, "stamps=false"), &wrong);
            good += r.b->len;
            blocks++;
        }
        assert_true(r.b->center_hz == a.wanted.center_hz);
    }
    const struct g20_source_info *info = g20_source_info(r.s);
    print_message(
        "%s: %d retunes, %llu blocks, %llu samples looked at, %llu of another frequency or "
        "number, %llu stale ones dropped\n",
        args, count, (unsigned long long)blocks, (unsigned long long)good,
        (unsigned long long)wrong, (unsigned long long)info->stale_samples);
    assert_int_equal(wrong, 0);
    assert_true(info->stale_samples > 0);
    end(&r);
}

static void after_a_retune_nothing_is_of_before(void **state)
{
    (void)state;
    const char *env = getenv("G20_RETUNES");
    const int many = env ? atoi(env) : 200;

    retunes("paced=false,queue=30000", many);
    retunes("paced=false,queue=30000,stamps=false", many);
    retunes("paced=true", many / 4);
    retunes("paced=true,stamps=false,g20:direct=true", many / 4);
}

static void a_refused_change_changes_nothing(void **state)
{
    (void)state;
    struct run r;
    struct asking a = {.wanted = {.center_hz = 2e9, .bandwidth_hz = 10e6, .gain_db = 7}};
    uint64_t wrong = 0;

    start(&r, "paced=false", 2e6);
    assert_int_equal(tune(&r, &a), -EIO);
    assert_non_null(strstr(a.e.msg, "no lock at this frequency"));
    a = (struct asking){.wanted = {.center_hz = 7e9, .bandwidth_hz = NAN, .gain_db = NAN}};
    assert_int_equal(tune(&r, &a), -ERANGE);
    assert_non_null(strstr(a.e.msg, "want 10000000 to 6000000000"));
    a.wanted = (struct g20_tune){.center_hz = NAN, .bandwidth_hz = 7e6, .gain_db = NAN};
    assert_int_equal(tune(&r, &a), -ERANGE);
    a.wanted = (struct g20_tune){.center_hz = NAN, .bandwidth_hz = NAN, .gain_db = 61};
    assert_int_equal(tune(&r, &a), -ERANGE);
    a.wanted = (struct g20_tune){.channel = 1, .center_hz = NAN, .bandwidth_hz = NAN, .gain_db = 1};
    assert_int_equal(tune(&r, &a), -EOPNOTSUPP);
    a.wanted = (struct g20_tune){.center_hz = NAN, .bandwidth_hz = NAN, .gain_db = NAN};
    assert_int_equal(tune(&r, &a), 0); /* only asks */
    assert_true(a.actual.center_hz == 100e6 && a.actual.gain_db == 20);
    assert_true(next(&r, NULL) > 0);
    check_code(r.b, true, &wrong);
    assert_int_equal(wrong, 0);
    end(&r);
}

static void lost_samples_are_counted(void **state)
{
    (void)state;
    static const char *const args[] = {"paced=false", "paced=true,stamps=false"};

    for (int i = 0; i < 2; i++) {
        struct run r;
        uint64_t lost = 0, wrong = 0;
        int gaps = 0;

        start(&r, args[i], 2e6);
        for (int k = 0; k < 60; k++) {
            if (k == 20)
                tell("overflows 1\n");
            if (k == 40 && i == 0)
                tell("overflows 1\nsilent_losses 1\n");
            assert_true(next(&r, NULL) > 0);
            lost += r.b->lost;
            gaps += (r.b->flags & G20_BLOCK_GAP) != 0;
            if (i == 0)
                check_code(r.b, true, &wrong); /* numbers too: lost ones are counted in */
        }
        assert_int_equal(g20_source_info(r.s)->overflows, 1);
        assert_int_equal(wrong, 0);
        assert_int_equal(gaps, i == 0 ? 2 : 1);
        if (i == 0)
            assert_int_equal(lost, 20000);
        else
            assert_true(lost >= 1); /* by the clock; a busy machine is late too */
        end(&r);
    }
}

static void a_radio_that_stalls_or_vanishes_is_an_error_and_can_be_opened_again(void **state)
{
    (void)state;
    static const char *const says[] = {"stall 1\n", "vanished 1\n"};
    static const char *const want[] = {"no samples for", "reading failed"};

    for (int i = 0; i < 2; i++) {
        struct run r;
        struct g20_err e = {0};
        struct g20_source *again = NULL;
        const struct g20_tune to = {.center_hz = 1e9, .bandwidth_hz = NAN, .gain_db = NAN};
        struct g20_tune actual;
        int n;

        start(&r, "paced=false,g20:stall_ms=200", 2e6);
        assert_true(next(&r, &e) > 0);
        tell(says[i]);
        do {
            n = next(&r, &e);
        } while (n > 0);
        assert_int_equal(n, -EIO);
        assert_non_null(strstr(e.msg, want[i]));
        assert_int_equal(g20_source_tune(r.s, &to, &actual, &e), -ENODEV);
        end(&r);
        assert_int_equal(open_with(&again, "", 2e6, &e), i == 0 ? 0 : -ENODEV);
        g20_source_close(again);
        tell("");
        again = NULL;
        assert_int_equal(open_with(&again, "", 2e6, &e), 0);
        g20_source_close(again);
    }
}

static void a_device_that_hangs_holds_nobody_up(void **state)
{
    (void)state;
    struct run r;
    struct asking a = {.wanted = {.center_hz = 300e6, .bandwidth_hz = NAN, .gain_db = NAN}};
    struct g20_tune actual;

    start(&r, "paced=false", 2e6);
    const uint64_t t0 = g20_clock_mono_ns();
    assert_int_equal(g20_source_tune(r.s, &a.wanted, &actual, &a.e), -ETIMEDOUT); /* nobody reads */
    assert_true(g20_clock_mono_ns() - t0 >= 300000000u);
    tell("hang_ms 700\n");
    assert_int_equal(tune(&r, &a), -ETIMEDOUT);
    tell("");
    do {
        assert_true(next(&r, NULL) > 0);
    } while (r.b->center_hz != 300e6);
    assert_int_equal(tune(&r, &a), 0); /* what was late is done by now, and the next one works */
    assert_true(a.actual.center_hz == 300e6);
    end(&r);
}

static void open_survives_every_failed_allocation(void **state)
{
    (void)state;
    int fails = 0;

    tell("");
    for (unsigned nth = 0;; nth++) {
        struct g20_source *s = NULL;
        struct g20_err e;

        g20_alloc_fail_at(nth);
        const int r = open_with(&s, "paced=false", 2e6, &e);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        g20_source_close(s);
        assert_int_equal(g20_alloc_live(), 0);
        if (r == 0)
            break;
        assert_int_equal(r, -ENOMEM);
        assert_null(s);
        fails++;
    }
    assert_true(fails >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_come_through_unchanged_in_every_format),
        cmocka_unit_test(the_device_says_what_it_can),
        cmocka_unit_test(what_it_cannot_is_refused_by_name),
        cmocka_unit_test(after_a_retune_nothing_is_of_before),
        cmocka_unit_test(a_refused_change_changes_nothing),
        cmocka_unit_test(lost_samples_are_counted),
        cmocka_unit_test(a_radio_that_stalls_or_vanishes_is_an_error_and_can_be_opened_again),
        cmocka_unit_test(a_device_that_hangs_holds_nobody_up),
        cmocka_unit_test(open_survives_every_failed_allocation),
    };
    const char *path = getenv("SOAPY_SDR_PLUGIN_PATH");

    if (!path || !*path) {
        print_message("skipped: no C++ compiler, so there is no test radio\n");
        return 77;
    }
    const int fd = mkstemp(control);
    if (fd < 0)
        return 1;
    close(fd);
    const int r = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(control);
    return r;
}
