/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* stream_clock: numbers and times of a live device's samples, and how many it lost.
 *
 * Devices stamp their packets with a clock of their own, or not at all. With stamps a gap is exact.
 * Without them the host's clock tells how many samples should have come: a packet is at least as
 * old as its last sample, so the least delay of the last seconds is the device's own, and what a
 * packet after a reported overflow is late beyond it was lost. The same least delay keeps UTC
 * true while the device's clock drifts. Not thread-safe; no time is read here. */
#ifndef G20_SOURCE_STREAM_CLOCK_H
#define G20_SOURCE_STREAM_CLOCK_H

#include "base/base.h"

#include <stdbool.h>
#include <stdint.h>

struct g20_stream_clock {
    double rate_hz;
    uint64_t next; /* number of the next sample; lost ones are counted in */

    /* private */
    bool started, known;   /* .known: .least_s is that of a whole window */
    uint64_t base;         /* sample that .origin_ns and .origin_us are of */
    int64_t origin_ns;     /* monotonic */
    int64_t origin_us;     /* UTC */
    uint64_t window_ns;    /* monotonic: when the window began */
    double least_s, now_s; /* least delay: of the stream, of the window so far */
    bool has_stamp;
    int64_t stamp_ns;   /* expected of the next packet */
    unsigned backwards; /* stamps that went back in time */
};

/* A run of samples as it came from the device. */
struct g20_stream_packet {
    uint32_t samples;
    bool has_stamp;
    int64_t stamp_ns;         /* of the first sample, by the device's clock */
    bool overflow;            /* the device said that samples were lost before these */
    uint64_t mono_ns, utc_us; /* when the read returned */
};

/* What comes before @p in the stream. */
enum g20_stream_step {
    G20_STREAM_ON,   /* nothing: it continues */
    G20_STREAM_LOST, /* *ret_lost samples, exact or by the clock; at least 1 */
    G20_STREAM_JUMP, /* another time base: nothing is known of what lies between */
};

void g20_stream_clock_init(struct g20_stream_clock *c, double rate_hz);

/* Count @p in: .next is behind it afterwards, and its first sample is .next - samples. */
enum g20_stream_step g20_stream_clock_take(struct g20_stream_clock *c,
                                           const struct g20_stream_packet *p, uint64_t *ret_lost);

/* UTC of sample @n, microseconds; after the first take(). */
uint64_t g20_stream_clock_utc(const struct g20_stream_clock *c, uint64_t n);

/* False: its stamps went back too often and are not looked at any more. */
bool g20_stream_clock_trusts(const struct g20_stream_clock *c);

#endif
