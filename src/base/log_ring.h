/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* log_ring: the last lines of the log, kept in memory for people who look later.
 *
 * Fixed memory: the oldest lines go when a new one needs their room. Lines are numbered from 1 on.
 * Thread-safe; putting never waits for a reader longer than a copy of the page it reads. */
#ifndef G20_BASE_LOG_RING_H
#define G20_BASE_LOG_RING_H

#include "base/err.h"
#include "base/text.h"

#include <stdint.h>

struct g20_log_ring;

enum { G20_LOG_RING_LINES = 2048, G20_LOG_RING_LEAST = 65536 }; /* lines; bytes */

/* @bytes of lines, at least G20_LOG_RING_LEAST. */
G20_MUST_USE int g20_log_ring_create(struct g20_log_ring **ret, size_t bytes, struct g20_err *e);
void g20_log_ring_destroy(struct g20_log_ring *r); /* NULL is fine */

/* One line of JSON without its line break, as g20_log_tap() hands it out (@ring is a struct
 * g20_log_ring *); one that is empty or longer than a quarter of the ring is only counted. */
void g20_log_ring_put(const char *line, size_t len, void *ring);

struct g20_log_page {
    uint64_t next;   /* ask for what comes after this number the next time */
    uint64_t missed; /* lines after the number asked for that are gone, or over @most */
    uint32_t lines;
};

/* Appends the newest lines after number @after, at most @most and the oldest first, as elements of
 * a JSON array. An @after from the future (of another ring) is as 0. */
void g20_log_ring_read(struct g20_log_ring *r, uint64_t after, uint32_t most, struct g20_text *out,
                       struct g20_log_page *ret);

#endif
