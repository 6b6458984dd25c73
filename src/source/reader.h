/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* reader: the samples of a recording in a format of blocks: read, one channel picked, converted,
 * real samples made analytic. Private to the folder. One thread at a time; read() allocates
 * nothing.
 *
 * A datatype that a block can hold is read straight into the caller's memory. */
#ifndef G20_SOURCE_READER_H
#define G20_SOURCE_READER_H

#include "source/recording.h"

struct g20_reader;

/* @rec is borrowed and must outlive the reader, which stands at the first sample. */
G20_MUST_USE int g20_reader_create(struct g20_reader **ret, const struct g20_recording *rec,
                                   struct g20_err *e);
enum g20_sample_format g20_reader_format(const struct g20_reader *r);

/* Back to the first sample of segment @segment; not for a stream. */
void g20_reader_seek(struct g20_reader *r, size_t segment);

/* Up to @max samples of the segment to @out. Returns the count, 0 at the end of the segment, or of
 * a stream; -ETIMEDOUT when a stream gave none in @timeout_ms (< 0: no limit). */
G20_MUST_USE int g20_reader_read(struct g20_reader *r, void *out, uint32_t max, int timeout_ms,
                                 struct g20_err *e);

uint64_t g20_reader_bad(const struct g20_reader *r); /* samples cleared so far, see convert.h */
void g20_reader_destroy(struct g20_reader *r);

#endif
