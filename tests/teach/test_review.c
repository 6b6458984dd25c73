/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/review.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "recording_of_test.h"

static struct g20_err err;
static struct g20_samples *samples;

static void write_text(const char *name, const char *text)
{
    char path[G20_FOLDER_PATH];

    assert_int_equal(
        g20_folder_path(path, &err, "%s/signals/door/versions/0001/%s", test_dir, name), 0);
    assert_int_equal(g20_file_write(path, text, strlen(text), &err), 0);
}

static int make(void **state)
{
    char path[G20_FOLDER_PATH];

    if (make_test_dir(state) < 0 || write_test_recording("tone", 200000, "[]") < 0 ||
        g20_folder_path(path, &err, "%s/signals/door/versions/0001", test_dir) < 0 ||
        g20_folder_make(path, &err) < 0 || g20_samples_open(&samples, test_dir, &err) < 0)
        return -1;
    write_text("head.onnx", "a head");
    write_text("version.json", "{\"version\": 1}");
    return 0;
}

static int drop(void **state)
{
    g20_samples_close(samples);
    return remove_test_dir(state);
}

static void look(void)
{
    json_t *items = json_array();

    for (int i = 0; i < 4; i++) {
        char path[G20_FOLDER_PATH], id[8];
        assert_int_equal(
            g20_folder_path(path, &err, "%s/%s.sigmf-meta", test_dir, i == 3 ? "gone" : "tone"), 0);
        snprintf(id, sizeof(id), "r%d", i);
        json_array_append_new(items,
                              json_pack("{s:s, s:s, s:i, s:i, s:f, s:f, s:n}", "item_id", id,
                                        "path", path, "sample_start", i * 60000, "sample_count",
                                        5000, "f_lo_hz", 100.1e6, "f_hi_hz", 100.2e6, "answer"));
    }
    json_t *o = json_pack("{s:i, s:f, s:b, s:o}", "recordings", 1, "searched_s", 0.2, "truncated",
                          0, "items", items);
    assert_int_equal(g20_review_save(test_dir, "door", 1, o, &err), 0);
    assert_int_equal(g20_review_save(test_dir, "door", 2, o, &err), -ENOENT);
    json_decref(o);
}

static const char *state_of(uint32_t version)
{
    static char text[8];
    json_t *o = NULL;

    if (g20_review_load(test_dir, "door", version, &o, &err) < 0)
        return "";
    assert_int_equal(json_integer_value(json_object_get(o, "version")), 1);
    snprintf(text, sizeof(text), "%s", json_string_value(json_object_get(o, "state")));
    json_decref(o);
    return text;
}

static const char *answer_of(size_t i)
{
    static char text[8];
    json_t *o = NULL;

    assert_int_equal(g20_review_load(test_dir, "door", 1, &o, &err), 0);
    const char *a = json_string_value(
        json_object_get(json_array_get(json_object_get(o, "items"), i), "answer"));
    snprintf(text, sizeof(text), "%s", a ? a : "");
    json_decref(o);
    return text;
}

static void an_answer_is_a_sample(void **state)
{
    struct g20_review_answered a, b;
    json_t *o = NULL;

    (void)state;
    assert_string_equal(state_of(0), "none");
    assert_int_equal(g20_review_answer(samples, "door", 1, "r0", true, &a, &err), -ENOENT);
    look();
    assert_string_equal(state_of(0), "ready");
    assert_string_equal(state_of(2), "");
    assert_int_equal(g20_review_answer(samples, "door", 0, "r0", true, &a, &err), 0);
    assert_int_equal(a.left, 3);
    assert_int_equal(a.version, 1);
    assert_string_equal(answer_of(0), "accept");
    assert_int_equal(g20_samples_get(samples, a.sample_id, NULL, &o, &err), 0);
    const json_t *box = json_array_get(json_object_get(o, "boxes"), 0);
    assert_string_equal(json_string_value(json_object_get(box, "label")), "door");
    assert_true(fabs(json_number_value(json_object_get(box, "f_lo_hz")) - 0.1e6) < 1.0);
    assert_true(fabs(json_number_value(json_object_get(box, "t_start_s"))) < 1e-5);
    json_decref(o);
    /* Not the signal: a sample too, of something else. */
    assert_int_equal(g20_review_answer(samples, "door", 1, "r1", false, &a, &err), 0);
    assert_int_equal(a.left, 2);
    assert_int_equal(g20_samples_get(samples, a.sample_id, NULL, &o, &err), 0);
    box = json_array_get(json_object_get(o, "boxes"), 0);
    assert_string_equal(json_string_value(json_object_get(box, "label")), G20_BOX_OTHER);
    assert_true(fabs(json_number_value(json_object_get(box, "t_start_s")) - 0.032768) < 1e-5);
    json_decref(o);
    /* The same once more (a client that did not hear the answer) changes nothing. */
    assert_int_equal(g20_review_answer(samples, "door", 1, "r1", false, &b, &err), 0);
    assert_string_equal(a.sample_id, b.sample_id);
    assert_int_equal(b.left, 2);
}

static void what_cannot_be_is_said(void **state)
{
    struct g20_review_answered a;

    (void)state;
    look();
    assert_int_equal(g20_review_answer(samples, "door", 1, "r0", true, &a, &err), 0);
    assert_int_equal(g20_review_answer(samples, "door", 1, "r0", false, &a, &err), -EEXIST);
    assert_int_equal(g20_review_answer(samples, "door", 1, "r9", false, &a, &err), -ENOENT);
    assert_int_equal(g20_review_answer(samples, "door", 1, "r3", false, &a, &err), -ESTALE);
    assert_string_equal(answer_of(3), "");
    assert_int_equal(g20_review_answer(samples, "window", 0, "r0", false, &a, &err), -ENOENT);
    write_text("review.json", "{\"items\": 3");
    assert_true(g20_review_answer(samples, "door", 1, "r0", true, &a, &err) < 0);
    write_text("review.json", "{\"items\": [{\"item_id\": \"r0\"}, 7]}");
    assert_int_equal(g20_review_answer(samples, "door", 1, "r0", true, &a, &err), -ESTALE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_a_sample),
        cmocka_unit_test(what_cannot_be_is_said),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
