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

void g20_image_make(const struct g20_tile *t, const struct g20_floor *f, uint8_t *image)
{
    float scale[G20_TILE_BINS];

    for (size_t b = 0; b < G20_TILE_BINS; b++)
        scale[b] = 1.0f / (f->noise[b] > 1e-30f ? f->noise[b] : 1e-30f);
    for (size_t r = 0; r < t->rows && r < G20_TILE_ROWS; r++) {
        const float *restrict mean = t->mean + r * G20_TILE_BINS;
        const float *restrict max = t->max + r * G20_TILE_BINS;
        uint8_t *restrict out = image + r * G20_TILE_BINS * 2;
        for (size_t b = 0; b < G20_TILE_BINS; b++) {
            out[2 * b] = level(mean[b] * scale[b]);
            out[2 * b + 1] = level(max[b] * scale[b]);
        }
    }
    if (t->rows < G20_TILE_ROWS)
        memset(image + (size_t)t->rows * G20_TILE_BINS * 2, G20_IMAGE_NOISE,
               (size_t)(G20_TILE_ROWS - t->rows) * G20_TILE_BINS * 2);
}
