/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The condition that the store's database is in: opened, full or failing, damaged and set aside. */
#include "store/internal.h"

#include "base/file.h"
#include "store/database.h"
#include "store/emissions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void g20_store_say(struct g20_store *s, enum g20_log_level level, const char *message,
                   const char *detail)
{
    if (s->say)
        s->say(level, message, detail, s->say_user);
}

void g20_store_look_at_disk(struct g20_store *s)
{
    char wal[4200];
    struct stat st;
    uint64_t bytes = 0, free_bytes = 0;

    snprintf(wal, sizeof(wal), "%.4000s-wal", s->path);
    if (stat(s->path, &st) == 0)
        bytes += (uint64_t)st.st_size;
    if (stat(wal, &st) == 0)
        bytes += (uint64_t)st.st_size;
    if (g20_file_room(s->path, &free_bytes, NULL) < 0)
        free_bytes = 0; /* it is gone, or does not answer */
    pthread_mutex_lock(&s->lock);
    s->stats.database_bytes = bytes;
    s->stats.disk_free_bytes = free_bytes;
    pthread_mutex_unlock(&s->lock);
}

void g20_store_set_state(struct g20_store *s, int r, const char *text)
{
    const enum g20_store_state state = r >= 0         ? G20_STORE_OK
                                       : r == -ENOSPC ? G20_STORE_FULL
                                                      : G20_STORE_FAILED;

    pthread_mutex_lock(&s->lock);
    const enum g20_store_state before = s->stats.state;
    s->stats.state = state;
    snprintf(s->stats.text, sizeof(s->stats.text), "%s%s", state == G20_STORE_FULL ? "full: " : "",
             state == G20_STORE_OK ? "" : text);
    if (r < 0)
        s->stats.write_errors++;
    pthread_mutex_unlock(&s->lock);
    if (state == before)
        return;
    if (state == G20_STORE_OK)
        g20_store_say(s, G20_LOG_INFO, "storage works again", "");
    else
        g20_store_say(s, G20_LOG_ERROR,
                      state == G20_STORE_FULL ? "disk full: nothing is stored until there is room"
                                              : "storage fails, trying again",
                      text);
}

void g20_store_shut(struct g20_store *s)
{
    sqlite3_finalize(s->upsert);
    s->upsert = NULL;
    g20_sql_close(s->db);
    s->db = NULL;
}

int g20_store_open(struct g20_store *s, int64_t *ret_last, struct g20_err *e)
{
    char aside[512];
    struct g20_err why = {0};
    int r = g20_database_open(&s->db, s->path, aside, &why);

    if (aside[0])
        g20_store_say(s, G20_LOG_ERROR, "damaged database set aside, a new one made", aside);
    if (r >= 0)
        r = g20_emissions_mark_unfinished(s->db, &why);
    if (r > 0) {
        char count[32];

        snprintf(count, sizeof(count), "%d", r);
        g20_store_say(s, G20_LOG_WARNING,
                      "emissions of a run that did not end well marked unfinished", count);
    }
    if (r >= 0)
        r = g20_emissions_last_id(s->db, ret_last, &why);
    if (r < 0) {
        g20_store_shut(s);
        return g20_fail(e, r, "%s", why.msg);
    }
    atomic_fetch_add(&s->generation, 1);
    g20_store_look_at_disk(s);
    return 0;
}

void g20_store_suspect(struct g20_store *s)
{
    pthread_mutex_lock(&s->lock);
    s->suspect = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
}

void g20_store_replace(struct g20_store *s, const char *why)
{
    struct g20_err e = {0};
    char name[512] = "";
    int64_t last;

    g20_store_shut(s);
    int r = g20_database_set_aside(s->path, name, sizeof(name), &e);
    if (r >= 0) {
        g20_store_say(s, G20_LOG_ERROR, "damaged database set aside, a new one made", why);
        r = g20_store_open(s, &last, &e);
    }
    if (r < 0)
        g20_store_set_state(s, r, e.msg);
}
