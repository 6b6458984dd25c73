/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/wire.h"

#include <assert.h>
#include <string.h>

/* Each kind is stored with its lowest byte first whatever the machine. Floats travel as the bits
 * of IEEE 754, which every machine we build for uses. */
static_assert(sizeof(float) == 4 && sizeof(double) == 8, "IEEE 754 single and double");

static void put_uint(uint8_t *out, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_uint(const uint8_t *in, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)in[i] << (8 * i);
    return v;
}

#define UINT_KIND(kind)                                                \
    static inline void put_##kind(uint8_t *out, g20_wire_##kind v)     \
    {                                                                  \
        put_uint(out, (uint64_t)v, sizeof(v));                         \
    }                                                                  \
    static inline g20_wire_##kind get_##kind(const uint8_t *in)        \
    {                                                                  \
        return (g20_wire_##kind)get_uint(in, sizeof(g20_wire_##kind)); \
    }
UINT_KIND(u8)
UINT_KIND(u16)
UINT_KIND(u32)
UINT_KIND(u64)
UINT_KIND(i32)
#undef UINT_KIND

static inline void put_f32(uint8_t *out, float v)
{
    uint32_t bits;

    memcpy(&bits, &v, sizeof(bits));
    put_uint(out, bits, sizeof(bits));
}

static inline float get_f32(const uint8_t *in)
{
    const uint32_t bits = (uint32_t)get_uint(in, 4);
    float v;

    memcpy(&v, &bits, sizeof(v));
    return v;
}

static inline void put_f64(uint8_t *out, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof(bits));
    put_uint(out, bits, sizeof(bits));
}

static inline double get_f64(const uint8_t *in)
{
    const uint64_t bits = get_uint(in, 8);
    double v;

    memcpy(&v, &bits, sizeof(v));
    return v;
}

/* The tables leave no hole: the sizes add up and every field starts where the last one ended. */
#define SUM(kind, name, offset)  +sizeof(g20_wire_##kind)
#define AT(kind, name, offset)   WF01_AT_##name = (offset),
#define LAST(kind, name, offset) WF01_END_##name = (offset) + sizeof(g20_wire_##kind),
enum wf01_at { G20_WF01_FIELDS(AT) };
enum wf01_end { G20_WF01_FIELDS(LAST) };
static_assert(4 + 0 G20_WF01_FIELDS(SUM) == G20_WF01_BYTES, "WF01 is packed");
static_assert((int)WF01_END_row_period_s == (int)G20_WF01_BYTES, "WF01 ends with row_period_s");
static_assert(4 + 0 G20_DT01_FIELDS(SUM) == G20_DT01_BYTES, "DT01 is packed");
static_assert(4 + 0 G20_IQ01_FIELDS(SUM) == G20_IQ01_BYTES, "IQ01 is packed");
static_assert(0 G20_WIRE_BOX_FIELDS(SUM) == G20_WIRE_BOX_BYTES, "a box is packed");
#undef LAST
#undef AT
#undef SUM

#define PUT(kind, name, offset) put_##kind(out + (offset), h->name);
#define GET(kind, name, offset) h.name = get_##kind(msg + (offset));

uint32_t g20_wf01_pixel_bytes(uint8_t format)
{
    return format == G20_WF_U8 ? 1 : format == G20_WF_RGBA8 ? 4 : 0;
}

void g20_wf01_encode(const struct g20_wf01 *header, uint8_t *out)
{
    struct g20_wf01 own = *header;
    const struct g20_wf01 *h = &own;

    own.header_bytes = G20_WF01_BYTES;
    memcpy(out, "WF01", 4);
    G20_WF01_FIELDS(PUT)
}

void g20_wf01_add_flags(uint8_t *msg, uint16_t flags)
{
    put_u16(msg + WF01_AT_flags, get_u16(msg + WF01_AT_flags) | flags);
}

