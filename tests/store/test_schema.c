/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/schema.h"

#include "help.h"
#include "store/database.h"
#include "store/kinds.h"

static uint32_t hash(const char *text)
{
    uint32_t h = 2166136261u;

    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 16777619u;
    return h;
}

static void released_migrations_are_never_edited(void **state)
{
    (void)state;
    static const uint32_t texts[] = {2612381719u, 4049074066u, 808361198u};

    assert_int_equal(g20_schema_version(), G20_COUNT_OF(texts));
    for (int i = 0; i < g20_schema_version(); i++)
        assert_int_equal(hash(g20_schema_text(i + 1)), texts[i]); /* a change is a new migration */
}

static void every_older_version_is_brought_up_to_date(void **state)
{
    (void)state;
    struct g20_err e = {0};
    int64_t n = 0;

    for (int from = 0; from <= g20_schema_version(); from++) {
        sqlite3 *db = NULL;

        assert_int_equal(g20_sql_open(&db, ":memory:", G20_SQL_WRITE, &e), 0);
        if (from > 0) {
            assert_int_equal(g20_schema_migrate(db, from, &e), 0);
            assert_int_equal(
                g20_sql_exec(db,
                             "INSERT INTO emissions VALUES(5,1,0,'fm',1,0.5,100,200,1e-4,1,2,1,"
                             "-1,-1,9,1,'m','1')",
                             &e),
                0);
        }
        if (from >= 2)
            assert_int_equal(g20_sql_exec(db,
                                          "INSERT INTO signals(id,created_us,updated_us,name)"
                                          " VALUES('a',1,1,'fm')",
                                          &e),
                             0);
        assert_int_equal(g20_schema_migrate(db, 0, &e), 0);
        assert_int_equal(g20_schema_verify(db, &e), 0);
        assert_int_equal(g20_sql_number(db, "PRAGMA user_version", &n, &e), 0);
        assert_int_equal(n, g20_schema_version());
        assert_int_equal(g20_sql_number(db, "SELECT count(*) FROM emissions", &n, &e), 0);
        assert_int_equal(n, from > 0);
        assert_int_equal(g20_sql_number(db, "SELECT count(*) FROM signals", &n, &e), 0);
        assert_int_equal(n, from >= 2);
        g20_sql_close(db);
    }
}

static void the_tables_have_the_fields_of_the_kinds(void **state)
{
    (void)state;
    struct g20_err e = {0};
    sqlite3 *db = NULL;
    char sql[256];
    int64_t n = 0;

    assert_int_equal(g20_sql_open(&db, ":memory:", G20_SQL_WRITE, &e), 0);
    assert_int_equal(g20_schema_migrate(db, 0, &e), 0);
    for (int kind = 0; kind < G20_KINDS; kind++) {
        const struct g20_kind_def *k = g20_kind((enum g20_kind)kind);

        snprintf(sql, sizeof(sql), "SELECT count(*) FROM pragma_table_info('%s')", k->name);
        assert_int_equal(g20_sql_number(db, sql, &n, &e), 0);
        assert_int_equal(n, k->count + 4); /* n, id, created_us, updated_us */
        for (size_t i = 0; i < k->count; i++) {
            const struct g20_field_def *f = &k->field[i];
            const char *type = f->type == G20_VALUE_INT || f->type == G20_VALUE_FLAG ? "INTEGER"
                               : f->type == G20_VALUE_REAL                           ? "REAL"
                                                                                     : "TEXT";
            snprintf(sql, sizeof(sql),
                     "SELECT count(*) FROM pragma_table_info('%s') WHERE name='%s' AND type='%s'"
                     " AND \"notnull\"=%d",
                     k->name, f->name, type, (f->flags & G20_FIELD_NEEDED) != 0);
            assert_int_equal(g20_sql_number(db, sql, &n, &e), 0);
            if (n != 1)
                fail_msg("%s.%s", k->name, f->name);
        }
    }
    g20_sql_close(db);
}

static void write_bytes(const char *path, const void *data, size_t n)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    fclose(f);
}

