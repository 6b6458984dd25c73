/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The part "samples" of the daemon: teaching, with the IQ that it asks for. */
#include "app/daemon.h"

#include "app/captured.h"
#include "app/heard.h"
#include "base/log.h"

#include <errno.h>

enum { IQ_BYTES = 8 << 20 };

static void news(json_t *o, void *user)
{
    g20_server_news(((struct g20_daemon *)user)->server, G20_NEWS_TRAINING, o);
}

/* A training without it has a review of captures and samples all the same. */
static void keep(const char *folder, void *user)
{
    struct g20_daemon *d = user;
    struct g20_err e = {0};

    const int r = d->ring ? g20_heard_keep(d->ring, folder, G20_HEARD_MOST, &e) : -ENODATA;
    if (r < 0 && r != -ENODATA)
        g20_log(G20_LOG_WARNING, "teach", "what was received is not kept for a review",
                G20_F_STR("why", e.msg));
}

/* A daemon that cannot teach watches all the same. */
int g20_daemon_start_teach(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    const struct g20_teach_cfg c = {.training_dir = d->cfg.paths.training_dir,
                                    .models_dir = d->cfg.paths.models_dir,
                                    .capture_dir = d->cfg.paths.capture_dir,
                                    .heads = d->heads,
                                    .memory = d->memory,
                                    .store = d->store,
                                    .presets = d->cfg.training.presets,
                                    .most_iq = IQ_BYTES,
                                    .fetch = g20_captured_fetch,
                                    .fetch_user = d,
                                    .keep = keep,
                                    .keep_user = d,
                                    .news = news,
                                    .news_user = d};
    if (g20_teach_create(&d->teach, &c, e) < 0)
        g20_log(G20_LOG_WARNING, "teach", "cannot teach signals",
                G20_F_STR("why", e ? e->msg : ""));
    return 0;
}

void g20_daemon_stop_teach(void *user)
{
    struct g20_daemon *d = user;

    g20_teach_destroy(d->teach);
    d->teach = NULL;
}
