/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* base64: RFC 4648 text to bytes and back, strictly: the standard alphabet, padded, no line breaks,
 * no bits left over. Pure; outside bytes come through here, so it is a fuzz target. */
#ifndef G20_TEACH_BASE64_H
#define G20_TEACH_BASE64_H

#include "base/err.h"

/* Bytes that @len characters hold at most. */
size_t g20_base64_room(size_t len);

/* @text (len) into @out (cap bytes). The number of bytes goes to *ret_len. -EINVAL says where it is
 * no base64, -EFBIG that it does not fit; @out may have been written to then. */
G20_MUST_USE int g20_base64_decode(const char *text, size_t len, void *out, size_t cap,
                                   size_t *ret_len, struct g20_err *e);

/* @data (len) as text, NUL-terminated, for g20_free(); NULL: out of memory. */
char *g20_base64_encode(const void *data, size_t len);

#endif
