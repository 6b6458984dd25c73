/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "source/sigmf.h"
#include "teach/base64.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder_of_test.h"

static struct g20_err err;
static float iq[2 * TEST_SAMPLES];

static struct g20_samples *open_at(const char *name)
{
    struct g20_samples *s = NULL;
    char dir[G20_FOLDER_PATH];

    assert_int_equal(g20_folder_path(dir, &err, "%s/%s", test_dir, name), 0);
    assert_int_equal(g20_samples_open(&s, dir, &err), 0);
    return s;
}

static size_t count(struct g20_samples *s, const char *signal)
{
    json_t *list = NULL;

    if (g20_samples_list(s, signal, &list, &err) < 0)
        fail_msg("%s", err.msg);
    const size_t n = json_array_size(list);
    json_decref(list);
    return n;
}

static void the_same_twice_is_one(void **state)
{
    struct g20_samples *s = open_at("twice");
    char id[G20_SAMPLE_ID], again[G20_SAMPLE_ID], other[G20_SAMPLE_ID];
    struct g20_sample x = test_sample("remote", iq, 0.05);
    const struct g20_teach_box turned[] = {x.box[1], x.box[0]};
    bool is_new = false;

    (void)state;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), 0);
    assert_true(is_new);
    x.box = turned;
    assert_int_equal(g20_samples_save(s, &x, again, &is_new, &err), 0);
    assert_false(is_new);
    assert_string_equal(id, again);
    x.signal = "another";
    assert_int_equal(g20_samples_save(s, &x, again, &is_new, &err), -EEXIST);
    x.boxes = 1; /* another box is another sample */
    assert_int_equal(g20_samples_save(s, &x, other, &is_new, &err), 0);
    assert_true(is_new);
    assert_string_not_equal(id, other);
    assert_int_equal(count(s, "remote"), 1);
    assert_int_equal(count(s, NULL), 2);
    g20_samples_close(s);
    /* SHA-256 of 64 zero samples and one box, by Python's hashlib. */
    static const float zeros[2 * 64];
    const struct g20_teach_box all = {0, 1, 0, 1, ""};
    const struct g20_sample known = {
        .signal = "z", .iq = zeros, .samples = 64, .box = &all, .boxes = 1};
    assert_int_equal(g20_sample_id(&known, id), 0);
    assert_string_equal(id, "efc9852fa08a1a5d");
}

/* @wanted samples from @first on, at a million a second, are the @n of iq[]. */
static void part_is(struct g20_samples *s, const char *id, size_t first, size_t wanted, size_t n)
{
    const struct g20_sample_part part = {.start_s = ((double)first + 0.5) * 1e-6,
                                         .duration_s = ((double)wanted - 0.5) * 1e-6,
                                         .most = 1000};
    float got[200];
    size_t len;
    json_t *o;

    assert_int_equal(g20_samples_get(s, id, &part, &o, &err), 0);
    const json_t *text = json_object_get(o, "iq_data");
    assert_int_equal(g20_base64_decode(json_string_value(text), json_string_length(text), got,
                                       sizeof(got), &len, &err),
                     0);
    assert_int_equal(len, 8 * n);
    assert_memory_equal(got, iq + 2 * first, len);
    json_decref(o);
}

static void it_is_a_sigmf_recording_in_real_units(void **state)
{
    struct g20_samples *s = open_at("units");
    const struct g20_sample x = test_sample("remote", iq, 0.05);
    char id[G20_SAMPLE_ID], path[G20_FOLDER_PATH];
    struct g20_names paths = {.item = NULL};
    struct g20_sigmf *m = NULL;
    json_t *o = NULL;
    bool is_new;

    (void)state;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), 0);
    assert_int_equal(g20_samples_paths(s, "remote", false, &paths, &err), 0);
    assert_int_equal(paths.count, 1);
    assert_int_equal(g20_sigmf_load(&m, paths.item[0], &err), 0);
    assert_string_equal(m->datatype, "cf32_le");
    assert_true(m->truth_partial);
    assert_string_equal(m->recording, id);
    assert_int_equal(m->nannotations, 2);
    assert_int_equal(m->annotations[0].sample_start, 0); /* sorted by time */
    assert_int_equal(m->annotations[1].sample_start, TEST_SAMPLES / 2);
    assert_int_equal(m->annotations[1].sample_count, TEST_SAMPLES / 2);
    assert_true(fabs(m->annotations[1].f_lo_hz - (433.92e6 - 0.1e6)) < 1e-3);
    assert_true(fabs(m->annotations[1].f_hi_hz - (433.92e6 + 0.1e6)) < 1e-3);
    assert_string_equal(m->annotations[1].label, "remote");
    assert_true(m->captures[0].time_us == 1700000000000000);
    g20_sigmf_destroy(m);
    g20_names_free(&paths);

    struct g20_sample_part part = {.most = 8 * TEST_SAMPLES};
    assert_int_equal(g20_samples_get(s, id, &part, &o, &err), 0);
    assert_int_equal(json_array_size(json_object_get(o, "boxes")), 2);
    assert_int_equal(strlen(json_string_value(json_object_get(o, "iq_data"))),
                     (8 * TEST_SAMPLES + 2) / 3 * 4);
    const json_t *b = json_array_get(json_object_get(o, "boxes"), 1);
    assert_true(fabs(json_number_value(json_object_get(b, "x_min")) - 0.4) < 1e-9);
    assert_true(fabs(json_number_value(json_object_get(b, "t_stop_s")) - 4096e-6) < 1e-12);
    json_decref(o);
    part.most = 100;
    assert_int_equal(g20_samples_get(s, id, &part, &o, &err), -EFBIG);
    part_is(s, id, 0, 12, 12);
    part_is(s, id, 100, 12, 12);
    part_is(s, id, TEST_SAMPLES - 5, 12, 5); /* to its end */
    part = (struct g20_sample_part){.start_s = 1.0, .duration_s = 1.0, .most = 100};
    assert_int_equal(g20_samples_get(s, id, &part, &o, &err), -EINVAL);
    assert_int_equal(g20_samples_get(s, "0123456789abcdef", NULL, &o, &err), -ENOENT);
    assert_int_equal(g20_samples_get(s, "../../../etc", NULL, &o, &err), -EINVAL);
    assert_int_equal(g20_folder_path(path, &err, "%s/units", test_dir), 0);
    assert_string_equal(g20_samples_dir(s), path);
    g20_samples_close(s);
}

