/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "config/config.h"

#include "config/value.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void g20_config_default(struct g20_config *ret)
{
    size_t count;
    const struct g20_option *o = g20_config_options(&count);

    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < count; i++) {
        const int r = g20_config_store(ret, &o[i], o[i].dflt, (struct g20_origin){0}, NULL);
        assert(r == 0); /* a default that its own row refuses is our mistake */
        (void)r;
    }
}

static int set_from(struct g20_config *cfg, const char *key, const char *value,
                    struct g20_origin from, struct g20_err *e)
{
    const struct g20_option *o = g20_config_find(key);

    if (!o)
        return g20_fail(e, -ENOENT, "unknown key '%.60s', did you mean '%s'?", key,
                        g20_config_nearest(key));
    return g20_config_store(cfg, o, value, from, e);
}

int g20_config_set(struct g20_config *cfg, const char *key, const char *value, struct g20_err *e)
{
    return set_from(cfg, key, value, (struct g20_origin){.kind = G20_FROM_CLI}, e);
}

/* One "key=value" of the command line. */
static int set_pair(struct g20_config *cfg, const char *pair, struct g20_err *e)
{
    const char *eq = strchr(pair, '=');
    char key[64];

    if (!eq)
        return g20_fail(e, -EINVAL, "--set %.60s: want KEY=VALUE", pair);
    snprintf(key, sizeof(key), "%.*s", (int)G20_MIN(eq - pair, 63), pair);
    const int r = g20_config_set(cfg, key, eq + 1, e);
    return r < 0 ? g20_fail_at(e, r, "--set") : 0;
}

/* G20_ names that are not settings: those that the tests and .ci/run set for what they start. */
static bool is_other_variable(const char *name, size_t len)
{
    static const char *const others[] = {"G20_SHARED", "G20_ROOT", "G20_OUT", "G20_COUNTS",
                                         "G20_NO_LIMIT"};

    for (size_t i = 0; i < G20_COUNT_OF(others); i++) {
        if (strlen(others[i]) == len && strncmp(name, others[i], len) == 0)
            return true;
    }
    return strncmp(name, "G20_TEST_", 9) == 0;
}

/* "G20_SERVER__WS_PORT" to "server.ws_port". */
static void key_of_variable(const char *name, size_t len, char *key, size_t size)
{
    size_t n = 0;

    for (size_t i = 4; i < len && n + 1 < size; i++) {
        if (name[i] == '_' && i + 1 < len && name[i + 1] == '_') {
            key[n++] = '.';
            i++;
        } else {
            key[n++] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
        }
    }
    key[n] = '\0';
}

static int set_variable(struct g20_config *cfg, const char *variable, size_t len, struct g20_err *e)
{
    char key[64], name[80];

    key_of_variable(variable, len, key, sizeof(key));
    const struct g20_option *o = g20_config_find(key);
    if (o)
        g20_config_env_name(o, name, sizeof(name));
    if (!o || strlen(name) != len || strncmp(name, variable, len) != 0) {
        g20_config_env_name(g20_config_find(g20_config_nearest(key)), name, sizeof(name));
        return g20_fail(e, -ENOENT, "environment: unknown variable '%.*s', did you mean '%s'?",
                        (int)G20_MIN(len, 60), variable, name);
    }
    const int r =
        g20_config_store(cfg, o, variable + len + 1, (struct g20_origin){.kind = G20_FROM_ENV}, e);
    return r < 0 ? g20_fail_at(e, r, "environment %s", name) : 0;
}

int g20_config_read_env(struct g20_config *cfg, const char *const *env, struct g20_err *e)
{
    struct g20_config next = *cfg;

    for (; *env; env++) {
        const char *eq = strchr(*env, '=');
        const size_t len = eq ? (size_t)(eq - *env) : 0;

        if (len < 4 || strncmp(*env, "G20_", 4) != 0 || is_other_variable(*env, len))
            continue;
        const int r = set_variable(&next, *env, len, e);
        if (r < 0)
            return r;
    }
    *cfg = next;
    return 0;
}

