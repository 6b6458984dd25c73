/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The operator's triggers as a part of the daemon: a file that keeps them, and /api/triggers. */
#include "app/daemon.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "server/control_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MOST_FILE = 1 << 18 };

static void path_of(const struct g20_daemon *d, char *buf, size_t size)
{
    snprintf(buf, size, "%s/triggers.json", d->cfg.paths.data_dir);
}

/* Rules that were there before; a file that cannot be read is told of and left alone. */
static void load(struct g20_daemon *d)
{
    struct g20_record_rule rules[G20_RECORD_RULES];
    char path[G20_CONFIG_PATH_MAX + 32], *text = NULL;
    struct g20_err e = {0};
    size_t len = 0;

    path_of(d, path, sizeof(path));
    int r = g20_file_read(path, MOST_FILE, &text, &len, &e);
    if (r == -ENOENT)
        return;
    json_t *o = r >= 0 ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (r >= 0)
        r = o ? g20_record_rules_parse(rules, o, "triggers", &e)
              : g20_fail(&e, -EINVAL, "invalid JSON");
    if (r >= 0)
        r = g20_triggers_set(d->triggers, "", rules, (size_t)r, &e);
    if (r < 0)
        g20_log(G20_LOG_WARNING, "capture", "triggers cannot be read", G20_F_STR("path", path),
                G20_F_STR("why", e.msg));
    json_decref(o);
    g20_free(text);
}

int g20_daemon_start_triggers(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    const int r = g20_triggers_create(&d->triggers, d->captures, d->tap,
                                      (uint64_t)d->cfg.limits.capture_bytes, e);

    if (r >= 0)
        load(d);
    return r;
}

void g20_daemon_stop_triggers(void *user)
{
    struct g20_daemon *d = user;

    g20_triggers_destroy(d->triggers);
    d->triggers = NULL;
}

static json_t *rules_json(const struct g20_record_rule *rules, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, g20_record_rule_json(&rules[i]));
    return list;
}

/* The file first: what was promised is there after a restart. */
static int change(struct g20_daemon *d, const json_t *request, struct g20_err *e)
{
    struct g20_record_rule rules[G20_RECORD_RULES];
    char path[G20_CONFIG_PATH_MAX + 32];
    const json_t *list = json_object_get(request, "triggers");

    if (!list || json_object_size(request) != 1)
        return g20_fail(e, -EINVAL, "body: want {\"triggers\": [...]}");
    const int n = g20_record_rules_parse(rules, list, "triggers", e);
    if (n < 0)
        return n;
    json_t *all = rules_json(rules, (size_t)n);
    char *text = all ? g20_control_text(all) : NULL;
    json_decref(all);
    if (!text)
        return g20_fail(e, -ENOMEM, "out of memory");
    path_of(d, path, sizeof(path));
    const int r = g20_file_write(path, text, strlen(text), e);
    g20_free(text);
    return r < 0 ? r : g20_triggers_set(d->triggers, "", rules, (size_t)n, e);
}

int g20_daemon_triggers(const json_t *request, json_t **ret, struct g20_err *e, void *user)
{
    struct g20_daemon *d = user;
    struct g20_record_rule rules[G20_RECORD_RULES];
    struct g20_triggers_stats st;
    const int r = request ? change(d, request, e) : 0;

    if (r < 0)
        return r;
    const size_t n = g20_triggers_get(d->triggers, "", rules);
    g20_triggers_stats(d->triggers, &st);
    *ret = json_pack("{s:o, s:i, s:I, s:I, s:I, s:I, s:I}", "triggers", rules_json(rules, n),
                     "running", (int)st.running, "started", (json_int_t)st.started, "merged",
                     (json_int_t)st.merged, "limited", (json_int_t)st.limited, "failed",
                     (json_int_t)st.failed, "missed", (json_int_t)st.missed);
    return *ret ? 0 : g20_fail(e, -ENOMEM, "out of memory");
}
