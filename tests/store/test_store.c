/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/store.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "help.h"
#include "store/reader.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

static struct g20_store *open_store(const struct g20_store_cfg *more)
{
    struct g20_store_cfg cfg = more ? *more : (struct g20_store_cfg){0};
    struct g20_store *s = NULL;
    struct g20_err e = {0};

    cfg.path = test_db;
    cfg.batch_ms = 20;
    if (g20_store_create(&s, &cfg, &e) < 0)
        fail_msg("%s", e.msg);
    return s;
}

static void put(struct g20_store *s, enum g20_emission_event ev, uint64_t id)
{
    const struct g20_emission em = an_emission(id);

    g20_store_emission(s, ev, &em);
}

static int find(struct g20_store *s, const struct g20_emission_query *q,
                struct g20_stored_emission *ret)
{
    struct g20_store_reader *r = NULL;
    struct g20_err e = {0};

    assert_int_equal(g20_store_reader_create(&r, s), 0);
    const int n = g20_store_reader_emissions(r, q, ret, &e);
    if (n < 0)
        fail_msg("%s", e.msg);
    g20_store_reader_destroy(r);
    return n;
}

static void emissions_are_written_found_and_paged(void **state)
{
    (void)state;
    static struct g20_stored_emission got[G20_EMISSIONS_MOST];
    struct g20_store *s = open_store(NULL);
    struct g20_emission long_one = an_emission(11);
    struct g20_emission_query q = {0};

    for (uint64_t id = 1; id <= 10; id++)
        put(s, id == 10 ? G20_EMISSION_OPEN : G20_EMISSION_CLOSE, id);
    long_one.start_us = 500000; /* before all, over most of them */
    long_one.duration_s = 6;
    long_one.snr_db = NAN;
    snprintf(long_one.class_name, sizeof(long_one.class_name), "carrier");
    g20_store_emission(s, G20_EMISSION_CLOSE, &long_one);
    assert_int_equal(g20_store_flush(s, NULL), 0);

    assert_int_equal(find(s, &q, got), 11);
    assert_int_equal(got[0].em.id, 10);
    assert_int_equal(got[0].state, G20_EMISSION_IS_OPEN);
    assert_int_equal(got[10].em.id, 11);
    assert_true(isnan(got[10].em.snr_db));
    assert_string_equal(got[10].em.class_name, "carrier");
    assert_true(got[1].em.f_hi_hz == 433.1e6 && got[1].em.duration_s == 0.5);

    q = (struct g20_emission_query){.from_us = 5000000, .to_us = 7000000, .ascending = true};
    assert_int_equal(find(s, &q, got), 3); /* the long one, 5 and 6 */
    assert_int_equal(got[0].em.id, 11);
    assert_int_equal(got[2].em.id, 6);
    q = (struct g20_emission_query){.has_snr = true, .min_snr_db = 8};
    assert_int_equal(find(s, &q, got), 3);
    q = (struct g20_emission_query){.class_name = "carrier"};
    assert_int_equal(find(s, &q, got), 1);
    q = (struct g20_emission_query){.has_state = true, .state = G20_EMISSION_IS_OPEN};
    assert_int_equal(find(s, &q, got), 1);
    q = (struct g20_emission_query){.has_f_lo = true, .f_lo_hz = 433.2e6};
    assert_int_equal(find(s, &q, got), 0);
    q = (struct g20_emission_query){.has_f_hi = true, .f_hi_hz = 433e6};
    assert_int_equal(find(s, &q, got), 11);

    q = (struct g20_emission_query){.limit = 4};
    int pages = 0, all = 0;
    for (int n; (n = find(s, &q, got)) > 0; pages++) {
        all += n;
        q.has_cursor = true;
        q.cursor_us = (int64_t)got[n - 1].em.start_us;
        q.cursor_id = (int64_t)got[n - 1].em.id;
    }
    assert_int_equal(pages, 3);
    assert_int_equal(all, 11);
    g20_store_destroy(s);
}

