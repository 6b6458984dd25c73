/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 capture: a SigMF recording from a source, or from the ring of a running daemon. */
#include "app/ask.h"
#include "app/daemon.h"
#include "app/progress.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/control_socket.h"
#include "source/source.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { READ_MS = 200, BLOCKS = 8, BLOCK = 65536, RING_MOST = 256 << 20, ASK_MS = 10000 };

static const char session[] = "g20-capture";

struct options {
    const char *out, *socket;
    double seconds, pre_s, center_hz, bandwidth_hz;
    uint64_t max_bytes;
    bool daemon, quiet;
};

/* ---- from a source ---- */

struct parts {
    struct g20_source *source;
    struct g20_pool *pool;
    struct g20_hub *hub;
    struct g20_tap *tap;
    struct g20_ring *ring;
    struct g20_captures *captures;
};

static void tear_down(struct parts *p)
{
    g20_captures_destroy(p->captures);
    g20_ring_destroy(p->ring);
    g20_tap_destroy(p->tap);
    g20_hub_destroy(p->hub);
    g20_source_close(p->source);
    g20_pool_destroy(p->pool);
}

static void state_of(struct g20_control_state *ret, void *user)
{
    const struct parts *p = user;

    *ret = (struct g20_control_state){
        .run = G20_RUN_RUNNING, .has_source = true, .source = *g20_source_info(p->source)};
}

/* Where the recording goes: a folder and a name in it. */
static int split(const char *out, char *folder, size_t size, const char **ret_name,
                 struct g20_err *e)
{
    const char *slash = strrchr(out, '/');

    *ret_name = slash ? slash + 1 : out;
    if ((size_t)snprintf(folder, size, "%.*s", slash ? (int)(slash - out) : 1, slash ? out : ".") >=
        size)
        return g20_fail(e, -ENAMETOOLONG, "%s: the name is too long", out);
    if (slash == out)
        snprintf(folder, size, "/");
    return 0;
}

static int set_up(struct parts *p, const struct g20_config *cfg, const struct options *o,
                  struct g20_err *e)
{
    const struct g20_control control = {.state = state_of, .user = p};
    const struct g20_ring_cfg ring = {.bytes = RING_MOST};
    char folder[PATH_MAX];
    struct g20_captures_cfg c = {.folder = folder, .sessions = 1, .leave_unfinished = true};
    struct g20_source_cfg source;
    struct g20_capture_request q = {.session_id = session,
                                    .center_hz = o->center_hz,
                                    .bandwidth_hz = o->bandwidth_hz,
                                    .max_s = o->seconds,
                                    .max_bytes = o->max_bytes};
    int r = split(o->out, folder, sizeof(folder), &q.output_path, e);

    g20_daemon_source(cfg, &source);
    source.loop = false; /* a recording ends */
    if (r < 0 || (r = g20_source_open(&p->source, &source, e)) < 0)
        return r;
    if ((r = g20_pool_create(&p->pool, BLOCKS, BLOCK)) < 0 || (r = g20_hub_create(&p->hub)) < 0)
        return g20_fail(e, r, "out of memory");
    if ((r = g20_tap_create(&p->tap, p->hub, 1, e)) < 0 ||
        (r = g20_ring_create(&p->ring, &ring, NULL, e)) < 0)
        return r;
    c.ring = p->ring;
    if ((r = g20_captures_create(&p->captures, &c, p->tap, &control, NULL, e)) < 0)
        return r;
    return g20_captures_start(p->captures, &q, NULL, e);
}

static bool goes_on(struct parts *p, struct g20_capture_info *info)
{
    return g20_captures_list(p->captures, info, 1) == 1 && info->state == G20_CAPTURE_RUNNING &&
           !g20_interrupted();
}

/* A recording waits for a slow disk; a radio does not. */
static void wait_for_writer(struct parts *p, struct g20_capture_info *info)
{
    struct g20_ring_state st;

    for (;;) {
        g20_ring_state(p->ring, &st);
        const double done_us = (double)G20_MAX(info->end_us, st.from_us);
        const double behind = ((double)st.to_us - done_us) * 1e-6 / fmax(st.seconds, 1e-9);
        if (g20_source_info(p->source)->is_live || st.bytes < RING_MOST / 4 || behind < 0.5 ||
            !goes_on(p, info))
            return;
        g20_sleep_ns(1000000);
    }
}

