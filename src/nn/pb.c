/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/pb.h"

#include <errno.h>
#include <string.h>

static int varint(struct g20_pb *p, uint64_t *ret)
{
    uint64_t v = 0;

    for (size_t i = 0; i < 10 && i < p->len; i++) {
        v |= (uint64_t)(p->data[i] & 0x7f) << (7 * i);
        if (p->data[i] < 0x80) {
            p->data += i + 1;
            p->len -= i + 1;
            *ret = v;
            return 1;
        }
    }
    return -EBADMSG;
}

static int fixed(struct g20_pb *p, size_t bytes, uint64_t *ret)
{
    if (p->len < bytes)
        return -EBADMSG;
    *ret = 0;
    for (size_t i = 0; i < bytes; i++)
        *ret |= (uint64_t)p->data[i] << (8 * i);
    p->data += bytes;
    p->len -= bytes;
    return 1;
}

int g20_pb_next(struct g20_pb *p, struct g20_pb_field *f)
{
    uint64_t tag;

    if (p->len == 0)
        return 0;
    if (varint(p, &tag) < 0 || tag >> 3 == 0 || tag >> 32 != 0)
        return -EBADMSG;
    *f = (struct g20_pb_field){.number = (uint32_t)(tag >> 3),
                               .wire = (enum g20_pb_wire)(unsigned)(tag & 7)};
    switch (f->wire) {
    case G20_PB_VARINT:
        return varint(p, &f->value);
    case G20_PB_FIXED64:
        return fixed(p, 8, &f->value);
    case G20_PB_FIXED32:
        return fixed(p, 4, &f->value);
    case G20_PB_BYTES:
        if (varint(p, &f->value) < 0 || f->value > p->len)
            return -EBADMSG;
        f->sub = (struct g20_pb){p->data, (size_t)f->value};
        p->data += f->value;
        p->len -= (size_t)f->value;
        return 1;
    }
    return -EBADMSG;
}

int g20_pb_packed(struct g20_pb *p, uint64_t *ret)
{
    return p->len == 0 ? 0 : varint(p, ret);
}

static void put_varint(struct g20_text *t, uint64_t v)
{
    char out[10];
    size_t n = 0;

    for (; v >= 0x80; v >>= 7)
        out[n++] = (char)(uint8_t)(v | 0x80);
    out[n++] = (char)(uint8_t)v;
    g20_text_put(t, out, n);
}

static void put_tag(struct g20_text *t, uint32_t number, enum g20_pb_wire wire)
{
    put_varint(t, (uint64_t)number << 3 | (unsigned)wire);
}

void g20_pb_put_int(struct g20_text *t, uint32_t number, uint64_t value)
{
    put_tag(t, number, G20_PB_VARINT);
    put_varint(t, value);
}

void g20_pb_put_float(struct g20_text *t, uint32_t number, float value)
{
    uint32_t bits;
    char out[4];

    memcpy(&bits, &value, sizeof(bits));
    for (int i = 0; i < 4; i++)
        out[i] = (char)(uint8_t)(bits >> (8 * i));
    put_tag(t, number, G20_PB_FIXED32);
    g20_text_put(t, out, sizeof(out));
}

void g20_pb_put_bytes(struct g20_text *t, uint32_t number, const void *data, size_t len)
{
    put_tag(t, number, G20_PB_BYTES);
    put_varint(t, len);
    g20_text_put(t, data, len);
}

void g20_pb_put_string(struct g20_text *t, uint32_t number, const char *text)
{
    g20_pb_put_bytes(t, number, text, strlen(text));
}

void g20_pb_put_message(struct g20_text *t, uint32_t number, struct g20_text *sub)
{
    g20_pb_put_bytes(t, number, sub->data ? sub->data : "", sub->len);
    t->failed = t->failed || sub->failed;
    g20_text_fini(sub);
}
