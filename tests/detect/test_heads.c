/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Heads and the trunk that they stand on, as files: loaded, refused, used while others come and go.
 */
#include "detect/heads.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "base/thread.h"
#include "nn/onnx.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char trunk_path[80], other_trunk[80], yes_path[80], no_path[80];
static struct g20_heads *heads;
static struct g20_look look;
static struct g20_err err;

static uint64_t write_trunk(const char *path, uint64_t seed)
{
    struct g20_model m = {.params = NULL};
    struct g20_trunk *t;

    assert_int_equal(g20_trunk_net(&m.net, &err), 0);
    assert_int_equal(g20_model_alloc(&m, &err), 0);
    g20_net_draw(&m.net, seed, m.params);
    assert_int_equal(g20_trunk_describe(&m, &err), 0);
    assert_int_equal(g20_onnx_write(&m, path, &err), 0);
    g20_model_fini(&m);
    assert_int_equal(g20_trunk_load(&t, path, &err), 0); /* with weights as the file rounds them */
    const uint64_t hash = g20_trunk_hash(t);
    g20_trunk_destroy(t);
    return hash;
}

/* Whatever it sees, its logit is @logit. */
static void write_head(const char *path, const char *name, uint64_t trunk, float logit,
                       double threshold)
{
    struct g20_model m = {.params = NULL};

    assert_int_equal(g20_head_net(&m.net, &err), 0);
    assert_int_equal(g20_model_alloc(&m, &err), 0);
    m.params[m.net.bias[2]] = logit;
    assert_int_equal(g20_head_describe(&m, name, trunk, threshold, &err), 0);
    assert_int_equal(g20_onnx_write(&m, path, &err), 0);
    g20_model_fini(&m);
}

static int set_up(void **state)
{
    struct g20_rng rng;
    const int pid = (int)getpid();

    (void)state;
    snprintf(trunk_path, sizeof(trunk_path), "/tmp/g20-trunk-%d.onnx", pid);
    snprintf(other_trunk, sizeof(other_trunk), "/tmp/g20-trunk2-%d.onnx", pid);
    snprintf(yes_path, sizeof(yes_path), "/tmp/g20-yes-%d.onnx", pid);
    snprintf(no_path, sizeof(no_path), "/tmp/g20-no-%d.onnx", pid);
    const uint64_t hash = write_trunk(trunk_path, 1);
    assert_true(hash != write_trunk(other_trunk, 2));
    write_head(yes_path, "gate remote", hash, 1.0f, 0.5);
    write_head(no_path, "pager", hash, -1.0f, 0.5);
    g20_rng_init(&rng, 5);
    for (int t = 0; t < G20_LOOK_SIDE; t++)
        for (int k = 0; k < G20_LOOK_SIDE; k++)
            look.picture[0][t][k] = look.picture[1][t][k] = (float)g20_rng_uniform(&rng);
    return g20_heads_create(&heads, trunk_path, &err);
}

static int tear_down(void **state)
{
    (void)state;
    g20_heads_destroy(heads);
    unlink(trunk_path);
    unlink(other_trunk);
    unlink(yes_path);
    unlink(no_path);
    return 0;
}

static void the_surest_head_names_it(void **state)
{
    struct g20_head_info info[4];
    struct g20_naming n;

    (void)state;
    assert_false(g20_heads_name(heads, &look, &n));
    assert_int_equal(g20_heads_add(heads, no_path, &err), 0);
    assert_false(g20_heads_name(heads, &look, &n));
    assert_int_equal(g20_heads_add(heads, yes_path, &err), 0);
    assert_true(g20_heads_name(heads, &look, &n));
    assert_string_equal(n.name, "gate remote");
    assert_float_equal(n.score, 1.0 / (1.0 + exp(-1.0)), 1e-4);
    assert_int_equal(g20_heads_list(heads, info, 4), 2);
    assert_string_equal(info[0].name, "pager");
    assert_int_equal(g20_heads_add(heads, yes_path, &err), -EEXIST);
    assert_non_null(strstr(err.msg, "gate remote"));
    assert_int_equal(g20_heads_remove(heads, "gate remote", &err), 0);
    assert_int_equal(g20_heads_remove(heads, "gate remote", &err), -ENOENT);
    assert_false(g20_heads_name(heads, &look, &n));
    assert_int_equal(g20_heads_remove(heads, "pager", &err), 0);
    assert_int_equal(g20_heads_list(heads, info, 4), 0);
}

/* A head that was calibrated for 0.8: what it gives 0.73 is not named. */
static void its_own_threshold_counts(void **state)
{
    struct g20_trunk *t;
    struct g20_naming n;

    (void)state;
    assert_int_equal(g20_trunk_load(&t, trunk_path, &err), 0);
    write_head(no_path, "pager", g20_trunk_hash(t), 1.0f, 0.8);
    assert_int_equal(g20_heads_add(heads, no_path, &err), 0);
    assert_false(g20_heads_name(heads, &look, &n));
    assert_int_equal(g20_heads_remove(heads, "pager", &err), 0);
    write_head(no_path, "pager", g20_trunk_hash(t), 2.0f, 0.8);
    assert_int_equal(g20_heads_add(heads, no_path, &err), 0);
    assert_true(g20_heads_name(heads, &look, &n));
    assert_int_equal(g20_heads_remove(heads, "pager", &err), 0);
    g20_trunk_destroy(t);
}