static int pump(struct parts *p, const struct options *o, struct g20_progress *progress,
                struct g20_err *e)
{
    const double rate = g20_source_info(p->source)->rate_hz;
    struct g20_capture_info info;
    uint64_t seen = 0;

    while (goes_on(p, &info)) {
        struct g20_block *b = g20_pool_get(p->pool, 0);
        if (!b)
            return g20_fail(e, -ENOMEM, "no block is free");
        const int r = g20_source_read(p->source, b, READ_MS, e);
        if (r > 0) {
            g20_ring_push(p->ring, b);
            seen += b->len;
        }
        g20_block_unref(&b);
        if (r == 0 || (r < 0 && r != -ETIMEDOUT))
            return r;
        wait_for_writer(p, &info);
        g20_progress_show(progress, seen, (uint64_t)(o->seconds * rate));
    }
    return 0;
}

static int tell(const char *path, const char *state, uint64_t samples, uint64_t dropped,
                const char *why)
{
    const bool good = strcmp(state, "done") == 0;

    g20_log(good ? G20_LOG_INFO : G20_LOG_ERROR, "capture", state, G20_F_STR("path", path),
            G20_F_INT("samples", samples), G20_F_INT("dropped", dropped), G20_F_STR("why", why));
    return good ? G20_EXIT_DONE : G20_EXIT_FAILED;
}

static int from_source(const struct g20_config *cfg, const struct options *o)
{
    struct parts p = {.source = NULL};
    struct g20_capture_info info;
    struct g20_progress progress;
    struct g20_err e = {0}, other = {0};
    int r = set_up(&p, cfg, o, &e);

    if (r < 0) {
        tear_down(&p);
        return g20_cli_fail("capture", g20_exit_of(r), "%s", e.msg);
    }
    g20_progress_begin(&progress, "capture", o->out, o->quiet);
    r = pump(&p, o, &progress, &e);
    g20_progress_end(&progress);
    if (g20_captures_stop(p.captures, session, &info, &other) < 0)
        info = (struct g20_capture_info){.state = G20_CAPTURE_FAILED};
    tear_down(&p);
    if (r < 0)
        g20_cli_fail("capture", G20_EXIT_FAILED, "%s", e.msg);
    const int code =
        tell(info.path, g20_capture_state_name(info.state), info.samples, info.dropped, info.why);
    return r < 0 ? G20_EXIT_FAILED : code;
}

/* ---- from a daemon ---- */

/* Takes over @request. */
static int ask(const struct g20_config *cfg, const struct options *o, json_t *request, json_t **ret,
               struct g20_err *e)
{
    char *line = request ? g20_control_text(request) : NULL;
    int r = line ? g20_ask_daemon(cfg, o->socket, line, ASK_MS, ret, e)
                 : g20_fail(e, -ENOMEM, "out of memory");

    json_decref(request);
    g20_free(line);
    const char *why = r < 0 ? NULL : json_string_value(json_object_get(*ret, "error"));
    if (why) {
        r = g20_fail(e, -EINVAL, "%s", why);
        json_decref(*ret);
        *ret = NULL;
    }
    return r;
}

/* The capture in the daemon's list; false: it is not there. */
static bool look(const struct g20_config *cfg, const struct options *opts, const char *id,
                 uint64_t *ret_samples, double *ret_rate, struct g20_err *e)
{
    json_t *reply = NULL, *o;
    bool runs = false;
    size_t i;

    if (ask(cfg, opts, json_pack("{s:s}", "command", "capture_list"), &reply, e) < 0)
        return false;
    json_array_foreach(json_object_get(reply, "captures"), i, o)
    {
        const char *name = json_string_value(json_object_get(o, "session_id"));
        const char *state = json_string_value(json_object_get(o, "state"));
        if (!name || !state || strcmp(name, id) != 0)
            continue;
        *ret_samples = (uint64_t)json_integer_value(json_object_get(o, "samples"));
        *ret_rate = json_number_value(json_object_get(o, "sample_rate_hz"));
        runs = strcmp(state, "recording") == 0;
    }
    json_decref(reply);
    return runs;
}

