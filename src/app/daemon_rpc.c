/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* gRPC as a part of the daemon: what its calls do. */
#include "app/daemon.h"

#include "app/hardware.h"
#include "app/models.h"
#include "app/operations.h"
#include "base/clock.h"
#include "base/log.h"
#include "detect/heads.h"

#include <stdio.h>
#include <string.h>

struct model_list {
    struct g20_rpc_model *to;
    size_t n, cap;
    const char *active;
};

static void add(struct model_list *l, const char *name, const char *version, bool is_head,
                bool loaded)
{
    if (l->n == l->cap)
        return;
    struct g20_rpc_model *m = &l->to[l->n++];
    snprintf(m->name, sizeof(m->name), "%.63s", name);
    snprintf(m->version, sizeof(m->version), "%.15s", version);
    m->is_head = is_head;
    m->loaded = loaded;
}

static bool add_detector(const char *name, const char *path, void *user)
{
    struct model_list *l = user;

    if (g20_models_is_detector(path))
        add(l, name, "", false, strcmp(name, l->active) == 0);
    return true;
}

static size_t models(struct g20_rpc_model *ret, size_t cap, void *user)
{
    struct g20_daemon *d = user;
    struct g20_head_info info[G20_HEADS_MOST];
    const size_t n = d->heads ? g20_heads_list(d->heads, info, G20_HEADS_MOST) : 0;
    struct model_list l = {.to = ret, .cap = cap, .active = d->cfg.inference.model};

    pthread_mutex_lock(&d->lock);
    add(&l, "energy", "", false, strcmp("energy", l.active) == 0);
    g20_models_each(d->cfg.paths.models_dir, add_detector, &l);
    pthread_mutex_unlock(&d->lock);
    for (size_t i = 0; i < n; i++)
        add(&l, info[i].name, info[i].version, true, true);
    return l.n;
}

static int load_model(const char *name, struct g20_err *e, void *user)
{
    return g20_op_load_model(user, name, false, e);
}

static int unload_model(const char *name, struct g20_err *e, void *user)
{
    return g20_op_unload_model(user, name, e);
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text ? text : "";
}

/* The one that is open, then those that the last look found. */
static size_t devices(struct g20_rpc_device *ret, size_t cap, void *user)
{
    struct g20_daemon *d = user;
    struct g20_control_state st;
    json_t *all = g20_devices_json(d->devices);
    const json_t *found = json_object_get(all, "devices");
    size_t n = 0;

    d->control.state(&st, d->control.user);
    if (cap > 0 && st.has_source) {
        snprintf(ret->driver, sizeof(ret->driver), "%s", st.source.driver);
        snprintf(ret->args, sizeof(ret->args), "%.255s", d->cfg.source.args);
        snprintf(ret->name, sizeof(ret->name), "%s", st.source.name);
        ret->is_open = st.run == G20_RUN_RUNNING;
        ret->caps = st.source.caps;
        n = 1;
    }
    for (size_t i = 0; i < json_array_size(found) && n < cap; i++, n++) {
        const json_t *o = json_array_get(found, i);

        snprintf(ret[n].driver, sizeof(ret[n].driver), "%.31s", text_of(o, "driver"));
        snprintf(ret[n].args, sizeof(ret[n].args), "%.255s", text_of(o, "args"));
        snprintf(ret[n].name, sizeof(ret[n].name), "%.255s", text_of(o, "label"));
    }
    json_decref(all);
    return n;
}

static int start_capture(const struct g20_rpc_capture *wanted, char ret_session[G20_RPC_NAME],
                         struct g20_err *e, void *user)
{
    struct g20_daemon *d = user;
    struct g20_control_state st;
    char session[G20_RPC_NAME];

    if (wanted->session_id[0])
        snprintf(session, sizeof(session), "%s", wanted->session_id);
    else
        snprintf(session, sizeof(session), "capture-%llu", (unsigned long long)g20_clock_utc_us());
    d->control.state(&st, d->control.user);
    pthread_mutex_lock(&d->lock);
    const struct g20_capture_request q = {
        .session_id = session,
        .output_path = wanted->output_path[0] ? wanted->output_path : session,
        .center_hz = wanted->center_freq_hz > 0 ? wanted->center_freq_hz
                     : wanted->bandwidth_hz > 0 ? st.stats.center_hz
                                                : 0,
        .bandwidth_hz = wanted->bandwidth_hz,
        .max_s = wanted->duration_s,
        .max_bytes = (uint64_t)d->cfg.limits.capture_bytes,
    };
    pthread_mutex_unlock(&d->lock);
    const int r = g20_captures_start(d->captures, &q, NULL, e);
    if (r < 0)
        return r;
    g20_log(G20_LOG_INFO, "capture", "started", G20_F_STR("session_id", session),
            G20_F_STR("output_path", q.output_path));
    snprintf(ret_session, G20_RPC_NAME, "%s", session);
    return 0;
}

static int stop_capture(const char *session_id, struct g20_rpc_captured *ret, struct g20_err *e,
                        void *user)
{
    struct g20_daemon *d = user;
    struct g20_capture_info info;
    const int r = g20_captures_stop(d->captures, session_id, &info, e);

    if (r < 0)
        return r;
    *ret = (struct g20_rpc_captured){.whole = info.state == G20_CAPTURE_DONE,
                                     .samples = info.samples,
                                     .bytes = info.bytes,
                                     .dropped = info.dropped};
    return 0;
}

static json_t *capabilities(void *user)
{
    return g20_op_capabilities(user);
}

static bool healthy(void *user)
{
    return g20_server_healthy(((struct g20_daemon *)user)->server);
}

static void set_rpc(struct g20_daemon *d, struct g20_rpc *s)
{
    pthread_mutex_lock(&d->lock);
    d->rpc = s;
    pthread_mutex_unlock(&d->lock);
}

int g20_daemon_start_rpc(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    const struct g20_rpc_ops ops = {.start_capture = start_capture,
                                    .stop_capture = stop_capture,
                                    .devices = devices,
                                    .models = models,
                                    .load_model = load_model,
                                    .unload_model = unload_model,
                                    .capabilities = capabilities,
                                    .healthy = healthy,
                                    .user = d};
    struct g20_rpc_cfg c;

    if (d->cfg.server.grpc_port == 0)
        return 0;
    g20_rpc_cfg_default(&c);
    c.bind = d->cfg.server.bind;
    c.port = (int)d->cfg.server.grpc_port;
    c.max_workers = (uint32_t)d->cfg.server.max_workers;
    c.max_connections = 2 * (uint32_t)d->cfg.limits.clients + 64;
    c.max_calls = c.max_workers + 2 * (uint32_t)d->cfg.limits.clients;
    c.max_message_bytes = (uint32_t)d->cfg.limits.message_bytes;
    c.tokens = d->tokens;
    c.tls = &d->tls;
    struct g20_rpc *s;
    const int r = g20_rpc_create(&s, &c, d->hub, &d->control, &ops, e);
    if (r < 0)
        return r;
    set_rpc(d, s);
    return g20_rpc_start(s, e);
}

void g20_daemon_stop_rpc(void *user)
{
    struct g20_daemon *d = user;
    struct g20_rpc *s = d->rpc;

    set_rpc(d, NULL); /* the server asks for metrics still */
    if (s)
        g20_rpc_stop(s, 1000);
    g20_rpc_destroy(s);
}
