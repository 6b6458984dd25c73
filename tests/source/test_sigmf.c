/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/sigmf.h"

#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define GLOBAL "\"global\":{\"core:datatype\":\"cu8\",\"core:sample_rate\":1000000}"
#define DOC(captures, annotations) \
    "{" GLOBAL ",\"captures\":" captures ",\"annotations\":" annotations "}"
#define WITH(global) "{\"global\":{" global "},\"captures\":[{\"core:sample_start\":0}]}"
#define CU8          "\"core:datatype\":\"cu8\","
#define RATE         "\"core:sample_rate\":1e6"

static void hostile_metadata_gets_an_error_with_file_and_field(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message; /* the message begins with x.sigmf-meta and holds this */
    } cases[] = {
        {"", "not JSON"},
        {"{\"global\":{\"core:datatype\":\"cu8\"", "not JSON"},
        {"[]", "want a JSON object"},
        {"{}", "global: want an object, found nothing"},
        {"{\"global\":[]}", "global: want an object, found an array"},
        {"{\"a\":1,\"a\":2}", "duplicate"},
        {"{\"a\":\"\\u0000\"}", "not JSON"},
        {"{\"a\":\"\xff\xfe\"}", "not JSON"},
        {"{" GLOBAL "}", "captures: want an array of segments, found nothing"},
        {"{" GLOBAL ",\"captures\":{}}", "captures: want an array of segments, found an object"},
        {DOC("[]", "[]"), "captures: want at least one segment"},
        {DOC("[7]", "[]"), "captures[0]: want an object"},
        {DOC("[{}]", "[]"), "captures[0].core:sample_start: want a whole number >= 0"},
        {DOC("[{\"core:sample_start\":5},{\"core:sample_start\":5}]", "[]"),
         "captures[1].core:sample_start: want more than"},
        {DOC("[{\"core:sample_start\":0,\"core:datetime\":\"2026-02-31T00:00:00Z\"}]", "[]"),
         "captures[0].core:datetime: want a UTC time"},
        {DOC("[{\"core:sample_start\":0,\"core:frequency\":\"100\"}]", "[]"),
         "captures[0].core:frequency: want a number"},
        {DOC("[{\"core:sample_start\":0}]", "{}"), "annotations: want an array"},
        {DOC("[{\"core:sample_start\":0}]", "[{\"core:sample_start\":-1}]"),
         "annotations[0].core:sample_start: want a whole number >= 0, found -1"},
        {DOC("[{\"core:sample_start\":0}]", "[{\"core:sample_start\":1,\"core:sample_count\":-4}]"),
         "annotations[0].core:sample_count: want a whole number >= 0, found -4"},
        {DOC("[{\"core:sample_start\":0}]",
             "[{\"core:sample_start\":1,\"core:sample_count\":1e30}]"),
         "annotations[0].core:sample_count"},
        {DOC("[{\"core:sample_start\":0}]",
             "[{\"core:sample_start\":1,\"core:freq_lower_edge\":1}]"),
         "annotations[0].core:freq_upper_edge: want both frequency edges"},
        {DOC("[{\"core:sample_start\":0}]",
             "[{\"core:sample_start\":1,\"core:freq_lower_edge\":2,\"core:freq_upper_edge\":1}]"),
         "annotations[0].core:freq_upper_edge: want at least"},
        {WITH("\"core:datatype\":\"cu9\"," RATE), "global.core:datatype: want one of"},
        {WITH("\"core:datatype\":4," RATE), "global.core:datatype: want a datatype"},
        {WITH("\"core:datatype\":\"cu8\""), "global.core:sample_rate: want a number > 0"},
        {WITH(CU8 "\"core:sample_rate\":\"fast\""),
         "global.core:sample_rate: want a number > 0 (at most 1e12), found \"fast\""},
        {WITH(CU8 "\"core:sample_rate\":-1"), "global.core:sample_rate: want a number"},
        {WITH(CU8 "\"core:sample_rate\":0"), "global.core:sample_rate: want a number"},
        {WITH(CU8 "\"core:sample_rate\":1e300"), "global.core:sample_rate: want a number"},
        {WITH(CU8 "\"core:sample_rate\":1e999"), "not JSON"},
        {WITH(CU8 "\"core:sample_rate\":NaN"), "not JSON"},
        {WITH(CU8 RATE ",\"core:num_channels\":0"), "global.core:num_channels: want a whole"},
        {WITH(CU8 RATE ",\"core:offset\":9"),
         "captures[0].core:sample_start: want at least core:off"},
        {WITH(CU8 RATE ",\"core:sha512\":\"zz\""), "global.core:sha512: want 128 hexadecimal"},
        {WITH(CU8 RATE ",\"core:dataset\":\"../../etc/passwd\""),
         "global.core:dataset: want the name of a file in the same folder"},
        {WITH(CU8 RATE ",\"core:dataset\":\"..\""), "global.core:dataset: want the name"},
    };

    for (size_t i = 0; i < G20_COUNT_OF(cases); i++) {
        struct g20_sigmf *m = NULL;
        struct g20_err e = {0};
        const int r = g20_sigmf_parse(&m, cases[i].text, strlen(cases[i].text), "x.sigmf-meta", &e);
        if (r >= 0 || m || strncmp(e.msg, "x.sigmf-meta:", 13) != 0 ||
            !strstr(e.msg, cases[i].message))
            fail_msg("case %zu: %d \"%s\", want \"%s\"", i, r, e.msg, cases[i].message);
    }
}

