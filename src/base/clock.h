/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* clock: time as the rest of G20 wants it. */
#ifndef G20_BASE_CLOCK_H
#define G20_BASE_CLOCK_H

#include "base/base.h"

#include <stdint.h>
#include <time.h>

uint64_t g20_clock_utc_us(void);  /* UTC microseconds since 1970 */
uint64_t g20_clock_mono_ns(void); /* monotonic nanoseconds, for intervals */
void g20_sleep_ns(uint64_t ns);

/* CLOCK_MONOTONIC now plus @timeout_ms, as the pthread calls want it. */
struct timespec g20_clock_deadline(int timeout_ms);

/* RFC 3339 in UTC with milliseconds, "2026-11-23T22:15:00.123Z", into @buf (>= 32 bytes). */
void g20_clock_format(uint64_t utc_us, char *buf, size_t size);

#endif