static void what_a_run_left_open_is_unfinished_and_ids_go_on(void **state)
{
    (void)state;
    static struct g20_stored_emission got[G20_EMISSIONS_MOST];
    const struct g20_emission_query q = {0};
    struct g20_store *s = open_store(NULL);

    assert_int_equal(g20_store_last_id(s), 0);
    put(s, G20_EMISSION_OPEN, 41);
    put(s, G20_EMISSION_CLOSE, 40);
    g20_store_destroy(s); /* writes what waits */
    s = open_store(NULL);
    assert_int_equal(g20_store_last_id(s), 41);
    assert_int_equal(find(s, &q, got), 2);
    assert_int_equal(got[0].state, G20_EMISSION_IS_UNFINISHED);
    assert_int_equal(got[1].state, G20_EMISSION_IS_CLOSED);
    /* One that ended is not opened again, nor taken for another one. */
    struct g20_store_stats st;
    struct g20_emission other = an_emission(40);
    put(s, G20_EMISSION_UPDATE, 40);
    assert_int_equal(g20_store_flush(s, NULL), 0);
    g20_store_stats(s, &st);
    assert_int_equal(st.emissions_lost, 0);
    other.start_us = 77;
    g20_store_emission(s, G20_EMISSION_CLOSE, &other);
    assert_int_equal(g20_store_flush(s, NULL), 0);
    g20_store_stats(s, &st);
    assert_int_equal(st.emissions_lost, 1);
    assert_int_equal(find(s, &q, got), 2);
    assert_int_equal(got[1].state, G20_EMISSION_IS_CLOSED);
    g20_store_destroy(s);
}

static void a_database_has_one_writer(void **state)
{
    (void)state;
    struct g20_store *s = open_store(NULL), *other = NULL;
    const struct g20_store_cfg cfg = {.path = test_db};
    struct g20_err e = {0};

    assert_int_equal(g20_store_create(&other, &cfg, &e), -EBUSY);
    assert_non_null(strstr(e.msg, "another g20"));
    g20_store_destroy(s);
}

