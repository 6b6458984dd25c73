/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/records.h"

#include "base/alloc.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { SQL_BYTES = 3072 };

static bool has_id(const json_t *fields)
{
    return json_is_string(json_object_get(fields, "id"));
}

/* 16 hex digits, as the samples' own ids are. */
static int make_id(char *buf, size_t size, struct g20_err *e)
{
    uint64_t number;

    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
        return g20_fail(e, -EIO, "no random numbers");
    snprintf(buf, size, "%016llx", (unsigned long long)number);
    return 0;
}

static int bind_json(sqlite3_stmt *st, int at, const json_t *v)
{
    const size_t len = json_dumpb(v, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
    char *text = len > 0 ? g20_calloc(1, len) : NULL;

    if (!text)
        return -ENOMEM;
    json_dumpb(v, text, len, JSON_COMPACT | JSON_ENCODE_ANY);
    const int rc = sqlite3_bind_text64(st, at, text, len, SQLITE_TRANSIENT, SQLITE_UTF8);
    g20_free(text);
    return rc == SQLITE_OK ? 0 : -ENOMEM;
}

static int bind_value(sqlite3_stmt *st, int at, const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_NULL:
        return sqlite3_bind_null(st, at);
    case JSON_TRUE:
    case JSON_FALSE:
        return sqlite3_bind_int(st, at, json_is_true(v));
    case JSON_INTEGER:
        return sqlite3_bind_int64(st, at, json_integer_value(v));
    case JSON_REAL:
        return sqlite3_bind_double(st, at, json_real_value(v));
    case JSON_STRING: /* the caller holds the object until the statement is done */
        return sqlite3_bind_text(st, at, json_string_value(v), (int)json_string_length(v),
                                 SQLITE_STATIC);
    case JSON_OBJECT:
    case JSON_ARRAY:
        return bind_json(st, at, v);
    }
    return -EINVAL;
}

/* A signal that samples or models name is there. */
static int know_signal(sqlite3 *db, enum g20_kind kind, const json_t *fields, uint64_t now_us,
                       struct g20_err *e)
{
    const json_t *name = json_object_get(fields, "signal");
    sqlite3_stmt *st = NULL;
    char id[24];

    if ((kind != G20_SAMPLES && kind != G20_MODELS) || !json_is_string(name))
        return 0;
    int r = make_id(id, sizeof(id), e);
    if (r >= 0)
        r = g20_sql_prepare(db,
                            "INSERT INTO signals(id, created_us, updated_us, name)"
                            " VALUES (?1,?2,?2,?3) ON CONFLICT(name) DO NOTHING",
                            &st, e);
    if (r < 0)
        return r;
    sqlite3_bind_text(st, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 2, (int64_t)now_us);
    bind_value(st, 3, name);
    r = g20_sql_step(st, e);
    sqlite3_finalize(st);
    return r;
}

/* Bind every field that is named in the statement and run it. */
static int run(sqlite3 *db, const char *sql, const json_t *fields, const char *id, uint64_t now_us,
               struct g20_err *e)
{
    sqlite3_stmt *st = NULL;
    const char *key;
    json_t *v;
    int r = g20_sql_prepare(db, sql, &st, e);

    if (r < 0)
        return r;
    sqlite3_bind_text(st, sqlite3_bind_parameter_index(st, ":id"), id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, sqlite3_bind_parameter_index(st, ":now"), (int64_t)now_us);
    json_object_foreach((json_t *)fields, key, v)
    {
        char name[48];

        snprintf(name, sizeof(name), ":f_%.40s", key);
        const int at = sqlite3_bind_parameter_index(st, name);
        if (at > 0 && bind_value(st, at, v) != 0) {
            sqlite3_finalize(st);
            return g20_fail(e, -ENOMEM, "%.40s: out of memory", key);
        }
    }
    r = g20_sql_step(st, e);
    sqlite3_finalize(st);
    return r;
}

static int explain(enum g20_kind kind, int r, struct g20_err *e)
{
    const struct g20_kind_def *k = g20_kind(kind);

    if (r == -EEXIST)
        return g20_fail(e, r, "there is a %s with this id%s already", k->one,
                        g20_kind_field(kind, "name") ? " or name" : "");
    if (r == -EINVAL && kind == G20_CAPTURES)
        return g20_fail(e, r, "mission_id: no such mission");
    return r;
}

