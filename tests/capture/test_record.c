/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Files of a recording: finished, and after a death at each step. */
#include "capture/record.h"
#include "folder.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

static char folder[256], base[300];
static const struct g20_record_segment SEGMENTS[] = {
    {0, 1700000000123456u, 100e6}, {60, 1700000001000000u, 101e6}, {5000, 0, 0}};

static bool is_there(const char *before, const char *after)
{
    char path[400];

    snprintf(path, sizeof(path), "%s/%sone%s", folder, before, after);
    return access(path, F_OK) == 0;
}

/* A recording of 100 samples of ci16 and one byte, that stays open. */
static struct g20_record *begin(void)
{
    static const char bytes[401] = "samples";
    struct g20_record *r = NULL;
    struct g20_err e = {0};

    if (g20_record_open(&r, base, &e) < 0)
        fail_msg("%s", e.msg);
    g20_record_describe(r, G20_CI16, 1e6);
    assert_int_equal(g20_record_segments(r, SEGMENTS, 3, &e), 0);
    assert_int_equal(g20_record_write(r, bytes, sizeof(bytes), &e), 0);
    assert_int_equal(g20_record_bytes(r), 400);
    return r;
}

/* The finished one, read by the reader of recordings. */
static void check_finished(size_t notes, bool is_recovered)
{
    struct g20_sigmf *m = NULL;
    struct g20_err e = {0};
    struct stat st;
    char path[400], text[4000] = "", line[200], command[900], sum[200] = "";

    if (g20_sigmf_load(&m, base, &e) < 0)
        fail_msg("%s", e.msg);
    assert_string_equal(m->datatype, "ci16_le");
    assert_true(m->rate_hz == 1e6);
    assert_int_equal(m->ncaptures, 2); /* the third begins after the end */
    assert_int_equal(m->captures[1].sample_start, 60);
    assert_true(m->captures[1].center_hz == 101e6);
    assert_int_equal(m->captures[0].time_us, 1700000000123456u);
    assert_int_equal(m->nannotations, notes);
    assert_int_equal(strlen(m->sha512), 128);
    snprintf(path, sizeof(path), "%s.sigmf-data", base);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 400);
    snprintf(command, sizeof(command), "sha512sum %s", path); /* a second implementation */
    FILE *f = popen(command, "re");
    assert_non_null(f);
    assert_non_null(fgets(sum, sizeof(sum), f));
    pclose(f);
    assert_memory_equal(sum, m->sha512, 128);
    snprintf(path, sizeof(path), "%s.sigmf-meta", base);
    f = fopen(path, "re");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f))
        strncat(text, line, sizeof(text) - strlen(text) - 1);
    fclose(f);
    assert_int_equal(strstr(text, "g20:recovered") != NULL, is_recovered);
    assert_false(is_there(".", ".part") || is_there(".", ".open"));
    g20_sigmf_destroy(m);
}

static void clean(void)
{
    static const char *const ends[] = {"one.sigmf-data", "one.sigmf-meta", ".one.part",
                                       ".one.open"};
    char path[400];

    for (size_t i = 0; i < G20_COUNT_OF(ends); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, ends[i]);
        unlink(path);
    }
}

static void a_finished_one_is_complete(void **state)
{
    const struct g20_sigmf_annotation note = {.sample_start = 10,
                                              .sample_count = 20,
                                              .label = "x",
                                              .has_freq = true,
                                              .f_lo_hz = 1,
                                              .f_hi_hz = 2,
                                              .visible_lo_hz = 1,
                                              .visible_hi_hz = 2};
    struct g20_record *r = begin();
    struct g20_err e = {0};

    (void)state;
    assert_true(is_there(".", ".part") && is_there(".", ".open"));
    assert_false(is_there("", ".sigmf-data") || is_there("", ".sigmf-meta"));
    if (g20_record_finish(r, &note, 1, &e) < 0)
        fail_msg("%s", e.msg);
    g20_record_destroy(r);
    check_finished(1, false);
    assert_int_equal(g20_record_recover(folder, NULL, NULL), 0); /* nothing to do */
    check_finished(1, false);
    clean();
}

static void without_a_sample_nothing_stays(void **state)
{
    struct g20_record *r = NULL;
    struct g20_err e = {0};

    (void)state;
    assert_int_equal(g20_record_open(&r, base, &e), 0);
    assert_int_equal(g20_record_finish(r, NULL, 0, &e), -ENODATA);
    g20_record_destroy(r);
    assert_false(is_there(".", ".part") || is_there("", ".sigmf-data"));
}

static void one_that_is_there_is_not_opened_again(void **state)
{
    struct g20_record *r = begin(), *other = NULL;
    struct g20_err e = {0};

    (void)state;
    assert_int_equal(g20_record_open(&other, base, &e), -EEXIST);
    assert_null(other);
    g20_record_destroy(r);
    clean();
}