static void records_are_put_changed_listed_and_deleted(void **state)
{
    (void)state;
    struct g20_store *s = open_store(NULL);
    struct g20_store_reader *r = NULL;
    struct g20_err e = {0};
    json_t *o = json_of("{\"name\":\"tpms\",\"notes\":\"tyres\"}"), *got = NULL;
    bool more;
    int64_t us, n;
    char id[80];

    assert_int_equal(g20_store_put(s, G20_SIGNALS, o, &got, &e), 0);
    snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(got, "id")));
    assert_int_equal(strlen(id), 16);
    assert_int_equal(json_integer_value(json_object_get(got, "samples")), 0);
    json_decref(got);
    assert_int_equal(g20_store_put(s, G20_SIGNALS, o, NULL, &e), -EEXIST);
    json_decref(o);

    o = json_of("{\"notes\":null,\"bandwidth_hz\":2e5}");
    assert_int_equal(g20_store_change(s, G20_SIGNALS, id, o, &got, &e), 0);
    assert_null(json_object_get(got, "notes"));
    assert_true(json_number_value(json_object_get(got, "bandwidth_hz")) == 2e5);
    json_decref(got);
    assert_int_equal(g20_store_change(s, G20_SIGNALS, "nobody", o, NULL, &e), -ENOENT);
    json_decref(o);

    /* A sample of a signal that nobody has named yet names it, and holds on to it. */
    o = json_of("{\"id\":\"00ff\",\"signal\":\"new\",\"path\":\"p\",\"boxes\":[{\"x_min\":0.5}]}");
    assert_int_equal(g20_store_put(s, G20_SAMPLES, o, &got, &e), 0);
    assert_int_equal(json_array_size(json_object_get(got, "boxes")), 1);
    json_decref(got);
    json_decref(o);
    o = json_of("{\"id\":\"new-1\",\"signal\":\"new\",\"version\":1,\"path\":\"p\","
                "\"state\":\"active\",\"metrics\":{\"f1\":0.9}}");
    assert_int_equal(g20_store_put(s, G20_MODELS, o, NULL, &e), 0);
    json_decref(o);

    const struct g20_record_query by_name = {
        .filter = {{g20_kind_field(G20_SIGNALS, "name"), "new"}}, .filters = 1};
    assert_int_equal(g20_store_reader_create(&r, s), 0);
    assert_int_equal(g20_store_reader_list(r, G20_SIGNALS, &by_name, &got, &more, &us, &n, &e), 0);
    assert_int_equal(json_array_size(got), 1);
    json_t *signal = json_array_get(got, 0);
    assert_int_equal(json_integer_value(json_object_get(signal, "samples")), 1);
    assert_true(json_number_value(json_object_get(json_object_get(signal, "metrics"), "f1")) ==
                0.9);
    assert_int_equal(
        g20_store_delete(s, G20_SIGNALS, json_string_value(json_object_get(signal, "id")), &e),
        -EBUSY);
    json_decref(got);

    /* A new name goes along to samples and models; pages. */
    const struct g20_record_query one = {.limit = 1, .ascending = true};
    assert_int_equal(g20_store_reader_list(r, G20_SIGNALS, &one, &got, &more, &us, &n, &e), 0);
    assert_true(more && json_array_size(got) == 1);
    json_decref(got);
    const struct g20_record_query next = {
        .limit = 1, .ascending = true, .has_cursor = true, .cursor_us = us, .cursor_n = n};
    assert_int_equal(g20_store_reader_list(r, G20_SIGNALS, &next, &got, &more, &us, &n, &e), 0);
    assert_true(!more && json_array_size(got) == 1);
    snprintf(id, sizeof(id), "%s",
             json_string_value(json_object_get(json_array_get(got, 0), "id")));
    json_decref(got);
    o = json_of("{\"name\":\"newer\"}");
    assert_int_equal(g20_store_change(s, G20_SIGNALS, id, o, NULL, &e), 0);
    json_decref(o);
    assert_int_equal(g20_store_reader_get(r, G20_SAMPLES, "00ff", &got, &e), 0);
    assert_string_equal(json_string_value(json_object_get(got, "signal")), "newer");
    json_decref(got);
    assert_int_equal(g20_store_delete(s, G20_MODELS, "new-1", &e), 0);
    assert_int_equal(g20_store_delete(s, G20_SAMPLES, "00ff", &e), 0);
    assert_int_equal(g20_store_delete(s, G20_SIGNALS, id, &e), 0);
    assert_int_equal(g20_store_delete(s, G20_SIGNALS, id, &e), -ENOENT);
    g20_store_reader_destroy(r);
    g20_store_destroy(s);
}

static char removed[400];

static int remove_files(const char *id, const char *path, void *user)
{
    (void)path;
    if (user && strcmp(id, user) == 0)
        return -EACCES;
    strncat(removed, id, sizeof(removed) - strlen(removed) - 1);
    return 0;
}

static void put_capture(struct g20_store *s, const char *id, uint64_t start_us, int bytes,
                        const char *more)
{
    char text[300];
    struct g20_err e = {0};

    snprintf(text, sizeof(text),
             "{\"id\":\"%s\",\"state\":\"done\",\"path\":\"%s\",\"start_us\":%llu,\"bytes\":%d%s}",
             id, id, (unsigned long long)start_us, bytes, more);
    json_t *o = json_of(text);
    if (g20_store_put(s, G20_CAPTURES, o, NULL, &e) < 0)
        fail_msg("%s", e.msg);
    json_decref(o);
}