int g20_records_put(sqlite3 *db, enum g20_kind kind, const json_t *fields, uint64_t now_us,
                    json_t **ret, struct g20_err *e)
{
    const struct g20_kind_def *k = g20_kind(kind);
    char sql[SQL_BYTES], made[24];
    const char *id = json_string_value(json_object_get(fields, "id"));
    struct g20_text t;
    int r = know_signal(db, kind, fields, now_us, e);

    if (r >= 0 && !has_id(fields))
        r = make_id(made, sizeof(made), e);
    if (r < 0)
        return r;
    if (!id)
        id = made;
    g20_text_fixed(&t, sql, sizeof(sql));
    g20_text_printf(&t, "INSERT INTO %s(id, created_us, updated_us", k->name);
    for (size_t i = 0; i < k->count; i++)
        g20_text_printf(&t, ", %s", k->field[i].name);
    g20_text_puts(&t, ") VALUES (:id, :now, :now");
    for (size_t i = 0; i < k->count; i++)
        g20_text_printf(&t, ", :f_%s", k->field[i].name);
    g20_text_puts(&t, ")");
    r = t.failed ? -ENOBUFS : run(db, sql, fields, id, now_us, e);
    return r < 0 ? explain(kind, r, e) : g20_records_get(db, kind, id, ret, e);
}

int g20_records_change(sqlite3 *db, enum g20_kind kind, const char *id, const json_t *fields,
                       uint64_t now_us, json_t **ret, struct g20_err *e)
{
    const struct g20_kind_def *k = g20_kind(kind);
    char sql[SQL_BYTES];
    struct g20_text t;
    int r = know_signal(db, kind, fields, now_us, e);

    if (r < 0)
        return r;
    g20_text_fixed(&t, sql, sizeof(sql));
    g20_text_printf(&t, "UPDATE %s SET updated_us=:now", k->name);
    for (size_t i = 0; i < k->count; i++)
        if (json_object_get(fields, k->field[i].name))
            g20_text_printf(&t, ", %s=:f_%s", k->field[i].name, k->field[i].name);
    g20_text_puts(&t, " WHERE id=:id");
    r = t.failed ? -ENOBUFS : run(db, sql, fields, id, now_us, e);
    if (r < 0)
        return explain(kind, r, e);
    return g20_records_get(db, kind, id, ret, e); /* -ENOENT when nothing was changed */
}

int g20_records_delete(sqlite3 *db, enum g20_kind kind, const char *id, struct g20_err *e)
{
    const struct g20_kind_def *k = g20_kind(kind);
    char sql[128];

    snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE id=:id", k->name);
    const int r = run(db, sql, NULL, id, 0, e);
    if (r == -EINVAL)
        return g20_fail(e, -EBUSY, "the %s still has samples or models", k->one);
    if (r >= 0 && sqlite3_changes(db) == 0)
        return g20_fail(e, -ENOENT, "no %s \"%.64s\"", k->one, id);
    return r;
}

static json_t *read_value(sqlite3_stmt *st, int column, bool is_flag, bool is_json)
{
    switch (sqlite3_column_type(st, column)) {
    case SQLITE_INTEGER:
        return is_flag ? json_boolean(sqlite3_column_int(st, column) != 0)
                       : json_integer(sqlite3_column_int64(st, column));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(st, column)); /* NULL when infinite: left out */
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_column_text(st, column);
        const size_t n = (size_t)sqlite3_column_bytes(st, column);

        if (!text)
            return NULL;
        return is_json ? json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL) : json_stringn(text, n);
    }
    default:
        return NULL;
    }
}

/* One row; what is null, or no valid text, is left out. NULL: out of memory. */
static json_t *read_record(sqlite3_stmt *st, enum g20_kind kind)
{
    const struct g20_kind_def *k = g20_kind(kind);
    json_t *o = json_object();

    for (int i = 1; o && i < sqlite3_column_count(st); i++) {
        const char *name = sqlite3_column_name(st, i);
        const struct g20_field_def *f = name ? g20_kind_field(kind, name) : NULL;
        const bool is_json = f ? f->type == G20_VALUE_JSON
                               : name && k->computed_json && strcmp(name, k->computed_json) == 0;
        json_t *v = name ? read_value(st, i, f && f->type == G20_VALUE_FLAG, is_json) : NULL;

        if (v && json_object_set_new(o, name, v) < 0) {
            json_decref(o);
            o = NULL;
        }
    }
    return o;
}

static void select_sql(enum g20_kind kind, struct g20_text *t)
{
    const struct g20_kind_def *k = g20_kind(kind);

    g20_text_puts(t, "SELECT n, id, created_us, updated_us");
    for (size_t i = 0; i < k->count; i++)
        g20_text_printf(t, ", %s", k->field[i].name);
    if (k->computed[0])
        g20_text_printf(t, ", %s", k->computed);
    g20_text_printf(t, " FROM %s t", k->name);
}