bool g20_config_is_loopback(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, address, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, address, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* Each word of @text once, and each one of @allowed (NULL: any); how many, or -EINVAL. */
static int check_words(const char *key, const char *text, const char *allowed, struct g20_err *e)
{
    int count = 0;

    for (const char *at = text; *(at += strspn(at, " ")); at += strcspn(at, " "), count++) {
        const size_t n = strcspn(at, " ");
        bool known = !allowed;

        for (const char *w = allowed; w && *w && !known; w += strspn(w, " ")) {
            known = strcspn(w, " ") == n && memcmp(w, at, n) == 0;
            w += strcspn(w, " ");
        }
        if (!known)
            return g20_fail(e, -EINVAL, "%s: '%.*s' is none of: %s", key, (int)n, at, allowed);
    }
    return count;
}

/* What the table has and this program cannot do is refused, not ignored. */
static int check_built_in(const struct g20_config *cfg, struct g20_err *e)
{
    const struct {
        const char *key;
        bool asked;
    } missing[] = {
        {"events.mqtt_url", *cfg->events.mqtt_url},
        {"events.postgres_url", *cfg->events.postgres_url},
    };

    for (size_t i = 0; i < G20_COUNT_OF(missing); i++)
        if (missing[i].asked)
            return g20_fail(e, G20_EUNSUPPORTED, "%s: not built into this program", missing[i].key);
    if (cfg->inference.use_dla && strcmp(cfg->inference.provider, "tensorrt") != 0)
        return g20_fail(e, G20_EUNSUPPORTED,
                        "inference.use_dla: only with inference.provider tensorrt");
    return 0;
}

static int check_lists(const struct g20_config *cfg, struct g20_err *e)
{
    const struct g20_option *presets = g20_config_find("training.presets");
    const int classes = check_words("inference.class_names", cfg->inference.class_names, NULL, e);

    if (classes != 2)
        return g20_fail(e, -EINVAL, "inference.class_names: %d names, want 2: %s", classes,
                        "background and signal");
    const int r = check_words("training.presets", cfg->training.presets, presets->dflt, e);
    if (r == 0)
        return g20_fail(e, -EINVAL, "training.presets: empty, want some of: %s", presets->dflt);
    return r < 0 ? r : 0;
}

int g20_config_check(const struct g20_config *cfg, struct g20_err *e)
{
    unsigned char any[16];
    const char *bind = cfg->server.bind;
    int r = check_built_in(cfg, e);

    if (r < 0 || (r = check_lists(cfg, e)) < 0)
        return r;
    if (inet_pton(AF_INET, bind, any) != 1 && inet_pton(AF_INET6, bind, any) != 1)
        return g20_fail(e, -EINVAL, "server.bind: '%s' is not an IPv4 or IPv6 address", bind);
    if (!g20_config_is_loopback(bind) && !*cfg->server.auth_token_file)
        return g20_fail(e, -EACCES,
                        "server.bind: %s can be reached from other machines: this needs "
                        "server.auth_token_file",
                        bind);
    if (!*cfg->server.tls_cert != !*cfg->server.tls_key)
        return g20_fail(e, -EINVAL, "server.tls_%s: it is set, but server.tls_%s is not",
                        *cfg->server.tls_cert ? "cert" : "key",
                        *cfg->server.tls_cert ? "key" : "cert");
    return 0;
}

const char *g20_config_log_level(const struct g20_config *cfg)
{
    return cfg->debug ? "DEBUG" : cfg->log_level;
}

int g20_config_load(struct g20_config *ret, const struct g20_config_from *from, struct g20_err *e)
{
    const char *const *env = from->env ? from->env : (const char *const *)environ;
    struct g20_config cfg;
    int r = 0;

    g20_config_default(&cfg);
    if (from->file)
        r = g20_config_read_file(&cfg, from->file, NULL, NULL, e);
    else if (access(G20_CONFIG_SYSTEM, F_OK) == 0)
        r = g20_config_read_file(&cfg, G20_CONFIG_SYSTEM, NULL, NULL, e);
    if (r >= 0)
        r = g20_config_read_env(&cfg, env, e);
    for (size_t i = 0; i < from->set_count && r >= 0; i++)
        r = set_pair(&cfg, from->sets[i], e);
    if (r >= 0)
        r = g20_config_resolve_paths(&cfg, env, e);
    if (r >= 0)
        r = g20_config_check(&cfg, e);
    if (r < 0)
        return r;
    *ret = cfg;
    return 0;
}

int g20_config_reload(struct g20_config *cfg, const struct g20_config_from *from,
                      g20_config_change_fn *on_change, void *user, struct g20_err *e)
{
    struct g20_config next;
    size_t count;
    int changes = 0;
    const struct g20_option *o = g20_config_options(&count);
    const int r = g20_config_load(&next, from, e);

    if (r < 0)
        return r;
    for (size_t i = 0; i < count; i++) {
        const bool live = o[i].flags & G20_OPT_LIVE;
        const char *new_field = (const char *)&next + o[i].at;
        char *field = (char *)cfg + o[i].at;
        char wanted[G20_CONFIG_PATH_MAX];

        /* Text is zero-filled behind its end, so bytes tell whether values differ. */
        if (memcmp(field, new_field, o[i].size) == 0) {
            cfg->origin[i] = next.origin[i]; /* its line may have moved */
            continue;
        }
        g20_config_format(&next, &o[i], wanted, sizeof(wanted));
        if (live) {
            memcpy(field, new_field, o[i].size);
            cfg->origin[i] = next.origin[i];
        }
        changes++;
        if (on_change)
            on_change(&o[i], live, wanted, user);
    }
    memcpy(cfg->file, next.file, sizeof(cfg->file));
    return changes;
}

void g20_config_origin(const struct g20_config *cfg, const struct g20_option *o, char *buf,
                       size_t size)
{
    size_t count;
    const struct g20_origin from = cfg->origin[o - g20_config_options(&count)];
    char name[80];

    switch (from.kind) {
    case G20_FROM_DEFAULT:
        snprintf(buf, size, "default");
        return;
    case G20_FROM_SYSTEMD:
        snprintf(buf, size, "systemd");
        return;
    case G20_FROM_FILE:
        snprintf(buf, size, "%s:%u", cfg->file, from.line);
        return;
    case G20_FROM_ENV:
        g20_config_env_name(o, name, sizeof(name));
        snprintf(buf, size, "environment %s", name);
        return;
    case G20_FROM_CLI:
        snprintf(buf, size, "command line");
        return;
    }
}
