/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Short bursts as a scrap of their band shows them, in white noise of -60 dBFS. */
#include "detect/widen.h"

#include "base/rng.h"
#include "sample_history.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCK = 16384, BLOCKS = 4, B = G20_TILE_BINS, AT = 32000, LONGEST = 2 * B };

#define NOISE 1e-6

/* From @f_lo to @f_hi within its time; as many cycles a sample. */
struct sweep {
    uint64_t start, stop;
    double f_lo, f_hi, amplitude;
};

static struct sweep on_air[2];
static struct g20_rng rng;
static struct g20_crew *crew;
static struct g20_hands *hands;
static struct g20_floor *floor_of;

static int set_up(void **state)
{
    (void)state;
    if (g20_crew_create(&crew, 1, NULL) < 0 || g20_hands_create(&hands, crew, 1, 1, NULL) < 0 ||
        g20_floor_create(&floor_of) < 0)
        return -1;
    for (int i = 0; i < B; i++) /* as a Hann transform sees it */
        floor_of->noise[i] = floor_of->quiet[i] = (float)(NOISE * 1.5 / B);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    g20_floor_destroy(floor_of);
    g20_hands_destroy(hands);
    g20_crew_destroy(crew);
    return 0;
}

static float complex sample(uint64_t n)
{
    double complex x = (g20_rng_normal(&rng) + I * g20_rng_normal(&rng)) * sqrt(NOISE / 2);

    for (size_t i = 0; i < G20_COUNT_OF(on_air); i++) {
        const struct sweep *s = &on_air[i];
        const double t = (double)n - (double)s->start, all = (double)(s->stop - s->start);
        if (n >= s->start && n < s->stop)
            x += s->amplitude *
                 cexp(2 * M_PI * I * (s->f_lo * t + 0.5 * (s->f_hi - s->f_lo) * t * t / all));
    }
    return (float complex)x;
}

/* What was seen in the band f_lo .. f_hi, and what becomes of it. */
struct seen {
    const struct g20_history *h;
    double f_lo, f_hi;
    struct g20_burst first, burst;
    struct g20_occupied first_occupied, occupied;
};

static void look(struct g20_hand *hand, uint32_t item, void *user)
{
    struct seen *s = user;

    (void)item;
    g20_occupied_measure(hand->occupied, s->h, NULL, s->first.start, s->first.stop, s->f_lo,
                         s->f_hi, floor_of->noise, &s->first_occupied);
    s->burst = s->first;
    s->occupied = s->first_occupied;
    g20_widen(hand, s->h, NULL, floor_of, floor_of->noise, s->f_lo, s->f_hi, &s->burst,
              &s->occupied);
}

/* The burst @start .. @stop - 1 that the band @f_lo .. @f_hi shows of @first and @second. */
static struct seen widened(struct sweep first, struct sweep second, uint64_t start, uint64_t stop,
                           double f_lo, double f_hi)
{
    struct seen s = {
        .f_lo = f_lo, .f_hi = f_hi, .first = {.start = start, .stop = stop, .on = stop - start}};
    struct g20_history *h;
    struct g20_pool *pool;

    on_air[0] = first;
    on_air[1] = second;
    g20_rng_init(&rng, 5);
    h = sample_history(BLOCKS, BLOCK, sample, &pool);
    assert_non_null(h);
    s.h = h;
    g20_hands_work(hands, 1, NULL, look, &s, NULL, 0);
    g20_history_destroy(h);
    g20_pool_destroy(pool);
    return s;
}

static const struct sweep nothing = {0};

static void expect_edges(const struct seen *s, uint64_t start, uint64_t stop, double slack)
{
    assert_true(fabs((double)s->burst.start - (double)start) <= slack);
    assert_true(fabs((double)s->burst.stop - (double)stop) <= slack);
}

static void expect_unchanged(const struct seen *s)
{
    assert_memory_equal(&s->burst, &s->first, sizeof(s->burst));
    assert_memory_equal(&s->occupied, &s->first_occupied, sizeof(s->occupied));
}

/* A scrap sees a sweep pass by. */
static void a_sweep_seen_in_a_scrap_of_its_band_is_whole(void **state)
{
    (void)state;
    for (uint64_t n = 400; n <= 3200; n *= 2) {
        const struct sweep sweep = {AT, AT + n, 0.1, 0.2, 0.03};
        const struct seen s = widened(sweep, nothing, AT + n * 3 / 10, AT + n * 6 / 10, 0.13, 0.16);
        const double skirt = 8.0 / (double)n; /* of a burst that short */
        assert_true(s.first_occupied.f_hi - s.first_occupied.f_lo < 0.09); /* of 0.1 */
        expect_edges(&s, AT, AT + n, 8);
        assert_true(s.occupied.f_lo < 0.103 && s.occupied.f_lo > 0.1 - skirt);
        assert_true(s.occupied.f_hi > 0.197 && s.occupied.f_hi < 0.2 + skirt);
        assert_true(fabs(10 * log10(s.occupied.power / 9e-4)) < 0.3);
    }
}

