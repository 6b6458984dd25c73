/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/registry.h"

#include "nn/onnx.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HISTORY = 32 };

#define GAIN       0.02 /* of F1, that makes a version better */
#define GOOD       0.95 /* F1 from which no worse is enough */
#define LEAST      0.5  /* F1 of a first version */
#define HARDER     0.1  /* what whole recordings take off an F1 that single emissions gave */
#define INVARIANCE 0.95 /* share of the views that must be kept */

static int list_numbers(const char *dir, const char *signal, struct g20_names *ret,
                        struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    int r = g20_signal_check(signal, e);

    if (r < 0 || (r = g20_folder_path(path, e, "%s/signals/%s/versions", dir, signal)) < 0)
        return r;
    return g20_folder_list(ret, path, "", false, e);
}

static uint32_t number_of(const char *name)
{
    return (uint32_t)strtoul(name, NULL, 10);
}

int g20_version_path(const char *dir, const char *signal, uint32_t version, char *path,
                     struct g20_err *e)
{
    int r = g20_signal_check(signal, e);

    if (r < 0 || (r = g20_folder_path(path, e, "%s/signals/%s/versions/%04u/head.onnx", dir, signal,
                                      version)) < 0)
        return r;
    return g20_folder_has(path) ? 0
                                : g20_fail(e, -ENOENT, "\"%s\" has no version %u", signal, version);
}

/* What was promoted, the last is active. A file that is damaged is none. */
static json_t *load_history(const char *dir, const char *signal)
{
    char path[G20_FOLDER_PATH];
    json_t *o = NULL, *list = NULL;

    if (g20_folder_path(path, NULL, "%s/signals/%s/active.json", dir, signal) >= 0 &&
        g20_json_load(&o, path, NULL) >= 0)
        list = json_incref(json_object_get(o, "history"));
    json_decref(o);
    if (json_is_array(list))
        return list;
    json_decref(list);
    return json_array();
}

static uint32_t last_of(const json_t *history)
{
    const size_t n = json_array_size(history);

    return n ? (uint32_t)json_integer_value(json_array_get(history, n - 1)) : 0;
}

static int save_history(const char *dir, const char *signal, json_t *history, struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    int r = g20_folder_path(path, e, "%s/signals/%s/active.json", dir, signal);

    while (json_array_size(history) > HISTORY)
        json_array_remove(history, 0);
    if (r < 0)
        return r;
    json_t *o = json_pack("{s:O}", "history", history);
    r = g20_json_write(path, o, e);
    json_decref(o);
    return r;
}

int g20_version_active(const char *dir, const char *signal, uint32_t *ret, struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    int r = g20_signal_check(signal, e);

    if (r < 0)
        return r;
    json_t *history = load_history(dir, signal);
    const uint32_t version = last_of(history);
    json_decref(history);
    *ret = version && g20_version_path(dir, signal, version, path, NULL) >= 0 ? version : 0;
    return 0;
}

static int load_info(const char *dir, const char *signal, uint32_t version, json_t **ret,
                     struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    const int r =
        g20_folder_path(path, e, "%s/signals/%s/versions/%04u/version.json", dir, signal, version);

    return r < 0 ? r : g20_json_load(ret, path, e);
}

static bool is(const json_t *info, const char *basis)
{
    const char *b = json_string_value(json_object_get(info, "f1_basis"));

    return b && strcmp(b, basis) == 0;
}

/* By F1 alone, of what both were measured on. */
static bool scores_better(double f1, double before, const char **ret_why)
{
    const bool more = f1 >= before + GAIN - 1e-9, same = before >= GOOD && f1 >= before - 1e-9;

    *ret_why = more   ? "F1 is better by two points"
               : same ? "F1 is no worse, and good"
                      : "F1 is not better by two points";
    return more || same;
}

/* Whatever the head says, it is asked about what the detector finds. */
static bool is_lost(const json_t *info)
{
    return 2.0 * json_number_value(json_object_get(info, "held_lost")) >
           json_number_value(json_object_get(info, "held_meant"));
}

