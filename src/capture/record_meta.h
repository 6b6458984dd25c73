/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* record_meta: the metadata of a recording as JSON, and the sum over its samples; private to
 * record*.c. */
#ifndef G20_CAPTURE_RECORD_META_H
#define G20_CAPTURE_RECORD_META_H

#include "capture/record.h"

#include <jansson.h>

/* NULL: out of memory. */
json_t *g20_record_meta(enum g20_sample_format format, double rate_hz,
                        const struct g20_record_segment *seg, size_t n);
/* As text in memory of base/alloc.h. */
char *g20_record_text(const json_t *o);

/* Writes @doc to @path through source/sigmf.h, which checks it, with @sha512 and the notes. */
G20_MUST_USE int g20_record_write_meta(json_t *doc, const char *path, const char *sha512,
                                       const struct g20_sigmf_annotation *notes, size_t n,
                                       struct g20_err *e);
/* SHA-512 of a whole file, in hexadecimal, into >= 129 bytes. */
G20_MUST_USE int g20_record_sum(int fd, char *hex, struct g20_err *e);
void g20_record_hex(const unsigned char *sum, char *hex); /* 64 bytes to 129 */

/* path: folder of @base, @before, name of @base, @after. */
G20_MUST_USE int g20_record_name(char *buf, size_t size, const char *base, const char *before,
                                 const char *after);

#endif
