/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "../sample_emission.h"
#include "base/alloc.h"
#include "render/report.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(enum g20_report_format format, const struct g20_emission *what, const char *file,
                   const char *head, const char *line)
{
    struct g20_text t = {0};

    g20_report_head(format, &t);
    assert_string_equal(t.data ? t.data : "", head);
    const size_t n = t.len;
    g20_report_line(format, what, file, &t);
    assert_false(t.failed);
    assert_string_equal(t.data + n, line);
    g20_text_fini(&t);
    assert_int_equal(g20_alloc_live(), 0);
}

static const char table_head[] =
    "    id    start s   length ms      centre MHz    width kHz  SNR dB  "
    "level dBFS  duty  class       file\n";
static const char csv_head[] =
    "file,id,channel,class,confidence,sample_start,sample_count,start_us,duration_s,f_lo_hz,"
    "f_hi_hz,f_ref,level_dbfs,peak_dbfs,snr_db,duty,model,model_version\r\n";

static void a_table_line_stands_under_its_head(void **state)
{
    (void)state;
    expect(G20_REPORT_TABLE, &em, "a.iq", table_head,
           "     7   0.000500       1.000      433.920000       40.000    20.5       -40.1  0.50"
           "  signal      a.iq\n");
}

static void names_cannot_drive_a_terminal_or_break_a_line(void **state)
{
    (void)state;
    struct g20_emission odd = em;

    strcpy(odd.class_name, "a\x1b[2J,\"b\"\n");
    expect(G20_REPORT_TABLE, &odd, "x\r\ny", table_head,
           "     7   0.000500       1.000      433.920000       40.000    20.5       -40.1  0.50"
           "  a?[2J,\"b\"?  x??y\n");
    expect(G20_REPORT_CSV, &odd, "x,\"y\"", csv_head,
           "\"x,\"\"y\"\"\",7,0,\"a?[2J,\"\"b\"\"\n\",0.9877,1000,2000,1700000000000000,0.001,"
           "433900000.000,433940000.000,absolute,-40.13,-38.00,20.50,0.500,energy,1\r\n");
}

static void a_line_of_json_is_the_emission_with_its_file(void **state)
{
    (void)state;
    struct g20_text want = {0};

    g20_emission_text(&em, "a.iq", &want);
    g20_text_puts(&want, "\n");
    char *text = strdup(want.data);
    g20_text_fini(&want);
    expect(G20_REPORT_JSONL, &em, "a.iq", "", text);
    free(text);
}

static void formats_have_names(void **state)
{
    (void)state;
    enum g20_report_format f = G20_REPORT_TABLE;

    assert_int_equal(g20_report_parse("csv", &f), 0);
    assert_int_equal(f, G20_REPORT_CSV);
    assert_int_equal(g20_report_parse("CSV", &f), -EINVAL);
    assert_int_equal(g20_report_parse("", &f), -EINVAL);
    assert_int_equal(f, G20_REPORT_CSV);
}

static void out_of_memory_marks_the_text(void **state)
{
    (void)state;
    struct g20_text t = {0};

    g20_alloc_fail_at(0);
    g20_report_line(G20_REPORT_JSONL, &em, "a.iq", &t);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    assert_true(t.failed);
    g20_text_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_line_stands_under_its_head),
        cmocka_unit_test(names_cannot_drive_a_terminal_or_break_a_line),
        cmocka_unit_test(a_line_of_json_is_the_emission_with_its_file),
        cmocka_unit_test(formats_have_names),
        cmocka_unit_test(out_of_memory_marks_the_text),
    };

    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