static void deep_and_endless_brackets_are_refused_before_they_cost_memory(void **state)
{
    (void)state;
    const size_t n = 80u << 20;
    char *text = g20_calloc(n, 1);
    struct g20_sigmf *m = NULL;
    struct g20_err e = {0};

    assert_non_null(text);
    memset(text, '[', n);
    assert_int_equal(g20_sigmf_parse(&m, text, n, "x", &e), G20_EFORMAT);
    assert_non_null(strstr(e.msg, "refused"));
    assert_int_equal(g20_sigmf_parse(&m, text, 3000000, "x", &e), G20_EFORMAT);
    assert_non_null(strstr(e.msg, "refused"));
    assert_int_equal(g20_sigmf_parse(&m, text, 100000, "x", &e), G20_EFORMAT);
    assert_non_null(strstr(e.msg, "not JSON"));
    assert_null(m);
    g20_free(text);
}

static void fields_are_read_as_written(void **state)
{
    (void)state;
    static const char text[] =
        "{\"global\":{\"core:datatype\":\"ci16_le\",\"core:sample_rate\":2.5e6,\"core:offset\":10,"
        "\"g20:truth\":\"partial\"},\"captures\":[{\"core:sample_start\":10,\"core:frequency\":1e9,"
        "\"core:datetime\":\"2026-11-23T22:15:00.5Z\"},{\"core:sample_start\":30.0}],"
        "\"annotations\":[{\"core:sample_start\":12,\"core:sample_count\":9223372036854775807},"
        "{\"core:sample_start\":15,\"core:freq_lower_edge\":1,\"core:freq_upper_edge\":2,"
        "\"core:label\":\"x\",\"g20:ignore\":true}]}";
    struct g20_sigmf *m = NULL;

    assert_int_equal(g20_sigmf_parse(&m, text, strlen(text), "x", NULL), 0);
    assert_int_equal(m->ncaptures, 2);
    assert_int_equal(m->captures[0].sample_start, 0);
    assert_int_equal(m->captures[1].sample_start, 20);
    assert_true(m->captures[0].has_center && !m->captures[1].has_center);
    assert_int_equal(m->captures[0].time_us, 1795472100500000); /* date -d 2026-11-23T22:15:00Z */
    assert_int_equal(m->annotations[0].sample_start, 2);
    assert_int_equal(m->annotations[0].sample_count, INT64_MAX);
    assert_int_equal(m->annotations[1].sample_count, UINT64_MAX);
    assert_true(m->annotations[1].has_freq && m->annotations[1].ignore && m->truth_partial);
    assert_true(m->annotations[1].visible_hi_hz == 2);
    g20_sigmf_destroy(m);
}

static void written_annotations_keep_everything_else(void **state)
{
    (void)state;
    static const char text[] = "{\"global\":{\"core:datatype\":\"cu8\",\"core:sample_rate\":1e6,"
                               "\"core:offset\":100,\"my:thing\":[1,{\"deep\":null}]},\"captures\":"
                               "[{\"core:sample_start\":100,\"my:other\":1}],\"annotations\":"
                               "[{\"core:sample_start\":150,\"my:mark\":\"kept\"}],\"top\":true}";
    const struct g20_sigmf_annotation add[] = {
        {.sample_start = 7,
         .sample_count = 5,
         .has_freq = true,
         .f_lo_hz = -1.25,
         .f_hi_hz = 2.5,
         .visible_lo_hz = -1.25,
         .visible_hi_hz = 2.5,
         .label = "new"},
        {.sample_start = 60, .sample_count = UINT64_MAX, .ignore = true}};
    char path[64], got[4096] = "";
    struct g20_sigmf *m = NULL, *back = NULL;
    struct g20_err e = {0};

    snprintf(path, sizeof(path), "/tmp/g20-test-%d.sigmf-meta", (int)getpid());
    assert_int_equal(g20_sigmf_parse(&m, text, strlen(text), "x", NULL), 0);
    for (int keep = 0; keep < 2; keep++) {
        assert_int_equal(g20_sigmf_write_annotations(m, path, add, 2, keep, &e), 0);
        assert_int_equal(g20_sigmf_load(&back, path, &e), 0);
        assert_int_equal(back->nannotations, keep ? 3 : 2);
        assert_int_equal(back->annotations[0].sample_start, 7);
        assert_true(back->annotations[0].f_lo_hz == -1.25);
        assert_string_equal(back->annotations[0].label, "new");
        assert_int_equal(back->annotations[keep ? 2 : 1].sample_count, UINT64_MAX);
        g20_sigmf_destroy(back);
    }
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_true(fread(got, 1, sizeof(got) - 1, f) > 0);
    fclose(f);
    assert_true(strstr(got, "my:thing") && strstr(got, "deep") && strstr(got, "my:other") &&
                strstr(got, "kept") && strstr(got, "\"top\": true"));
    unlink(path);
    assert_true(g20_sigmf_write_annotations(m, "/nonexistent/x", add, 2, false, &e) == -ENOENT);
    g20_sigmf_destroy(m);
}

static void parse_survives_every_failed_allocation(void **state)
{
    (void)state;
    static const char text[] = DOC("[{\"core:sample_start\":0}]", "[{\"core:sample_start\":1}]");
    const int64_t before = g20_alloc_live();

    for (unsigned nth = 0; nth < 50; nth++) {
        struct g20_sigmf *m = NULL;
        g20_alloc_fail_at(nth);
        const int r = g20_sigmf_parse(&m, text, strlen(text), "x", NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || (r == -ENOMEM && !m));
        g20_sigmf_destroy(m);
        assert_int_equal(g20_alloc_live(), before);
        if (r == 0)
            return;
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_metadata_gets_an_error_with_file_and_field),
        cmocka_unit_test(deep_and_endless_brackets_are_refused_before_they_cost_memory),
        cmocka_unit_test(fields_are_read_as_written),
        cmocka_unit_test(written_annotations_keep_everything_else),
        cmocka_unit_test(parse_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