static void the_oldest_captures_go_for_room_and_age(void **state)
{
    (void)state;
    static struct g20_stored_emission got[G20_EMISSIONS_MOST];
    const struct g20_emission_query q = {0};
    const uint64_t now = g20_clock_utc_us();
    struct g20_store *s = open_store(NULL);
    struct g20_store_stats st;
    struct g20_err e = {0};

    put(s, G20_EMISSION_CLOSE, 1); /* of 1970 */
    put_capture(s, "a", now - 5000000, 100, "");
    put_capture(s, "b", now - 4000000, 100, ",\"keep\":true");
    put_capture(s, "c", now - 3000000, 100, "");
    put_capture(s, "d", now - 2000000, 100, "");
    assert_int_equal(g20_store_remove_capture(s, "a", &e), G20_EUNSUPPORTED);
    removed[0] = '\0';
    g20_store_on_remove(s, remove_files, NULL);
    g20_store_set_limits(s, 0, 250);
    assert_int_equal(g20_store_trim(s, &e), 0);
    assert_string_equal(removed, "ac"); /* b is kept */
    assert_int_equal(find(s, &q, got), 1);
    g20_store_set_limits(s, 1.0 / 86400.0, 0);
    put_capture(s, "e", now + 50000000, 100, "");
    assert_int_equal(g20_store_trim(s, &e), 0);
    assert_string_equal(removed, "acd");
    assert_int_equal(find(s, &q, got), 0);
    g20_store_on_remove(s, remove_files, (void *)"e");
    assert_int_equal(g20_store_remove_capture(s, "e", &e), -EACCES);
    g20_store_on_remove(s, remove_files, NULL);
    assert_int_equal(g20_store_remove_capture(s, "e", &e), 0);
    assert_int_equal(g20_store_remove_capture(s, "e", &e), -ENOENT);
    g20_store_stats(s, &st);
    assert_int_equal(st.captures_deleted, 3);
    assert_int_equal(st.emissions_deleted, 1);
    /* Without being asked to, when there is one too many. */
    removed[0] = '\0';
    g20_store_set_limits(s, 0, 250);
    put_capture(s, "f", now, 100, "");
    assert_string_equal(removed, "");
    put_capture(s, "g", now + 1, 100, "");
    assert_string_equal(removed, "f");
    g20_store_destroy(s);
}

static void wait_for(struct g20_store *s, bool ok)
{
    struct g20_store_stats st;

    for (int i = 0; i < 2000; i++) {
        g20_store_stats(s, &st);
        if ((st.state == G20_STORE_OK) == ok)
            return;
        g20_sleep_ns(10000000);
    }
    fail_msg("the state did not come: %s", st.text);
}

/* No file may grow. SQLite does not always tell this from a failing disk; what follows is the same.
 */
static void a_full_disk_stops_writing_and_room_starts_it_again(void **state)
{
    (void)state;
    static struct g20_stored_emission got[G20_EMISSIONS_MOST];
    struct g20_emission_query q = {.limit = G20_EMISSIONS_MOST};
    struct rlimit unlimited, none;
    struct g20_store *s = open_store(NULL);
    struct g20_store_stats st;
    struct g20_err e = {0};
    json_t *o = json_of("{\"name\":\"tpms\"}");

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    none = unlimited;
    none.rlim_cur = 8192;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    for (uint64_t id = 1; id <= 500; id++)
        put(s, G20_EMISSION_CLOSE, id);
    const int flushed = g20_store_flush(s, &e);
    wait_for(s, false);
    const int refused = g20_store_put(s, G20_SIGNALS, o, NULL, &e);
    put(s, G20_EMISSION_CLOSE, 501); /* still taken */
    g20_store_stats(s, &st);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    assert_true(flushed == -ENOSPC || flushed == -EIO);
    assert_true(refused == -ENOSPC || refused == -EIO);
    assert_true(st.text[0] && st.write_errors > 0);
    wait_for(s, true); /* by itself */
    assert_int_equal(g20_store_put(s, G20_SIGNALS, o, NULL, &e), 0);
    json_decref(o);
    assert_int_equal(find(s, &q, got), 501);
    g20_store_stats(s, &st);
    assert_int_equal(st.emissions_lost, 0);
    g20_store_destroy(s);
}

static char said[600];

static void hear(enum g20_log_level level, const char *message, const char *detail, void *user)
{
    (void)level;
    (void)detail;
    (void)user;
    snprintf(said, sizeof(said), "%s", message);
}

