/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/index.h"

#include "store/reader.h"
#include "teach/registry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int no_memory(struct g20_err *e)
{
    return g20_fail(e, -ENOMEM, "index: out of memory");
}

static void copy(json_t *to, const char *as, const json_t *from, const char *key)
{
    json_t *v = json_object_get(from, key);

    if (v)
        json_object_set(to, as, v);
}

/* What the record may not hold is left out. */
static void copy_valid(enum g20_kind kind, json_t *to, const char *as, const json_t *from,
                       const char *key)
{
    json_t *one = json_object();

    copy(one, as, from, key);
    if (g20_kind_check(kind, one, false, false, NULL) >= 0)
        json_object_update(to, one);
    json_decref(one);
}

static json_t *sample_fields(const json_t *o)
{
    const char *id = json_string_value(json_object_get(o, "sample_id"));
    const char *signal = json_string_value(json_object_get(o, "signal_name"));
    char path[128];

    snprintf(path, sizeof(path), "signals/%s/samples/%s", signal, id);
    json_t *f = json_pack("{s:s, s:s, s:s}", "id", id, "signal", signal, "path", path);
    copy(f, "samples", o, "samples");
    copy(f, "duration_s", o, "duration_s");
    copy(f, "center_hz", o, "center_freq_hz");
    copy(f, "sample_rate_hz", o, "sample_rate_hz");
    if (json_integer_value(json_object_get(o, "time_us")) > 0)
        copy(f, "start_us", o, "time_us");
    copy_valid(G20_SAMPLES, f, "recording", o, "recording");
    copy(f, "boxes", o, "boxes");
    return f;
}

/* By their ids: what the records of @signal's samples should be. */
static int want_samples(struct g20_samples *s, const char *signal, json_t *want, struct g20_err *e)
{
    json_t *list = NULL, *o;
    size_t i;
    int r = g20_samples_list(s, signal, &list, e);

    json_array_foreach(list, i, o)
    {
        const char *id = json_string_value(json_object_get(o, "sample_id"));
        json_t *whole = NULL;

        if (r < 0)
            break;
        r = g20_samples_get(s, id, NULL, &whole, e);
        if (r >= 0 && json_object_set_new(want, id, sample_fields(whole)) < 0)
            r = no_memory(e);
        else if (r == -ENOENT) /* deleted meanwhile */
            r = 0;
        json_decref(whole);
    }
    json_decref(list);
    return r;
}

static json_t *model_fields(const char *signal, const json_t *o)
{
    static const char *const measured[] = {"f1", "precision", "recall", "asked", "kept"};
    const int version = (int)json_integer_value(json_object_get(o, "version"));
    const bool active = json_is_true(json_object_get(o, "active"));
    json_t *metrics = json_object();
    char path[128];

    snprintf(path, sizeof(path), "signals/%s/versions/%04d/head.onnx", signal, version);
    json_t *f = json_pack("{s:s, s:i, s:s, s:s}", "signal", signal, "version", version, "path",
                          path, "state", active ? "active" : "kept");
    for (size_t i = 0; i < G20_COUNT_OF(measured); i++)
        copy(metrics, measured[i], o, measured[i]);
    json_object_set_new(f, "metrics", metrics);
    copy_valid(G20_MODELS, f, "preset", o, "preset");
    copy_valid(G20_MODELS, f, "dataset_hash", o, "dataset");
    copy_valid(G20_MODELS, f, "seed", o, "seed");
    return f;
}

/* Likewise of its versions, by their numbers. */
static int want_models(struct g20_samples *s, const char *signal, json_t *want, struct g20_err *e)
{
    json_t *list = NULL, *o;
    char key[16];
    size_t i;
    const int r = g20_versions_list(g20_samples_dir(s), signal, &list, e);

    json_array_foreach(list, i, o)
    {
        snprintf(key, sizeof(key), "%d", (int)json_integer_value(json_object_get(o, "version")));
        json_object_set_new(want, key, model_fields(signal, o));
    }
    json_decref(list);
    return r;
}

/* The records of @kind whose @field is @value (NULL: all) into @have, by their ids; those of one
 * signal's versions by their numbers. */
