/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* feed: messages from a worker's thread to one client, bounded.
 *
 * The worker pushes, the server's thread takes. When full the oldest message is dropped and
 * counted, so that a slow client holds up neither the worker nor anybody else. Both hold a
 * reference; once the client is gone its feed is closed and pushes do nothing. Thread-safe. */
#ifndef G20_SERVER_FEED_H
#define G20_SERVER_FEED_H

#include "server/outbox.h"

struct g20_feed;

/* @wake is called by whoever pushes, after something was put in and until the server's thread has
 * taken something; it must not block, and may be NULL. */
G20_MUST_USE int g20_feed_create(struct g20_feed **ret, uint32_t cap, void (*wake)(void *user),
                                 void *user);
struct g20_feed *g20_feed_ref(struct g20_feed *f);
void g20_feed_unref(struct g20_feed **at); /* clears *at; NULL inside is fine */

/* Takes over the caller's reference of @m; NULL is fine. False: the feed is closed. */
bool g20_feed_push(struct g20_feed *f, struct g20_msg *m);
struct g20_msg *g20_feed_take(struct g20_feed *f); /* the caller owns it; NULL when empty */

/* No wake() after it returns; what waits is thrown away. May be called twice. */
void g20_feed_close(struct g20_feed *f);

struct g20_feed_stats {
    uint32_t len;
    uint64_t pushed, dropped;
    bool closed;
};
void g20_feed_stats(struct g20_feed *f, struct g20_feed_stats *ret);

#endif
