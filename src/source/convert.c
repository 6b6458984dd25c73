/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/convert.h"

#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define LARGEST_SAMPLE 1e12f

static const struct {
    const char *name;
    size_t bytes;
} scalars[] = {
    [G20_F32] = {"f32", 4}, [G20_F64] = {"f64", 8}, [G20_I32] = {"i32", 4},
    [G20_U32] = {"u32", 4}, [G20_I24] = {"i24", 3}, [G20_I16] = {"i16", 2},
    [G20_U16] = {"u16", 2}, [G20_I8] = {"i8", 1},   [G20_U8] = {"u8", 1},
};

size_t g20_scalar_bytes(enum g20_scalar s)
{
    return scalars[s].bytes;
}

size_t g20_datatype_bytes(const struct g20_datatype *t)
{
    return scalars[t->scalar].bytes * (t->is_complex ? 2 : 1);
}

int g20_datatype_parse(struct g20_datatype *ret, const char *text, bool strict)
{
    struct g20_datatype t = {.is_complex = text[0] == 'c'};
    char scalar[8] = "";
    size_t i;

    if (text[0] != 'c' && text[0] != 'r')
        return -EINVAL;
    const size_t n = strcspn(text + 1, "_");
    if (n >= sizeof(scalar))
        return -EINVAL;
    memcpy(scalar, text + 1, n);
    if (!strict && scalar[0] == 's')
        scalar[0] = 'i';
    for (i = 0; i < G20_COUNT_OF(scalars); i++) {
        if (strcmp(scalar, scalars[i].name) == 0 && !(strict && i == G20_I24))
            break;
    }
    if (i == G20_COUNT_OF(scalars))
        return -EINVAL;
    t.scalar = (enum g20_scalar)i;

    const char *order = text + 1 + n;
    if (strcmp(order, "_be") == 0)
        t.big_endian = true;
    else if (strcmp(order, "_le") != 0 && order[0] != '\0')
        return -EINVAL;
    if (scalars[i].bytes == 1 ? order[0] != '\0' && strict : order[0] == '\0' && strict)
        return -EINVAL; /* SigMF: an order for more than one byte, none for one */
    if (scalars[i].bytes == 1)
        t.big_endian = false;
    *ret = t;
    return 0;
}

void g20_datatype_name(const struct g20_datatype *t, char *buf, size_t size)
{
    snprintf(buf, size, "%c%s%s", t->is_complex ? 'c' : 'r', scalars[t->scalar].name,
             scalars[t->scalar].bytes == 1 ? ""
             : t->big_endian               ? "_be"
                                           : "_le");
}

bool g20_datatype_is_native(const struct g20_datatype *t, enum g20_sample_format *ret)
{
    const bool host = t->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);

    *ret = G20_CF32;
    if (!t->is_complex)
        return false;
    switch (t->scalar) {
    case G20_F32:
        return host;
    case G20_I16:
        if (host)
            *ret = G20_CI16;
        return host;
    case G20_I8:
        *ret = G20_CI8;
        return true;
    case G20_U8:
        *ret = G20_CU8;
        return true;
    default:
        return false;
    }
}

/* One loop a format: load unaligned, put in host order, scale. Simple enough to vectorise. */
#define CONVERT(name, raw, to_host, value)                                   \
    static void name(float *restrict out, const char *restrict in, size_t n) \
    {                                                                        \
        for (size_t i = 0; i < n; i++) {                                     \
            raw u;                                                           \
            memcpy(&u, in + i * sizeof(u), sizeof(u));                       \
            u = to_host(u);                                                  \
            out[i] = (value);                                                \
        }                                                                    \
    }
#define SAME(x) (x)

static inline float as_f32(uint32_t u)
{
    float f;

    memcpy(&f, &u, sizeof(f));
    return f;
}

/* To narrow what does not fit a float is undefined: g20_clear_bad() will find the NaN. */
static inline float as_f64(uint64_t u)
{
    double d;

    memcpy(&d, &u, sizeof(d));
    return fabs(d) <= (double)LARGEST_SAMPLE ? (float)d : NAN;
}

CONVERT(f32_le, uint32_t, le32toh, as_f32(u))
CONVERT(f32_be, uint32_t, be32toh, as_f32(u))
CONVERT(f64_le, uint64_t, le64toh, as_f64(u))
CONVERT(f64_be, uint64_t, be64toh, as_f64(u))
CONVERT(i32_le, uint32_t, le32toh, (float)(int32_t)u * 0x1p-31f)
CONVERT(i32_be, uint32_t, be32toh, (float)(int32_t)u * 0x1p-31f)
CONVERT(u32_le, uint32_t, le32toh, (float)(((double)u - 2147483647.5) / 2147483647.5))
CONVERT(u32_be, uint32_t, be32toh, (float)(((double)u - 2147483647.5) / 2147483647.5))
CONVERT(i16_le, uint16_t, le16toh, (float)(int16_t)u * 0x1p-15f)
CONVERT(i16_be, uint16_t, be16toh, (float)(int16_t)u * 0x1p-15f)
CONVERT(u16_le, uint16_t, le16toh, ((float)u - 32767.5f) * (1.0f / 32767.5f))
CONVERT(u16_be, uint16_t, be16toh, ((float)u - 32767.5f) * (1.0f / 32767.5f))
CONVERT(i8_any, uint8_t, SAME, (float)(int8_t)u * 0x1p-7f)
CONVERT(u8_any, uint8_t, SAME, ((float)u - 127.5f) * (1.0f / 127.5f))

static void i24_any(float *restrict out, const char *restrict in, size_t n, bool big)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char *b = (const unsigned char *)in + 3 * i;
        const uint32_t hi = big ? b[0] : b[2], lo = big ? b[2] : b[0];
        /* In the upper three bytes, so that the sign comes out right. */
        out[i] = (float)(int32_t)(hi << 24 | (uint32_t)b[1] << 16 | lo << 8) * 0x1p-31f;
    }
}

void g20_convert(const struct g20_datatype *t, float *out, const void *in, size_t n)
{
    typedef void convert_fn(float *restrict, const char *restrict, size_t);
    static convert_fn *const table[][2] = {
        [G20_F32] = {f32_le, f32_be}, [G20_F64] = {f64_le, f64_be}, [G20_I32] = {i32_le, i32_be},
        [G20_U32] = {u32_le, u32_be}, [G20_I16] = {i16_le, i16_be}, [G20_U16] = {u16_le, u16_be},
        [G20_I8] = {i8_any, i8_any},  [G20_U8] = {u8_any, u8_any},
    };

    if (t->scalar == G20_I24)
        i24_any(out, in, n, t->big_endian);
    else
        table[t->scalar][t->big_endian](out, in, n);
}

size_t g20_clear_bad(float *x, size_t samples, size_t per_sample)
{
    const size_t n = samples * per_sample;
    size_t cleared = 0;
    int any = 0;

    /* The usual answer is none, from one branch-free pass; a NaN fails every comparison. */
    for (size_t i = 0; i < n; i++)
        any |= !(fabsf(x[i]) <= LARGEST_SAMPLE);
    if (!any)
        return 0;
    for (size_t i = 0; i < n; i += per_sample) {
        bool bad = false;
        for (size_t k = 0; k < per_sample; k++)
            bad |= !(fabsf(x[i + k]) <= LARGEST_SAMPLE);
        if (!bad)
            continue;
        memset(x + i, 0, per_sample * sizeof(*x));
        cleared++;
    }
    return cleared;
}
