/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The service with stand-ins for the training: shell scripts that say what a training says. */
#include "teach/service.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder_of_test.h"

static struct g20_err err;
static float iq[2 * TEST_SAMPLES];

struct heard {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char last[64];
    json_t *message;
    int count;
};

static void hear(json_t *news, void *user)
{
    struct heard *h = user;

    pthread_mutex_lock(&h->lock);
    snprintf(h->last, sizeof(h->last), "%s", json_string_value(json_object_get(news, "type")));
    json_decref(h->message);
    h->message = news;
    h->count++;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
}

static void wait_for(struct heard *h, const char *type)
{
    const struct timespec limit = g20_clock_deadline(20000);

    pthread_mutex_lock(&h->lock);
    while (strcmp(h->last, type) != 0)
        if (pthread_cond_timedwait(&h->changed, &h->lock, &limit) == ETIMEDOUT)
            fail_msg("no %s, but %s", type, h->last);
    pthread_mutex_unlock(&h->lock);
}

static void init_heard(struct heard *h)
{
    pthread_condattr_t attr;

    *h = (struct heard){.count = 0};
    pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&h->changed, &attr);
    pthread_condattr_destroy(&attr);
}

static void fini_heard(struct heard *h)
{
    json_decref(h->message);
    pthread_cond_destroy(&h->changed);
    pthread_mutex_destroy(&h->lock);
}

static char dir[G20_FOLDER_PATH], exe[G20_FOLDER_PATH];

/* A folder called @name with one sample of "door"; trainings run the script @text. */
static struct g20_teach *open_service(const char *name, const char *text, struct heard *h)
{
    const struct g20_sample x = test_sample("door", iq, 0.1);
    struct g20_samples *s = NULL;
    struct g20_teach *t = NULL;
    char id[G20_SAMPLE_ID];
    bool is_new;

    assert_int_equal(g20_folder_path(dir, &err, "%s/%s", test_dir, name), 0);
    assert_int_equal(g20_samples_open(&s, dir, &err), 0);
    assert_int_equal(g20_samples_save(s, &x, id, &is_new, &err), 0);
    g20_samples_close(s);
    assert_int_equal(g20_folder_path(exe, &err, "%s/%s.sh", test_dir, name), 0);
    FILE *f = fopen(exe, "w");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\n%s\n", text);
    fclose(f);
    chmod(exe, 0700);
    const struct g20_teach_cfg cfg = {.training_dir = dir,
                                      .models_dir = dir,
                                      .exe = exe,
                                      .most_iq = 1 << 20,
                                      .news = h ? hear : NULL,
                                      .news_user = h};
    if (g20_teach_create(&t, &cfg, &err) < 0)
        fail_msg("%s", err.msg);
    return t;
}

/* A field of the answer, copied; the type when @field is NULL. */
static const char *ask(struct g20_teach *t, const char *text, const char *field)
{
    static char value[300];
    json_t *o = json_loads(text, 0, NULL);
    json_t *a = g20_teach_obey(json_string_value(json_object_get(o, "command")), o, t);
    const json_t *v = json_object_get(a, field ? field : "type");

    assert_non_null(a);
    if (json_is_string(v))
        snprintf(value, sizeof(value), "%s", json_string_value(v));
    else
        snprintf(value, sizeof(value), "%lld", (long long)json_integer_value(v));
    json_decref(a);
    json_decref(o);
    return value;
}

#define TRAIN "{\"command\":\"train_signal\",\"signal_name\":\"door\"}"

static void progress_and_end_are_told(void **state)
{
    struct heard h;

    (void)state;
    init_heard(&h);
    struct g20_teach *t = open_service(
        "good",
        "echo '{\"type\":\"progress\",\"epoch\":3,\"epochs\":40,\"loss\":0.5,\"metrics\":{},"
        "\"eta_s\":1}'\necho nonsense\necho \"$@\" > $0.args\n"
        "echo '{\"type\":\"done\",\"version\":4,\"promoted\":true,\"f1\":0.9}'",
        &h);
    assert_int_equal(g20_teach_start(t, &err), 0);
    assert_string_equal(ask(t, TRAIN, NULL), "training_started");
    wait_for(&h, "training_done");
    assert_int_equal(h.count, 2);
    assert_int_equal(json_integer_value(json_object_get(h.message, "version")), 4);
    assert_true(json_real_value(json_object_get(h.message, "f1")) > 0.89);
    assert_string_equal(json_string_value(json_object_get(h.message, "signal_name")), "door");
    char command[200], id[40];
    snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(h.message, "job_id")));
    snprintf(command, sizeof(command), "{\"command\":\"job_status\",\"job_id\":\"%s\"}", id);
    assert_string_equal(ask(t, command, "state"), "done");
    assert_string_equal(ask(t, "{\"command\":\"job_status\"}", NULL), "jobs");
    assert_string_equal(ask(t, "{\"command\":\"job_status\",\"job_id\":\"j\"}", "code"),
                        "not_found");
    g20_teach_destroy(t);
    fini_heard(&h);
}

