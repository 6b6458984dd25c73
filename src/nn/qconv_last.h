/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* qconv_last: from sums to bytes, the same for every instruction set; included once by each. */
#include "nn/qconv.h"

#include <string.h>

#define QCONV_INLINE static inline __attribute__((always_inline))

enum { O = G20_QCONV_OUT };

/* LANES values at once: real numbers from and to bytes and sums. The same operations in the same
 * order for every set, so the same results. */
#if defined(__AVX512F__)
#include <immintrin.h>
enum { LANES = 16 };
typedef __m512 reals;

QCONV_INLINE reals splat(float x)
{
    return _mm512_set1_ps(x);
}

QCONV_INLINE reals load_reals(const float *p)
{
    return _mm512_loadu_ps(p);
}

QCONV_INLINE void store_reals(float *p, reals v)
{
    _mm512_storeu_ps(p, v);
}

QCONV_INLINE reals load_sums(const int32_t *p)
{
    return _mm512_cvtepi32_ps(_mm512_loadu_si512(p));
}

QCONV_INLINE reals load_bytes(const uint8_t *p)
{
    return _mm512_cvtepi32_ps(
        _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p)));
}

QCONV_INLINE reals at_least(reals v, reals least)
{
    return _mm512_max_ps(v, least);
}

/* What no 32 bits hold reads as 2^31, and all from 256 on becomes 255 on the way to bytes. */
QCONV_INLINE void store_bytes(uint8_t *p, const reals v[O / LANES])
{
    const __m512i whole = _mm512_cvttps_epi32(at_least(v[0], splat(0.0f)));
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtusepi32_epi8(whole));
}
#elif defined(__AVX2__)
#include <immintrin.h>
enum { LANES = 8 };
typedef __m256 reals;

QCONV_INLINE reals splat(float x)
{
    return _mm256_set1_ps(x);
}

QCONV_INLINE reals load_reals(const float *p)
{
    return _mm256_loadu_ps(p);
}

QCONV_INLINE void store_reals(float *p, reals v)
{
    _mm256_storeu_ps(p, v);
}

QCONV_INLINE reals load_sums(const int32_t *p)
{
    return _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(const void *)p));
}

QCONV_INLINE reals load_bytes(const uint8_t *p)
{
    return _mm256_cvtepi32_ps(
        _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p)));
}

QCONV_INLINE reals at_least(reals v, reals least)
{
    return _mm256_max_ps(v, least);
}

/* The steps to 16 and to 8 bits end what lies below 0 (and NaN, which reads as the least number).
 */
QCONV_INLINE __m256i whole(reals v)
{
    return _mm256_cvttps_epi32(_mm256_min_ps(splat(255.0f), v));
}

QCONV_INLINE void store_bytes(uint8_t *p, const reals v[O / LANES])
{
    const __m256i two = _mm256_permute4x64_epi64(_mm256_packs_epi32(whole(v[0]), whole(v[1])),
                                                 0xd8); /* lanes in order again */
    _mm_storeu_si128((__m128i *)(void *)p, _mm_packus_epi16(_mm256_castsi256_si128(two),
                                                            _mm256_extracti128_si256(two, 1)));
}
#else
enum { LANES = 1 };
typedef float reals;

QCONV_INLINE reals splat(float x)
{
    return x;
}

QCONV_INLINE reals load_reals(const float *p)
{
    return *p;
}

QCONV_INLINE void store_reals(float *p, reals v)
{
    *p = v;
}

QCONV_INLINE reals load_sums(const int32_t *p)
{
    return (float)*p;
}

QCONV_INLINE reals load_bytes(const uint8_t *p)
{
    return (float)*p;
}

QCONV_INLINE reals at_least(reals v, reals least)
{
    return v > least ? v : least;
}