static int from_daemon(const struct g20_config *cfg, const struct options *o)
{
    struct g20_progress progress;
    struct g20_err e = {0};
    json_t *reply = NULL;
    uint64_t samples = 0;
    double rate = 0;
    char id[64];

    snprintf(id, sizeof(id), "cli-%llu", (unsigned long long)g20_clock_utc_us());
    const double max_s = o->seconds > 0 ? o->seconds + o->pre_s : 0;
    int r = ask(cfg, o,
                json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:f}", "command", "capture_start",
                          "session_id", id, "output_path", o->out, "center_hz", o->center_hz,
                          "bandwidth_hz", o->bandwidth_hz, "max_seconds", max_s, "pre_seconds",
                          o->pre_s, "max_bytes", (double)o->max_bytes),
                &reply, &e);
    json_decref(reply);
    reply = NULL;
    if (r < 0)
        return g20_cli_fail("capture", g20_exit_of(r), "%s", e.msg);
    g20_progress_begin(&progress, "capture", o->out, o->quiet);
    while (!g20_interrupted() && look(cfg, o, id, &samples, &rate, &e)) {
        g20_progress_show(&progress, samples, (uint64_t)(max_s * rate));
        g20_sleep_ns(100000000);
    }
    g20_progress_end(&progress);
    r = ask(cfg, o, json_pack("{s:s, s:s}", "command", "capture_stop", "session_id", id), &reply,
            &e);
    if (r < 0)
        return g20_cli_fail("capture", G20_EXIT_FAILED, "%s", e.msg);
    const char *path = json_string_value(json_object_get(reply, "path"));
    const char *state = json_string_value(json_object_get(reply, "state"));
    const char *why = json_string_value(json_object_get(reply, "why"));
    const int code =
        tell(path ? path : "", state ? state : "failed",
             (uint64_t)json_integer_value(json_object_get(reply, "samples")),
             (uint64_t)json_integer_value(json_object_get(reply, "dropped")), why ? why : "");
    json_decref(reply);
    return code;
}

int g20_cmd_capture(int argc, char **argv)
{
    struct g20_config *cfg = g20_calloc(1, sizeof(*cfg));
    struct options o = {.seconds = 0};
    int first;
    const struct g20_cli_opt opts[] = {
        {"seconds", 't', G20_CLI_NUM, &o.seconds, "S", 0, 1e6,
         .help = "so long; 0: until Ctrl-C, or the end of a recording (0)"},
        {"center", 0, G20_CLI_NUM, &o.center_hz, "HZ", 0, 1e12,
         .help = "with --bandwidth: middle of the band"},
        {"bandwidth", 'b', G20_CLI_NUM, &o.bandwidth_hz, "HZ", 0, 1e12,
         .help = "only this band, as cf32 at a lower rate; 0: all, as it comes (0)"},
        {"max-bytes", 0, G20_CLI_U64, &o.max_bytes, "N", .help = "no more than that; 0: no limit"},
        {"daemon", 'd', G20_CLI_NONE, &o.daemon, .help = "from a running daemon, by its ring"},
        {"pre", 'p', G20_CLI_NUM, &o.pre_s, "S", 0, 1e6,
         .help = "with --daemon: and what was received so long before"},
        {"socket", 'S', G20_CLI_STR, &o.socket, "FILE",
         .help = "the daemon's socket (server.control_socket, else the service's)"},
    };
    const struct g20_cli cli = {
        .name = "capture",
        .args = "NAME",
        .summary = "Record from a source to SigMF.",
        .about =
            "The source is that of the settings: --set source.driver=soapy, see docs/sources.md;\n"
            "samples stay as they come. NAME is a path without endings; with --daemon one below\n"
            "the daemon's paths.capture_dir. Ctrl-C ends a recording properly.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 1,
        .max_args = 1,
        .config = cfg,
        .quiet = &o.quiet,
    };

    if (!cfg)
        return g20_cli_fail("capture", G20_EXIT_FAILED, "out of memory");
    int code = g20_cli_parse(&cli, argc, argv, &first);
    if (code == G20_CLI_RUN) {
        o.out = argv[first];
        g20_interrupt_install();
        signal(SIGXFSZ, SIG_IGN); /* a file at its greatest size is an error of write() */
        if (o.pre_s > 0 && !o.daemon)
            code = g20_cli_fail("capture", G20_EXIT_INPUT, "--pre wants --daemon");
        else
            code = o.daemon ? from_daemon(cfg, &o) : from_source(cfg, &o);
    }
    g20_free(cfg);
    return code;
}
