/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Pieces are joined to a taught shape, what is too long is cut to it, and a head's word counts;
 * where nobody is asked, something is remembered still. */
#include "detect/shape.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "detect/naming.h"
#include "nn/onnx.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { B = G20_TILE_BINS, BLOCK = 65536, BLOCKS = 8, FIRST = 50000, EACH = 10000, BURSTS = 4 };

#define RATE  1e6
#define NOISE 1e-6 /* of all bins */

/* 8 to 12 ms, 18 to 22 kHz, pauses of 1 ms. */
static const struct g20_shape shape = {0.008, 0.012, 18e3, 22e3, 0.001};

static struct g20_find at(double start_ms, double stop_ms, double lo_khz, double hi_khz)
{
    return (struct g20_find){.start = (uint64_t)(start_ms * 1e3),
                             .stop = (uint64_t)(stop_ms * 1e3),
                             .on = (uint64_t)((stop_ms - start_ms) * 1e3),
                             .f_lo = lo_khz * 1e3 / RATE,
                             .f_hi = hi_khz * 1e3 / RATE,
                             .power = 1e-3,
                             .noise = 1e-6,
                             .peak = 1e-3,
                             .score = 0.9f};
}

static void tones_of_one_burst_are_joined(void **state)
{
    const struct g20_find find[] = {at(20, 30, 100, 101), at(20, 30, 118, 120),
                                    at(40, 50, 109, 111), at(20, 30, 109, 111),
                                    at(20, 30, 160, 162)};
    struct g20_candidate c[G20_SHAPE_CANDIDATES];

    (void)state;
    assert_int_equal(g20_shape_join(&shape, RATE, find, 5, c), 1);
    assert_int_equal(c[0].parts, 3); /* nor what is on later, nor what is far away */
    assert_int_equal(c[0].part[2], 3);
    assert_float_equal(c[0].find.f_lo * RATE, 100e3, 1);
    assert_float_equal(c[0].find.f_hi * RATE, 120e3, 1);
    assert_int_equal(g20_shape_join(&shape, RATE, find, 1, c), 0);
}

static void pieces_between_its_own_pauses_are_joined_and_bursts_are_not(void **state)
{
    const struct g20_find pieces[] = {at(20, 24, 100, 120), at(25, 30, 100, 120)};
    const struct g20_find apart[] = {at(20, 24, 100, 120), at(26, 30, 100, 120)};
    const struct g20_find bursts[] = {at(20, 27, 100, 120), at(28, 35, 100, 120)};
    struct g20_candidate c[G20_SHAPE_CANDIDATES];

    (void)state;
    assert_int_equal(g20_shape_join(&shape, RATE, pieces, 2, c), 1);
    assert_int_equal(c[0].find.start, 20000);
    assert_int_equal(c[0].find.stop, 30000);
    assert_int_equal(g20_shape_join(&shape, RATE, apart, 2, c), 0);
    assert_int_equal(g20_shape_join(&shape, RATE, bursts, 2, c), 0);
}

static void a_shape_is_text_and_back(void **state)
{
    static const char *const bad[] = {"",          "1 2 3 4",     "1 2 3 4 x",  "1 2 3 4 5 6",
                                      "2 1 3 4 5", "1 2 4 3 5",   "1 2 3 4 -5", "nan 2 3 4 5",
                                      "0 2 3 4 5", "1 inf 3 4 5", "1 2 0 4 5"};
    struct g20_shape drawn = {.longest = 0}, back;
    char text[G20_SHAPE_TEXT];

    (void)state;
    g20_shape_add(&drawn, 0.012, 20e3, 0.001);
    g20_shape_add(&drawn, 0.008, 25e3, 0.002);
    g20_shape_text(&drawn, text);
    assert_true(g20_shape_read(&back, text));
    assert_float_equal(back.shortest, 0.008, 1e-9);
    assert_float_equal(back.longest, 0.012, 1e-9);
    assert_float_equal(back.narrowest, 20e3, 1e-3);
    assert_float_equal(back.widest, 25e3, 1e-3);
    assert_float_equal(back.pause, 0.002, 1e-9);
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++)
        assert_false(g20_shape_read(&back, bad[i]));
}