/* Open what is at test_db: it must be set aside, with its bytes, and a good one be there. */
static void is_set_aside(const char *what)
{
    struct g20_err e = {0};
    sqlite3 *db = NULL;
    char aside[512];

    const int r = g20_database_open(&db, test_db, aside, &e);
    if (r < 0)
        fail_msg("%s: %s", what, e.msg);
    assert_non_null(strstr(aside, ".damaged-"));
    assert_int_equal(g20_schema_verify(db, &e), 0);
    g20_sql_close(db);
    const char *name = strstr(aside, "kept as ");
    assert_non_null(name);
    assert_int_equal(access(name + strlen("kept as "), F_OK), 0);
    assert_int_equal(g20_database_open(&db, test_db, aside, &e), 0);
    assert_string_equal(aside, "");
    g20_sql_close(db);
    unlink(test_db);
}

static void raw(const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(test_db, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void make_good(void)
{
    struct g20_err e = {0};
    sqlite3 *db = NULL;
    char aside[512];

    assert_int_equal(g20_database_open(&db, test_db, aside, &e), 0);
    g20_sql_close(db);
}

static void hostile_files_are_set_aside(void **state)
{
    (void)state;
    char page[20000];

    memset(page, 'x', sizeof(page));
    write_bytes(test_db, page, sizeof(page));
    is_set_aside("no database");
    raw("CREATE TABLE other(x); INSERT INTO other VALUES (1)");
    is_set_aside("another program's");
    make_good();
    raw("CREATE TRIGGER evil AFTER INSERT ON emissions BEGIN DELETE FROM signals; END");
    is_set_aside("a trigger");
    make_good();
    raw("CREATE VIEW v AS SELECT 1");
    is_set_aside("a view");
    make_good();
    raw("DROP INDEX captures_time");
    is_set_aside("an index is missing");
    make_good();
    raw("PRAGMA user_version=-3");
    is_set_aside("a negative version");
}

static void damage_anywhere_never_crashes(void **state)
{
    (void)state;
    struct g20_err e = {0};
    char aside[512], cmd[400];
    static char good[1 << 20], bad[1 << 20];
    uint32_t seed = 7;
    int set_aside = 0;

    make_good();
    raw("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<300)"
        " INSERT INTO emissions SELECT x,1,0,'fm',1,0.5,100*x,200*x,1e-4,1,2,1,-1,-1,9,1,'m','1'"
        " FROM c; PRAGMA wal_checkpoint(TRUNCATE)");
    FILE *f = fopen(test_db, "rb");
    assert_non_null(f);
    const size_t n = fread(good, 1, sizeof(good), f);
    fclose(f);
    assert_true(n > 16384 && n < sizeof(good));
    for (int turn = 0; turn < 60; turn++) {
        sqlite3 *db = NULL;

        memcpy(bad, good, n);
        for (int k = 0; k < 40; k++) {
            seed = seed * 1664525u + 1013904223u;
            bad[(seed >> 4) % n] ^= (char)(1 << (k % 8));
        }
        seed = seed * 1664525u + 1013904223u;
        write_bytes(test_db, bad, turn % 4 == 0 ? (seed >> 4) % n : n);
        const int r = g20_database_open(&db, test_db, aside, &e);
        assert_true(r == 0 || r == G20_EVERSION);
        set_aside += r == 0 && aside[0];
        g20_sql_close(db);
        snprintf(cmd, sizeof(cmd), "rm -f %s/g20.db*", test_dir);
        assert_int_equal(system(cmd), 0);
    }
    assert_true(set_aside > 30);
}

static void a_newer_one_is_refused_and_stays(void **state)
{
    (void)state;
    struct g20_err e = {0};
    sqlite3 *db = NULL;
    char aside[512];

    make_good();
    raw("PRAGMA user_version=999");
    assert_int_equal(g20_database_open(&db, test_db, aside, &e), G20_EVERSION);
    assert_non_null(strstr(e.msg, "newer g20"));
    assert_non_null(strstr(e.msg, test_db));
    assert_int_equal(access(test_db, F_OK), 0);
    unlink(test_db);
    snprintf(aside, sizeof(aside), "%s/none/g20.db", test_dir);
    char out[512];
    assert_int_equal(g20_database_open(&db, aside, out, &e), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(released_migrations_are_never_edited),
        cmocka_unit_test(every_older_version_is_brought_up_to_date),
        cmocka_unit_test(the_tables_have_the_fields_of_the_kinds),
        cmocka_unit_test(hostile_files_are_set_aside),
        cmocka_unit_test(damage_anywhere_never_crashes),
        cmocka_unit_test(a_newer_one_is_refused_and_stays),
    };

    return cmocka_run_group_tests_name("schema", tests, set_up, tear_down);
}
