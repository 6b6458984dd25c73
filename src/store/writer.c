/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The store's writing thread: everything that waits goes into one transaction. */
#include "store/internal.h"

#include "base/clock.h"
#include "store/database.h"
#include "store/emissions.h"
#include "store/records.h"
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>

enum { RETRY_MS = 1000, LOOK_MS = 5000 };
static const uint64_t MS = 1000000, RETENTION_NS = 60000000000u;

/* Failures of the disk or the file, not of what was asked. */
static bool is_grave(struct g20_store *s, int r)
{
    return sqlite3_get_autocommit(s->db) || r == -ENOSPC || r == -EIO || r == G20_EFORMAT ||
           r == -EROFS;
}

static int do_op(struct g20_store *s, struct g20_store_op *op)
{
    const uint64_t now_us = g20_clock_utc_us();

    switch (op->what) {
    case G20_OP_PUT:
        return g20_records_put(s->db, op->kind, op->fields, now_us, &op->out, &op->err);
    case G20_OP_CHANGE:
        return g20_records_change(s->db, op->kind, op->id, op->fields, now_us, &op->out, &op->err);
    case G20_OP_DELETE:
        return g20_records_delete(s->db, op->kind, op->id, &op->err);
    default:
        return 0; /* done by what comes around it */
    }
}

/* 0, also when @op itself was refused. */
static int write_op(struct g20_store *s, struct g20_store_op *op, uint64_t *written,
                    struct g20_err *e)
{
    int r = g20_sql_exec(s->db, "SAVEPOINT op", e);

    if (r < 0)
        return r;
    op->r = do_op(s, op);
    if (op->r >= 0 && op->what <= G20_OP_DELETE)
        ++*written;
    if (op->r < 0 && is_grave(s, op->r))
        return g20_fail(e, op->r, "%s", op->err.msg);
    return g20_sql_exec(s->db, op->r < 0 ? "ROLLBACK TO op; RELEASE op" : "RELEASE op", e);
}

struct round {
    struct g20_store_op *ops;
    bool probe; /* write something even when there is nothing */
    uint64_t emissions, records, refused;
};

static int write_all(struct g20_store *s, struct round *w, struct g20_err *e)
{
    const uint32_t n = g20_pending_count(s->batch);
    char probe[48];
    int r = 0;

    snprintf(probe, sizeof(probe), "PRAGMA user_version=%d", g20_schema_version());
    if (w->probe)
        r = g20_sql_exec(s->db, probe, e);
    for (uint32_t i = 0; r >= 0 && i < n; i++) {
        const struct g20_pending_item *item = g20_pending_item(s->batch, i);

        r = g20_emissions_write(s->db, &s->upsert, &item->em, item->closed, e);
        if (r >= 0) {
            w->emissions++;
        } else if (!is_grave(s, r) && r != -ENOMEM) {
            w->refused++;
            g20_store_say(s, G20_LOG_ERROR, "an emission cannot be stored", e->msg);
            r = 0;
        }
    }
    for (struct g20_store_op *op = w->ops; r >= 0 && op; op = op->next)
        r = write_op(s, op, &w->records, e);
    return r;
}

