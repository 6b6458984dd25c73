/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/scene.h"
#include "source/scene_math.h"

/* Full scale 1.0 is 32768; out of range saturates, as in a converter. */
G20_INLINE void to_ci16(const float *restrict x, int16_t *restrict out, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        float v = x[i] * 32768.0f;

        v = v > 32767.0f ? 32767.0f : v < -32768.0f ? -32768.0f : v;
        out[i] = (int16_t)(int32_t)(v + (v < 0 ? -0.5f : 0.5f));
    }
}

G20_SCENE_AVX2 static void to_ci16_avx2(const float *x, int16_t *out, uint32_t n)
{
    to_ci16(x, out, n);
}

static void to_ci16_plain(const float *x, int16_t *out, uint32_t n)
{
    to_ci16(x, out, n);
}

void g20_scene_read_ci16(struct g20_scene *s, int16_t *out, size_t n)
{
    float complex x[G20_SCENE_BLOCK];

    for (size_t at = 0; at < n;) {
        const uint32_t len = (uint32_t)G20_MIN(n - at, (size_t)G20_SCENE_BLOCK);

        g20_scene_read(s, x, len);
        if (G20_HAVE_AVX2)
            to_ci16_avx2((const float *)x, out + 2 * at, 2 * len);
        else
            to_ci16_plain((const float *)x, out + 2 * at, 2 * len);
        at += len;
    }
}
