/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Hops 30 dB over white noise, one after the other in the band that a candidate was seen in. */
#include "detect/apart.h"

#include "base/rng.h"
#include "sample_history.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { BLOCK = 16384, BLOCKS = 4, B = G20_TILE_BINS, AT = 24000, HOPS = 3, LENGTH = 3000 };

#define NOISE     1e-6
#define AMPLITUDE 0.0055 /* in a band of 0.03 of the rate */
#define WIDTH     0.02   /* that a hop sweeps over */

static struct g20_burst hop[HOPS];
static double middle[HOPS]; /* of its channel, cycles a sample */
static struct g20_rng rng;
static struct g20_crew *crew;
static struct g20_hands *hands;
static float noise[B];

static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < B; i++) /* as a Hann transform sees it */
        noise[i] = (float)(NOISE * 1.5 / B);
    return g20_crew_create(&crew, 1, NULL) < 0 || g20_hands_create(&hands, crew, 1, 1, NULL) < 0
               ? -1
               : 0;
}

static int tear_down(void **state)
{
    (void)state;
    g20_hands_destroy(hands);
    g20_crew_destroy(crew);
    return 0;
}

static float complex sample(uint64_t n)
{
    double complex x = (g20_rng_normal(&rng) + I * g20_rng_normal(&rng)) * sqrt(NOISE / 2);

    for (size_t i = 0; i < HOPS; i++) {
        const double t = (double)n - (double)hop[i].start;
        if (n >= hop[i].start && n < hop[i].stop)
            x += AMPLITUDE *
                 cexp(2 * M_PI * I * t * (middle[i] - 0.5 * WIDTH + 0.5 * WIDTH * t / LENGTH));
    }
    return (float complex)x;
}

struct seen {
    const struct g20_history *h;
    struct g20_occupied hop[HOPS];
};

static void look(struct g20_hand *hand, uint32_t item, void *user)
{
    struct seen *s = user;

    (void)item;
    for (size_t i = 0; i < HOPS; i++)
        hand->burst[i] = hop[i];
    g20_apart_measure(hand, HOPS, s->h, NULL, 0.08, 0.16, noise);
    for (size_t i = 0; i < HOPS; i++)
        s->hop[i] = hand->own[i];
}

/* The bands of three hops @gap samples apart on these channels, in noise of @seed. */
static struct seen measured(uint64_t seed, uint64_t gap, double first, double second, double third)
{
    struct seen s = {0};
    struct g20_history *h;
    struct g20_pool *pool;

    middle[0] = first;
    middle[1] = second;
    middle[2] = third;
    for (uint64_t i = 0; i < HOPS; i++) {
        const uint64_t start = AT + i * (LENGTH + gap);
        hop[i] = (struct g20_burst){
            .start = start, .stop = start + LENGTH, .on = LENGTH, .is_level = true};
    }
    g20_rng_init(&rng, seed);
    h = sample_history(BLOCKS, BLOCK, sample, &pool);
    assert_non_null(h);
    s.h = h;
    g20_hands_work(hands, 1, NULL, look, &s, NULL, 0);
    g20_history_destroy(h);
    g20_pool_destroy(pool);
    return s;
}

static void a_hop_is_as_wide_as_it_is_beside_others(void **state)
{
    (void)state;
    for (uint64_t seed = 1, gap = 100; gap <= 1600; seed++, gap *= 2) {
        const struct seen s = measured(seed, gap, 0.10, 0.13, 0.10);
        for (size_t i = 0; i < HOPS; i++) {
            const double off = 0.5 * (s.hop[i].f_lo + s.hop[i].f_hi) - middle[i];
            assert_true(fabs(off) < 0.1 * WIDTH);
            assert_true(fabs(s.hop[i].f_hi - s.hop[i].f_lo - WIDTH) < 0.3 * WIDTH);
        }
    }
}

/* Of what goes on in the same band nothing is left out: a hop sweeps up to its end and the next on
 * its channel from its start. */
static void what_goes_on_in_its_band_is_not_left_out(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        const struct seen close = measured(seed, 100, 0.10, 0.10, 0.13);
        const struct seen far = measured(seed, 1600, 0.10, 0.10, 0.13);
        assert_true(fabs(close.hop[0].f_hi - far.hop[0].f_hi) < 0.1 * WIDTH);
        assert_true(fabs(close.hop[1].f_lo - far.hop[1].f_lo) < 0.1 * WIDTH);
        assert_true(close.hop[1].f_hi < 0.13 - 0.5 * WIDTH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hop_is_as_wide_as_it_is_beside_others),
        cmocka_unit_test(what_goes_on_in_its_band_is_not_left_out),
    };

    return cmocka_run_group_tests_name("apart", tests, set_up, tear_down);
}