struct stand {
    struct g20_history *history;
    struct g20_floor *floor;
    struct g20_crew *crew;
    struct g20_hands *hands;
};

/* Noise, and BURSTS bursts 20 kHz wide at 110 kHz of EACH samples, @gap apart. */
static void make(struct stand *s, uint64_t gap)
{
    struct g20_pool *pool;
    struct g20_rng rng;
    float complex symbol = 0;

    g20_rng_init(&rng, 3);
    assert_int_equal(g20_history_create(&s->history, BLOCKS), 0);
    assert_int_equal(g20_floor_create(&s->floor), 0);
    assert_int_equal(g20_crew_create(&s->crew, 1, NULL), 0);
    assert_int_equal(g20_hands_create(&s->hands, s->crew, 64, 64, NULL), 0);
    assert_int_equal(g20_pool_create(&pool, BLOCKS, BLOCK), 0);
    for (int i = 0; i < B; i++)
        s->floor->noise[i] = s->floor->quiet[i] = (float)(1.5 * NOISE / B);
    for (uint64_t n = 0; n < (uint64_t)BLOCKS * BLOCK;) {
        struct g20_block *b = g20_pool_get(pool, 0);
        assert_non_null(b);
        float complex *x = b->data;
        b->format = G20_CF32;
        b->len = BLOCK;
        b->first_sample = n;
        b->rate_hz = RATE;
        for (uint64_t i = 0; i < BLOCK; i++, n++) {
            const float complex turn[] = {1, I, -1, -I};
            const uint64_t in = n - FIRST;
            if (n % 50 == 0)
                symbol = 0.05f * turn[g20_rng_below(&rng, 4)];
            x[i] = (float complex)((g20_rng_normal(&rng) + I * g20_rng_normal(&rng)) *
                                   sqrt(0.5 * NOISE));
            if (n >= FIRST && in < BURSTS * (EACH + gap) && in % (EACH + gap) < EACH)
                x[i] += symbol * (float complex)cexp(2.0 * M_PI * 0.11 * (double)n * I);
        }
        g20_history_push(s->history, b);
        g20_block_unref(&b);
    }
    g20_pool_destroy(pool);
}

static void clear(struct stand *s)
{
    g20_hands_destroy(s->hands);
    g20_crew_destroy(s->crew);
    g20_floor_destroy(s->floor);
    g20_history_destroy(s->history);
}

/* All bursts as one find. */
static struct g20_find all_as_one(uint64_t gap, double lo_khz, double hi_khz)
{
    return at(FIRST * 1e-3, (double)(FIRST + BURSTS * (EACH + gap) - gap) * 1e-3, lo_khz, hi_khz);
}

static void bursts_told_as_one_are_cut(void **state)
{
    struct g20_candidate c[G20_SHAPE_CANDIDATES];

    (void)state;
    for (int narrow = 0; narrow < 2; narrow++) {
        double left = 1e5;
        struct stand s;
        make(&s, 4000);
        const struct g20_find f = narrow ? all_as_one(4000, 107, 113) : all_as_one(4000, 100, 120);
        assert_int_equal(g20_shape_cut(&shape, RATE, &f, 1, &left, s.hands, s.floor, s.history, c),
                         BURSTS);
        for (uint64_t i = 0; i < BURSTS; i++) {
            assert_true(llabs((long long)(c[i].find.start - FIRST - i * (EACH + 4000))) < 1000);
            assert_true(llabs((long long)(c[i].find.stop - FIRST - i * (EACH + 4000) - EACH)) <
                        1000);
            assert_true(c[i].find.f_lo * RATE < 101e3 && c[i].find.f_hi * RATE > 119e3);
        }
        assert_float_equal(left, 1e5 - BURSTS * EACH - (BURSTS - 1) * 4000, 1);
        left = 1000; /* no time to look at it */
        assert_int_equal(g20_shape_cut(&shape, RATE, &f, 1, &left, s.hands, s.floor, s.history, c),
                         0);
        clear(&s);
    }
}

