/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* fields: members of a request's object, each checked. All return < 0 with a message that names the
 * field: -EINVAL it is there and will not do, -ENODATA it is missing and may not be. */
#ifndef G20_TEACH_FIELDS_H
#define G20_TEACH_FIELDS_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1: there, fits into @buf (@size); 0: absent. */
G20_MUST_USE int g20_field_text(const json_t *o, const char *key, char *buf, size_t size,
                                struct g20_err *e);
/* The same of a signal's name; @buf: G20_SIGNAL_NAME bytes. */
G20_MUST_USE int g20_field_name(const json_t *o, const char *key, char *buf, bool required,
                                struct g20_err *e);
/* A whole number 1 .. @most (at most 2^53): 1; 0: absent. */
G20_MUST_USE int g20_field_whole(const json_t *o, const char *key, double most, uint64_t *ret,
                                 struct g20_err *e);
/* Absent is false; 0. */
G20_MUST_USE int g20_field_bool(const json_t *o, const char *key, bool *ret, struct g20_err *e);
/* A number @lo .. @hi, which must be there; @of: what @o is, for the message. 0. */
G20_MUST_USE int g20_field_number(const json_t *o, const char *of, const char *key, double lo,
                                  double hi, double *ret, struct g20_err *e);
/* What one of these returned, @r, if the field must be there. */
G20_MUST_USE int g20_field_need(int r, const char *key, struct g20_err *e);

#endif
