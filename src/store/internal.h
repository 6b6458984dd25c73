/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What the files of the store share; nothing outside src/store includes this. */
#ifndef G20_STORE_INTERNAL_H
#define G20_STORE_INTERNAL_H

#include "base/thread.h"
#include "store/pending.h"
#include "store/sql.h"
#include "store/store.h"

#include <stdatomic.h>

/* Something that a caller waits for; it lies on the caller's stack. */
struct g20_store_op {
    struct g20_store_op *next;
    enum {
        G20_OP_PUT,
        G20_OP_CHANGE,
        G20_OP_DELETE,
        G20_OP_REMOVE,
        G20_OP_FLUSH,
        G20_OP_TRIM
    } what;
    enum g20_kind kind;
    const char *id;
    const json_t *fields;
    json_t *out;
    int r;
    bool done;
    struct g20_err err;
};

struct g20_store {
    char *path;
    int lock_fd; /* of the file that says whose the database is; -1: not ours */
    uint32_t queue_cap;
    int batch_ms;
    uint64_t last_id;
    void (*say)(enum g20_log_level level, const char *message, const char *detail, void *user);
    void *say_user;
    atomic_uint generation; /* of the file at @path; 0: not open */
    struct g20_thread thread;

    pthread_mutex_t lock; /* of all up to the next remark */
    pthread_cond_t wake, done;
    struct g20_pending *pending;
    uint64_t pending_ns; /* since when there is one */
    struct g20_store_op *ops, **ops_end;
    bool stopping, suspect;
    bool limits_changed; /* and were not applied since */
    struct g20_store_stats stats;
    double retention_days;
    uint64_t max_bytes;
    int (*remove_capture)(const char *id, const char *path, void *user);
    void *remove_user;

    /* The writer's own. */
    sqlite3 *db; /* NULL: could not be opened yet */
    sqlite3_stmt *upsert;
    struct g20_pending *batch;
    uint64_t retention_ns; /* when the limits are applied next */
};

/* writer.c */
void *g20_store_main(void *arg);

/* condition.c: before the writer's thread starts, or on it, unless noted. */
/* The highest id ever given goes to *ret_last. */
int g20_store_open(struct g20_store *s, int64_t *ret_last, struct g20_err *e);
void g20_store_shut(struct g20_store *s);
void g20_store_replace(struct g20_store *s, const char *why); /* rename it and begin a new one */
void g20_store_set_state(struct g20_store *s, int r, const char *text); /* @r: how writing went */
void g20_store_look_at_disk(struct g20_store *s); /* how large it is, how much room is left */
void g20_store_suspect(struct g20_store *s);      /* any thread: the database looks damaged */
void g20_store_say(struct g20_store *s, enum g20_log_level level, const char *message,
                   const char *detail);

/* retention.c: on the writer's thread, outside a transaction. 1: there is more to do. */
int g20_store_retain(struct g20_store *s, struct g20_err *e);
/* Delete a capture's files, then its record. */
int g20_store_remove_now(struct g20_store *s, const char *id, struct g20_err *e);

/* Into .pending, and what did not fit into .stats. Called with the lock held. */
void g20_store_queue(struct g20_store *s, bool closed, bool newer, const struct g20_emission *em);

#endif
