/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/import.h"

#include "base/alloc.h"
#include "base/file.h"
#include "teach/rfcap.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "folder_of_test.h"

static struct g20_err err;

static void path_of(char *buf, const char *name)
{
    assert_int_equal(g20_folder_path(buf, &err, "%s/%s", test_dir, name), 0);
}

/* @n samples of ci8, the i-th is (i % 100, -1), and annotations: text of a JSON list. */
static void write_recording(const char *name, size_t n, const char *annotations)
{
    char path[G20_FOLDER_PATH], file[64];
    int8_t *data = g20_calloc(n, 2);
    json_t *o = json_object();

    assert_non_null(data);
    for (size_t i = 0; i < n; i++) {
        data[2 * i] = (int8_t)(i % 100);
        data[2 * i + 1] = -1;
    }
    snprintf(file, sizeof(file), "%s.sigmf-data", name);
    path_of(path, file);
    assert_int_equal(g20_file_write(path, data, 2 * n, &err), 0);
    g20_free(data);
    json_object_set_new(o, "global",
                        json_pack("{s:s, s:s, s:f}", "core:version", "1.0.0", "core:datatype",
                                  "ci8", "core:sample_rate", 1e6));
    json_object_set_new(o, "captures",
                        json_pack("[{s:i, s:f, s:s}]", "core:sample_start", 0, "core:frequency",
                                  100e6, "core:datetime", "2026-01-01T00:00:00Z"));
    json_object_set_new(o, "annotations", json_loads(annotations, 0, NULL));
    snprintf(file, sizeof(file), "%s.sigmf-meta", name);
    path_of(path, file);
    assert_int_equal(g20_json_write(path, o, &err), 0);
    json_decref(o);
}

static struct g20_samples *samples;

static int import(const char *name, const char *signal, const char *label,
                  struct g20_import_report *r)
{
    const struct g20_import how = {.signal = signal, .label = label};
    char path[G20_FOLDER_PATH];

    path_of(path, name);
    *r = (struct g20_import_report){0};
    return g20_import_file(samples, path, &how, r, &err);
}

static void annotations_become_boxes(void **state)
{
    struct g20_import_report r;
    json_t *list = NULL, *o = NULL;

    (void)state;
    write_recording(
        "short", 20000,
        "[{\"core:sample_start\":1000,\"core:sample_count\":2000,"
        "\"core:freq_lower_edge\":99.9e6,\"core:freq_upper_edge\":100.1e6,\"core:label\":\"door\"},"
        "{\"core:sample_start\":5000,\"core:sample_count\":4000,\"core:label\":\"car\"},"
        "{\"core:sample_start\":9000,\"core:sample_count\":40,\"core:label\":\"door\",\"g20:ignore\":true}]");
    assert_int_equal(import("short.sigmf-meta", "door", NULL, &r), 0);
    assert_int_equal(r.samples, 1);
    assert_int_equal(r.boxes, 1);
    assert_int_equal(r.known, 0);
    assert_int_equal(import("short", "door", NULL, &r), 0);
    assert_int_equal(r.known, 1);
    assert_int_equal(g20_samples_list(samples, "door", &list, &err), 0);
    const json_t *x = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(x, "recording")), "short");
    assert_int_equal(json_integer_value(json_object_get(x, "samples")), 20000);
    assert_true(json_integer_value(json_object_get(x, "time_us")) == 1767225600000000);
    assert_int_equal(g20_samples_get(samples, json_string_value(json_object_get(x, "sample_id")),
                                     NULL, &o, &err),
                     0);
    const json_t *boxes = json_object_get(o, "boxes");
    assert_int_equal(json_array_size(boxes), 3); /* the others are there, as what they are */
    assert_string_equal(json_string_value(json_object_get(json_array_get(boxes, 0), "label")),
                        "door");
    assert_string_equal(json_string_value(json_object_get(json_array_get(boxes, 1), "label")),
                        "car");
    assert_true(fabs(json_number_value(json_object_get(json_array_get(boxes, 0), "t_start_s")) -
                     1e-3) < 1e-9);
    json_decref(o);
    json_decref(list);
    assert_int_equal(import("short", "door", "bus", &r), -ENODATA);
    assert_int_equal(import("short", "bus", NULL, &r), 0); /* no label is "bus": all are */
    assert_int_equal(r.boxes, 2);
    assert_int_equal(import("none", "door", NULL, &r), -ENOENT);
    assert_int_equal(import("short", NULL, NULL, &r), -EINVAL);
}

