/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/rfcap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct g20_err err;
static unsigned char head[G20_RFCAP_HEADER];

static void put_f64(size_t at, double v)
{
    memcpy(head + at, &v, 8);
}

static void fill(void)
{
    const uint32_t version = 1;
    const uint64_t samples = 4096;

    memset(head, 0, sizeof(head));
    memcpy(head, "G20", 4);
    memcpy(head + 4, &version, 4);
    put_f64(8, 20e6);
    put_f64(16, 915e6);
    put_f64(24, 5e6);
    memcpy(head + 32, &samples, 8);
    put_f64(40, 1700000000.5);
    memcpy(head + 48, "door opener", 11);
    put_f64(80, 48.1);
    put_f64(88, 11.5);
}

static int parse(struct g20_rfcap *c)
{
    return g20_rfcap_parse(head, sizeof(head), c, &err);
}

static void a_header_is_read(void **state)
{
    struct g20_rfcap c;

    (void)state;
    fill();
    assert_int_equal(parse(&c), 0);
    assert_true(c.rate_hz == 20e6 && c.center_hz == 915e6 && c.bandwidth_hz == 5e6);
    assert_true(c.samples == 4096 && c.start_us == 1700000000500000);
    assert_string_equal(c.name, "door opener");
    put_f64(24, 0); /* the prototype's "all of it" */
    put_f64(40, NAN);
    memset(head + 48, 'n', 32); /* no NUL */
    assert_int_equal(parse(&c), 0);
    assert_true(c.bandwidth_hz == 20e6 && c.start_us == 0);
    assert_int_equal(strlen(c.name), 32);
    head[50] = 0xff;
    assert_int_equal(parse(&c), 0);
    assert_string_equal(c.name, "");
}

static void anything_else_is_refused(void **state)
{
    struct g20_rfcap c = {.samples = 7};

    (void)state;
    fill();
    assert_int_equal(g20_rfcap_parse(head, 511, &c, &err), G20_EFORMAT);
    head[3] = '1';
    assert_int_equal(parse(&c), G20_EFORMAT);
    fill();
    head[4] = 2;
    assert_int_equal(parse(&c), G20_EVERSION);
    fill();
    put_f64(8, NAN);
    assert_int_equal(parse(&c), G20_EFORMAT);
    put_f64(8, -1);
    assert_int_equal(parse(&c), G20_EFORMAT);
    fill();
    put_f64(16, INFINITY);
    assert_int_equal(parse(&c), G20_EFORMAT);
    assert_true(c.samples == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_read),
        cmocka_unit_test(anything_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
