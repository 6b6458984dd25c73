/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/heard.h"
#include "ring_blocks.h"

#include "source/sigmf.h"
#include "teach/folder.h"

#include <errno.h>

enum { LEN = 4000, BYTES = 4 }; /* samples of a block; bytes of a sample */

#define ALL (UINT64_C(1) << 40)

static char folder[256], heard[300];
static struct g20_ring *ring;
static struct g20_pool *pool;

static int make(void **state)
{
    const struct g20_ring_cfg cfg = {.bytes = G20_RING_LEAST};

    (void)state;
    make_folder(folder, sizeof(folder));
    snprintf(heard, sizeof(heard), "%s/heard", folder);
    assert_int_equal(g20_ring_create(&ring, &cfg, NULL, NULL), 0);
    assert_int_equal(g20_pool_create(&pool, 3, LEN), 0);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    g20_ring_destroy(ring);
    g20_pool_destroy(pool);
    remove_folder(folder);
    return 0;
}

/* Blocks @from .. @to - 1 of the numbered samples, a second's worth being 250. */
static void receive(uint64_t from, uint64_t to, double center_hz)
{
    for (uint64_t i = from; i < to; i++)
        push(ring, pool, i * LEN, LEN, center_hz);
}

static struct g20_names recordings(bool hidden)
{
    struct g20_names names = {.item = NULL};

    assert_int_equal(g20_folder_list(&names, heard, hidden ? "" : ".sigmf-meta", hidden, NULL), 0);
    return names;
}

/* The newest recording's metadata; its samples are those from @first on, @count of them. */
static struct g20_sigmf *check(uint64_t first, uint64_t count)
{
    struct g20_names names = recordings(false);
    struct g20_sigmf *m = NULL;
    struct g20_err e = {0};
    char path[500];
    int16_t x[2];
    uint64_t n = 0;

    assert_true(names.count > 0);
    snprintf(path, sizeof(path), "%s/%s.sigmf-data", heard, names.item[names.count - 1]);
    if (g20_sigmf_load(&m, path, &e) < 0)
        fail_msg("%s", e.msg);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    while (fread(x, sizeof(x), 1, f) == 1) {
        const int v = (int)((first + n++) % 20011);
        if (x[0] != v || x[1] != -v)
            fail_msg("sample %llu is another", (unsigned long long)n - 1);
    }
    fclose(f);
    assert_int_equal(n, count);
    assert_true(m->rate_hz > 999999.0 && m->rate_hz < 1000001.0);
    g20_names_free(&names);
    return m;
}

static void an_empty_ring_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(g20_heard_keep(ring, heard, ALL, NULL), -ENODATA);
    struct g20_names names = recordings(false), hidden = recordings(true);
    assert_int_equal(names.count + hidden.count, 0);
    g20_names_free(&names);
    g20_names_free(&hidden);
}

static void all_of_one_tuning_is_kept_to_the_sample(void **state)
{
    struct g20_sigmf *m;

    (void)state;
    receive(0, 50, 1e8);
    assert_int_equal(g20_heard_keep(ring, heard, ALL, NULL), 0);
    m = check(0, UINT64_C(50) * LEN);
    assert_int_equal(m->ncaptures, 1);
    assert_int_equal(m->captures[0].time_us, T0);
    assert_true(m->captures[0].center_hz > 0.999e8 && m->captures[0].center_hz < 1.001e8);
    g20_sigmf_destroy(m);
}

static void of_more_than_may_be_the_newest_is_kept(void **state)
{
    (void)state;
    receive(0, 50, 1e8);
    assert_int_equal(g20_heard_keep(ring, heard, UINT64_C(10) * LEN * BYTES, NULL), 0);
    g20_sigmf_destroy(check(UINT64_C(40) * LEN, UINT64_C(10) * LEN));
}

static void only_the_last_tuning_is_kept(void **state)
{
    struct g20_sigmf *m;

    (void)state;
    receive(0, 20, 1e8);
    receive(20, 25, 2e8);
    assert_int_equal(g20_heard_keep(ring, heard, ALL, NULL), 0);
    m = check(UINT64_C(20) * LEN, UINT64_C(5) * LEN);
    assert_int_equal(m->ncaptures, 1);
    assert_int_equal(m->captures[0].time_us, T0 + 20 * LEN);
    assert_true(m->captures[0].center_hz > 1.999e8 && m->captures[0].center_hz < 2.001e8);
    g20_sigmf_destroy(m);
}

/* What was lost between stays lost: the time after it is right all the same. */
static void a_loss_begins_another_segment(void **state)
{
    struct g20_names names;
    struct g20_sigmf *m = NULL;
    char path[500];

    (void)state;
    receive(0, 10, 1e8);
    receive(30, 35, 1e8);
    assert_int_equal(g20_heard_keep(ring, heard, ALL, NULL), 0);
    names = recordings(false);
    assert_int_equal(names.count, 1);
    snprintf(path, sizeof(path), "%s/%s.sigmf-meta", heard, names.item[0]);
    assert_int_equal(g20_sigmf_load(&m, path, NULL), 0);
    assert_int_equal(m->ncaptures, 2);
    assert_int_equal(m->captures[1].sample_start, 10 * LEN);
    assert_int_equal(m->captures[1].time_us, T0 + 30 * LEN);
    g20_sigmf_destroy(m);
    g20_names_free(&names);
}

/* Those of this training and of the one before stay; the halves of a killed one go. */
static void older_ones_and_what_a_kill_left_go(void **state)
{
    struct g20_names names;
    char path[500];

    (void)state;
    for (uint64_t i = 0; i < 3; i++) {
        receive(10 * i, 10 * i + 10, (double)(i + 1) * 1e8);
        assert_int_equal(g20_heard_keep(ring, heard, ALL, NULL), 0);
        snprintf(path, sizeof(path), "%s/.20231114T221320.000.part", heard);
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        fclose(f);
    }
    g20_sigmf_destroy(check(UINT64_C(20) * LEN, UINT64_C(10) * LEN));
    names = recordings(false);
    assert_int_equal(names.count, G20_HEARD_KEPT);
    g20_names_free(&names);
    receive(30, 40, 1e8);
    assert_int_equal(g20_heard_keep(ring, heard, ALL, NULL), 0);
    names = recordings(true);
    assert_int_equal(names.count, 0);
    g20_names_free(&names);
}

/* A folder that cannot be: an error of the system, and nothing else happens. */
static void a_place_that_is_no_folder_is_told(void **state)
{
    struct g20_err e = {0};
    FILE *f = fopen(heard, "wb");

    (void)state;
    assert_non_null(f);
    fclose(f);
    receive(0, 2, 1e8);
    assert_true(g20_heard_keep(ring, heard, ALL, &e) < 0);
    assert_non_null(strstr(e.msg, heard));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_ring_leaves_nothing, make, unmake),
        cmocka_unit_test_setup_teardown(all_of_one_tuning_is_kept_to_the_sample, make, unmake),
        cmocka_unit_test_setup_teardown(of_more_than_may_be_the_newest_is_kept, make, unmake),
        cmocka_unit_test_setup_teardown(only_the_last_tuning_is_kept, make, unmake),
        cmocka_unit_test_setup_teardown(a_loss_begins_another_segment, make, unmake),
        cmocka_unit_test_setup_teardown(older_ones_and_what_a_kill_left_go, make, unmake),
        cmocka_unit_test_setup_teardown(a_place_that_is_no_folder_is_told, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