static void rename_it(const char *from, const char *to)
{
    char a[400], b[400];

    snprintf(a, sizeof(a), "%s/%s", folder, from);
    snprintf(b, sizeof(b), "%s/%s", folder, to);
    assert_int_equal(rename(a, b), 0);
}

static void a_death_at_any_step_leaves_a_recording(void **state)
{
    struct g20_record *r = NULL;
    struct g20_err e = {0};
    int failures = 0;

    (void)state;
    g20_record_destroy(begin()); /* while samples came */
    assert_int_equal(g20_record_recover(folder, NULL, &failures), 1);
    check_finished(0, true);
    clean();

    g20_record_destroy(begin()); /* between the two names */
    rename_it(".one.part", "one.sigmf-data");
    assert_int_equal(g20_record_recover(folder, NULL, NULL), 1);
    check_finished(0, true);
    clean();

    r = begin(); /* before the last file was removed */
    assert_int_equal(g20_record_finish(r, NULL, 0, &e), 0);
    g20_record_destroy(r);
    g20_record_destroy(NULL);
    rename_it("one.sigmf-meta", "keep");
    char path[400];
    snprintf(path, sizeof(path), "%s/.one.open", folder);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fclose(f);
    rename_it("keep", "one.sigmf-meta");
    assert_int_equal(g20_record_recover(folder, NULL, NULL), 0);
    check_finished(0, false);
    clean();

    assert_int_equal(g20_record_open(&r, base, &e), 0); /* before the first sample */
    g20_record_destroy(r);
    assert_int_equal(g20_record_recover(folder, NULL, NULL), 0);
    assert_false(is_there(".", ".part"));
}

/* Died while a file was about to get its name. */
static void what_was_written_aside_is_cleared_away(void **state)
{
    static const char *const names[] = {".one.sigmf-meta.AbC123", "..one.open.x9Y8z7", ".one.notes",
                                        ".x.open", "one.sigmf-meta.AbC123"};
    char path[400];

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        FILE *f = fopen(path, "we");
        assert_non_null(f);
        fclose(f);
    }
    rename_it(".x.open", ".one"); /* no name of ours */
    assert_int_equal(g20_record_recover(folder, NULL, NULL), 0);
    for (size_t i = 0; i < G20_COUNT_OF(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, i == 3 ? ".one" : names[i]);
        assert_int_equal(access(path, F_OK) == 0, i >= 2);
        unlink(path);
    }
}

static void count_failed(const char *path, const struct g20_err *e, void *user)
{
    assert_true(path[0] && e->msg[0]);
    ++*(int *)user;
}

static void what_is_no_capture_is_left_alone(void **state)
{
    static const char *const bad[] = {"", "{}", "{\"global\":[]}", "not json"};
    char path[400];
    int failures = 0;

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        snprintf(path, sizeof(path), "%s/.one.open", folder);
        FILE *f = fopen(path, "we");
        assert_non_null(f);
        fputs(bad[i], f);
        fclose(f);
        assert_int_equal(g20_record_recover(folder, count_failed, &failures), 0);
        assert_int_equal(failures, (int)i + 1);
        assert_true(is_there(".", ".open"));
    }
    clean();
}

static void allocations_may_fail(void **state)
{
    const int64_t live = g20_alloc_live();

    (void)state;
    for (uint64_t nth = 0;; nth++) {
        struct g20_record *r = NULL;
        struct g20_err e = {0};

        clean();
        g20_alloc_fail_at(nth);
        int made = g20_record_open(&r, base, &e);
        if (made >= 0) {
            g20_record_describe(r, G20_CI16, 1e6);
            made = g20_record_segments(r, SEGMENTS, 1, &e);
        }
        if (made >= 0)
            made = g20_record_write(r, "12345678", 8, &e);
        if (made >= 0)
            made = g20_record_finish(r, NULL, 0, &e);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        g20_record_destroy(r);
        assert_int_equal(g20_alloc_live(), live);
        if (made >= 0)
            break;
        assert_true(e.msg[0] != '\0');
        assert_true(nth < 200);
        g20_record_recover(folder, NULL, NULL); /* whatever is there */
    }
    clean();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finished_one_is_complete),
        cmocka_unit_test(without_a_sample_nothing_stays),
        cmocka_unit_test(one_that_is_there_is_not_opened_again),
        cmocka_unit_test(a_death_at_any_step_leaves_a_recording),
        cmocka_unit_test(what_was_written_aside_is_cleared_away),
        cmocka_unit_test(what_is_no_capture_is_left_alone),
        cmocka_unit_test(allocations_may_fail),
    };
    make_folder(folder, sizeof(folder));
    snprintf(base, sizeof(base), "%s/one", folder);
    const int r = cmocka_run_group_tests_name("record", tests, NULL, NULL);
    remove_folder(folder);
    return r;
}
