/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/index.h"

#include "base/alloc.h"
#include "store/reader.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "folder_of_test.h"

static struct g20_err err;
static float iq[2 * TEST_SAMPLES];

struct place {
    struct g20_samples *s;
    struct g20_store *store;
    char dir[128];
};

static void open_place(struct place *p, const char *name)
{
    char path[192];

    snprintf(p->dir, sizeof(p->dir), "%s/%s", test_dir, name);
    assert_int_equal(g20_samples_open(&p->s, p->dir, &err), 0);
    snprintf(path, sizeof(path), "%s/g20.db", p->dir);
    const struct g20_store_cfg cfg = {.path = path};
    assert_int_equal(g20_store_create(&p->store, &cfg, &err), 0);
}

static void close_place(struct place *p)
{
    g20_store_destroy(p->store);
    g20_samples_close(p->s);
}

/* The records of @kind, the oldest first; the caller owns them. */
static json_t *records(struct place *p, enum g20_kind kind)
{
    const struct g20_record_query q = {.ascending = true};
    struct g20_store_reader *reader;
    json_t *list = NULL;
    int64_t us, n;
    bool more;

    assert_int_equal(g20_store_reader_create(&reader, p->store), 0);
    if (g20_store_reader_list(reader, kind, &q, &list, &more, &us, &n, &err) < 0)
        fail_msg("%s", err.msg);
    g20_store_reader_destroy(reader);
    return list;
}

static size_t count(struct place *p, enum g20_kind kind)
{
    json_t *list = records(p, kind);
    const size_t n = json_array_size(list);

    json_decref(list);
    return n;
}

static void save(struct place *p, const char *signal, double turn, char *id)
{
    const struct g20_sample x = test_sample(signal, iq, turn);
    bool is_new;

    if (g20_samples_save(p->s, &x, id, &is_new, &err) < 0)
        fail_msg("%s", err.msg);
}

/* A version as the registry leaves it on the disk. */
static void make_version(struct place *p, const char *signal, unsigned version, double f1)
{
    char dir[G20_FOLDER_PATH], path[G20_FOLDER_PATH];

    assert_int_equal(
        g20_folder_path(dir, &err, "%s/signals/%s/versions/%04u", p->dir, signal, version), 0);
    assert_int_equal(g20_folder_make(dir, &err), 0);
    assert_int_equal(g20_folder_path(path, &err, "%s/head.onnx", dir), 0);
    json_t *o = json_pack("{s:i, s:f, s:s, s:i}", "version", version, "f1", f1, "preset", "quick",
                          "seed", 7);
    assert_int_equal(g20_json_write(path, o, &err), 0); /* only its name counts */
    assert_int_equal(g20_folder_path(path, &err, "%s/version.json", dir), 0);
    assert_int_equal(g20_json_write(path, o, &err), 0);
    json_decref(o);
    assert_int_equal(g20_folder_path(path, &err, "%s/signals/%s/active.json", p->dir, signal), 0);
    o = json_pack("{s:[i]}", "history", version);
    assert_int_equal(g20_json_write(path, o, &err), 0);
    json_decref(o);
}

static const char *text(const json_t *list, size_t i, const char *key)
{
    return json_string_value(json_object_get(json_array_get(list, i), key));
}

static void what_lies_on_the_disk_is_in_the_store(void **state)
{
    struct place p;
    char id[G20_SAMPLE_ID], second[G20_SAMPLE_ID], want[128];

    (void)state;
    open_place(&p, "all");
    save(&p, "key fob", 0.05, id); /* a blank: no name of an id */
    save(&p, "key fob", 0.1, second);
    make_version(&p, "key fob", 1, 0.5);
    make_version(&p, "key fob", 2, 0.75);
    assert_int_equal(g20_index_all(p.store, p.s, &err), 0);
    json_t *list = records(&p, G20_SAMPLES);
    assert_int_equal(json_array_size(list), 2);
    const json_t *o = json_array_get(list, strcmp(text(list, 0, "id"), id) == 0 ? 0 : 1);
    assert_string_equal(json_string_value(json_object_get(o, "signal")), "key fob");
    snprintf(want, sizeof(want), "signals/key fob/samples/%s", id);
    assert_string_equal(json_string_value(json_object_get(o, "path")), want);
    assert_int_equal(json_integer_value(json_object_get(o, "samples")), TEST_SAMPLES);
    assert_true(json_number_value(json_object_get(o, "center_hz")) == 433.92e6);
    assert_int_equal(json_integer_value(json_object_get(o, "start_us")), 1700000000000000);
    assert_int_equal(json_array_size(json_object_get(o, "boxes")), 2);
    json_decref(list);
    list = records(&p, G20_MODELS);
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(text(list, 0, "state"), "kept");
    assert_string_equal(text(list, 1, "state"), "active");
    assert_string_equal(text(list, 1, "path"), "signals/key fob/versions/0002/head.onnx");
    json_decref(list);
    list = records(&p, G20_SIGNALS); /* and what the page shows of the signal */
    o = json_array_get(list, 0);
    assert_int_equal(json_integer_value(json_object_get(o, "samples")), 2);
    assert_true(json_number_value(json_object_get(json_object_get(o, "metrics"), "f1")) == 0.75);
    json_decref(list);

    /* Again: nothing is written that is so already. */
    struct g20_store_stats before, after;
    g20_store_stats(p.store, &before);
    assert_int_equal(g20_index_all(p.store, p.s, &err), 0);
    g20_store_stats(p.store, &after);
    assert_int_equal(after.records_written, before.records_written);

    /* What was deleted, and what came, while nobody looked. */
    assert_int_equal(g20_samples_delete(p.s, id, &err), 0);
    make_version(&p, "key fob", 1, 0.5);
    save(&p, "another", 0.2, id);
    assert_int_equal(g20_index_all(p.store, p.s, &err), 0);
    list = records(&p, G20_MODELS);
    assert_string_equal(text(list, 0, "state"), "active");
    assert_string_equal(text(list, 1, "state"), "kept");
    json_decref(list);
    assert_int_equal(count(&p, G20_SAMPLES), 2);
    assert_int_equal(count(&p, G20_SIGNALS), 2);
    close_place(&p);
}