/* One transaction; on failure nothing of it is there. */
static int transact(struct g20_store *s, struct round *w, struct g20_err *e)
{
    int64_t last;
    int r = s->db ? 0 : g20_store_open(s, &last, e);

    if (r >= 0)
        r = g20_sql_exec(s->db, "BEGIN IMMEDIATE", e);
    if (r < 0)
        return r;
    r = write_all(s, w, e);
    if (r >= 0)
        r = g20_sql_exec(s->db, "COMMIT", e);
    if (r < 0 && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return r;
}

/* What could not be written waits for the next time; where it is known in a newer state, that one
 * stays. Called with the lock held. */
static void put_back(struct g20_store *s)
{
    for (uint32_t i = 0; i < g20_pending_count(s->batch); i++) {
        const struct g20_pending_item *item = g20_pending_item(s->batch, i);

        g20_store_queue(s, item->closed, false, &item->em);
    }
    s->pending_ns = g20_clock_mono_ns();
}

static bool wants(const struct g20_store_op *ops, int what)
{
    for (; ops; ops = ops->next)
        if ((int)ops->what == what)
            return true;
    return false;
}

/* Records of captures, which may be too large all together now. */
static bool have_captures(const struct g20_store_op *ops)
{
    for (; ops; ops = ops->next)
        if (ops->kind == G20_CAPTURES && (ops->what == G20_OP_PUT || ops->what == G20_OP_CHANGE))
            return true;
    return false;
}

/* Outside of the transaction: files are deleted only for what is committed. */
static void after(struct g20_store *s, struct g20_store_op *ops)
{
    const uint64_t now = g20_clock_mono_ns();
    struct g20_err e = {0};

    for (struct g20_store_op *op = ops; op; op = op->next)
        if (op->what == G20_OP_REMOVE)
            op->r = g20_store_remove_now(s, op->id, &op->err);
    pthread_mutex_lock(&s->lock);
    const bool changed = s->limits_changed;
    s->limits_changed = false;
    pthread_mutex_unlock(&s->lock);
    if (now < s->retention_ns && !changed && !have_captures(ops) && !wants(ops, G20_OP_TRIM))
        return;
    const int r = g20_store_retain(s, &e);
    s->retention_ns = now + (r > 0 ? RETRY_MS * MS : RETENTION_NS);
    if (r < 0)
        g20_store_say(s, G20_LOG_WARNING, "what is too old or too much cannot be deleted", e.msg);
    for (struct g20_store_op *op = ops; op; op = op->next)
        if (op->what == G20_OP_TRIM && r < 0) {
            op->r = r;
            op->err = e;
        }
}

static void finish(struct g20_store *s, struct round *w, int r, const struct g20_err *e)
{
    struct g20_store_op *next;

    pthread_mutex_lock(&s->lock);
    if (r >= 0) {
        s->stats.emissions_written += w->emissions;
        s->stats.records_written += w->records;
        s->stats.emissions_lost += w->refused;
    } else {
        put_back(s);
    }
    g20_pending_clear(s->batch);
    for (struct g20_store_op *op = w->ops; op; op = next) {
        next = op->next;
        if (r < 0) {
            json_decref(op->out);
            op->out = NULL;
            op->r = r;
            op->err = *e;
        }
        op->done = true; /* the caller's stack is its own again */
    }
    pthread_cond_broadcast(&s->done);
    pthread_mutex_unlock(&s->lock);
}

/* Called with the lock held: what waits is the writer's now. */
static void take(struct g20_store *s, struct round *w)
{
    struct g20_pending *empty = s->batch;

    s->batch = s->pending;
    s->pending = empty;
    *w = (struct round){.ops = s->ops, .probe = s->stats.state != G20_STORE_OK};
    s->ops = NULL;
    s->ops_end = &s->ops;
    s->suspect = false;
}

static void turn(struct g20_store *s, struct round *w, bool suspect)
{
    struct g20_err e = {0};

    if (suspect && s->db && g20_database_is_damaged(s->path))
        g20_store_replace(s, "found when reading");
    const int r = transact(s, w, &e);
    if (r >= 0)
        after(s, w->ops);
    finish(s, w, r, &e);
    if (r == G20_EFORMAT)
        g20_store_replace(s, e.msg);
    else
        g20_store_set_state(s, r, e.msg);
    g20_store_look_at_disk(s);
}

/* Milliseconds until there is something to do, 0 when there is. Called with the lock held. */
static int wait_ms(struct g20_store *s)
{
    const uint64_t now = g20_clock_mono_ns();
    uint64_t due = now + LOOK_MS * MS;

    if (s->stopping || s->ops || s->suspect)
        return 0;
    if (s->stats.state != G20_STORE_OK)
        return RETRY_MS; /* woken up before by those who wait only */
    if (s->limits_changed)
        return 0;
    if (g20_pending_count(s->pending) > 0)
        due = G20_MIN(due, s->pending_ns + (uint64_t)s->batch_ms * MS);
    due = G20_MIN(due, s->retention_ns);
    return due <= now ? 0 : (int)((due - now) / MS) + 1;
}

void *g20_store_main(void *arg)
{
    struct g20_store *s = arg;
    struct round w;
    bool stopping = false;

    while (!stopping) {
        pthread_mutex_lock(&s->lock);
        for (int ms; (ms = wait_ms(s)) > 0;) {
            const struct timespec until = g20_clock_deadline(ms);

            if (pthread_cond_timedwait(&s->wake, &s->lock, &until) == ETIMEDOUT)
                break; /* to look at the disk, or to try again */
        }
        const bool suspect = s->suspect;
        stopping = s->stopping;
        take(s, &w);
        pthread_mutex_unlock(&s->lock);
        turn(s, &w, suspect);
    }
    if (s->db && g20_emissions_mark_unfinished(s->db, NULL) < 0)
        g20_store_say(s, G20_LOG_WARNING, "open emissions could not be marked unfinished", "");
    return NULL;
}