static void nothing_is_stored_of_what_is_refused(void **state)
{
    struct g20_samples *s = open_at("refused");
    struct g20_sample x = test_sample("remote", iq, 0.05);
    struct g20_teach_box box = {0.5, 0.5, 0, 1, ""};
    char id[G20_SAMPLE_ID] = "-";
    bool is_new;

    (void)state;
    x.box = &box;
    x.boxes = 1;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), -EINVAL);
    box.x_max = NAN;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), -EINVAL);
    box.x_max = 0.75;
    x.boxes = 0;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), -EINVAL);
    x.boxes = 1;
    x.rate_hz = NAN;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), -EINVAL);
    x.rate_hz = 1e6;
    x.center_hz = INFINITY;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), -EINVAL);
    x.center_hz = 0;
    x.signal = "../x";
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), -EINVAL);
    x.signal = "remote";
    x.samples = 0;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), -EINVAL);
    x.samples = TEST_SAMPLES;
    iq[77] = INFINITY;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), -EINVAL);
    assert_non_null(strstr(err.msg, "sample 38"));
    iq[77] = 0;
    assert_string_equal(id, "-");
    assert_int_equal(count(s, NULL), 0);
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), 0);
    g20_samples_close(s);
}

static void what_is_deleted_can_be_had_back(void **state)
{
    struct g20_samples *s = open_at("deleted");
    const struct g20_sample x = test_sample("remote", iq, 0.1);
    char id[G20_SAMPLE_ID];
    bool is_new;

    (void)state;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), 0);
    assert_int_equal(g20_samples_restore(s, id, &err), -EEXIST);
    assert_int_equal(g20_samples_delete(s, id, &err), 0);
    assert_int_equal(count(s, NULL), 0);
    assert_int_equal(g20_samples_delete(s, id, &err), -ENOENT);
    assert_int_equal(g20_samples_restore(s, id, &err), 0);
    assert_int_equal(g20_samples_restore(s, "00000000000000ff", &err), -ENOENT);
    assert_int_equal(count(s, "remote"), 1);
    assert_int_equal(g20_signal_delete(s, "remote", &err), 0);
    assert_int_equal(g20_signal_delete(s, "remote", &err), -ENOENT);
    assert_int_equal(count(s, NULL), 0);
    assert_int_equal(g20_signal_restore(s, "remot", &err), -ENOENT);
    assert_int_equal(g20_signal_restore(s, "remote", &err), 0);
    assert_int_equal(g20_signal_restore(s, "remote", &err), -ENOENT);
    assert_int_equal(count(s, "remote"), 1);
    g20_samples_close(s);
}

static void a_signal_gets_another_name(void **state)
{
    struct g20_samples *s = open_at("renamed");
    struct g20_sample x = test_sample("remote", iq, 0.1);
    struct g20_names paths = {.item = NULL};
    struct g20_sigmf *m = NULL;
    char id[G20_SAMPLE_ID];
    bool is_new;

    (void)state;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), 0);
    x = test_sample("other", iq, 0.2);
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), 0);
    assert_int_equal(g20_signal_rename(s, "remote", "other", &err), -EEXIST);
    assert_int_equal(g20_signal_rename(s, "none", "x", &err), -ENOENT);
    assert_int_equal(g20_signal_rename(s, "remote", "a/b", &err), -EINVAL);
    assert_int_equal(g20_signal_rename(s, "remote", "Tür", &err), 0);
    assert_int_equal(count(s, "remote"), 0);
    assert_int_equal(g20_samples_paths(s, "other", true, &paths, &err), 0);
    assert_int_equal(paths.count, 1);
    assert_int_equal(g20_sigmf_load(&m, paths.item[0], &err), 0);
    assert_string_equal(m->annotations[0].label, "Tür");
    g20_sigmf_destroy(m);
    g20_names_free(&paths);
    g20_samples_close(s);
}

