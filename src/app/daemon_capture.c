/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Captures in the daemon: the tap they hang on, the commands of the control socket, the log. */
#include "app/captured.h"

#include "base/alloc.h"
#include "base/log.h"
#include "server/control_socket.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TAP_BLOCKS = 96, MOST_LISTED = 64 };

static_assert((int)TAP_BLOCKS <= (int)G20_LIVE_TAP, "the pipeline has so many to spare");

/* The store's writer: both files of a capture that has to go. */
static int remove_files(const char *id, const char *path, void *user)
{
    static const char *const ends[] = {".sigmf-data", ".sigmf-meta"};
    const struct g20_daemon *d = user;
    char name[2 * G20_CONFIG_PATH_MAX];
    int r = 0;

    (void)id;
    for (size_t i = 0; i < G20_COUNT_OF(ends); i++) {
        snprintf(name, sizeof(name), "%s/%s%s", d->cfg.paths.capture_dir, path, ends[i]);
        if (unlink(name) < 0 && errno != ENOENT)
            r = -errno;
    }
    return r;
}

void g20_daemon_capture_done(const struct g20_capture_info *i, void *user)
{
    const enum g20_log_level level = i->state == G20_CAPTURE_DONE ? G20_LOG_INFO : G20_LOG_WARNING;

    g20_captured_done(i, user);
    g20_log(level, "capture", g20_capture_state_name(i->state),
            G20_F_STR("session_id", i->session_id), G20_F_STR("path", i->path),
            G20_F_INT("samples", i->samples), G20_F_INT("dropped", i->dropped),
            G20_F_STR("why", i->why));
}

/* Not more than an eighth of the machine's memory: the newest IQ is a help, not the purpose. */
static int start_ring(struct g20_daemon *d, struct g20_err *e)
{
    const uint64_t machine =
        (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 8;
    const struct g20_ring_cfg c = {.bytes = G20_MIN((uint64_t)d->cfg.storage.ring_bytes, machine),
                                   .path = d->cfg.storage.ring_file,
                                   .path_bytes = (uint64_t)d->cfg.storage.ring_file_bytes};
    struct g20_ring_state st;

    if (c.bytes == 0)
        return 0;
    const int r = g20_ring_create(&d->ring, &c, d->tap, e);
    if (r < 0)
        return g20_fail_at(e, r, "storage.ring_bytes");
    g20_ring_state(d->ring, &st);
    g20_log(st.disk == G20_RING_DISK_FAILED ? G20_LOG_WARNING : G20_LOG_INFO, "capture",
            "the newest IQ is kept", G20_F_INT("bytes", c.bytes),
            G20_F_STR("file", g20_ring_disk_name(st.disk)), G20_F_STR("why", st.disk_why),
            G20_F_INT("seconds_found", (uint64_t)st.seconds));
    return 0;
}

int g20_daemon_start_captures(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    struct g20_captures_cfg cfg = {.folder = d->cfg.paths.capture_dir,
                                   .sessions = (uint32_t)d->cfg.limits.sessions,
                                   .begun = g20_captured_begun,
                                   .done = g20_daemon_capture_done,
                                   .user = d};
    uint32_t recovered = 0;

    signal(SIGXFSZ, SIG_IGN); /* a file at its greatest size is an error of write(), not the end */
    int r = g20_tap_create(&d->tap, d->hub, TAP_BLOCKS, e);
    if (r >= 0)
        r = start_ring(d, e);
    cfg.ring = d->ring;
    if (r >= 0)
        r = g20_captures_create(&d->captures, &cfg, d->tap, &d->control, &recovered, e);
    if (r >= 0 && d->store) {
        g20_store_on_remove(d->store, remove_files, d);
        g20_captured_recover(d);
    }
    if (recovered > 0)
        g20_log(G20_LOG_WARNING, "capture", "unfinished recordings were recovered",
                G20_F_INT("count", recovered), G20_F_STR("folder", cfg.folder));
    return r;
}

void g20_daemon_stop_captures(void *user)
{
    struct g20_daemon *d = user;

    if (d->store)
        g20_store_on_remove(d->store, NULL, NULL);
    g20_captures_destroy(d->captures);
    g20_ring_destroy(d->ring);
    g20_tap_destroy(d->tap);
    d->captures = NULL;
    d->ring = NULL;
    d->tap = NULL;
}

static json_t *info_json(const struct g20_capture_info *i)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:s}", "session_id",
                     i->session_id, "path", i->path, "state", g20_capture_state_name(i->state),
                     "samples", (json_int_t)i->samples, "bytes", (json_int_t)i->bytes, "dropped",
                     (json_int_t)i->dropped, "start_us", (json_int_t)i->start_us, "sample_rate_hz",
                     i->rate_hz, "center_hz", i->center_hz, "bandwidth_hz", i->bandwidth_hz, "why",
                     i->why);
}