static void a_database_damaged_while_it_is_used_is_replaced(void **state)
{
    (void)state;
    static struct g20_stored_emission got[G20_EMISSIONS_MOST];
    const struct g20_emission_query q = {.limit = G20_EMISSIONS_MOST};
    const struct g20_store_cfg cfg = {.say = hear};
    struct g20_store *s = open_store(&cfg);
    char zeros[40960] = {0}, path[128];

    for (uint64_t id = 1; id <= 300; id++)
        put(s, G20_EMISSION_CLOSE, id);
    g20_store_destroy(s); /* the journal is gone then */
    FILE *f = fopen(test_db, "r+b");
    assert_non_null(f);
    s = open_store(&cfg);
    assert_int_equal(fseek(f, 4096, SEEK_SET), 0);
    assert_int_equal(fwrite(zeros, 1, sizeof(zeros), f), sizeof(zeros));
    fclose(f);
    struct g20_store_reader *r = NULL;
    struct g20_err e = {0};
    assert_int_equal(g20_store_reader_create(&r, s), 0);
    assert_int_equal(g20_store_reader_emissions(r, &q, got, &e), G20_EFORMAT);
    /* An emission that comes while it is found out is not lost: it is in the new one. */
    put(s, G20_EMISSION_CLOSE, 1000);
    wait_for(s, true);
    for (int i = 0; i < 500 && g20_store_reader_emissions(r, &q, got, &e) != 1; i++)
        g20_sleep_ns(10000000);
    assert_int_equal(g20_store_reader_emissions(r, &q, got, &e), 1);
    assert_int_equal(got[0].em.id, 1000);
    assert_string_equal(said, "damaged database set aside, a new one made");
    g20_store_reader_stop(r);
    assert_int_equal(g20_store_reader_emissions(r, &q, got, &e), -ETIME);
    g20_store_reader_destroy(r);
    g20_store_destroy(s);
    snprintf(path, sizeof(path), "ls %s/g20.db.damaged-* >/dev/null", test_dir);
    assert_int_equal(system(path), 0);
}

static void *many_puts(void *arg)
{
    struct g20_store *s = arg;
    struct g20_err e = {0};

    for (int i = 0; i < 50; i++) {
        json_t *o = json_pack("{s:s, s:i, s:s}", "path", "p", "version", i, "state", "kept");

        assert_int_equal(g20_store_put(s, G20_MODELS, o, NULL, &e), 0);
        json_decref(o);
        put(s, G20_EMISSION_CLOSE, (uint64_t)i + 1);
    }
    return NULL;
}

static void any_thread_may_write(void **state)
{
    (void)state;
    static struct g20_stored_emission got[G20_EMISSIONS_MOST];
    const struct g20_emission_query q = {0};
    struct g20_store *s = open_store(NULL);
    struct g20_store_stats st;
    pthread_t t[4];

    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, many_puts, s), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    assert_int_equal(g20_store_flush(s, NULL), 0);
    g20_store_stats(s, &st);
    assert_int_equal(st.records_written, 200);
    assert_int_equal(st.queue, 0);
    assert_true(st.database_bytes > 4096 && st.disk_free_bytes > 0);
    assert_int_equal(find(s, &q, got), 50);
    g20_store_destroy(s);
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct g20_store_cfg cfg = {.path = test_db, .queue = 8};
    struct g20_store *s = NULL;
    struct g20_err e = {0};
    const int64_t before = g20_alloc_live();
    int fails = 0;

    for (uint64_t nth = 0;; nth++, fails++) {
        g20_alloc_fail_at(nth);
        const int r = g20_store_create(&s, &cfg, &e);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0)
            break;
        assert_int_equal(r, -ENOMEM);
        assert_true(g20_alloc_live() == before);
    }
    assert_int_equal(fails, 9);
    g20_store_destroy(s);
    cfg.path = "";
    assert_int_equal(g20_store_create(&s, &cfg, &e), -EINVAL);
    cfg.path = "/nowhere/at/all.db";
    assert_int_equal(g20_store_create(&s, &cfg, &e), -ENOENT);
    g20_store_destroy(NULL);
}

int main(void)
{
#define OWN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        OWN(emissions_are_written_found_and_paged),
        OWN(what_a_run_left_open_is_unfinished_and_ids_go_on),
        OWN(a_database_has_one_writer),
        OWN(records_are_put_changed_listed_and_deleted),
        OWN(the_oldest_captures_go_for_room_and_age),
        OWN(a_full_disk_stops_writing_and_room_starts_it_again),
        OWN(a_database_damaged_while_it_is_used_is_replaced),
        OWN(any_thread_may_write),
        OWN(create_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
