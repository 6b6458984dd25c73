/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/head_gate.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MEANT = 90, OTHERS = 90, ALL = MEANT + OTHERS };

static struct g20_err err;
static struct g20_head_example example[ALL];
static const struct g20_head_example *list[ALL];

/* Places of length 4 around axis @axis. */
static void place(struct g20_head_example *x, int axis, float spread, struct g20_rng *rng)
{
    float length = 0.0f;

    for (int k = 0; k < G20_TRUNK_FEATURES; k++)
        x->features[k] = (k == axis ? 1.0f : 0.0f) + spread * (float)g20_rng_normal(rng);
    for (int k = 0; k < G20_TRUNK_PLACES; k++)
        length += x->features[k] * x->features[k];
    for (int k = 0; k < G20_TRUNK_PLACES; k++)
        x->features[k] *= 4.0f / sqrtf(length);
}

static int make(void **state)
{
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 3);
    for (int i = 0; i < ALL; i++) {
        example[i] = (struct g20_head_example){.meant = i < MEANT,
                                               .role = G20_HEAD_FOUND,
                                               .recording = (uint32_t)i % 3,
                                               .time_s = (float)i};
        place(&example[i], i < MEANT ? 0 : 1, 0.03f, &rng);
        list[i] = &example[i];
    }
    return 0;
}

static void near_is_let_through_and_far_is_not(void **state)
{
    struct g20_head_example x = {.meant = false};
    struct g20_head_gate g;
    struct g20_rng rng;

    (void)state;
    assert_int_equal(g20_head_gate_make(&g, list, ALL, G20_HEAD_ANY), 0);
    assert_true(g.count > 1 && g.count <= G20_HEAD_PROTOTYPES);
    assert_true(g.least > 0.5f && g.least <= 0.85f);
    g20_rng_init(&rng, 4);
    for (int i = 0; i < 20; i++) {
        place(&x, 0, 0.03f, &rng);
        assert_true(g20_head_gate_closed(&g, &x) == 0.0f);
        place(&x, 2 + i, 0.03f, &rng); /* nobody ever showed it */
        assert_true(g20_head_gate_closed(&g, &x) == 20.0f);
    }
    assert_int_equal(g20_head_gate_make(&g, list + MEANT, OTHERS, G20_HEAD_ANY), 0);
    assert_int_equal(g.count, 0);
}

/* Twice as wide or long as all that were seen: something else, however alike the pictures are. */
static void numbers_beyond_those_seen_are_not_let_through(void **state)
{
    struct g20_head_example x = {.meant = false};
    struct g20_head_gate g;
    struct g20_rng rng;

    (void)state;
    assert_int_equal(g20_head_gate_make(&g, list, ALL, G20_HEAD_ANY), 0);
    g20_rng_init(&rng, 6);
    for (int k = 0; k < G20_LOOK_NUMBERS; k++)
        for (int sign = -1; sign < 2; sign += 2) {
            place(&x, 0, 0.03f, &rng);
            assert_true(g20_head_gate_closed(&g, &x) == 0.0f);
            x.features[G20_TRUNK_PLACES + k] = (float)sign * 1.4f;
            assert_true(g20_head_gate_closed(&g, &x) >= 20.0f);
        }
}

/* Half as long: another signal, where durations are the signal's own. */
static void durations_of_its_own_are_taken_closely(void **state)
{
    struct g20_head_example x = {.meant = false};
    struct g20_head_gate g;
    struct g20_rng rng;

    (void)state;
    for (int sign = -1; sign < 2; sign += 2)
        for (int d = G20_HEAD_ANY; d <= G20_HEAD_OWN; d++) {
            const bool closed = d == G20_HEAD_OWN || (d == G20_HEAD_OR_LONGER && sign < 0);
            assert_int_equal(g20_head_gate_make(&g, list, ALL, (enum g20_head_durations)d), 0);
            g20_rng_init(&rng, 6);
            place(&x, 0, 0.03f, &rng);
            x.features[G20_TRUNK_PLACES + G20_LOOK_DURATION] = 0.7f * (float)sign;
            assert_int_equal(g20_head_gate_closed(&g, &x) > 10.0f, closed);
        }
}

