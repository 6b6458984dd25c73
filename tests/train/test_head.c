/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/head.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct g20_err err;

/* @n examples around a point of their own, @spread wide; @meant ones around another. */
static void draw(struct g20_head_set *s, uint32_t n, bool meant, uint32_t recordings, float spread,
                 uint64_t seed)
{
    struct g20_rng rng;

    g20_rng_init(&rng, seed);
    for (uint32_t i = 0; i < n; i++) {
        struct g20_head_example x = {.meant = meant,
                                     .role = G20_HEAD_FOUND,
                                     .recording = i % recordings,
                                     .time_s = (float)i};
        float length = 0.0f;
        for (int k = 0; k < G20_TRUNK_FEATURES; k++)
            x.features[k] = ((k < 8) == meant ? 1.0f : 0.0f) + spread * (float)g20_rng_normal(&rng);
        for (int k = 0; k < G20_TRUNK_PLACES; k++)
            length += x.features[k] * x.features[k];
        for (int k = 0; k < G20_TRUNK_PLACES; k++) /* as g20_trunk_embed() makes them */
            x.features[k] *= 4.0f / sqrtf(length);
        assert_int_equal(g20_head_set_add(s, &x), 0);
    }
}

static void what_lies_apart_is_told_apart(void **state)
{
    struct g20_head_set s = {.item = NULL};
    struct g20_head_report r;
    struct g20_model m;

    (void)state;
    draw(&s, 60, true, 6, 0.4f, 1);
    draw(&s, 600, false, 6, 0.4f, 2);
    assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, NULL, NULL, &m, &r, &err), 0);
    assert_int_equal(r.basis, G20_HEAD_RECORDINGS);
    assert_true(r.held_meant == 60 && r.held_others == 600); /* each was held back once, */
    assert_true(r.meant == 60 && r.others == 600);           /* and learnt from at last */
    assert_true(r.f1 > 0.95);
    assert_true(r.threshold > 0.05 && r.threshold < 0.95);
    g20_model_fini(&m);
    g20_head_set_free(&s);
}

/* The same numbers for both: no head can tell, and none claims to. */
static void what_is_the_same_is_not(void **state)
{
    struct g20_head_set s = {.item = NULL};
    struct g20_head_report r;
    struct g20_model m;

    (void)state;
    draw(&s, 60, false, 6, 0.4f, 1);
    for (size_t i = 0; i < s.count; i++)
        s.item[i].meant = true;
    draw(&s, 600, false, 6, 0.4f, 2);
    assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, NULL, NULL, &m, &r, &err), 0);
    assert_true(r.f1 < 0.5);
    g20_model_fini(&m);
    g20_head_set_free(&s);
}

/* The fewer recordings, the less is it to be trusted; the one more that is missed shows in F1. */
static void few_recordings_are_said_so(void **state)
{
    static const struct {
        uint32_t meant, recordings;
        enum g20_head_basis basis;
        double most;
    } cases[] = {{20, 2, G20_HEAD_TWO, 40.0 / 41.0},
                 {20, 1, G20_HEAD_TIME, 40.0 / 41.0},
                 {1, 1, G20_HEAD_NOTHING, 0.0}};

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(cases); i++) {
        struct g20_head_set s = {.item = NULL};
        struct g20_head_report r;
        struct g20_model m;
        draw(&s, cases[i].meant, true, cases[i].recordings, 0.2f, 1);
        draw(&s, 200, false, 3, 0.2f, 2);
        assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, NULL, NULL, &m, &r, &err),
                         0);
        assert_int_equal(r.basis, cases[i].basis);
        assert_true(r.f1 <= cases[i].most + 1e-9 && r.f1 >= 0.9 * cases[i].most);
        g20_model_fini(&m);
        g20_head_set_free(&s);
    }
    assert_string_equal(g20_head_basis_name(G20_HEAD_TWO), "two_recordings");
}