static void pauses_of_its_own_part_nothing(void **state)
{
    struct g20_candidate c[G20_SHAPE_CANDIDATES];
    const struct g20_find f = all_as_one(500, 100, 120);
    double left = 1e5;
    struct stand s;

    (void)state;
    make(&s, 500);
    assert_int_equal(g20_shape_cut(&shape, RATE, &f, 1, &left, s.hands, s.floor, s.history, c), 0);
    clear(&s);
}

/* The weight from input @in to output @out of layer @i. */
static float *weight(struct g20_model *m, uint32_t i, uint32_t out, uint32_t in)
{
    const uint32_t blocks = m->net.channels[i - 1] / G20_NN_BLOCK;
    const size_t tile = (size_t)(out / G20_NN_BLOCK) * blocks + in / G20_NN_BLOCK;

    return m->params + m->net.weight[i] + (tile * G20_NN_BLOCK + in % G20_NN_BLOCK) * G20_NN_BLOCK +
           out % G20_NN_BLOCK;
}

/* A trunk, and a head on it with that shape whose logit is @logit, and low for what lasts longer
 * than 20 ms. */
static void write_models(const char *trunk, const char *head, float logit, const char *text)
{
    struct g20_model m = {.params = NULL};
    struct g20_trunk *t;

    assert_int_equal(g20_trunk_net(&m.net, NULL), 0);
    assert_int_equal(g20_model_alloc(&m, NULL), 0);
    g20_net_draw(&m.net, 1, m.params);
    assert_int_equal(g20_trunk_describe(&m, NULL), 0);
    assert_int_equal(g20_onnx_write(&m, trunk, NULL), 0);
    g20_model_fini(&m);
    assert_int_equal(g20_trunk_load(&t, trunk, NULL), 0);
    m = (struct g20_model){.params = NULL};
    assert_int_equal(g20_head_net(&m.net, NULL), 0);
    assert_int_equal(g20_model_alloc(&m, NULL), 0);
    *weight(&m, 1, 0, G20_TRUNK_PLACES + G20_LOOK_DURATION) = 1.0f;
    m.params[m.net.bias[1]] = -(float)(log10(0.02) + 2.5);
    *weight(&m, 2, 0, 0) = -100.0f;
    m.params[m.net.bias[2]] = logit;
    assert_int_equal(g20_head_describe(&m, "taught", g20_trunk_hash(t), 0.5, NULL), 0);
    assert_int_equal(g20_model_set(&m, "g20.shape", text, NULL), 0);
    assert_int_equal(g20_onnx_write(&m, head, NULL), 0);
    g20_model_fini(&m);
    g20_trunk_destroy(t);
}

/* A trunk and a head with that @logit, in files of these names; the trunk is loaded. */
static struct g20_heads *create_heads(char trunk[64], char head[64], float logit)
{
    char text[G20_SHAPE_TEXT];
    struct g20_heads *heads;
    struct g20_err e;

    snprintf(trunk, 64, "/tmp/g20-shape-trunk-%d.onnx", (int)getpid());
    snprintf(head, 64, "/tmp/g20-shape-head-%d.onnx", (int)getpid());
    g20_shape_text(&shape, text);
    write_models(trunk, head, logit, text);
    assert_int_equal(g20_heads_create(&heads, trunk, &e), 0);
    return heads;
}

/* What a head with that @logit leaves of bursts told as one, and of two halves of a band. */
static size_t name_all(float logit, struct g20_find find[8])
{
    char trunk[64], head[64];
    const struct g20_track_stream stream = {.rate_hz = RATE};
    struct g20_heads *heads;
    struct g20_namer *n;
    struct stand s;
    struct g20_err e;

    heads = create_heads(trunk, head, logit);
    assert_int_equal(g20_heads_add(heads, head, &e), 0);
    make(&s, 4000);
    find[0] = all_as_one(4000, 100, 120);
    find[1] = at(20, 30, 300, 309);
    find[2] = at(20, 30, 311, 320);
    assert_int_equal(
        g20_namer_create(&n, &(struct g20_namer_cfg){.heads = heads, .hands = s.hands}, &e), 0);
    const size_t left = g20_namer_name(n, find, 3, 8, s.floor, s.history, &stream);
    g20_namer_destroy(n);
    clear(&s);
    g20_heads_destroy(heads);
    unlink(trunk);
    unlink(head);
    return left;
}