/* A number of at least 0, or @dflt when it is not there; false: something else. */
static bool number(const json_t *request, const char *field, double dflt, double *ret)
{
    const json_t *v = json_object_get(request, field);

    *ret = v ? json_number_value(v) : dflt;
    return !v || (json_is_number(v) && isfinite(*ret) && *ret >= 0 && *ret <= 1e15);
}

json_t *g20_daemon_capture_start(struct g20_daemon *d, const json_t *request)
{
    static const char *const names[] = {"center_hz", "bandwidth_hz", "max_seconds", "max_bytes",
                                        "pre_seconds"};
    struct g20_capture_request q = {
        .session_id = json_string_value(json_object_get(request, "session_id")),
        .output_path = json_string_value(json_object_get(request, "output_path"))};
    struct g20_err e = {0};
    double value[G20_COUNT_OF(names)];

    if (!q.session_id || !q.output_path)
        return g20_control_error("%s required: a text",
                                 q.session_id ? "output_path" : "session_id");
    for (size_t i = 0; i < G20_COUNT_OF(names); i++) {
        if (!number(request, names[i], 0, &value[i]))
            return g20_control_error("%s: want a number of at least 0", names[i]);
    }
    pthread_mutex_lock(&d->lock);
    const double most = (double)d->cfg.limits.capture_bytes;
    pthread_mutex_unlock(&d->lock);
    q.center_hz = value[0];
    q.bandwidth_hz = value[1];
    q.max_s = value[2];
    q.pre_s = value[4];
    q.max_bytes = (uint64_t)(value[3] > 0 ? G20_MIN(value[3], most) : most);
    if (g20_captures_start(d->captures, &q, NULL, &e) < 0)
        return g20_control_error("%s", e.msg);
    g20_log(G20_LOG_INFO, "capture", "started", G20_F_STR("session_id", q.session_id),
            G20_F_STR("output_path", q.output_path));
    return json_pack("{s:b, s:s}", "ok", 1, "session_id", q.session_id);
}

json_t *g20_daemon_capture_stop(struct g20_daemon *d, const json_t *request)
{
    const char *id = json_string_value(json_object_get(request, "session_id"));
    struct g20_capture_info info;
    struct g20_err e = {0};

    if (!id)
        return g20_control_error("session_id required: a text");
    if (g20_captures_stop(d->captures, id, &info, &e) < 0)
        return g20_control_error("%s", e.msg);
    json_t *o = info_json(&info);
    if (o)
        json_object_set_new(o, "ok", json_true());
    return o;
}

json_t *g20_daemon_capture_list(struct g20_daemon *d, const json_t *request)
{
    struct g20_capture_info *all = g20_calloc(MOST_LISTED, sizeof(*all));
    json_t *o = json_pack("{s:b, s:[]}", "ok", 1, "captures");

    (void)request;
    const size_t n = all ? g20_captures_list(d->captures, all, MOST_LISTED) : 0;
    for (size_t i = 0; o && i < n; i++)
        json_array_append_new(json_object_get(o, "captures"), info_json(&all[i]));
    g20_free(all);
    return o;
}