/* One that looks like the signal, and that a person rejected, counts for many. */
static void what_was_rejected_is_learnt(void **state)
{
    double loss[2];

    (void)state;
    for (int hard = 0; hard < 2; hard++) {
        struct g20_head_set s = {.item = NULL};
        struct g20_head_report r;
        struct g20_model m;
        draw(&s, 40, true, 4, 0.4f, 1);
        draw(&s, 100, false, 4, 0.4f, 2);
        for (size_t i = 0; i < 4; i++) {
            struct g20_head_example x = s.item[i];
            x.meant = false;
            x.hard = hard;
            assert_int_equal(g20_head_set_add(&s, &x), 0);
        }
        assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, NULL, NULL, &m, &r, &err),
                         0);
        loss[hard] = r.loss; /* torn between the two, it loses more when both weigh */
        g20_model_fini(&m);
        g20_head_set_free(&s);
    }
    assert_true(loss[1] > 1.2 * loss[0]);
}

/* What the detector does not find is missed, and its finds in scenes count by their share. */
static void what_is_lost_or_wrong_counts(void **state)
{
    struct g20_head_set s = {.item = NULL};
    struct g20_head_report r;
    struct g20_model m;

    (void)state;
    draw(&s, 40, true, 4, 0.2f, 1);
    draw(&s, 200, false, 4, 0.2f, 2);
    for (size_t i = 0; i < 40; i += 2)
        s.item[i].role = G20_HEAD_LOST;
    assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, NULL, NULL, &m, &r, &err), 0);
    assert_true(r.recall <= 0.5 && r.recall > 0.4);
    assert_true(r.held_meant == 40 && r.held_lost == 20);
    g20_model_fini(&m);
    /* A quarter of the others cannot be told from the signal. */
    for (size_t i = 0; i < 50; i++)
        memcpy(s.item[40 + i].features, s.item[i % 40].features, sizeof(s.item[i].features));
    for (size_t i = 0; i < s.count; i++)
        s.item[i].role = i < 40 ? G20_HEAD_FOUND : G20_HEAD_MADE;
    assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, NULL, NULL, &m, &r, &err), 0);
    assert_true(r.f1 < 0.85);
    g20_model_fini(&m);
    g20_head_set_free(&s);
}

static void a_seed_gives_the_same_head(void **state)
{
    struct g20_model m[2];
    struct g20_head_report r[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct g20_head_set s = {.item = NULL};
        draw(&s, 30, true, 4, 0.4f, 1);
        draw(&s, 100, false, 4, 0.4f, 2);
        assert_int_equal(
            g20_head_train(&s, g20_head_preset("quick"), 7, NULL, NULL, &m[i], &r[i], &err), 0);
        g20_head_set_free(&s);
    }
    assert_memory_equal(m[0].params, m[1].params, m[0].net.params * sizeof(float));
    assert_memory_equal(&r[0].f1, &r[1].f1, sizeof(double));
    g20_model_fini(&m[0]);
    g20_model_fini(&m[1]);
}

static bool at_once(const struct g20_head_report *r, uint32_t epochs, void *user)
{
    assert_int_equal(r->epochs, 1);
    assert_int_equal(epochs, 5 * g20_head_preset("quick")->epochs); /* four folds, and all */
    assert_null(user);
    return false;
}

static void it_says_why_it_cannot(void **state)
{
    struct g20_head_set s = {.item = NULL};
    struct g20_head_report r;
    struct g20_model m;

    (void)state;
    draw(&s, 20, true, 4, 0.4f, 1);
    assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, NULL, NULL, &m, &r, &err),
                     -EINVAL);
    draw(&s, 50, false, 4, 0.4f, 2);
    assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, at_once, NULL, &m, &r, &err),
                     -ECANCELED);
    assert_null(g20_head_preset("fast"));
    assert_non_null(g20_head_preset("quality"));
    const int64_t before = g20_alloc_live();
    for (uint64_t n = 0; n < 12; n++) {
        g20_alloc_fail_at(n);
        assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, at_once, NULL, &m, &r,
                                        &err) == -ENOMEM ||
                             g20_alloc_live() == before,
                         1);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_int_equal(g20_alloc_live(), before);
    }
    g20_head_set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lies_apart_is_told_apart),
        cmocka_unit_test(what_is_the_same_is_not),
        cmocka_unit_test(few_recordings_are_said_so),
        cmocka_unit_test(what_is_lost_or_wrong_counts),
        cmocka_unit_test(what_was_rejected_is_learnt),
        cmocka_unit_test(a_seed_gives_the_same_head),
        cmocka_unit_test(it_says_why_it_cannot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