int g20_wf01_decode(const uint8_t *msg, size_t len, struct g20_wf01 *ret,
                    const uint8_t **ret_pixels, struct g20_err *e)
{
    struct g20_wf01 h;

    if (len < G20_WF01_BYTES || memcmp(msg, "WF01", 4) != 0)
        return g20_fail(e, G20_EFORMAT, "not a WF01 message (%zu bytes)", len);
    G20_WF01_FIELDS(GET)
    if (h.header_bytes < G20_WF01_BYTES || h.header_bytes > len)
        return g20_fail(e, G20_EFORMAT, "WF01 header_bytes %u", h.header_bytes);
    const uint32_t pixel_bytes = g20_wf01_pixel_bytes(h.format);
    if (pixel_bytes == 0)
        return g20_fail(e, G20_EFORMAT, "WF01 format %u", h.format);
    if ((uint64_t)h.rows * h.bins * pixel_bytes != len - h.header_bytes)
        return g20_fail(e, G20_EFORMAT, "WF01 holds %zu bytes of pixels, not %u rows of %u bins",
                        len - h.header_bytes, h.rows, h.bins);
    *ret = h;
    *ret_pixels = msg + h.header_bytes;
    return 0;
}

size_t g20_iq01_bytes(uint32_t n)
{
    return G20_IQ01_BYTES + (size_t)n * 8;
}

/* Single by single where the machine's order is another; else as they lie. */
static void put_samples(uint8_t *out, const float complex *x, uint32_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(out, x, (size_t)n * sizeof(*x));
#else
    for (uint32_t i = 0; i < n; i++) {
        put_f32(out + 8 * (size_t)i, crealf(x[i]));
        put_f32(out + 8 * (size_t)i + 4, cimagf(x[i]));
    }
#endif
}

void g20_iq01_encode(const struct g20_iq01 *h, const float complex *samples, uint8_t *out)
{
    memcpy(out, "IQ01", 4);
    G20_IQ01_FIELDS(PUT)
    if (h->num_samples > 0)
        put_samples(out + G20_IQ01_BYTES, samples, h->num_samples);
}

int g20_iq01_decode(const uint8_t *msg, size_t len, struct g20_iq01 *ret, float complex *samples,
                    uint32_t cap, struct g20_err *e)
{
    struct g20_iq01 h;

    if (len < G20_IQ01_BYTES || memcmp(msg, "IQ01", 4) != 0)
        return g20_fail(e, G20_EFORMAT, "not an IQ01 message (%zu bytes)", len);
    G20_IQ01_FIELDS(GET)
    if (len != g20_iq01_bytes(h.num_samples))
        return g20_fail(e, G20_EFORMAT, "IQ01 of %zu bytes cannot hold %u samples", len,
                        h.num_samples);
    for (uint32_t i = 0; i < G20_MIN(h.num_samples, cap); i++) {
        float part[2];

        for (size_t c = 0; c < 2; c++)
            part[c] = get_f32(msg + G20_IQ01_BYTES + 8 * (size_t)i + 4 * c);
        memcpy(&samples[i], part, sizeof(part));
    }
    *ret = h;
    return 0;
}

size_t g20_dt01_bytes(uint32_t count)
{
    return G20_DT01_BYTES + (size_t)count * G20_WIRE_BOX_BYTES;
}

static void box_encode(const struct g20_wire_box *h, uint8_t *out)
{
    G20_WIRE_BOX_FIELDS(PUT)
}

static struct g20_wire_box box_decode(const uint8_t *msg)
{
    struct g20_wire_box h;

    G20_WIRE_BOX_FIELDS(GET)
    return h;
}

void g20_dt01_encode(const struct g20_dt01 *h, const struct g20_wire_box *boxes, uint8_t *out)
{
    memcpy(out, "DT01", 4);
    G20_DT01_FIELDS(PUT)
    for (uint32_t i = 0; i < h->count; i++)
        box_encode(&boxes[i], out + g20_dt01_bytes(i));
}

int g20_dt01_decode(const uint8_t *msg, size_t len, struct g20_dt01 *ret,
                    struct g20_wire_box *boxes, uint32_t cap, struct g20_err *e)
{
    struct g20_dt01 h;

    if (len < G20_DT01_BYTES || memcmp(msg, "DT01", 4) != 0)
        return g20_fail(e, G20_EFORMAT, "not a DT01 message (%zu bytes)", len);
    G20_DT01_FIELDS(GET)
    if (len != g20_dt01_bytes(h.count))
        return g20_fail(e, G20_EFORMAT, "DT01 of %zu bytes cannot hold %u boxes", len, h.count);
    for (uint32_t i = 0; i < h.count && i < cap; i++)
        boxes[i] = box_decode(msg + g20_dt01_bytes(i));
    *ret = h;
    return 0;
}