int g20_records_get(sqlite3 *db, enum g20_kind kind, const char *id, json_t **ret,
                    struct g20_err *e)
{
    sqlite3_stmt *st = NULL;
    struct g20_text t;
    char sql[SQL_BYTES];

    g20_text_fixed(&t, sql, sizeof(sql));
    select_sql(kind, &t);
    g20_text_puts(&t, " WHERE id=?1");
    int r = t.failed ? -ENOBUFS : g20_sql_prepare(db, sql, &st, e);
    if (r < 0)
        return r;
    sqlite3_bind_text(st, 1, id, -1, SQLITE_STATIC);
    r = g20_sql_step(st, e);
    if (r == 0)
        r = g20_fail(e, -ENOENT, "no %s \"%.64s\"", g20_kind(kind)->one, id);
    if (r == 1) {
        json_t *o = read_record(st, kind);

        r = o ? 0 : g20_fail(e, -ENOMEM, "out of memory");
        if (o)
            *ret = o;
    }
    sqlite3_finalize(st);
    return r;
}

static void list_sql(enum g20_kind kind, const struct g20_record_query *q, struct g20_text *t)
{
    const char *time = g20_kind(kind)->time_field, *order = q->ascending ? "ASC" : "DESC";

    select_sql(kind, t);
    g20_text_printf(t, " WHERE %s>=?1", time);
    if (q->to_us > 0)
        g20_text_printf(t, " AND %s<?2", time);
    if (q->has_cursor)
        g20_text_printf(t, " AND (%s,n)%c(?3,?4)", time, q->ascending ? '>' : '<');
    for (uint32_t i = 0; i < q->filters; i++)
        g20_text_printf(t, " AND %s=?%u", q->filter[i].field->name, 6 + i);
    g20_text_printf(t, " ORDER BY %s %s, n %s LIMIT ?5", time, order, order);
}

static void list_bind(sqlite3_stmt *st, const struct g20_record_query *q, uint32_t limit)
{
    sqlite3_bind_int64(st, 1, (int64_t)G20_MIN(q->from_us, (uint64_t)INT64_MAX));
    if (q->to_us > 0)
        sqlite3_bind_int64(st, 2, (int64_t)G20_MIN(q->to_us, (uint64_t)INT64_MAX));
    if (q->has_cursor) {
        sqlite3_bind_int64(st, 3, q->cursor_us);
        sqlite3_bind_int64(st, 4, q->cursor_n);
    }
    sqlite3_bind_int64(st, 5, (int64_t)limit + 1); /* one more tells whether there are more */
    for (uint32_t i = 0; i < q->filters; i++)      /* a column of numbers converts the digits */
        sqlite3_bind_text(st, 6 + (int)i, q->filter[i].value, -1, SQLITE_STATIC);
}

int g20_records_list(sqlite3 *db, enum g20_kind kind, const struct g20_record_query *q,
                     json_t **ret, bool *ret_more, int64_t *ret_us, int64_t *ret_n,
                     struct g20_err *e)
{
    const uint32_t limit = q->limit == 0 ? 100 : G20_MIN(q->limit, (uint32_t)G20_RECORDS_MOST);
    sqlite3_stmt *st = NULL;
    struct g20_text t;
    char sql[SQL_BYTES];
    json_t *list = NULL;
    bool more = false;

    g20_text_fixed(&t, sql, sizeof(sql));
    list_sql(kind, q, &t);
    int r = t.failed ? -ENOBUFS : g20_sql_prepare(db, sql, &st, e);
    if (r < 0)
        return r;
    list_bind(st, q, limit);
    list = json_array();
    while (list && (r = g20_sql_step(st, e)) == 1) {
        if (json_array_size(list) == limit) {
            more = true;
            break;
        }
        json_t *o = read_record(st, kind);
        const json_t *us = json_object_get(o, g20_kind(kind)->time_field);
        *ret_us = json_integer_value(us);
        *ret_n = sqlite3_column_int64(st, 0);
        if (!o || json_array_append_new(list, o) < 0) {
            r = -ENOMEM;
            break;
        }
    }
    sqlite3_finalize(st);
    if (!list || r < 0) {
        json_decref(list);
        return r < 0 ? r : g20_fail(e, -ENOMEM, "out of memory");
    }
    *ret = list;
    *ret_more = more;
    return 0;
}
