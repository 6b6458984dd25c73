/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What the daemon does besides starting and stopping: reload and report. */
#include "app/daemon.h"

#include "base/clock.h"
#include "base/log.h"

#include <math.h>

struct changes {
    json_t *changed, *restart;
};

static void on_change(const struct g20_option *o, bool applied, const char *wanted, void *user)
{
    struct changes *all = user;

    json_array_append_new(applied ? all->changed : all->restart, json_string(o->key));
    if (applied)
        g20_log(G20_LOG_INFO, "serve", "setting changed", G20_F_STR("key", o->key),
                G20_F_STR("value", wanted));
    else
        g20_log(G20_LOG_WARNING, "serve", "setting takes a restart", G20_F_STR("key", o->key),
                G20_F_STR("value", wanted));
}

/* The radio may refuse, and then the setting tells what it really is. */
static void retune(struct g20_daemon *d, double before_hz)
{
    const double wanted_hz = d->cfg.source.center_freq_hz;
    struct g20_err e = {0};
    const struct g20_tune wanted = {.center_hz = wanted_hz, .bandwidth_hz = NAN, .gain_db = NAN};
    struct g20_tune actual;

    if (wanted_hz == before_hz)
        return;
    if (d->control.tune(&wanted, &actual, &e, d->control.user) < 0) {
        d->cfg.source.center_freq_hz = before_hz;
        g20_log(G20_LOG_WARNING, "serve", "cannot tune: source.center_freq_hz stays as it was",
                G20_F_NUM("wanted_hz", wanted_hz), G20_F_STR("why", e.msg));
    }
}

static void apply(struct g20_daemon *d, double center_before_hz)
{
    struct g20_server_cfg c;
    enum g20_log_level level;

    if (!d->from.fixed_level && g20_log_parse_level(g20_config_log_level(&d->cfg), &level) == 0)
        g20_log_set_level(level);
    g20_server_cfg_default(&c);
    g20_daemon_view(&d->cfg, &c.view);
    g20_server_set_view(d->server, &c.view, (float)d->cfg.fft.waterfall_dynamic_range_db);
    g20_store_set_limits(d->store, d->cfg.storage.retention_days,
                         (uint64_t)d->cfg.storage.max_bytes);
    retune(d, center_before_hz);
}

/* Its own file, so also when the settings have a fault. */
static void reload_tokens(struct g20_daemon *d)
{
    struct g20_err e = {0};

    if (!d->tokens)
        return;
    if (g20_tokens_reload(d->tokens, &e) < 0)
        g20_log(G20_LOG_ERROR, "serve", "tokens stay as they were", G20_F_STR("why", e.msg));
    else
        g20_log(G20_LOG_INFO, "serve", "tokens read again",
                G20_F_INT("tokens", g20_tokens_count(d->tokens)));
}

void g20_daemon_reload(struct g20_daemon *d, json_t **ret)
{
    const struct g20_config_from from = {
        .file = d->from.file, .sets = d->from.sets.item, .set_count = d->from.sets.count};
    struct changes all = {.changed = json_array(), .restart = json_array()};
    struct g20_err e = {0};

    pthread_mutex_lock(&d->reload_lock);
    g20_notify_reloading(&d->notify);
    reload_tokens(d);
    pthread_mutex_lock(&d->lock);
    const double center_hz = d->cfg.source.center_freq_hz;
    const int r = g20_config_reload(&d->cfg, &from, on_change, &all, &e);
    if (r > 0)
        apply(d, center_hz);
    pthread_mutex_unlock(&d->lock);
    if (r < 0)
        g20_log(G20_LOG_ERROR, "serve", "reload refused, nothing changes", G20_F_STR("why", e.msg));
    else
        g20_log(G20_LOG_INFO, "serve", "settings read again", G20_F_INT("changed", r));
    g20_notify_send(&d->notify, "READY=1");
    pthread_mutex_unlock(&d->reload_lock);
    if (ret && r >= 0)
        *ret =
            json_pack("{s:b, s:O, s:O}", "ok", 1, "changed", all.changed, "restart", all.restart);
    else if (ret)
        *ret = json_pack("{s:s}", "error", e.msg);
    json_decref(all.changed);
    json_decref(all.restart);
}

void g20_daemon_report(struct g20_daemon *d)
{
    static const char *const runs[] = {[G20_RUN_STARTING] = "starting",
                                       [G20_RUN_RUNNING] = "running",
                                       [G20_RUN_ENDED] = "recording is over",
                                       [G20_RUN_FAILED] = "failed"};
    struct g20_control_state st;
    struct g20_server_stats net;

    if (d->notify.fd < 0)
        return;
    d->control.state(&st, d->control.user);
    g20_server_stats(d->server, &net);
    const uint64_t silent_ms = (g20_clock_mono_ns() - net.beat_ns) / 1000000;
    if (d->notify.watchdog_ms > 0 && silent_ms < 1000 + (uint64_t)d->notify.watchdog_ms)
        g20_notify_send(&d->notify, "WATCHDOG=1");
    g20_notify_status(&d->notify, "Source %s%s%s; %u viewers", runs[st.run], *st.error ? ": " : "",
                      st.error, net.clients);
}