static bool is_better(const json_t *info, const json_t *active, const char **ret_why)
{
    const double f1 = json_number_value(json_object_get(info, "f1"));
    const double before = json_number_value(json_object_get(active, "f1"));
    const bool trusted = is(info, "recordings");

    if (is(info, "none")) {
        *ret_why = "there was nothing to try it on: label more emissions";
        return false;
    }
    if (!active) {
        *ret_why = f1 >= LEAST     ? "the first version"
                   : is_lost(info) ? "F1 is under one half: the detector itself does not find most "
                                     "of the boxes that were held back"
                                   : "F1 is under one half";
        return f1 >= LEAST;
    }
    if (is(active, "recordings") && !trusted) {
        *ret_why = "the active version was tried on more recordings";
        return false;
    }
    if (trusted && !is(active, "recordings")) {
        const bool enough = f1 >= fmin(before, GOOD) - HARDER;
        *ret_why = enough ? "it was tried on more recordings, and is good there"
                          : "it was tried on more recordings, and is not good there";
        return enough;
    }
    return scores_better(f1, before, ret_why);
}

bool g20_version_better(const json_t *info, const json_t *active, const char **ret_why)
{
    const double asked = json_number_value(json_object_get(info, "asked"));
    const double kept = json_number_value(json_object_get(info, "kept"));

    if (!(asked > 0.0))
        *ret_why = "it does not name the emissions that it was taught";
    else if (kept < INVARIANCE * asked)
        *ret_why = "the invariance check failed";
    else
        return is_better(info, active, ret_why);
    return false;
}

int g20_version_begin(const char *dir, const char *signal, char *work, struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    struct g20_names left = {.item = NULL};
    int r = g20_signal_check(signal, e);

    if (r < 0 || (r = g20_folder_path(path, e, "%s/signals/%s", dir, signal)) < 0)
        return r;
    if (!g20_folder_has(path))
        return g20_fail(e, -ENOENT, "there is no signal \"%s\"", signal);
    if ((r = g20_folder_path(path, e, "%s/signals/%s/versions", dir, signal)) < 0 ||
        (r = g20_folder_make(path, e)) < 0)
        return r;
    const int lock = g20_folder_lock(dir, e);
    r = lock < 0 ? lock : g20_folder_list(&left, path, "", true, e);
    for (size_t i = 0; i < left.count && r >= 0; i++)
        if ((r = g20_folder_path(work, e, "%s/%s", path, left.item[i])) >= 0)
            r = g20_folder_remove(work, e);
    if (r >= 0 && (r = g20_folder_path(work, e, "%s/.new", path)) >= 0)
        r = g20_folder_make(work, e);
    g20_folder_unlock(lock);
    g20_names_free(&left);
    return r;
}

static int finish_head(const char *work, uint32_t version, struct g20_err *e)
{
    char path[G20_FOLDER_PATH], text[16];
    struct g20_model m = {.params = NULL};
    int r = g20_folder_path(path, e, "%s/head.onnx", work);

    if (r < 0 || (r = g20_onnx_read(&m, path, e)) < 0)
        return r;
    snprintf(text, sizeof(text), "%u", version);
    if ((r = g20_model_set(&m, "g20.version", text, e)) >= 0)
        r = g20_onnx_write(&m, path, e);
    g20_model_fini(&m);
    return r;
}

/* All but the newest and the active one; what goes is renamed first, so that none is half there. */
static int prune(const char *dir, const char *signal, uint32_t active, struct g20_err *e)
{
    char from[G20_FOLDER_PATH], to[G20_FOLDER_PATH];
    struct g20_names names = {.item = NULL};
    int r = list_numbers(dir, signal, &names, e);
    size_t left = names.count;

    for (size_t i = 0; i < names.count && r >= 0 && left > G20_VERSIONS_KEPT; i++) {
        if (number_of(names.item[i]) == active)
            continue;
        if ((r = g20_folder_path(from, e, "%s/signals/%s/versions/%s", dir, signal,
                                 names.item[i])) >= 0 &&
            (r = g20_folder_path(to, e, "%s/signals/%s/versions/.old-%s", dir, signal,
                                 names.item[i])) >= 0 &&
            (r = g20_folder_move(from, to, e)) >= 0)
            r = g20_folder_remove(to, e);
        left--;
    }
    g20_names_free(&names);
    return r;
}