static void what_the_head_knows_takes_the_place_of_what_it_is_made_of(void **state)
{
    struct g20_find find[8];

    (void)state;
    assert_int_equal(name_all(2.0f, find), 1 + BURSTS);
    assert_float_equal((find[0].f_hi - find[0].f_lo) * RATE, 20e3, 1);
    for (int i = 0; i < 1 + BURSTS; i++) {
        assert_string_equal(find[i].name, "taught");
        assert_true(find[i].stop - find[i].start < 12000);
    }
    assert_int_equal(name_all(-2.0f, find), 3);
    assert_true(find[0].stop - find[0].start > 50000);
}

/* Emissions remembered of @tiles with a few bursts each, if the next tile is always @due. */
static uint64_t remembered(int tiles, bool due)
{
    char trunk[64], head[64];
    const struct g20_track_stream stream = {.rate_hz = RATE};
    struct g20_memory_totals totals;
    struct g20_find find[BURSTS];
    struct g20_memory *memory;
    const atomic_bool is_due = due;
    struct g20_heads *heads;
    struct g20_namer *n;
    struct stand s;
    struct g20_err e;

    heads = create_heads(trunk, head, 0.0f);
    assert_int_equal(g20_memory_create(&memory), 0);
    make(&s, 4000);
    for (int i = 0; i < BURSTS; i++) {
        const double start = (FIRST + i * (EACH + 4000)) * 1e-3;
        find[i] = at(start, start + EACH * 1e-3, 100, 120);
    }
    const struct g20_namer_cfg cfg = {
        .heads = heads, .memory = memory, .hands = s.hands, .bounded = true};
    assert_int_equal(g20_namer_create(&n, &cfg, &e), 0);
    for (int i = 0; i < tiles; i++)
        g20_namer_remember(n, find, BURSTS, G20_TILE_ROWS, s.history, &stream, &is_due);
    g20_memory_clusters(memory, NULL, 0, &totals);
    g20_namer_destroy(n);
    clear(&s);
    g20_memory_destroy(memory);
    g20_heads_destroy(heads);
    unlink(trunk);
    unlink(head);
    return totals.looked;
}

static void who_is_always_late_remembers_a_little(void **state)
{
    (void)state;
    assert_int_equal(remembered(8, true), 2);
    assert_int_equal(remembered(1, false), BURSTS);
}

static void a_head_with_a_shape_that_is_none_is_refused(void **state)
{
    char trunk[64], head[64];
    struct g20_heads *heads;
    struct g20_err e;

    (void)state;
    snprintf(trunk, sizeof(trunk), "/tmp/g20-shape-trunk-%d.onnx", (int)getpid());
    snprintf(head, sizeof(head), "/tmp/g20-shape-head-%d.onnx", (int)getpid());
    write_models(trunk, head, 0.0f, "long and thin");
    assert_int_equal(g20_heads_create(&heads, trunk, &e), 0);
    assert_int_equal(g20_heads_add(heads, head, &e), G20_EUNSUPPORTED);
    assert_non_null(strstr(e.msg, "long and thin"));
    g20_heads_destroy(heads);
    unlink(trunk);
    unlink(head);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_of_one_burst_are_joined),
        cmocka_unit_test(pieces_between_its_own_pauses_are_joined_and_bursts_are_not),
        cmocka_unit_test(a_shape_is_text_and_back),
        cmocka_unit_test(bursts_told_as_one_are_cut),
        cmocka_unit_test(pauses_of_its_own_part_nothing),
        cmocka_unit_test(what_the_head_knows_takes_the_place_of_what_it_is_made_of),
        cmocka_unit_test(who_is_always_late_remembers_a_little),
        cmocka_unit_test(a_head_with_a_shape_that_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
