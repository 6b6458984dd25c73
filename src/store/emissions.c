/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/emissions.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char upsert[] =
    "INSERT INTO emissions(id, state, channel, class, class_id, confidence, start_us, end_us,"
    " duration_s, f_lo_hz, f_hi_hz, absolute, level_dbfs, peak_dbfs, snr_db, duty, model,"
    " model_version) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)"
    " ON CONFLICT(id) DO UPDATE SET state=?2, class=?4, class_id=?5, confidence=?6, start_us=?7,"
    " end_us=?8, duration_s=?9, f_lo_hz=?10, f_hi_hz=?11, absolute=?12, level_dbfs=?13,"
    " peak_dbfs=?14, snr_db=?15, duty=?16, model=?17, model_version=?18"
    " WHERE channel=?3 AND state<>1";

const char *g20_emission_state_name(enum g20_emission_state state)
{
    static const char *const names[] = {"open", "closed", "unfinished"};

    return names[state];
}

static int64_t to_int64(uint64_t v)
{
    return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

/* SQLite has no NaN: it becomes null, and null stays no number. */
static double finite_or(double v, double otherwise)
{
    return isfinite(v) ? v : otherwise;
}

static void bind_text(sqlite3_stmt *st, int at, const char *text, size_t size)
{
    sqlite3_bind_text(st, at, text, (int)strnlen(text, size), SQLITE_STATIC);
}

static void bind(sqlite3_stmt *st, const struct g20_emission *em, bool closed)
{
    const double longest_s = 1e9;
    const double duration_s = G20_CLAMP(finite_or(em->duration_s, 0.0), 0.0, longest_s);
    const int64_t start_us = G20_MIN(to_int64(em->start_us), INT64_MAX / 2);

    sqlite3_bind_int64(st, 1, to_int64(em->id));
    sqlite3_bind_int(st, 2, closed ? G20_EMISSION_IS_CLOSED : G20_EMISSION_IS_OPEN);
    sqlite3_bind_int(st, 3, em->channel);
    bind_text(st, 4, em->class_name, sizeof(em->class_name));
    sqlite3_bind_int(st, 5, em->class_id);
    sqlite3_bind_double(st, 6, (double)em->confidence);
    sqlite3_bind_int64(st, 7, start_us);
    sqlite3_bind_int64(st, 8, start_us + (int64_t)ceil(duration_s * 1e6));
    sqlite3_bind_double(st, 9, duration_s);
    sqlite3_bind_double(st, 10, finite_or(em->f_lo_hz, 0.0));
    sqlite3_bind_double(st, 11, finite_or(em->f_hi_hz, 0.0));
    sqlite3_bind_int(st, 12, em->center_known);
    sqlite3_bind_double(st, 13, (double)em->level_dbfs);
    sqlite3_bind_double(st, 14, (double)em->peak_dbfs);
    sqlite3_bind_double(st, 15, (double)em->snr_db);
    sqlite3_bind_double(st, 16, (double)em->duty);
    bind_text(st, 17, em->model, sizeof(em->model));
    bind_text(st, 18, em->model_version, sizeof(em->model_version));
}

/* Nothing was changed: fine when the emission is there already and has ended. */
static int why_unchanged(sqlite3 *db, const struct g20_emission *em, struct g20_err *e)
{
    sqlite3_stmt *st = NULL;
    int r = g20_sql_prepare(db, "SELECT channel, start_us FROM emissions WHERE id=?1", &st, e);

    if (r < 0)
        return r;
    sqlite3_bind_int64(st, 1, to_int64(em->id));
    r = g20_sql_step(st, e);
    const bool same = r == 1 && sqlite3_column_int(st, 0) == em->channel &&
                      sqlite3_column_int64(st, 1) == to_int64(em->start_us);
    sqlite3_finalize(st);
    if (r < 0 || same)
        return G20_MIN(r, 0);
    return g20_fail(e, -EEXIST, "emission %llu is another one already", (unsigned long long)em->id);
}

int g20_emissions_write(sqlite3 *db, sqlite3_stmt **st, const struct g20_emission *em, bool closed,
                        struct g20_err *e)
{
    int r = *st ? 0 : g20_sql_prepare(db, upsert, st, e);

    if (r < 0)
        return r;
    bind(*st, em, closed);
    r = g20_sql_step(*st, e);
    if (r < 0)
        return r;
    return sqlite3_changes(db) == 0 ? why_unchanged(db, em, e) : 0;
}

int g20_emissions_mark_unfinished(sqlite3 *db, struct g20_err *e)
{
    const int r = g20_sql_exec(db, "UPDATE emissions SET state=2 WHERE state=0", e);

    return r < 0 ? r : sqlite3_changes(db);
}

int g20_emissions_last_id(sqlite3 *db, int64_t *ret, struct g20_err *e)
{
    return g20_sql_number(db, "SELECT seq FROM sqlite_sequence WHERE name='emissions'", ret, e);
}

int g20_emissions_delete_before(sqlite3 *db, uint64_t before_us, int most, struct g20_err *e)
{
    sqlite3_stmt *st = NULL;
    int r = g20_sql_prepare(db,
                            "DELETE FROM emissions WHERE id IN (SELECT id FROM emissions"
                            " WHERE start_us<?1 AND end_us<?1 AND state<>0"
                            " ORDER BY start_us LIMIT ?2)",
                            &st, e);

    if (r < 0)
        return r;
    sqlite3_bind_int64(st, 1, to_int64(before_us));
    sqlite3_bind_int(st, 2, most);
    r = g20_sql_step(st, e);
    sqlite3_finalize(st);
    return r < 0 ? r : sqlite3_changes(db);
}

/* Only the conditions that were given: the planner then finds the right index. */
static void find_sql(const struct g20_emission_query *q, struct g20_text *t)
{
    g20_text_puts(t, "SELECT id, state, channel, class, class_id, confidence, start_us,"
                     " duration_s, f_lo_hz, f_hi_hz, absolute, level_dbfs, peak_dbfs, snr_db,"
                     " duty, model, model_version FROM emissions WHERE 1");
    if (q->from_us > 0)
        g20_text_puts(t, " AND end_us>=:from AND start_us>=:from-coalesce((SELECT"
                         " max(end_us-start_us) FROM emissions),0)");
    if (q->to_us > 0)
        g20_text_puts(t, " AND start_us<:to");
    if (q->has_f_lo)
        g20_text_puts(t, " AND f_hi_hz>=:f_lo");
    if (q->has_f_hi)
        g20_text_puts(t, " AND f_lo_hz<=:f_hi");
    if (q->has_snr)
        g20_text_puts(t, " AND snr_db>=:snr");
    if (q->has_state)
        g20_text_puts(t, " AND state=:state");
    if (q->has_channel)
        g20_text_puts(t, " AND channel=:channel");
    if (q->class_name[0])
        g20_text_puts(t, " AND class=:class");
    if (q->has_cursor)
        g20_text_printf(t, " AND (start_us,id)%c(:cursor_us,:cursor_id)", q->ascending ? '>' : '<');
    g20_text_printf(t, " ORDER BY start_us %s, id %s LIMIT :limit", q->ascending ? "ASC" : "DESC",
                    q->ascending ? "ASC" : "DESC");
}

static void set_int(sqlite3_stmt *st, const char *name, int64_t v)
{
    const int at = sqlite3_bind_parameter_index(st, name);

    if (at > 0)
        sqlite3_bind_int64(st, at, v);
}

static void set_double(sqlite3_stmt *st, const char *name, double v)
{
    const int at = sqlite3_bind_parameter_index(st, name);

    if (at > 0)
        sqlite3_bind_double(st, at, v);
}

static void find_bind(sqlite3_stmt *st, const struct g20_emission_query *q, uint32_t limit)
{
    const int class_at = sqlite3_bind_parameter_index(st, ":class");

    set_int(st, ":from", to_int64(q->from_us));
    set_int(st, ":to", to_int64(q->to_us));
    set_double(st, ":f_lo", q->f_lo_hz);
    set_double(st, ":f_hi", q->f_hi_hz);
    set_double(st, ":snr", q->min_snr_db);
    set_int(st, ":state", q->state);
    set_int(st, ":channel", q->channel);
    set_int(st, ":cursor_us", q->cursor_us);
    set_int(st, ":cursor_id", q->cursor_id);
    set_int(st, ":limit", limit);
    if (class_at > 0)
        bind_text(st, class_at, q->class_name, sizeof(q->class_name));
}

static float number_of(sqlite3_stmt *st, int column)
{
    return sqlite3_column_type(st, column) == SQLITE_NULL
               ? NAN
               : (float)sqlite3_column_double(st, column);
}

static void read_row(sqlite3_stmt *st, struct g20_stored_emission *ret)
{
    struct g20_emission *em = &ret->em;

    *ret = (struct g20_stored_emission){0};
    em->id = (uint64_t)sqlite3_column_int64(st, 0);
    ret->state = (enum g20_emission_state)G20_CLAMP(sqlite3_column_int(st, 1), 0, 2);
    em->channel = sqlite3_column_int(st, 2);
    g20_sql_text(st, 3, em->class_name, sizeof(em->class_name));
    em->class_id = sqlite3_column_int(st, 4);
    em->confidence = number_of(st, 5);
    em->start_us = (uint64_t)sqlite3_column_int64(st, 6);
    em->duration_s = sqlite3_column_double(st, 7);
    em->f_lo_hz = sqlite3_column_double(st, 8);
    em->f_hi_hz = sqlite3_column_double(st, 9);
    em->center_known = sqlite3_column_int(st, 10) != 0;
    em->level_dbfs = number_of(st, 11);
    em->peak_dbfs = number_of(st, 12);
    em->snr_db = number_of(st, 13);
    em->duty = number_of(st, 14);
    g20_sql_text(st, 15, em->model, sizeof(em->model));
    g20_sql_text(st, 16, em->model_version, sizeof(em->model_version));
}

int g20_emissions_find(sqlite3 *db, const struct g20_emission_query *q,
                       struct g20_stored_emission *ret, struct g20_err *e)
{
    const uint32_t limit = q->limit == 0 ? 100 : G20_MIN(q->limit, (uint32_t)G20_EMISSIONS_MOST);
    struct g20_text sql;
    sqlite3_stmt *st = NULL;
    char buf[1536];
    int n = 0;

    g20_text_fixed(&sql, buf, sizeof(buf));
    find_sql(q, &sql);
    int r = sql.failed ? -ENOBUFS : g20_sql_prepare(db, buf, &st, e);
    if (r < 0)
        return r;
    find_bind(st, q, limit);
    while (n < (int)limit && (r = g20_sql_step(st, e)) == 1)
        read_row(st, &ret[n++]);
    sqlite3_finalize(st);
    return r < 0 ? r : n;
}
