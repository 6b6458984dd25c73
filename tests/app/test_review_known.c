/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/review_known.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder_of_test.h"

static struct g20_err err;

/* A megahertz around 100 MHz; @cut: more of "global", @begin: more of the only capture; and a box
 * @label of 1000 samples from 5000 on, 100 .. 200 kHz over the centre. */
static void write_meta(const char *name, const char *cut, const char *begin, const char *label)
{
    char path[G20_FOLDER_PATH], text[1024];

    snprintf(text, sizeof(text),
             "{\"global\": {\"core:version\": \"1.0.0\", \"core:datatype\": \"ci8\", "
             "\"core:sample_rate\": 1e6%s}, \"captures\": [{\"core:sample_start\": 0, "
             "\"core:frequency\": 100e6%s}], \"annotations\": [{\"core:sample_start\": 5000, "
             "\"core:sample_count\": 1000, \"core:freq_lower_edge\": 100.1e6, "
             "\"core:freq_upper_edge\": 100.2e6, \"core:label\": \"%s\"}]}",
             cut, begin, label);
    assert_int_equal(g20_folder_path(path, &err, "%s/%s.sigmf-meta", test_dir, name), 0);
    assert_int_equal(g20_file_write(path, text, strlen(text), &err), 0);
}

/* Where samples @start and 999 more of recording @name are. */
static bool place(const char *name, uint64_t start, double f_lo, struct g20_known_place *ret)
{
    char path[G20_FOLDER_PATH];
    struct g20_sigmf *m = NULL;

    assert_int_equal(g20_folder_path(path, &err, "%s/%s.sigmf-meta", test_dir, name), 0);
    assert_int_equal(g20_sigmf_load(&m, path, &err), 0);
    const bool there = g20_known_place(m, path, start, 1000, ret);
    g20_sigmf_destroy(m);
    ret->f_lo = f_lo;
    ret->f_hi = f_lo + 0.1e6;
    return there;
}

static void know(struct g20_known *k, const char *name)
{
    char path[G20_FOLDER_PATH];

    assert_int_equal(g20_folder_path(path, &err, "%s/%s.sigmf-meta", test_dir, name), 0);
    assert_int_equal(g20_known_sample(k, path, "door"), 0);
}

/* A sample cut from sample 20000 of an undated recording on: its box begins at 25000 of that. */
static void a_place_in_a_recording_is_known(void **state)
{
    struct g20_known k = {.item = NULL};
    struct g20_known_place p;

    (void)state;
    write_meta("attic", "", "", "whatever");
    write_meta("cut", ", \"g20:recording\": \"attic\"", ", \"core:global_index\": 20000", "door");
    write_meta("lost", ", \"g20:recording\": \"attic\"", "", "door");
    know(&k, "cut");
    know(&k, "lost"); /* nobody knows where that is */
    know(&k, "attic");
    know(&k, "none");
    assert_int_equal(k.count, 1);
    assert_true(place("attic", 25000, 100.1e6, &p));
    assert_string_equal(p.recording, "attic");
    assert_true(g20_known_has(&k, &p));
    assert_true(place("cut", 5500, 100.15e6, &p) == true && !g20_known_has(&k, &p)); /* a quarter */
    assert_true(place("cut", 5500, 100.1e6, &p) && g20_known_has(&k, &p));
    assert_true(place("attic", 5000, 100.1e6, &p) && !g20_known_has(&k, &p));
    assert_true(place("attic", 25000, 100.3e6, &p) && !g20_known_has(&k, &p));
    assert_false(place("lost", 5000, 100.1e6, &p));
    /* What was added is known from then on. */
    assert_true(place("attic", 70000, 100.1e6, &p) && !g20_known_has(&k, &p));
    assert_int_equal(g20_known_add(&k, &p), 0);
    assert_true(place("cut", 50000, 100.1e6, &p) && g20_known_has(&k, &p));
    g20_known_fini(&k);
}

/* Where the time is known it counts, whatever the recording is called. */
static void a_time_is_known(void **state)
{
    struct g20_known k = {.item = NULL};
    struct g20_known_place p;

    (void)state;
    write_meta("a", "", ", \"core:datetime\": \"2026-01-01T00:00:00Z\"", "whatever");
    write_meta("b", ", \"g20:recording\": \"other\"",
               ", \"core:datetime\": \"2026-01-01T00:00:01Z\"", "other");
    know(&k, "b");
    assert_int_equal(k.count, 1);
    assert_true(place("a", 1005000, 100.1e6, &p));
    assert_string_equal(p.recording, "");
    assert_true(g20_known_has(&k, &p));
    assert_true(place("b", 5000, 100.1e6, &p) && g20_known_has(&k, &p));
    assert_true(place("a", 5000, 100.1e6, &p) && !g20_known_has(&k, &p));
    g20_known_fini(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_place_in_a_recording_is_known, make_test_dir,
                                        remove_test_dir),
        cmocka_unit_test_setup_teardown(a_time_is_known, make_test_dir, remove_test_dir),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
