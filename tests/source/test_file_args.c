/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/file_args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void options_are_read_and_commas_can_be_escaped(void **state)
{
    (void)state;
    struct g20_file_args a;

    assert_int_equal(g20_file_args_parse(&a,
                                         "a,b\\,c=d.iq,format=cs16_be,rate=2.4M,center=-1e3,"
                                         "channel=3,verify=true,header_bytes=44",
                                         NULL),
                     0);
    assert_string_equal(a.path, "a,b,c=d.iq");
    assert_true(a.has_type && a.type.scalar == G20_I16 && a.type.big_endian && a.type.is_complex);
    assert_true(a.rate_hz == 2.4e6 && a.has_center && a.center_hz == -1000);
    assert_true(a.channel == 3 && a.verify && !a.truncated && a.header_bytes == 44);
}

static void wrong_options_name_the_key(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"", "file name"},
                                           {"x,rate=nan", "option rate"},
                                           {"x,rate=0x10", "option rate"},
                                           {"x,rate=-1", "option rate"},
                                           {"x,rate=", "option rate"},
                                           {"x,rate=1e400", "option rate"},
                                           {"x,format=cu9", "option format"},
                                           {"x,verify=yes", "option verify"},
                                           {"x,channel=1.5", "option channel"},
                                           {"x,time=now", "option time"},
                                           {"x,colour=red", "unknown option \"colour\""}};
    struct g20_file_args a;

    for (size_t i = 0; i < G20_COUNT_OF(cases); i++) {
        struct g20_err e = {0};
        assert_true(g20_file_args_parse(&a, cases[i][0], &e) < 0);
        if (!strstr(e.msg, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], e.msg);
    }
}

static void file_names_tell_format_rate_frequency_and_time(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int scalar; /* -1: none */
        double rate, center;
        uint64_t time_us;
    } cases[] = {
        {"d_1k/g001_433.92M_250k.cu8", G20_U8, 250e3, 433.92e6, 0},
        {"rtlsdr_868.950M_1M6_samples2.cu8", G20_U8, 1.6e6, 868.95e6, 0},
        {"SDRSharp_20200101_120000Z_433920000Hz_IQ.wav", -1, 0, 433920000, 1577880000000000},
        {"HDSDR_20200101_120000Z_7100kHz_RF.wav", -1, 0, 7.1e6, 1577880000000000},
        {"gqrx_20200101_120000_433920000_2000000_fc.raw", G20_F32, 2e6, 433920000,
         1577880000000000},
        {"x_2.4Msps_100MHz.cs16", G20_I16, 2.4e6, 100e6, 0},
        {"plain-3.c64", G20_F32, 0, 0, 0},
        {"99999999999999999999999999999999999999M.iq", -1, 0, 0, 0},
        {"1.2.3k_._M_k.iq", -1, 0, 0, 0},
    };

    for (size_t i = 0; i < G20_COUNT_OF(cases); i++) {
        struct g20_file_args a;
        assert_int_equal(g20_file_args_parse(&a, cases[i].name, NULL), 0);
        g20_file_args_from_name(&a);
        if (a.has_type != (cases[i].scalar >= 0) ||
            (a.has_type && (int)a.type.scalar != cases[i].scalar) || a.rate_hz != cases[i].rate ||
            a.center_hz != cases[i].center || a.time_us != cases[i].time_us)
            fail_msg("%s: rate %g center %g time %llu", cases[i].name, a.rate_hz, a.center_hz,
                     (unsigned long long)a.time_us);
    }
}

static void a_file_that_exists_is_a_path_whatever_its_name(void **state)
{
    char name[] = "/tmp/g20-args,format=x-XXXXXX", buf[200];
    struct g20_file_args args;
    const int fd = mkstemp(name);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(g20_file_args_for(name, buf, sizeof(buf)), 0);
    assert_int_equal(g20_file_args_parse(&args, buf, NULL), 0);
    assert_string_equal(args.path, name);
    unlink(name);
    /* Now it is not there: taken as arguments, as it stands. */
    assert_int_equal(g20_file_args_for(name, buf, sizeof(buf)), 0);
    assert_string_equal(buf, name);
    assert_true(g20_file_args_for(name, buf, 10) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read_and_commas_can_be_escaped),
        cmocka_unit_test(a_file_that_exists_is_a_path_whatever_its_name),
        cmocka_unit_test(wrong_options_name_the_key),
        cmocka_unit_test(file_names_tell_format_rate_frequency_and_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