static void put(const char *text, const char *fmt, const char *id)
{
    char path[G20_FOLDER_PATH];

    assert_int_equal(g20_folder_path(path, &err, "%s", test_dir), 0);
    const size_t n = strlen(path);
    snprintf(path + n, sizeof(path) - n, "/cut/");
    snprintf(path + n + 5, sizeof(path) - n - 5, "%s%s", fmt, id);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static bool there(const char *name, const char *id)
{
    char path[G20_FOLDER_PATH];

    snprintf(path, sizeof(path), "%s/cut/%s%s", test_dir, name, id);
    return g20_folder_has(path);
}

/* What a kill leaves is finished or taken away at the next opening. */
static void what_was_cut_short_is_finished(void **state)
{
    struct g20_samples *s = open_at("cut");
    const struct g20_sample x = test_sample("remote", iq, 0.3);
    struct g20_names paths = {.item = NULL};
    struct g20_sigmf *m = NULL;
    char id[G20_SAMPLE_ID], a[G20_FOLDER_PATH], b[G20_FOLDER_PATH];
    bool is_new;

    (void)state;
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), 0);
    g20_samples_close(s);
    put("half", "signals/remote/samples/.0123456789abcdef.sigmf-data.", "AbCdEf");
    put("data without metadata", "signals/remote/samples/0123456789abcdef.sigmf-", "data");
    put("{\"name\":\"remote\"}", "signals/remote/renamed-from.", "json");
    s = open_at("cut");
    assert_false(there("signals/remote/samples/.0123456789abcdef.sigmf-data.", "AbCdEf"));
    assert_false(there("signals/remote/samples/0123456789abcdef.sigmf-", "data"));
    assert_false(there("signals/remote/renamed-from.", "json"));
    assert_int_equal(count(s, "remote"), 1);

    /* Deleted, but killed between its two files. */
    assert_int_equal(g20_samples_delete(s, id, &err), 0);
    g20_samples_close(s);
    assert_int_equal(
        g20_folder_path(a, &err, "%s/cut/trash/samples/remote/%s.sigmf-data", test_dir, id), 0);
    assert_int_equal(
        g20_folder_path(b, &err, "%s/cut/signals/remote/samples/%s.sigmf-data", test_dir, id), 0);
    assert_int_equal(g20_folder_move(a, b, &err), 0);
    s = open_at("cut");
    assert_int_equal(count(s, "remote"), 0);
    assert_int_equal(g20_samples_restore(s, id, &err), 0);
    assert_int_equal(count(s, "remote"), 1);
    g20_samples_close(s);

    /* Renamed, but killed before the labels followed. */
    put("{\"name\":\"remote\"}", "signals/remote/renamed-from.", "json");
    assert_int_equal(g20_folder_path(a, &err, "%s/cut/signals/remote", test_dir), 0);
    assert_int_equal(g20_folder_path(b, &err, "%s/cut/signals/door", test_dir), 0);
    assert_int_equal(g20_folder_move(a, b, &err), 0);
    s = open_at("cut");
    assert_int_equal(g20_samples_paths(s, "door", false, &paths, &err), 0);
    assert_int_equal(paths.count, 1);
    assert_int_equal(g20_sigmf_load(&m, paths.item[0], &err), 0);
    assert_string_equal(m->annotations[0].label, "door");
    g20_sigmf_destroy(m);
    g20_names_free(&paths);
    g20_samples_close(s);
}

static void out_of_memory_leaves_nothing(void **state)
{
    const struct g20_sample x = test_sample("remote", iq, 0.4);
    const int64_t before = g20_alloc_live();
    struct g20_samples *s = NULL;
    char id[G20_SAMPLE_ID], dir[G20_FOLDER_PATH];
    bool is_new, saved = false;

    (void)state;
    assert_int_equal(g20_folder_path(dir, &err, "%s/memory", test_dir), 0);
    for (uint64_t nth = 0; nth < 200 && !saved; nth++) {
        g20_alloc_fail_at(nth);
        int r = g20_samples_open(&s, dir, &err);
        if (r >= 0)
            r = g20_samples_save(s, &x, id, &is_new, &err);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || r == -ENOMEM);
        saved = r == 0;
        if (!saved && s)
            assert_int_equal(count(s, NULL), 0);
        g20_samples_close(s);
        s = NULL;
        assert_int_equal(g20_alloc_live(), before);
    }
    assert_true(saved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_twice_is_one),
        cmocka_unit_test(it_is_a_sigmf_recording_in_real_units),
        cmocka_unit_test(nothing_is_stored_of_what_is_refused),
        cmocka_unit_test(what_is_deleted_can_be_had_back),
        cmocka_unit_test(a_signal_gets_another_name),
        cmocka_unit_test(what_was_cut_short_is_finished),
        cmocka_unit_test(out_of_memory_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}