static int have_records(struct g20_store_reader *reader, enum g20_kind kind, const char *field,
                        const char *value, json_t *have, struct g20_err *e)
{
    struct g20_record_query q = {.limit = G20_RECORDS_MOST};
    bool more = true;
    int r = 0;

    if (field) {
        q.filter[0].field = g20_kind_field(kind, field);
        q.filter[0].value = value;
        q.filters = 1;
    }
    while (more && r >= 0) {
        json_t *list = NULL, *o;
        size_t i;

        r = g20_store_reader_list(reader, kind, &q, &list, &more, &q.cursor_us, &q.cursor_n, e);
        q.has_cursor = true;
        json_array_foreach(list, i, o)
        {
            char key[24];
            const char *id = json_string_value(json_object_get(o, "id"));

            if (kind == G20_MODELS && field) {
                snprintf(key, sizeof(key), "%d",
                         (int)json_integer_value(json_object_get(o, "version")));
                id = key;
            }
            json_object_set(have, id, o);
        }
        json_decref(list);
    }
    return r < 0 ? r : 0;
}

static bool differs(const json_t *fields, const json_t *record)
{
    const char *key;
    json_t *v;

    json_object_foreach((json_t *)fields, key, v)
    {
        if (!json_equal(v, json_object_get(record, key)))
            return true;
    }
    return false;
}

static int put_or_change(struct g20_store *store, enum g20_kind kind, json_t *fields,
                         const json_t *record, struct g20_err *e)
{
    int r = g20_kind_check(kind, fields, true, false, e);

    if (r < 0 || (record && !differs(fields, record)))
        return r;
    if (!record)
        return g20_store_put(store, kind, fields, NULL, e);
    json_object_del(fields, "id");
    r = g20_store_change(store, kind, json_string_value(json_object_get(record, "id")), fields,
                         NULL, e);
    return r == -ENOENT ? 0 : r;
}

/* The records in @have become what is in @want. */
static int sync_records(struct g20_store *store, enum g20_kind kind, json_t *want, json_t *have,
                        struct g20_err *e)
{
    const char *key;
    json_t *v;
    int r = 0;

    json_object_foreach(have, key, v)
    {
        if (json_object_get(want, key))
            continue;
        const int n = g20_store_delete(store, kind, json_string_value(json_object_get(v, "id")), e);
        r = n < 0 && n != -ENOENT ? n : r;
    }
    json_object_foreach(want, key, v)
    {
        const int n = put_or_change(store, kind, v, json_object_get(have, key), e);
        r = n < 0 ? n : r;
    }
    return r;
}

static int sync_kind(struct g20_store *store, struct g20_store_reader *reader,
                     struct g20_samples *s, enum g20_kind kind, const char *signal,
                     struct g20_err *e)
{
    json_t *want = json_object(), *have = json_object();
    int r =
        kind == G20_SAMPLES ? want_samples(s, signal, want, e) : want_models(s, signal, want, e);

    if (r >= 0)
        r = have_records(reader, kind, "signal", signal, have, e);
    if (r >= 0)
        r = sync_records(store, kind, want, have, e);
    json_decref(want);
    json_decref(have);
    return r;
}

/* The record of the signal itself; NULL: there is none. */
static int own_record(struct g20_store_reader *reader, const char *signal, json_t **ret,
                      struct g20_err *e)
{
    json_t *have = json_object();
    const int r = have_records(reader, G20_SIGNALS, "name", signal, have, e);

    *ret = json_incref(json_object_iter_value(json_object_iter(have)));
    json_decref(have);
    return r;
}

/* A signal without files goes, unless it has words or records of its own. */
static int forget(struct g20_store *store, struct g20_store_reader *reader, struct g20_samples *s,
                  const char *signal, struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    json_t *o = NULL;
    int r = g20_folder_path(path, e, "%s/signals/%s", g20_samples_dir(s), signal);

    if (r < 0 || g20_folder_has(path))
        return r;
    r = own_record(reader, signal, &o, e);
    if (r >= 0 && o && !json_object_get(o, "notes") && !json_object_get(o, "modulation") &&
        !json_object_get(o, "bandwidth_hz"))
        r = g20_store_delete(store, G20_SIGNALS, json_string_value(json_object_get(o, "id")), e);
    json_decref(o);
    return r == -EBUSY || r == -ENOENT ? 0 : r;
}

