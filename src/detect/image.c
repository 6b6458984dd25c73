/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/image.h"

#include <math.h>
#include <string.h>

/* What the image bears, of one bin's noise and of all bins' on the average. An estimate changes by
 * 4 or 5 % from one look to the next; a step of the image's levels is 7 %. */
#define MOST_CHANGE 2.0f
#define MEAN_CHANGE 0.06f

/* 10 log10(x): the exponent, and a parabola through both ends of the mantissa's range; error below
 * 0.03 dB, a tenth of a step. */
static inline float decibels(float x)
{
    uint32_t bits;
    float m;

    memcpy(&bits, &x, sizeof(bits));
    const float exponent = (float)((int32_t)(bits >> 23) - 127);
    bits = (bits & 0x007fffffu) | 0x3f800000u;
    memcpy(&m, &bits, sizeof(m));
    return 3.0102999566f * (exponent + (2.0f - m * (1.0f / 3.0f)) * m - 5.0f / 3.0f);
}

static inline uint8_t level(float ratio)
{
    const float v = (decibels(ratio) + G20_IMAGE_BELOW_DB) * (255.0f / G20_IMAGE_RANGE_DB) + 0.5f;

    return (uint8_t)(v < 0.0f ? 0.0f : v > 255.0f ? 255.0f : v);
}

struct job {
    const struct g20_tile *t;
    uint8_t *image;
    uint32_t from;
    float scale[G20_TILE_BINS];
};

G20_WIDE static void make_row(const struct job *j, size_t r)
{
    const float *restrict mean = j->t->mean + r * G20_TILE_BINS;
    const float *restrict max = j->t->max + r * G20_TILE_BINS;
    uint8_t *restrict out = j->image + r * G20_TILE_BINS * 2;

    for (size_t b = 0; b < G20_TILE_BINS; b++) {
        out[2 * b] = level(mean[b] * j->scale[b]);
        out[2 * b + 1] = level(max[b] * j->scale[b]);
    }
}

static void make_rows(struct g20_crew *crew, uint32_t member, uint32_t members, void *user)
{
    const struct job *j = user;
    uint32_t row, end;

    (void)crew;
    g20_crew_share(G20_MIN(j->t->rows, (uint32_t)G20_TILE_ROWS) - j->from, member, members, &row,
                   &end);
    for (; row < end; row++)
        make_row(j, j->from + row);
}

void g20_image_make(const struct g20_tile *t, const float *noise, uint8_t *image, uint32_t from,
                    struct g20_crew *crew)
{
    struct job j = {.t = t, .image = image, .from = from};

    for (size_t b = 0; b < G20_TILE_BINS; b++)
        j.scale[b] = 1.0f / (noise[b] > 1e-30f ? noise[b] : 1e-30f);
    g20_crew_run(crew, make_rows, &j);
    if (t->rows < G20_TILE_ROWS)
        memset(image + (size_t)t->rows * G20_TILE_BINS * 2, G20_IMAGE_NOISE,
               (size_t)(G20_TILE_ROWS - t->rows) * G20_TILE_BINS * 2);
}

static bool is_near(const float *noise, const float *past)
{
    float sum = 0.0f;

    for (uint32_t b = 0; b < G20_TILE_BINS; b++) {
        if (!(noise[b] <= past[b] * MOST_CHANGE && past[b] <= noise[b] * MOST_CHANGE))
            return false;
        sum += fabsf(noise[b] - past[b]) / past[b];
    }
    return sum <= MEAN_CHANGE * G20_TILE_BINS;
}

/* By how many rows @t went on; 0: it is another tile, or has not many rows of then. */
static uint32_t rows_gone(const struct g20_image_past *past, const struct g20_tile *t)
{
    uint32_t up = 0;

    if (past->rows != G20_TILE_ROWS || t->rows != G20_TILE_ROWS)
        return 0;
    while (up < G20_TILE_ROWS / 2 && past->row[up].first_sample != t->row[0].first_sample)
        up++;
    if (up == G20_TILE_ROWS / 2)
        return 0;
    for (uint32_t r = 0; r + up < G20_TILE_ROWS; r++)
        if (past->row[r + up].first_sample != t->row[r].first_sample ||
            past->row[r + up].time_us != t->row[r].time_us)
            return 0;
    return up;
}

uint32_t g20_image_renew(struct g20_image_past *past, const struct g20_tile *t, const float *noise,
                         uint8_t *image, struct g20_crew *crew)
{
    const uint32_t gone = rows_gone(past, t);
    const uint32_t up = gone > 0 && is_near(noise, past->noise) ? gone : 0;
    const size_t row = (size_t)G20_TILE_BINS * 2;

    if (up == 0)
        memcpy(past->noise, noise, sizeof(past->noise));
    else
        memmove(image, image + up * row, (G20_TILE_ROWS - up) * row);
    g20_image_make(t, past->noise, image, up == 0 ? 0 : G20_TILE_ROWS - up, crew);
    past->rows = G20_MIN(t->rows, (uint32_t)G20_TILE_ROWS);
    memcpy(past->row, t->row, past->rows * sizeof(*past->row));
    return up;
}