QCONV_INLINE void store_bytes(uint8_t *p, const reals v[O / LANES])
{
    for (int o = 0; o < O; o++) {
        const float x = at_least(v[o], 0.0f);
        p[o] = (uint8_t)(int32_t)(x < 255.0f ? x : 255.0f);
    }
}
#endif

/* The 16 sums of @pixel in output block @block. */
QCONV_INLINE void finish(const struct g20_qconv_row *r, const int32_t *sum, uint32_t pixel,
                         uint32_t block)
{
    const size_t first = (size_t)block * O;
    const ptrdiff_t at = (ptrdiff_t)pixel * r->out_step + (ptrdiff_t)first;
    float *real = r->real ? r->real + (ptrdiff_t)block * r->real_block + (size_t)pixel * O : NULL;

    reals y[O / LANES];
    for (int i = 0, o = 0; o < O; i++, o += LANES) {
        y[i] =
            load_sums(sum + o) * load_reals(r->scale + first + o) + load_reals(r->bias + first + o);
        y[i] = at_least(y[i], splat(r->least));
        if (r->add)
            y[i] += load_bytes(r->add + at + o) * splat(r->add_scale);
        if (real)
            store_reals(real + o, y[i]);
    }
    if (!real)
        store_bytes(r->out + at, y);
}

static inline void add(uint8_t *restrict out, const uint8_t *restrict a, const uint8_t *restrict b,
                       const float scale[2], float offset, uint32_t pixels, uint32_t channels,
                       uint32_t times)
{
    for (uint32_t p = 0; p < pixels; p++) {
        const size_t at = (size_t)p * channels, with = (size_t)(p / times) * channels;
        for (uint32_t c = 0; c < channels; c += O) {
            reals y[O / LANES];
            for (uint32_t i = 0; i < O / LANES; i++) {
                const size_t o = c + (size_t)i * LANES;
                y[i] = load_bytes(a + at + o) * splat(scale[0]) +
                       load_bytes(b + with + o) * splat(scale[1]) + splat(offset);
            }
            store_bytes(out + at + c, y);
        }
    }
}

/* All pixels and blocks by @tile, which does at most PX x OB at once. */
#define QCONV_ROW(tile, PX, OB)                                                        \
    static void row(const struct g20_qconv_row *given)                                 \
    {                                                                                  \
        const struct g20_qconv_row r = *given; /* that no byte written could change */ \
        uint32_t b = 0;                                                                \
        for (; b + (OB) <= r.out_blocks; b += (OB)) {                                  \
            uint32_t p = 0;                                                            \
            for (; p + (PX) <= r.count; p += (PX))                                     \
                tile(&r, p, b, PX, OB);                                                \
            for (; p < r.count; p++)                                                   \
                tile(&r, p, b, 1, OB);                                                 \
        }                                                                              \
        for (; b < r.out_blocks; b++) {                                                \
            uint32_t p = 0;                                                            \
            for (; p + (PX) <= r.count; p += (PX))                                     \
                tile(&r, p, b, PX, 1);                                                 \
            for (; p < r.count; p++)                                                   \
                tile(&r, p, b, 1, 1);                                                  \
        }                                                                              \
    }

/* Bytes of weights of one block of outputs. */
QCONV_INLINE size_t filter_bytes(const struct g20_qconv_row *r)
{
    return (size_t)r->runs * g20_qconv_slices(r->run) * G20_QCONV_SLICE * O;
}

/* What of a row lies behind its first @pixels. */
static inline struct g20_qconv_row row_from(const struct g20_qconv_row *r, uint32_t pixels)
{
    struct g20_qconv_row rest = *r;

    rest.in += (ptrdiff_t)pixels * r->in_step;
    rest.count -= pixels;
    rest.add = r->add ? r->add + (ptrdiff_t)pixels * r->out_step : NULL;
    rest.out = r->out ? r->out + (ptrdiff_t)pixels * r->out_step : NULL;
    rest.real = r->real ? r->real + (size_t)pixels * O : NULL;
    return rest;
}