static int with_reader(struct g20_store *store, struct g20_store_reader *reader,
                       struct g20_samples *s, const char *signal, struct g20_err *e)
{
    int r = g20_signal_check(signal, e);

    if (r >= 0)
        r = sync_kind(store, reader, s, G20_SAMPLES, signal, e);
    if (r >= 0)
        r = sync_kind(store, reader, s, G20_MODELS, signal, e);
    return r < 0 ? r : 0;
}

int g20_index_signal(struct g20_store *store, struct g20_samples *s, const char *signal,
                     struct g20_err *e)
{
    struct g20_store_reader *reader;
    int r = g20_store_reader_create(&reader, store);

    if (r < 0)
        return no_memory(e);
    r = with_reader(store, reader, s, signal, e);
    if (r >= 0)
        r = forget(store, reader, s, signal, e);
    g20_store_reader_destroy(reader);
    return r;
}

/* Names that records of samples or versions bear, as keys of @names. */
static int named(struct g20_store_reader *reader, enum g20_kind kind, json_t *names,
                 struct g20_err *e)
{
    json_t *have = json_object(), *v;
    const char *key;
    const int r = have_records(reader, kind, NULL, NULL, have, e);

    json_object_foreach(have, key, v)
    {
        const char *name = json_string_value(json_object_get(v, "signal"));

        if (name)
            json_object_set_new(names, name, json_true());
    }
    json_decref(have);
    return r;
}

int g20_index_all(struct g20_store *store, struct g20_samples *s, struct g20_err *e)
{
    struct g20_store_reader *reader;
    struct g20_names files = {.item = NULL};
    json_t *names = json_object(), *v;
    const char *name;
    int r = g20_store_reader_create(&reader, store);

    if (r < 0) {
        json_decref(names);
        return no_memory(e);
    }
    r = g20_signals_list(s, &files, e);
    for (size_t i = 0; i < files.count; i++)
        json_object_set_new(names, files.item[i], json_true());
    if (r >= 0)
        r = named(reader, G20_SAMPLES, names, e);
    if (r >= 0)
        r = named(reader, G20_MODELS, names, e);
    json_object_foreach(names, name, v)
    {
        const int n = with_reader(store, reader, s, name, e);
        r = n < 0 ? n : r;
    }
    g20_names_free(&files);
    json_decref(names);
    g20_store_reader_destroy(reader);
    return r < 0 ? r : 0;
}

int g20_index_renamed(struct g20_store *store, struct g20_samples *s, const char *from,
                      const char *to, struct g20_err *e)
{
    struct g20_store_reader *reader;
    json_t *o = NULL;
    int r = g20_store_reader_create(&reader, store);

    if (r < 0)
        return no_memory(e);
    r = own_record(reader, from, &o, e);
    g20_store_reader_destroy(reader);
    if (r >= 0 && o) { /* samples and versions follow it */
        json_t *name = json_pack("{s:s}", "name", to);
        r = g20_store_change(store, G20_SIGNALS, json_string_value(json_object_get(o, "id")), name,
                             NULL, e);
        json_decref(name);
        r = r == -EEXIST ? 0 : r; /* there is a record of the new name: they go over to it */
    }
    json_decref(o);
    if (r >= 0)
        r = g20_index_signal(store, s, from, e);
    return r < 0 ? r : g20_index_signal(store, s, to, e);
}

int g20_index_sample(struct g20_store *store, struct g20_samples *s, const char *id,
                     struct g20_err *e)
{
    json_t *o = NULL;
    int r = g20_samples_get(s, id, NULL, &o, e);

    if (r == -ENOENT) {
        r = g20_store_delete(store, G20_SAMPLES, id, e);
        return r == -ENOENT ? 0 : r;
    }
    if (r < 0)
        return r;
    json_t *f = sample_fields(o);
    r = g20_kind_check(G20_SAMPLES, f, true, false, e);
    if (r >= 0)
        r = g20_store_put(store, G20_SAMPLES, f, NULL, e);
    json_decref(f);
    json_decref(o);
    return r == -EEXIST ? 0 : r;
}
