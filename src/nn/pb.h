/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* pb: the wire format of protocol buffers, as far as model files need it. Pure functions.
 * protobuf.dev/programming-guides/encoding. */
#ifndef G20_NN_PB_H
#define G20_NN_PB_H

#include "base/text.h"

#include <stdint.h>

enum g20_pb_wire { G20_PB_VARINT = 0, G20_PB_FIXED64 = 1, G20_PB_BYTES = 2, G20_PB_FIXED32 = 5 };

struct g20_pb { /* what is left to read; borrowed */
    const uint8_t *data;
    size_t len;
};

struct g20_pb_field {
    uint32_t number;
    enum g20_pb_wire wire;
    uint64_t value;    /* of VARINT, FIXED64 and FIXED32 */
    struct g20_pb sub; /* of BYTES, borrowed */
};

/* 1: a field was read; 0: the end; -EBADMSG: cut short, a number of 0 or a group. */
int g20_pb_next(struct g20_pb *p, struct g20_pb_field *f);

/* The next of a packed list of varints: 1, 0 at the end, -EBADMSG. */
int g20_pb_packed(struct g20_pb *p, uint64_t *ret);

/* Writers append; check .failed of the text at the end. */
void g20_pb_put_int(struct g20_text *t, uint32_t number, uint64_t value);
void g20_pb_put_float(struct g20_text *t, uint32_t number, float value);
void g20_pb_put_bytes(struct g20_text *t, uint32_t number, const void *data, size_t len);
void g20_pb_put_string(struct g20_text *t, uint32_t number, const char *text);
/* @sub becomes a field of @t and is freed. */
void g20_pb_put_message(struct g20_text *t, uint32_t number, struct g20_text *sub);

#endif