static int commit(const char *dir, const char *signal, const char *work, json_t *info,
                  struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    struct g20_names names = {.item = NULL};
    json_t *active = NULL;
    uint32_t before = 0, version = 1;
    const char *why = "";
    int r = list_numbers(dir, signal, &names, e);

    if (names.count > 0)
        version = number_of(names.item[names.count - 1]) + 1;
    g20_names_free(&names);
    if (r >= 0 && (r = g20_version_active(dir, signal, &before, e)) >= 0 && before)
        r = load_info(dir, signal, before, &active, e);
    const bool better = r >= 0 && g20_version_better(info, active, &why);
    json_object_set_new(info, "version", json_integer(version));
    json_object_set_new(info, "promoted", json_boolean(better));
    json_object_set_new(info, "promotion", json_string(why));
    if (r >= 0 && (r = finish_head(work, version, e)) >= 0 &&
        (r = g20_folder_path(path, e, "%s/version.json", work)) >= 0 &&
        (r = g20_json_write(path, info, e)) >= 0 && (r = g20_folder_sync(work, e)) >= 0 &&
        (r = g20_folder_path(path, e, "%s/signals/%s/versions/%04u", dir, signal, version)) >= 0)
        r = g20_folder_move(work, path, e);
    json_decref(active);
    if (r >= 0 && better) {
        json_t *history = load_history(dir, signal);
        json_array_append_new(history, json_integer(version));
        r = save_history(dir, signal, history, e);
        json_decref(history);
    }
    return r < 0 ? r : prune(dir, signal, better ? version : before, e);
}

int g20_version_commit(const char *dir, const char *signal, const char *work, json_t *info,
                       struct g20_err *e)
{
    const int lock = g20_folder_lock(dir, e);

    if (lock < 0)
        return lock;
    const int r = commit(dir, signal, work, info, e);
    g20_folder_unlock(lock);
    return r;
}

int g20_versions_list(const char *dir, const char *signal, json_t **ret, struct g20_err *e)
{
    struct g20_names names = {.item = NULL};
    json_t *list = json_array(), *o;
    uint32_t active = 0;
    int r = list_numbers(dir, signal, &names, e);

    if (r >= 0)
        r = g20_version_active(dir, signal, &active, e);
    for (size_t i = 0; i < names.count && r >= 0; i++) {
        const uint32_t n = number_of(names.item[i]);
        if (n == 0 || load_info(dir, signal, n, &o, NULL) < 0)
            continue; /* pruned meanwhile, or no version */
        json_object_set_new(o, "active", json_boolean(n == active));
        json_array_append_new(list, o);
    }
    g20_names_free(&names);
    if (r < 0)
        json_decref(list);
    else
        *ret = list;
    return r < 0 ? r : 0;
}

int g20_version_of_job(const char *dir, const char *signal, const char *job_id, uint32_t *ret,
                       struct g20_err *e)
{
    json_t *list, *o;
    size_t i;
    const int r = g20_versions_list(dir, signal, &list, e);

    if (r < 0)
        return r;
    *ret = 0;
    json_array_foreach(list, i, o)
    {
        const char *id = json_string_value(json_object_get(o, "job_id"));
        if (id && strcmp(id, job_id) == 0)
            *ret = (uint32_t)json_integer_value(json_object_get(o, "version"));
    }
    json_decref(list);
    return 0;
}

int g20_version_promote(const char *dir, const char *signal, uint32_t version, struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    const int lock = g20_folder_lock(dir, e);
    int r = lock < 0 ? lock : g20_version_path(dir, signal, version, path, e);

    if (r >= 0) {
        json_t *history = load_history(dir, signal);
        if (last_of(history) != version) {
            json_array_append_new(history, json_integer(version));
            r = save_history(dir, signal, history, e);
        }
        json_decref(history);
    }
    g20_folder_unlock(lock);
    return r;
}

int g20_version_rollback(const char *dir, const char *signal, uint32_t *ret, struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    int r = g20_signal_check(signal, e);
    uint32_t version = 0;

    if (r < 0)
        return r;
    const int lock = g20_folder_lock(dir, e);
    if (lock < 0)
        return lock;
    json_t *history = load_history(dir, signal);
    if (json_array_size(history) > 0)
        json_array_remove(history, json_array_size(history) - 1);
    /* One that was pruned cannot be had back: on to the one before. */
    while ((version = last_of(history)) && g20_version_path(dir, signal, version, path, NULL) < 0)
        json_array_remove(history, json_array_size(history) - 1);
    r = version ? save_history(dir, signal, history, e)
                : g20_fail(e, -ENOENT, "\"%s\" has no version to go back to", signal);
    json_decref(history);
    g20_folder_unlock(lock);
    if (r >= 0)
        *ret = version;
    return r;
}
