/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The shipped networks on a tile of bursts: found where they are, in a look at all of it and in one
 * at its last rows alone. */
#include "detect/network.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { B = G20_TILE_BINS, R = G20_TILE_ROWS };

static const struct burst {
    uint32_t row0, row1, bin0, bin1;
} bursts[] = {
    {20, 60, 900, 1100}, {216, 232, 1000, 1200}, {222, 250, 2500, 2548}, {238, 241, 3000, 3600}};
static struct g20_tile *tile;
static struct g20_floor *noise;
static struct g20_err err;

static int set_up(void **state)
{
    struct g20_rng rng;

    (void)state;
    if (g20_tile_create(&tile) < 0 || g20_floor_create(&noise) < 0)
        return -1;
    g20_rng_init(&rng, 1);
    for (size_t b = 0; b < B; b++)
        noise->noise[b] = noise->quiet[b] = 1.0f;
    for (size_t r = 0; r < R; r++) {
        tile->row[r] = (struct g20_tile_row){.first_sample = r * G20_TILE_ROW_SAMPLES,
                                             .frames = G20_TILE_FOLD};
        for (size_t b = 0; b < B; b++) {
            float level = 1.0f, sum = 0.0f, most = 0.0f;
            for (size_t k = 0; k < G20_COUNT_OF(bursts); k++)
                if (r >= bursts[k].row0 && r < bursts[k].row1 && b >= bursts[k].bin0 &&
                    b < bursts[k].bin1)
                    level = 30.0f;
            for (int f = 0; f < G20_TILE_FOLD; f++) {
                const float p = level * -logf(1.0f - (float)g20_rng_uniform(&rng));
                sum += p;
                most = fmaxf(most, p);
            }
            tile->mean[r * B + b] = sum / G20_TILE_FOLD;
            tile->max[r * B + b] = most;
        }
    }
    tile->rows = R;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    g20_tile_destroy(tile);
    g20_floor_destroy(noise);
    return 0;
}

/* Boxes of a first look at the last @rows rows, copied; their number. */
static size_t look(const char *path, uint32_t rows, struct g20_hydra_box *ret, size_t cap)
{
    const struct g20_network_cfg cfg = {.path = path, .threads = 2, .nms_threshold = 0.3f};
    struct g20_network *n = NULL;
    struct g20_hydra_box *box;

    assert_int_equal(g20_network_load(&n, &cfg, &err), 0);
    tile->new_rows = rows;
    const size_t count = G20_MIN(g20_network_look(n, tile, noise, 0.5f, NULL, &box), cap);
    memcpy(ret, box, count * sizeof(*box));
    g20_network_destroy(n);
    return count;
}

static bool has(const struct g20_hydra_box *box, size_t n, const struct burst *b)
{
    for (size_t i = 0; i < n; i++)
        if (fabsf(box[i].row0 - (float)b->row0) < 4.0f &&
            fabsf(box[i].row1 - (float)b->row1) < 4.0f &&
            fabsf(box[i].bin0 - (float)b->bin0) < 40.0f &&
            fabsf(box[i].bin1 - (float)b->bin1) < 40.0f)
            return true;
    return false;
}

static void bursts_are_found_in_all_of_a_tile_and_in_its_last_rows(void **state)
{
    static const char *const models[] = {HYDRA, HYDRA_INT8};
    struct g20_hydra_box box[64];

    (void)state;
    for (size_t m = 0; m < G20_COUNT_OF(models); m++) {
        size_t n = look(models[m], R, box, G20_COUNT_OF(box));
        for (size_t k = 0; k < G20_COUNT_OF(bursts); k++)
            assert_true(has(box, n, &bursts[k]));
        n = look(models[m], 40, box, G20_COUNT_OF(box));
        assert_int_equal(g20_tile_from(tile), R - 40 - G20_TILE_SEEN);
        assert_false(has(box, n, &bursts[0]));
        for (size_t k = 1; k < G20_COUNT_OF(bursts); k++)
            assert_true(has(box, n, &bursts[k]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bursts_are_found_in_all_of_a_tile_and_in_its_last_rows),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