/* A scrap as narrow draws it out by the inverse of its width. */
static void a_plain_pulse_is_as_short_as_it_is(void **state)
{
    (void)state;
    for (uint64_t n = 20; n <= 160; n *= 2) {
        const struct sweep pulse = {AT, AT + n, 0.15, 0.15, 0.1};
        const struct seen s = widened(pulse, nothing, AT - 128, AT + 512, 0.148, 0.152);
        expect_edges(&s, AT, AT + n, 16);
        assert_true(s.occupied.power > 10 * s.first_occupied.power / (double)n);
        assert_true(fabs(10 * log10(s.occupied.power / 0.01)) < 0.8);
        assert_true(s.occupied.f_hi - s.occupied.f_lo > 6.0 / (double)n); /* with side lobes */
    }
}

/* Rows show what lasts as long; its scraps are signals of their own. */
static void a_burst_longer_than_two_transforms_is_left(void **state)
{
    const struct sweep sweep = {AT - 6000, AT + 6000, 0.1, 0.2, 0.03};

    (void)state;
    const struct seen just =
        widened(sweep, nothing, AT - LONGEST / 2, AT + LONGEST / 2, 0.12, 0.18);
    assert_true(just.burst.stop - just.burst.start > LONGEST);
    const struct seen longer =
        widened(sweep, nothing, AT - LONGEST / 2, AT + LONGEST / 2 + 1, 0.12, 0.18);
    expect_unchanged(&longer);
}

/* Overlapping ones may be: see LEAST in widen.c. */
static void a_stronger_neighbour_before_or_after_it_is_not_taken_in(void **state)
{
    const struct sweep weak = {AT, AT + 800, 0.1, 0.15, 0.005};

    (void)state;
    for (uint64_t start = AT - 2000; start <= AT + 1800; start += 3800) {
        const struct sweep strong = {start, start + 1000, 0.29, 0.34, 0.02}; /* by 12 dB */
        const struct seen s = widened(weak, strong, AT + 300, AT + 650, 0.12, 0.14);
        expect_edges(&s, AT, AT + 800, 16);
        assert_true(s.occupied.f_lo < 0.105 && s.occupied.f_lo > 0.08);
        assert_true(s.occupied.f_hi > 0.145 && s.occupied.f_hi < 0.17);
        assert_true(fabs(10 * log10(s.occupied.power / 2.5e-5)) < 0.6);
    }
}

/* What begins before the history does, or lasts longer than is looked at, has no edge there. */
static void what_has_no_edge_where_it_is_looked_at_is_left(void **state)
{
    const struct sweep first = {0, 600, 0.14, 0.2, 0.03};
    const struct sweep steady = {0, UINT64_MAX, 0.15, 0.15, 0.01};
    const struct sweep goes_on = {AT + 60, UINT64_MAX, 0.15, 0.15, 0.03};
    const struct sweep click = {AT, AT + 400, 0.1, 0.2, 0.03};

    (void)state;
    const struct seen begun = widened(first, nothing, 0, 250, 0.13, 0.16);
    expect_unchanged(&begun);
    const struct seen over = widened(click, steady, AT + 120, AT + 240, 0.13, 0.16);
    expect_unchanged(&over);
    const struct seen on = widened(click, goes_on, AT + 120, AT + 240, 0.13, 0.16);
    expect_unchanged(&on);
}

/* A band that shows two pulses as one burst knows more of them than one that shows one of two. */
static void half_of_what_there_was_is_another_burst(void **state)
{
    const struct sweep first = {AT, AT + 40, 0.15, 0.15, 0.1};
    const struct sweep second = {AT + 740, AT + 780, 0.15, 0.15, 0.1};

    (void)state;
    const struct seen s = widened(first, second, AT - 100, AT + 880, 0.148, 0.152);
    expect_unchanged(&s);
}

static void what_was_seen_in_its_whole_band_is_not_looked_at_again(void **state)
{
    const struct sweep sweep = {AT, AT + 800, 0.1, 0.2, 0.03};

    (void)state;
    const struct seen s = widened(sweep, nothing, AT - 40, AT + 840, 0.09, 0.21);
    expect_unchanged(&s);
}

static void noise_alone_changes_nothing(void **state)
{
    (void)state;
    for (uint64_t n = 60; n <= 4000; n *= 2) {
        const struct seen s = widened(nothing, nothing, AT, AT + n, 0.13, 0.17);
        expect_unchanged(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sweep_seen_in_a_scrap_of_its_band_is_whole),
        cmocka_unit_test(a_plain_pulse_is_as_short_as_it_is),
        cmocka_unit_test(a_burst_longer_than_two_transforms_is_left),
        cmocka_unit_test(a_stronger_neighbour_before_or_after_it_is_not_taken_in),
        cmocka_unit_test(what_has_no_edge_where_it_is_looked_at_is_left),
        cmocka_unit_test(half_of_what_there_was_is_another_burst),
        cmocka_unit_test(what_was_seen_in_its_whole_band_is_not_looked_at_again),
        cmocka_unit_test(noise_alone_changes_nothing),
    };

    return cmocka_run_group_tests_name("widen", tests, set_up, tear_down);
}
