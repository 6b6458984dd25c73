/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What parts of the daemon tell every client of a path, from threads of their own. */
#include "server/internal.h"

#include "base/alloc.h"

#include <errno.h>

enum { WAITING = 64 };

static const uint32_t wants[G20_NEWS] = {
    [G20_NEWS_TRAINING] = G20_WANTS_TRAINING, [G20_NEWS_MISSIONS] = G20_WANTS_MISSIONS};

struct g20_news {
    pthread_mutex_t lock; /* of the rest */
    struct g20_outbox box[G20_NEWS];
};

int g20_news_create(struct g20_news **ret, struct g20_err *e)
{
    struct g20_news *n = g20_calloc(1, sizeof(*n));
    int r = n ? 0 : -ENOMEM;

    if (n)
        pthread_mutex_init(&n->lock, NULL);
    for (int i = 0; i < G20_NEWS && r == 0; i++)
        r = g20_outbox_init(&n->box[i], WAITING);
    if (r < 0) {
        g20_news_destroy(n);
        return g20_fail(e, r, "out of memory");
    }
    *ret = n;
    return 0;
}

void g20_news_destroy(struct g20_news *n)
{
    if (!n)
        return;
    for (int i = 0; i < G20_NEWS; i++)
        if (n->box[i].slot)
            g20_outbox_fini(&n->box[i]);
    pthread_mutex_destroy(&n->lock);
    g20_free(n);
}

void g20_server_news(struct g20_server *s, enum g20_news_kind kind, json_t *news)
{
    struct g20_msg *m = g20_status_text(news);

    if (!m)
        return;
    pthread_mutex_lock(&s->news->lock);
    g20_outbox_push(&s->news->box[kind], m);
    pthread_mutex_unlock(&s->news->lock);
    g20_msg_unref(m);
    g20_server_wake(s);
}

void g20_news_drain(struct g20_server *s)
{
    for (int i = 0; i < G20_NEWS;) {
        pthread_mutex_lock(&s->news->lock);
        struct g20_msg *m = g20_outbox_pop(&s->news->box[i]);
        pthread_mutex_unlock(&s->news->lock);
        if (m)
            g20_ws_give(s, wants[i], m);
        else
            i++;
        g20_msg_unref(m);
    }
}