static void one_sample_comes_and_goes(void **state)
{
    struct place p;
    char id[G20_SAMPLE_ID];

    (void)state;
    open_place(&p, "one");
    save(&p, "a", 0.05, id);
    for (int i = 0; i < 2; i++)
        assert_int_equal(g20_index_sample(p.store, p.s, id, &err), 0);
    assert_int_equal(count(&p, G20_SAMPLES), 1);
    assert_int_equal(g20_samples_delete(p.s, id, &err), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(g20_index_sample(p.store, p.s, id, &err), 0);
    assert_int_equal(count(&p, G20_SAMPLES), 0);
    assert_int_equal(g20_samples_restore(p.s, id, &err), 0);
    assert_int_equal(g20_index_sample(p.store, p.s, id, &err), 0);
    assert_int_equal(count(&p, G20_SAMPLES), 1);
    assert_int_equal(g20_index_sample(p.store, p.s, "no id", &err), -EINVAL);
    close_place(&p);
}

static void a_signal_takes_its_records_along(void **state)
{
    struct place p;
    char id[G20_SAMPLE_ID];
    json_t *words = json_pack("{s:s, s:s}", "name", "b", "notes", "mine"), *list;

    (void)state;
    open_place(&p, "renamed");
    save(&p, "a", 0.05, id);
    make_version(&p, "a", 1, 0.5);
    assert_int_equal(g20_index_signal(p.store, p.s, "a", &err), 0);
    assert_int_equal(g20_signal_rename(p.s, "a", "c", &err), 0);
    assert_int_equal(g20_index_renamed(p.store, p.s, "a", "c", &err), 0);
    list = records(&p, G20_SIGNALS);
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(text(list, 0, "name"), "c");
    json_decref(list);
    /* To a name that an operator knows already: his record stays. */
    assert_int_equal(g20_store_put(p.store, G20_SIGNALS, words, NULL, &err), 0);
    json_decref(words);
    assert_int_equal(g20_signal_rename(p.s, "c", "b", &err), 0);
    assert_int_equal(g20_index_renamed(p.store, p.s, "c", "b", &err), 0);
    list = records(&p, G20_SAMPLES);
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(text(list, 0, "signal"), "b");
    assert_non_null(strstr(text(list, 0, "path"), "signals/b/"));
    json_decref(list);
    list = records(&p, G20_MODELS);
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(text(list, 0, "signal"), "b");
    json_decref(list);
    list = records(&p, G20_SIGNALS);
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(text(list, 0, "notes"), "mine");
    json_decref(list);
    /* Deleted: the operator's words stay, a record without any goes. */
    assert_int_equal(g20_signal_delete(p.s, "b", &err), 0);
    assert_int_equal(g20_index_signal(p.store, p.s, "b", &err), 0);
    assert_int_equal(count(&p, G20_SAMPLES) + count(&p, G20_MODELS), 0);
    assert_int_equal(count(&p, G20_SIGNALS), 1);
    save(&p, "d", 0.3, id);
    assert_int_equal(g20_index_signal(p.store, p.s, "d", &err), 0);
    assert_int_equal(g20_signal_delete(p.s, "d", &err), 0);
    assert_int_equal(g20_index_signal(p.store, p.s, "d", &err), 0);
    assert_int_equal(count(&p, G20_SIGNALS), 1);
    assert_int_equal(g20_index_signal(p.store, p.s, "../x", &err), -EINVAL);
    close_place(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lies_on_the_disk_is_in_the_store),
        cmocka_unit_test(one_sample_comes_and_goes),
        cmocka_unit_test(a_signal_takes_its_records_along),
    };

    return cmocka_run_group_tests_name("index", tests, make_test_dir, remove_test_dir);
}