static void a_failure_has_the_words_of_the_training(void **state)
{
    struct heard h;

    (void)state;
    init_heard(&h);
    struct g20_teach *t = open_service(
        "bad",
        "echo '{\"level\":\"ERROR\",\"message\":\"signal: No space left on device\"}' >&2\nexit 1",
        &h);
    assert_int_equal(g20_teach_start(t, &err), 0);
    assert_string_equal(ask(t, TRAIN, NULL), "training_started");
    wait_for(&h, "training_failed");
    assert_string_equal(json_string_value(json_object_get(h.message, "message")),
                        "No space left on device");
    g20_teach_destroy(t);
    fini_heard(&h);
    init_heard(&h);
    t = open_service("killed", "kill -9 $$", &h);
    assert_int_equal(g20_teach_start(t, &err), 0);
    assert_string_equal(ask(t, TRAIN, NULL), "training_started");
    wait_for(&h, "training_failed");
    assert_non_null(strstr(json_string_value(json_object_get(h.message, "message")), "signal 9"));
    g20_teach_destroy(t);
    fini_heard(&h);
}

static void one_at_a_time_and_each_can_be_cancelled(void **state)
{
    struct heard h;

    (void)state;
    init_heard(&h);
    struct g20_teach *t = open_service(
        "slow",
        "trap '' TERM\necho '{\"type\":\"progress\",\"epoch\":0}'\nwhile :; do sleep 0.1; done",
        &h);
    assert_int_equal(g20_teach_start(t, &err), 0);
    assert_string_equal(ask(t, TRAIN, NULL), "training_started");
    assert_string_equal(ask(t, TRAIN, "code"), "busy");
    assert_string_equal(
        ask(t, "{\"command\":\"rename_signal\",\"signal_name\":\"door\",\"new_name\":\"gate\"}",
            "code"),
        "busy");
    assert_string_equal(ask(t, "{\"command\":\"delete_signal\",\"signal_name\":\"door\"}", "code"),
                        "busy");
    wait_for(&h, "progress");
    g20_teach_stop(t); /* the daemon ends: the job stays */
    g20_teach_destroy(t);
    fini_heard(&h);
    init_heard(&h);
    t = open_service("slow", "echo '{\"type\":\"progress\"}'\nexec sleep 600", &h);
    assert_int_equal(g20_teach_start(t, &err), 0); /* and is taken up again */
    wait_for(&h, "progress");
    assert_string_equal(ask(t, "{\"command\":\"cancel_training\",\"job_id\":\"j1\"}", "code"),
                        "not_found");
    assert_string_equal(ask(t, "{\"command\":\"cancel_training\"}", NULL), "cancelling");
    wait_for(&h, "training_cancelled");
    assert_string_equal(ask(t, "{\"command\":\"cancel_training\"}", "code"), "not_found");
    g20_teach_destroy(t);
    fini_heard(&h);
    t = open_service("slow", "exit 0", NULL); /* over is over */
    assert_string_equal(ask(t, "{\"command\":\"job_status\"}", NULL), "jobs");
    json_t *o = g20_teach_obey("job_status", NULL, t);
    const json_t *j = json_array_get(json_object_get(o, "jobs"), 0);
    assert_string_equal(json_string_value(json_object_get(j, "state")), "cancelled");
    json_decref(o);
    g20_teach_destroy(t);
}