/* Far apart: two samples, and their samples are those of the recording. */
static void a_long_recording_comes_in_parts(void **state)
{
    struct g20_import_report r;
    struct g20_names paths = {.item = NULL};
    char *data;
    size_t len;

    (void)state;
    write_recording(
        "long", 8000000,
        "[{\"core:sample_start\":100000,\"core:sample_count\":2000,\"core:label\":\"far\"},"
        "{\"core:sample_start\":100100,\"core:sample_count\":90000,\"core:label\":\"far\"},"
        "{\"core:sample_start\":7000000,\"core:sample_count\":500,\"core:label\":\"far\"}]");
    assert_int_equal(import("long", "far", NULL, &r), 0);
    assert_int_equal(r.samples, 2);
    assert_int_equal(r.boxes, 3);
    assert_int_equal(g20_samples_paths(samples, "far", false, &paths, &err), 0);
    assert_int_equal(paths.count, 2);
    for (size_t i = 0; i < 2; i++) {
        memcpy(paths.item[i] + strlen(paths.item[i]) - 4, "data", 4);
        assert_int_equal(g20_file_read(paths.item[i], 1 << 28, &data, &len, &err), 0);
        const float *iq = (const float *)(const void *)data;
        const int first = (int)lrintf(iq[0] * 128);
        for (size_t k = 0; k < len / 8; k++)
            assert_true(iq[2 * k] == (float)((first + (int)(k % 100)) % 100) / 128.0f);
        assert_true(len / 8 == 1762964 || len / 8 == 2572864);
        g20_free(data);
    }
    g20_names_free(&paths);
}

static void a_capture_of_the_prototype_is_one_box(void **state)
{
    unsigned char file[G20_RFCAP_HEADER + 8 * 100] = "G20";
    const double numbers[] = {1e6, 433e6, 0.5e6};
    const uint64_t n = 100;
    struct g20_import_report r;
    char path[G20_FOLDER_PATH];

    (void)state;
    file[4] = 1;
    memcpy(file + 8, numbers, sizeof(numbers));
    memcpy(file + 32, &n, 8);
    memcpy(file + 48, "gate", 4);
    path_of(path, "gate.rfcap");
    assert_int_equal(g20_file_write(path, file, sizeof(file), &err), 0);
    assert_int_equal(import("gate.rfcap", NULL, NULL, &r), 0);
    assert_int_equal(r.boxes, 1);
    json_t *list = NULL;
    assert_int_equal(g20_samples_list(samples, "gate", &list, &err), 0);
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
    assert_int_equal(g20_file_write(path, file, sizeof(file) - 1, &err), 0);
    assert_int_equal(import("gate.rfcap", NULL, NULL, &r), G20_EFORMAT);
    assert_non_null(strstr(err.msg, "99 samples"));
    file[4] = 9;
    assert_int_equal(g20_file_write(path, file, sizeof(file), &err), 0);
    assert_int_equal(import("gate.rfcap", NULL, NULL, &r), G20_EVERSION);
}

static int set_up(void **state)
{
    char dir[G20_FOLDER_PATH];

    if (make_test_dir(state) < 0 || g20_folder_path(dir, &err, "%s/training", test_dir) < 0)
        return -1;
    return g20_samples_open(&samples, dir, &err);
}

static int tear_down(void **state)
{
    g20_samples_close(samples);
    return remove_test_dir(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(annotations_become_boxes),
        cmocka_unit_test(a_long_recording_comes_in_parts),
        cmocka_unit_test(a_capture_of_the_prototype_is_one_box),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
