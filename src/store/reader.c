/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/reader.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "store/internal.h"

#include <errno.h>

enum { STEPS = 20000 }; /* of SQLite's machine between two looks at the clock */
static const uint64_t LONGEST_NS = 5000000000u;

struct g20_store_reader {
    struct g20_store *store;
    sqlite3 *db;
    unsigned generation;
    uint64_t until_ns;
    atomic_bool stopped;
};

int g20_store_reader_create(struct g20_store_reader **ret, struct g20_store *s)
{
    struct g20_store_reader *r = g20_calloc(1, sizeof(*r));

    if (!r)
        return -ENOMEM;
    r->store = s;
    atomic_init(&r->stopped, false);
    *ret = r;
    return 0;
}

void g20_store_reader_destroy(struct g20_store_reader *r)
{
    if (!r)
        return;
    g20_sql_close(r->db);
    g20_free(r);
}

void g20_store_reader_stop(struct g20_store_reader *r)
{
    atomic_store(&r->stopped, true);
}

static int is_late(void *user)
{
    struct g20_store_reader *r = user;

    return atomic_load(&r->stopped) || g20_clock_mono_ns() > r->until_ns;
}

static int begin(struct g20_store_reader *r, struct g20_err *e)
{
    const unsigned generation = atomic_load(&r->store->generation);

    if (atomic_load(&r->stopped))
        return g20_fail(e, -ETIME, "shutting down");
    if (generation == 0)
        return g20_fail(e, -EAGAIN, "the database is not open");
    if (r->db && r->generation != generation) {
        g20_sql_close(r->db);
        r->db = NULL;
    }
    r->until_ns = g20_clock_mono_ns() + LONGEST_NS;
    if (r->db)
        return 0;
    const int code = g20_sql_open(&r->db, r->store->path, G20_SQL_READ, e);
    if (code < 0)
        return code;
    r->generation = generation;
    sqlite3_progress_handler(r->db, STEPS, is_late, r);
    return 0;
}

static int end(struct g20_store_reader *r, int code, struct g20_err *e)
{
    if (code == G20_EFORMAT)
        g20_store_suspect(r->store);
    if (code == -ETIME)
        g20_fail(e, code, "the question takes too long: narrow it down");
    return code;
}

int g20_store_reader_emissions(struct g20_store_reader *r, const struct g20_emission_query *q,
                               struct g20_stored_emission *ret, struct g20_err *e)
{
    int code = begin(r, e);

    if (code >= 0)
        code = g20_emissions_find(r->db, q, ret, e);
    return end(r, code, e);
}

int g20_store_reader_get(struct g20_store_reader *r, enum g20_kind kind, const char *id,
                         json_t **ret, struct g20_err *e)
{
    int code = begin(r, e);

    if (code >= 0)
        code = g20_records_get(r->db, kind, id, ret, e);
    return end(r, code, e);
}

int g20_store_reader_list(struct g20_store_reader *r, enum g20_kind kind,
                          const struct g20_record_query *q, json_t **ret, bool *ret_more,
                          int64_t *ret_us, int64_t *ret_n, struct g20_err *e)
{
    int code = begin(r, e);

    if (code >= 0)
        code = g20_records_list(r->db, kind, q, ret, ret_more, ret_us, ret_n, e);
    return end(r, code, e);
}
