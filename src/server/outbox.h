/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* outbox: bounded queues of messages waiting for one client.
 *
 * A message is encoded once and shared by all clients that get it. The bytes before it are room
 * for the WebSocket frame header that libwebsockets writes there. Messages may be made, referenced
 * and given back by any thread; an outbox belongs to one. */
#ifndef G20_SERVER_OUTBOX_H
#define G20_SERVER_OUTBOX_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { G20_MSG_ROOM = 32 }; /* >= LWS_PRE; checked in ws.c */

struct g20_msg {
    atomic_uint refs;
    bool binary;
    size_t len;
    uint8_t bytes[]; /* (G20_MSG_ROOM + len + 1): the room, the message, a NUL */
};

/* @len bytes to be filled in by the caller at g20_msg_data(); NULL when out of memory. */
struct g20_msg *g20_msg_create(size_t len, bool binary);
uint8_t *g20_msg_data(struct g20_msg *m);
struct g20_msg *g20_msg_ref(struct g20_msg *m);
void g20_msg_unref(struct g20_msg *m); /* NULL is fine */

struct g20_outbox {
    struct g20_msg **slot; /* (cap) ring; head is the oldest */
    uint32_t head, len, cap;
    uint64_t dropped;
};

G20_MUST_USE int g20_outbox_init(struct g20_outbox *o, uint32_t cap); /* cap >= 1 */
void g20_outbox_fini(struct g20_outbox *o);

/* Takes a reference of its own. When full the oldest message is dropped and counted. */
void g20_outbox_push(struct g20_outbox *o, struct g20_msg *m);
struct g20_msg *g20_outbox_pop(struct g20_outbox *o); /* the caller owns it; NULL when empty */

#endif
