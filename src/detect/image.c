/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/image.h"

#include <string.h>

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
    g20_crew_share(G20_MIN(j->t->rows, (uint32_t)G20_TILE_ROWS), member, members, &row, &end);
    for (; row < end; row++)
        make_row(j, row);
}

void g20_image_make(const struct g20_tile *t, const struct g20_floor *f, uint8_t *image,
                    struct g20_crew *crew)
{
    struct job j = {.t = t, .image = image};

    for (size_t b = 0; b < G20_TILE_BINS; b++)
        j.scale[b] = 1.0f / (f->noise[b] > 1e-30f ? f->noise[b] : 1e-30f);
    g20_crew_run(crew, make_rows, &j);
    if (t->rows < G20_TILE_ROWS)
        memset(image + (size_t)t->rows * G20_TILE_BINS * 2, G20_IMAGE_NOISE,
               (size_t)(G20_TILE_ROWS - t->rows) * G20_TILE_BINS * 2);
}