/* Waiting ones are bounded, and can be cancelled before they begin. */
static void the_queue_is_bounded(void **state)
{
    struct g20_teach *t = open_service("queue", "exit 0", NULL); /* never started */
    char text[200], name[8], id[40] = "";

    (void)state;
    for (int i = 0; i < G20_TEACH_QUEUE + 1; i++) {
        const struct g20_sample x = test_sample(name, iq, 0.01 + 0.01 * i);
        struct g20_samples *s = NULL;
        char sample[G20_SAMPLE_ID];
        bool is_new;
        snprintf(name, sizeof(name), "s%d", i);
        assert_int_equal(g20_samples_open(&s, dir, &err), 0);
        assert_int_equal(g20_samples_save(s, &x, sample, &is_new, &err), 0);
        g20_samples_close(s);
        snprintf(text, sizeof(text), "{\"command\":\"train_signal\",\"signal_name\":\"%s\"}", name);
        snprintf(id, sizeof(id), "%s", ask(t, text, "job_id"));
    }
    assert_string_equal(ask(t, TRAIN, "code"), "busy");
    snprintf(text, sizeof(text), "{\"command\":\"cancel_training\",\"job_id\":\"%s\"}", id);
    assert_string_equal(ask(t, text, NULL), "cancelling");
    assert_string_equal(ask(t, TRAIN, NULL), "training_started");
    g20_teach_destroy(t);
}

static void every_command_does_its_thing(void **state)
{
    struct g20_teach *t = open_service("commands", "exit 0", NULL);
    char id[40], text[200];

    (void)state;
    json_t *o = g20_teach_obey("list_samples", NULL, t);
    const json_t *x = json_array_get(json_object_get(o, "samples"), 0);
    snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(x, "sample_id")));
    json_decref(o);
    snprintf(text, sizeof(text), "{\"command\":\"get_sample\",\"sample_id\":\"%s\"}", id);
    assert_string_equal(ask(t, text, "signal_name"), "door");
    snprintf(text, sizeof(text), "{\"command\":\"delete_sample\",\"sample_id\":\"%s\"}", id);
    assert_string_equal(ask(t, text, NULL), "sample_deleted");
    assert_string_equal(ask(t, text, "code"), "not_found");
    assert_string_equal(ask(t, TRAIN, "code"), "not_found");
    snprintf(text, sizeof(text), "{\"command\":\"restore_sample\",\"sample_id\":\"%s\"}", id);
    assert_string_equal(ask(t, text, NULL), "sample_restored");
    assert_string_equal(
        ask(t, "{\"command\":\"rename_signal\",\"signal_name\":\"door\",\"new_name\":\"gate\"}",
            NULL),
        "signal_renamed");
    assert_string_equal(
        ask(t, "{\"command\":\"list_versions\",\"signal_name\":\"gate\"}", "active_version"), "0");
    assert_string_equal(
        ask(t, "{\"command\":\"promote_version\",\"signal_name\":\"gate\",\"version\":1}", "code"),
        "not_found");
    assert_string_equal(
        ask(t, "{\"command\":\"rollback_version\",\"signal_name\":\"gate\"}", "code"), "not_found");
    assert_string_equal(ask(t, "{\"command\":\"export_model\",\"signal_name\":\"gate\"}", "code"),
                        "not_found");
    assert_string_equal(ask(t, "{\"command\":\"delete_signal\",\"signal_name\":\"gate\"}", NULL),
                        "signal_deleted");
    assert_string_equal(ask(t, "{\"command\":\"restore_signal\",\"signal_name\":\"gate\"}", NULL),
                        "signal_restored");
    assert_string_equal(ask(t, "{\"command\":\"get_registry\"}", NULL), "registry");
    assert_string_equal(ask(t, "{\"command\":\"save_sample\"}", "code"), "missing_field");
    assert_string_equal(ask(t, "{\"command\":\"fly\"}", "message"), "Unknown command: fly");
    g20_teach_destroy(t);
}

static void create_survives_every_failed_allocation(void **state)
{
    const int64_t before = g20_alloc_live();
    const struct g20_teach_cfg cfg = {.training_dir = dir, .models_dir = dir};
    struct g20_teach *t = NULL;
    bool made = false;

    (void)state;
    for (uint64_t n = 0; n < 300 && !made; n++) {
        g20_alloc_fail_at(n);
        const int r = g20_teach_create(&t, &cfg, &err);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || r == -ENOMEM);
        made = r == 0;
        g20_teach_destroy(t);
        t = NULL;
        assert_int_equal(g20_alloc_live(), before);
    }
    assert_true(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_and_end_are_told),
        cmocka_unit_test(a_failure_has_the_words_of_the_training),
        cmocka_unit_test(one_at_a_time_and_each_can_be_cancelled),
        cmocka_unit_test(the_queue_is_bounded),
        cmocka_unit_test(every_command_does_its_thing),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}
