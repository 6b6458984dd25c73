/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* wire: the binary messages WF01 and DT01, byte for byte as other programs read them.
 *
 * Little-endian and packed. The two tables below are the only place that knows an offset: encoder,
 * decoder and static checks are generated from them. A recorded message of each kind lies in
 * tests/data (wf01.bin, dt01.bin, wire.json) and is decoded by a C test and by a web test.
 * Pure functions: no allocation, no state, thread-safe. */
#ifndef G20_SERVER_WIRE_H
#define G20_SERVER_WIRE_H

#include "base/err.h"

#include <complex.h>
#include <stdint.h>

enum g20_wf_format { G20_WF_U8 = 0, G20_WF_RGBA8 = 1, G20_WF_FORMAT_COUNT };

/* X(kind, name, offset). Fields of a WF01 header, after the magic. Units are in the names; db_min
 * and db_max are the dBFS of codes 0 and 255. flags are those of enum g20_wf_flag. */
#define G20_WF01_FIELDS(X)     \
    X(u16, header_bytes, 4)    \
    X(u16, flags, 6)           \
    X(u64, time_us, 8)         \
    X(u64, row_index, 16)      \
    X(f64, center_hz, 24)      \
    X(f64, span_hz, 32)        \
    X(u32, bins, 40)           \
    X(u16, rows, 44)           \
    X(u8, format, 46)          \
    X(u8, colormap, 47)        \
    X(f32, db_min, 48)         \
    X(f32, db_max, 52)         \
    X(f32, noise_floor_db, 56) \
    X(f32, row_period_s, 60)

/* Fields of a DT01 header, after the magic; @count boxes follow. */
#define G20_DT01_FIELDS(X) \
    X(u64, time_us, 4)     \
    X(u32, frame_idx, 12)  \
    X(f64, center_hz, 16)  \
    X(f64, span_hz, 24)    \
    X(f64, duration_s, 32) \
    X(u32, count, 40)

/* Fields of an IQ01 header, after the magic; num_samples complex singles follow. */
#define G20_IQ01_FIELDS(X)  \
    X(u64, time_us, 4)      \
    X(u32, frame_idx, 12)   \
    X(u32, num_samples, 16) \
    X(f32, reserved, 20)

/* One box. x: frequency, low to high; y: time, old to new; 0..1 of the tile. */
#define G20_WIRE_BOX_FIELDS(X) \
    X(f32, x1, 0)              \
    X(f32, y1, 4)              \
    X(f32, x2, 8)              \
    X(f32, y2, 12)             \
    X(i32, class_id, 16)       \
    X(f32, confidence, 20)

enum { G20_WF01_BYTES = 64, G20_DT01_BYTES = 44, G20_IQ01_BYTES = 24, G20_WIRE_BOX_BYTES = 24 };

typedef uint8_t g20_wire_u8;
typedef uint16_t g20_wire_u16;
typedef uint32_t g20_wire_u32;
typedef int32_t g20_wire_i32;
typedef uint64_t g20_wire_u64;
typedef float g20_wire_f32;
typedef double g20_wire_f64;

#define X(kind, name, offset) g20_wire_##kind name;
struct g20_wf01 {
    G20_WF01_FIELDS(X)
};
struct g20_dt01 {
    G20_DT01_FIELDS(X)
};
struct g20_iq01 {
    G20_IQ01_FIELDS(X)
};
struct g20_wire_box {
    G20_WIRE_BOX_FIELDS(X)
};
#undef X

/* Bytes of a pixel in @format; 0 for an unknown one. */
uint32_t g20_wf01_pixel_bytes(uint8_t format);

/* Writes G20_WF01_BYTES bytes; header_bytes of @h is not looked at. */
void g20_wf01_encode(const struct g20_wf01 *h, uint8_t *out);

/* Sets @flags (enum g20_wf_flag) in an encoded message as well. */
void g20_wf01_add_flags(uint8_t *msg, uint16_t flags);

/* Reads a whole message. *ret_pixels points into @msg. G20_EFORMAT (with the field in @e) when the
 * magic, a size or the format is wrong; nothing is written then. */
G20_MUST_USE int g20_wf01_decode(const uint8_t *msg, size_t len, struct g20_wf01 *ret,
                                 const uint8_t **ret_pixels, struct g20_err *e);

/* Bytes of an IQ01 message with @n samples. */
size_t g20_iq01_bytes(uint32_t n);

/* Writes g20_iq01_bytes(h->num_samples) bytes. */
void g20_iq01_encode(const struct g20_iq01 *h, const float complex *samples, uint8_t *out);

/* Reads a whole message: the header; the samples, at most @cap of them, to @samples. */
G20_MUST_USE int g20_iq01_decode(const uint8_t *msg, size_t len, struct g20_iq01 *ret,
                                 float complex *samples, uint32_t cap, struct g20_err *e);

/* Bytes of a DT01 message with @count boxes. */
size_t g20_dt01_bytes(uint32_t count);

/* Writes g20_dt01_bytes(h->count) bytes. @boxes (h->count). */
void g20_dt01_encode(const struct g20_dt01 *h, const struct g20_wire_box *boxes, uint8_t *out);

/* Reads a whole message; at most @cap boxes are written to @boxes. */
G20_MUST_USE int g20_dt01_decode(const uint8_t *msg, size_t len, struct g20_dt01 *ret,
                                 struct g20_wire_box *boxes, uint32_t cap, struct g20_err *e);

#endif