/* A piece of a signal looks like other signals: it opens no gate. */
static void pieces_are_no_prototypes(void **state)
{
    struct g20_head_example x = {.meant = false};
    struct g20_head_gate g;
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 7);
    place(&x, 5, 0.03f, &rng);
    place(&example[0], 5, 0.03f, &rng);
    assert_int_equal(g20_head_gate_make(&g, list, ALL, G20_HEAD_ANY), 0);
    assert_true(g20_head_gate_closed(&g, &x) == 0.0f);
    example[0].loose = true;
    assert_int_equal(g20_head_gate_make(&g, list, ALL, G20_HEAD_ANY), 0);
    assert_true(g20_head_gate_closed(&g, &x) == 20.0f);
}

static bool go_on(double loss, void *user)
{
    (void)user;
    return isfinite(loss);
}

/* The network of one file says what classifier and gate say. */
static void the_network_is_both(void **state)
{
    struct g20_model m = {.params = NULL};
    struct g20_head_example x = {.meant = false};
    struct g20_head_fit *t = NULL;
    struct g20_head_gate g;
    struct g20_net_run *run = NULL;
    struct g20_rng rng;

    (void)state;
    assert_int_equal(g20_head_fit_create(&t, ALL, &err), 0);
    assert_int_equal(g20_head_fit(t, list, ALL, g20_head_preset("quick"), 1, go_on, NULL, &err), 0);
    assert_int_equal(g20_head_gate_make(&g, list, ALL, G20_HEAD_ANY), 0);
    assert_int_equal(g20_head_gate_build(&g, t, &m, &err), 0);
    assert_int_equal(g20_net_run_create(&run, &m.net, 1, 1, false, &err), 0);
    g20_rng_init(&rng, 5);
    for (int i = 0; i < 60; i++) {
        place(&x, i % 3, 0.02f + 0.004f * (float)i, &rng);
        const struct g20_image *in = g20_net_input(run);
        for (uint32_t k = 0; k < G20_TRUNK_FEATURES; k++)
            g20_image_row(in, k / G20_NN_BLOCK, 0)[k % G20_NN_BLOCK] = x.features[k];
        g20_net_forward(run, m.params);
        const float want = g20_head_fit_logit(t, &x) - g20_head_gate_closed(&g, &x);
        assert_true(fabsf(g20_image_row(g20_net_output(run), 0, 0)[0] - want) < 1e-2f);
    }
    g20_net_run_destroy(run);
    g20_model_fini(&m);
    g20_head_fit_destroy(t);
}

static void it_says_when_memory_is_out(void **state)
{
    struct g20_head_fit *t = NULL;
    struct g20_head_gate g;
    const int64_t before = g20_alloc_live();

    (void)state;
    for (uint64_t n = 0; n < 20; n++) {
        g20_alloc_fail_at(n);
        const int r = g20_head_fit_create(&t, ALL, &err);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || r == -ENOMEM);
        if (r == 0)
            g20_head_fit_destroy(t);
        assert_int_equal(g20_alloc_live(), before);
    }
    for (uint64_t n = 0; n < 2; n++) {
        g20_alloc_fail_at(n);
        assert_int_equal(g20_head_gate_make(&g, list, ALL, G20_HEAD_ANY), -ENOMEM);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
    }
    assert_int_equal(g20_alloc_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(near_is_let_through_and_far_is_not, make),
        cmocka_unit_test_setup(numbers_beyond_those_seen_are_not_let_through, make),
        cmocka_unit_test_setup(durations_of_its_own_are_taken_closely, make),
        cmocka_unit_test_setup(pieces_are_no_prototypes, make),
        cmocka_unit_test_setup(the_network_is_both, make),
        cmocka_unit_test_setup(it_says_when_memory_is_out, make),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
