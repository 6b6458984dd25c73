/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/outbox.h"

#include "base/alloc.h"

#include <errno.h>

struct g20_msg *g20_msg_create(size_t len, bool binary)
{
    struct g20_msg *m = g20_calloc(1, sizeof(*m) + G20_MSG_ROOM + len + 1);

    if (!m)
        return NULL;
    atomic_init(&m->refs, 1);
    m->binary = binary;
    m->len = len;
    return m;
}

uint8_t *g20_msg_data(struct g20_msg *m)
{
    return m->bytes + G20_MSG_ROOM;
}

struct g20_msg *g20_msg_ref(struct g20_msg *m)
{
    atomic_fetch_add(&m->refs, 1);
    return m;
}

void g20_msg_unref(struct g20_msg *m)
{
    if (m && atomic_fetch_sub(&m->refs, 1) == 1)
        g20_free(m);
}

int g20_outbox_init(struct g20_outbox *o, uint32_t cap)
{
    *o = (struct g20_outbox){.cap = cap, .slot = g20_calloc(cap, sizeof(struct g20_msg *))};
    return o->slot ? 0 : -ENOMEM;
}

void g20_outbox_fini(struct g20_outbox *o)
{
    for (struct g20_msg *m; (m = g20_outbox_pop(o));)
        g20_msg_unref(m);
    g20_free(o->slot);
    *o = (struct g20_outbox){0};
}

void g20_outbox_push(struct g20_outbox *o, struct g20_msg *m)
{
    if (o->len == o->cap) {
        g20_msg_unref(g20_outbox_pop(o));
        o->dropped++;
    }
    o->slot[(o->head + o->len++) % o->cap] = g20_msg_ref(m);
}

struct g20_msg *g20_outbox_pop(struct g20_outbox *o)
{
    if (o->len == 0)
        return NULL;
    struct g20_msg *m = o->slot[o->head];
    o->head = (o->head + 1) % o->cap;
    o->len--;
    return m;
}
