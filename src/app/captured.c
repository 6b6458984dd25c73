/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/captured.h"

#include "base/clock.h"
#include "base/log.h"
#include "capture/place.h"
#include "capture/stretch.h"
#include "source/sigmf.h"
#include "store/reader.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { TRIES = 100 }; /* of a free name */

static void complain(const char *path, const struct g20_err *e)
{
    g20_log(G20_LOG_WARNING, "capture", "not in the database", G20_F_STR("path", path),
            G20_F_STR("why", e->msg));
}

static void set_real(json_t *o, const char *key, double v)
{
    if (v > 0)
        json_object_set_new(o, key, json_real(v));
}

static void set_text(json_t *o, const char *key, const char *text)
{
    if (text[0])
        json_object_set_new(o, key, json_string(text));
}

/* Relative to the folder of captures; NULL: it is not below. */
static const char *relative(const struct g20_daemon *d, const char *path)
{
    const size_t n = strlen(d->cfg.paths.capture_dir);

    return strncmp(path, d->cfg.paths.capture_dir, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

void g20_captured_begun(struct g20_capture_info *i, void *user)
{
    struct g20_daemon *d = user;
    const char *path = relative(d, i->path);
    json_t *stored = NULL;
    struct g20_err e = {0};

    if (!d->store || !path)
        return;
    json_t *o = json_pack("{s:s, s:s, s:I, s:s}", "state", "recording", "path", path, "start_us",
                          (json_int_t)i->start_us, "origin",
                          i->about.origin[0] ? i->about.origin : "command");
    if (o) {
        set_real(o, "center_hz", i->center_hz);
        set_real(o, "sample_rate_hz", i->rate_hz);
        set_real(o, "bandwidth_hz", i->bandwidth_hz > 0 ? i->bandwidth_hz : i->rate_hz);
        set_text(o, "class", i->about.class_name);
        if (i->about.channel > 0)
            json_object_set_new(o, "channel", json_integer(i->about.channel));
        set_text(o, "mission_id", i->about.mission_id);
        if (i->about.emission_id > 0)
            json_object_set_new(o, "emission_id", json_integer((json_int_t)i->about.emission_id));
    }
    int r = o ? g20_store_put(d->store, G20_CAPTURES, o, &stored, &e)
              : g20_fail(&e, -ENOMEM, "out of memory");
    const char *id = json_string_value(json_object_get(stored, "id"));
    if (r >= 0 && id)
        snprintf(i->about.record_id, sizeof(i->about.record_id), "%s", id);
    else
        complain(i->path, &e);
    json_decref(stored);
    json_decref(o);
}

void g20_captured_done(const struct g20_capture_info *i, struct g20_daemon *d)
{
    const char *id = i->about.record_id;
    struct g20_err e = {0};
    int r;

    if (!d->store || !id[0])
        return;
    if (i->samples == 0) {
        r = g20_store_delete(d->store, G20_CAPTURES, id, &e);
    } else {
        json_t *o = json_pack("{s:s, s:I, s:f, s:f, s:f, s:I, s:I, s:I, s:s}", "state",
                              i->state == G20_CAPTURE_FAILED ? "interrupted" : "done", "start_us",
                              (json_int_t)i->start_us, "duration_s",
                              (double)i->samples / i->rate_hz, "sample_rate_hz", i->rate_hz,
                              "bandwidth_hz", i->bandwidth_hz > 0 ? i->bandwidth_hz : i->rate_hz,
                              "samples", (json_int_t)i->samples, "bytes", (json_int_t)i->bytes,
                              "dropped", (json_int_t)i->dropped, "notes", i->why);
        r = o ? g20_store_change(d->store, G20_CAPTURES, id, o, NULL, &e)
              : g20_fail(&e, -ENOMEM, "out of memory");
        json_decref(o);
    }
    if (r < 0)
        complain(i->path, &e);
}

/* What lies on the disk of a capture that was cut short. */
static json_t *found(const struct g20_daemon *d, const char *path)
{
    struct g20_sigmf *m = NULL;
    char name[2 * G20_CONFIG_PATH_MAX];
    struct stat st;

    snprintf(name, sizeof(name), "%s/%s.sigmf-data", d->cfg.paths.capture_dir, path);
    if (stat(name, &st) < 0 || g20_sigmf_load(&m, name, NULL) < 0)
        return NULL;
    const double each = strncmp(m->datatype, "cf32", 4) == 0   ? 8
                        : strncmp(m->datatype, "ci16", 4) == 0 ? 4
                                                               : 2;
    json_t *o = json_pack(
        "{s:s, s:I, s:I, s:f, s:s}", "state", "interrupted", "bytes", (json_int_t)st.st_size,
        "samples", (json_int_t)((double)st.st_size / each), "duration_s",
        (double)st.st_size / each / m->rate_hz, "notes", "the daemon ended while it was recorded");
    g20_sigmf_destroy(m);
    return o;
}

static void recover_one(struct g20_daemon *d, const json_t *record)
{
    const char *id = json_string_value(json_object_get(record, "id"));
    const char *path = json_string_value(json_object_get(record, "path"));
    struct g20_err e = {0};

    if (!id || !path)
        return;
    json_t *o = found(d, path);
    const int r = o ? g20_store_change(d->store, G20_CAPTURES, id, o, NULL, &e)
                    : g20_store_delete(d->store, G20_CAPTURES, id, &e);
    json_decref(o);
    if (r < 0)
        complain(path, &e);
}

void g20_captured_recover(struct g20_daemon *d)
{
    const struct g20_record_query q = {
        .filter = {{g20_kind_field(G20_CAPTURES, "state"), "recording"}},
        .filters = 1,
        .limit = G20_RECORDS_MOST};
    struct g20_store_reader *reader = NULL;
    json_t *list = NULL;
    bool more = false;
    int64_t us, n;
    struct g20_err e = {0};

    if (!d->store || g20_store_reader_create(&reader, d->store) < 0)
        return;
    if (g20_store_reader_list(reader, G20_CAPTURES, &q, &list, &more, &us, &n, &e) >= 0)
        for (size_t i = 0; i < json_array_size(list); i++)
            recover_one(d, json_array_get(list, i));
    json_decref(list);
    g20_store_reader_destroy(reader);
}

/* ---- samples by their time ---- */

static int fetch(struct g20_stretch *s, uint64_t end_us, uint64_t most, struct g20_teach_iq *ret,
                 struct g20_err *e)
{
    struct g20_stretch_iq x;
    const int r = g20_stretch_fetch(s, end_us, most, &x, e);

    if (r >= 0)
        *ret = (struct g20_teach_iq){.iq = x.iq,
                                     .samples = x.samples,
                                     .time_us = x.time_us,
                                     .rate_hz = x.rate_hz,
                                     .center_hz = x.center_hz};
    g20_stretch_destroy(s);
    return r;
}

/* Whether a capture that is complete has all of the time. */
static bool covers(const json_t *o, uint64_t start_us, uint64_t end_us)
{
    const double from = json_number_value(json_object_get(o, "start_us"));
    const double to = from + json_number_value(json_object_get(o, "duration_s")) * 1e6;
    const char *state = json_string_value(json_object_get(o, "state"));

    return state && strcmp(state, "recording") != 0 && from <= (double)start_us &&
           to + 1 >= (double)end_us;
}

/* The widest of the captures that have the time, newest first among equals. */
static int fetch_capture(struct g20_daemon *d, uint64_t start_us, uint64_t end_us, uint64_t most,
                         struct g20_teach_iq *ret, struct g20_err *e)
{
    const struct g20_record_query q = {.to_us = start_us + 1, .limit = G20_RECORDS_MOST};
    struct g20_store_reader *reader = NULL;
    struct g20_stretch *s = NULL;
    char path[2 * G20_CONFIG_PATH_MAX];
    const json_t *best = NULL;
    json_t *list = NULL;
    bool more = false;
    int64_t us, n;

    if (!d->store || g20_store_reader_create(&reader, d->store) < 0)
        return -ENODATA;
    int r = g20_store_reader_list(reader, G20_CAPTURES, &q, &list, &more, &us, &n, NULL);
    g20_store_reader_destroy(reader);
    for (size_t i = 0; r >= 0 && i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        if (covers(o, start_us, end_us) &&
            (!best || json_number_value(json_object_get(o, "sample_rate_hz")) >
                          json_number_value(json_object_get(best, "sample_rate_hz"))))
            best = o;
    }
    r = best ? 0 : -ENODATA;
    if (best)
        snprintf(path, sizeof(path), "%s/%s.sigmf-meta", d->cfg.paths.capture_dir,
                 json_string_value(json_object_get(best, "path")));
    json_decref(list);
    if (r >= 0)
        r = g20_stretch_file(&s, path, start_us, e);
    return r < 0 ? r : fetch(s, end_us, most, ret, e);
}

int g20_captured_fetch(uint64_t start_us, uint64_t duration_us, uint64_t most,
                       struct g20_teach_iq *ret, struct g20_err *e, void *user)
{
    struct g20_daemon *d = user;
    struct g20_stretch *s = NULL;
    struct g20_err other = {0};
    int r = d->ring ? g20_stretch_ring(&s, d->ring, start_us, e)
                    : g20_fail(e, -ENODATA, "nothing of the past is kept: storage.ring_bytes is 0");

    if (r >= 0)
        r = fetch(s, start_us + duration_us, most, ret, e);
    if (r != -ENODATA)
        return r;
    /* When no capture has it either, what the ring said stands. */
    const int found = fetch_capture(d, start_us, start_us + duration_us, most, ret, &other);
    return found < 0 ? r : 0;
}

/* ---- POST /api/captures ---- */

static int number(const json_t *o, const char *key, bool needed, double hi, double *ret,
                  struct g20_err *e)
{
    const json_t *v = json_object_get(o, key);
    const double x = json_number_value(v);

    if (!v && !needed)
        return 0;
    if (!v)
        return g20_fail(e, -EINVAL, "%s required", key);
    if (!json_is_number(v) || !(x >= 0 && x <= hi))
        return g20_fail(e, -EINVAL, "%s: want a number of 0 to %g", key, hi);
    *ret = x;
    return 0;
}

static int known_keys(const json_t *o, struct g20_err *e)
{
    static const char *const keys[] = {"start_us",    "duration_us", "center_hz", "bandwidth_hz",
                                       "emission_id", "class",       "capture_id"};
    const json_t *v;
    const char *key;

    if (!json_is_object(o))
        return g20_fail(e, -EINVAL, "body: want an object");
    json_object_foreach((json_t *)o, key, v)
    {
        size_t i = 0;
        while (i < G20_COUNT_OF(keys) && strcmp(keys[i], key) != 0)
            i++;
        if (i == G20_COUNT_OF(keys))
            return g20_fail(e, -EINVAL, "%.40s: there is no such field", key);
    }
    return 0;
}

static int parse(const json_t *o, struct g20_capture_request *q, struct g20_err *e)
{
    double start = 0, duration = 0, emission = 0;
    const json_t *name = json_object_get(o, "class");
    const bool cut = json_object_get(o, "capture_id") != NULL;
    int r = known_keys(o, e);

    if (r < 0 || (r = number(o, "start_us", !cut, 9e15, &start, e)) < 0 ||
        (r = number(o, "duration_us", !cut, 86400e6, &duration, e)) < 0 ||
        (r = number(o, "center_hz", false, 1e12, &q->center_hz, e)) < 0 ||
        (r = number(o, "bandwidth_hz", false, 1e12, &q->bandwidth_hz, e)) < 0 ||
        (r = number(o, "emission_id", false, 9e15, &emission, e)) < 0)
        return r;
    if (!cut && (start < 1 || duration < 1))
        return g20_fail(e, -EINVAL, "%s: want more than 0", start < 1 ? "start_us" : "duration_us");
    if (name && (!json_is_string(name) || json_string_length(name) > 31))
        return g20_fail(e, -EINVAL, "class: want a text of at most 31 bytes");
    q->start_us = (uint64_t)start;
    q->end_us = duration > 0 ? (uint64_t)(start + duration) : 0;
    q->about.emission_id = (uint64_t)emission;
    snprintf(q->about.origin, sizeof(q->about.origin), "box");
    snprintf(q->about.class_name, sizeof(q->about.class_name), "%s",
             name ? json_string_value(name) : "");
    return 0;
}

/* The path of the recording that it shall be cut out of. */
static int find_source(struct g20_daemon *d, const char *id, char *buf, size_t size,
                       struct g20_capture_request *q, struct g20_err *e)
{
    struct g20_store_reader *reader = NULL;
    json_t *o = NULL;
    int r = g20_store_reader_create(&reader, d->store);

    if (r < 0)
        return g20_fail(e, r, "out of memory");
    r = g20_kind_id_ok(id) ? g20_store_reader_get(reader, G20_CAPTURES, id, &o, e)
                           : g20_fail(e, -EINVAL, "capture_id: no id");
    const char *path = json_string_value(json_object_get(o, "path"));
    const char *state = json_string_value(json_object_get(o, "state"));
    if (r >= 0 && (!path || !state || strcmp(state, "recording") == 0))
        r = g20_fail(e, -EBUSY, "capture_id: it is still being recorded");
    if (r >= 0) {
        snprintf(buf, size, "%s", path);
        q->from = buf;
        if (q->start_us == 0 && q->end_us > 0) /* a duration alone: from its start */
            q->end_us += (uint64_t)json_integer_value(json_object_get(o, "start_us"));
    }
    json_decref(o);
    g20_store_reader_destroy(reader);
    return r;
}

int g20_daemon_capture_box(const json_t *request, char *ret_id, size_t size, struct g20_err *e,
                           void *user)
{
    struct g20_daemon *d = user;
    struct g20_capture_request q = {.session_id = NULL};
    const char *cut = json_string_value(json_object_get(request, "capture_id"));
    struct g20_capture_info info;
    char name[128], path[160], from[G20_CONFIG_PATH_MAX];
    int r = parse(request, &q, e);

    if (r >= 0 && json_object_get(request, "capture_id"))
        r = find_source(d, cut ? cut : "", from, sizeof(from), &q, e);
    if (r < 0)
        return r;
    pthread_mutex_lock(&d->lock);
    q.max_bytes = (uint64_t)d->cfg.limits.capture_bytes;
    pthread_mutex_unlock(&d->lock);
    q.session_id = name;
    q.output_path = path;
    for (unsigned i = 0; i < TRIES; i++) {
        g20_place_name("box-", q.start_us > 0 ? q.start_us : g20_clock_utc_us(), q.center_hz, i,
                       name, 60);
        snprintf(path, sizeof(path), "%s", name);
        r = g20_captures_start(d->captures, &q, &info, e);
        if (r != -EEXIST)
            break;
    }
    if (r < 0)
        return r;
    g20_log(G20_LOG_INFO, "capture", "started", G20_F_STR("session_id", name));
    if (!info.about.record_id[0])
        return g20_fail(e, -EIO, "it is recorded as %s, but the database does not work now", path);
    snprintf(ret_id, size, "%s", info.about.record_id);
    return 0;
}
