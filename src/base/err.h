/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* err: one vocabulary for failure.
 *
 * A function that can fail returns int: >= 0 on success, < 0 on failure. Operating-system
 * failures stay -errno; what errno cannot name sits far below the errno range, in one table.
 * Text for a person goes in an optional last `struct g20_err *`; it names what and where. */
#ifndef G20_BASE_ERR_H
#define G20_BASE_ERR_H

#include "base/base.h"

#define G20_ERR_MAP(X)                                  \
    X(EFORMAT, -5001, "malformed data")                 \
    X(EVERSION, -5002, "unsupported format version")    \
    X(ESHAPE, -5003, "tensor shape mismatch")           \
    X(EOVERRUN, -5004, "samples lost, reader too slow") \
    X(EUNSUPPORTED, -5005, "not implemented")           \
    X(ELOCKED, -5006, "value is locked to the trained model")

enum g20_errno {
#define X(name, value, text) G20_##name = (value),
    G20_ERR_MAP(X)
#undef X
};

struct g20_err {
    int code;
    char msg[320];
};

/* Fill @e unless it is NULL and give @code back, so callers can write `return g20_fail(...)`. */
int g20_fail(struct g20_err *e, int code, const char *fmt, ...) G20_PRINTF(3, 4);

/* Put "@fmt: " in front of the message that @e already holds (no-op when @e is NULL); returns
 * @code. For a caller that knows the file or the key that a lower layer does not. */
int g20_fail_at(struct g20_err *e, int code, const char *fmt, ...) G20_PRINTF(3, 4);

/* Text of a negative return value. Static storage or thread-local; never NULL. */
const char *g20_strerror(int code);

#endif