/* Somebody wants it surer, for a while. */
static void a_threshold_is_set_and_set_back(void **state)
{
    struct g20_naming n;
    double before = 0;

    (void)state;
    assert_int_equal(g20_heads_threshold(heads, "pager", 0.9, &before), -ENOENT);
    assert_int_equal(g20_heads_add(heads, yes_path, &err), 0);
    struct g20_head_info info;
    assert_int_equal(g20_heads_list(heads, &info, 1), 1);
    assert_true(g20_heads_name(heads, &look, &n));
    const double score = (double)n.score;
    assert_int_equal(g20_heads_threshold(heads, info.name, score + 0.01, &before), 0);
    assert_true(before == 0.5);
    assert_false(g20_heads_name(heads, &look, &n));
    assert_int_equal(g20_heads_put(heads, yes_path, NULL, &err), 0); /* a new version keeps it */
    assert_false(g20_heads_name(heads, &look, &n));
    assert_int_equal(g20_heads_threshold(heads, info.name, before, NULL), 0);
    assert_true(g20_heads_name(heads, &look, &n));
    assert_int_equal(g20_heads_threshold(heads, info.name, NAN, &before), 0);
    assert_true(before == 0.5);
    assert_int_equal(g20_heads_remove(heads, info.name, &err), 0);
}

static void files_that_do_not_fit_are_refused(void **state)
{
    struct g20_heads *h;
    struct g20_model m = {.params = NULL};

    (void)state;
    write_head(no_path, "pager", 77, 1.0f, 0.5);
    assert_int_equal(g20_heads_add(heads, no_path, &err), G20_ELOCKED);
    assert_non_null(strstr(err.msg, "trunk"));
    assert_int_equal(g20_heads_add(heads, trunk_path, &err), G20_ELOCKED); /* g20.kind is look */
    assert_non_null(strstr(err.msg, "g20.kind is look"));
    assert_int_equal(g20_heads_create(&h, yes_path, &err), G20_ELOCKED);
    assert_int_equal(g20_heads_add(heads, "/tmp/none.onnx", &err), -ENOENT);
    FILE *f = fopen(no_path, "wb");
    fputs("no model", f);
    fclose(f);
    assert_int_equal(g20_heads_add(heads, no_path, &err), -EBADMSG);
    assert_int_equal(g20_head_describe(&m, "", 1, 0.5, &err), -EINVAL);
    assert_int_equal(g20_head_describe(&m, "a/b", 1, 0.5, &err), -EINVAL);
    assert_int_equal(g20_head_describe(&m, "a name that is far too long for a head", 1, 0.5, &err),
                     -EINVAL);
}

static void points_have_one_length_and_levels_do_not_matter(void **state)
{
    float a[G20_TRUNK_FEATURES], sum = 0.0f;
    struct g20_trunk *t;

    (void)state;
    assert_int_equal(g20_trunk_load(&t, trunk_path, &err), 0);
    look.number[G20_LOOK_DUTY] = 0.25f;
    g20_trunk_embed(t, &look, a);
    for (int i = 0; i < G20_TRUNK_PLACES; i++)
        sum += a[i] * a[i];
    assert_float_equal(sqrtf(sum), 4.0, 1e-3);
    assert_float_equal(a[G20_TRUNK_PLACES + G20_LOOK_DUTY], 0.25, 0.0);
    g20_trunk_destroy(t);
}

static void *come_and_go(void *arg)
{
    struct g20_err e;
    int *failed = arg;

    for (int i = 0; i < 30; i++)
        *failed |= g20_heads_add(heads, yes_path, &e) < 0 ||
                   g20_heads_remove(heads, "gate remote", &e) < 0;
    return NULL;
}

static void heads_come_and_go_while_others_ask(void **state)
{
    struct g20_thread thread = {.running = false};
    struct g20_naming n;
    int failed = 0, named = 0;

    (void)state;
    assert_int_equal(g20_thread_start(&thread, "heads", come_and_go, &failed, &err), 0);
    for (int i = 0; i < 200; i++)
        named += g20_heads_name(heads, &look, &n);
    g20_thread_join(&thread);
    assert_int_equal(failed, 0);
    assert_in_range(named, 0, 200);
    assert_int_equal(g20_heads_list(heads, NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_surest_head_names_it),
        cmocka_unit_test(its_own_threshold_counts),
        cmocka_unit_test(a_threshold_is_set_and_set_back),
        cmocka_unit_test(files_that_do_not_fit_are_refused),
        cmocka_unit_test(points_have_one_length_and_levels_do_not_matter),
        cmocka_unit_test(heads_come_and_go_while_others_ask),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
