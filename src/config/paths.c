/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Folders that nobody named: systemd's when it gives them, else those of the XDG Base Directory
 * specification, else /var/lib/g20. */
#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *variable(const char *const *env, const char *name)
{
    const size_t n = strlen(name);

    for (; *env; env++) {
        if (strncmp(*env, name, n) == 0 && (*env)[n] == '=' && (*env)[n + 1] == '/')
            return *env + n + 1;
    }
    return NULL; /* unset, empty, or relative: XDG says to ignore a relative path */
}

static int join(char *to, const char *folder, size_t len, const char *name, const char *key,
                struct g20_err *e)
{
    const int n = snprintf(to, G20_CONFIG_PATH_MAX, "%.*s%s", (int)len, folder, name);

    if (n < 0 || n >= G20_CONFIG_PATH_MAX) {
        memset(to, 0, G20_CONFIG_PATH_MAX);
        return g20_fail(e, -ENAMETOOLONG, "%s: its default, below %.60s..., is too long", key,
                        folder);
    }
    return 0;
}

struct guess {
    const char *key;
    const char *systemd; /* "/a:/b": the first one counts */
    const char *xdg;     /* + "/g20" */
    const char *home;    /* $HOME + this */
    const char *below;   /* paths.base_dir + this */
};

static int fill(struct g20_config *cfg, char *to, const struct guess *g, const char *const *env,
                struct g20_err *e)
{
    size_t count;
    const char *folder;

    if (*to)
        return 0;
    if (g->systemd && (folder = variable(env, g->systemd))) {
        cfg->origin[g20_config_find(g->key) - g20_config_options(&count)].kind = G20_FROM_SYSTEMD;
        return join(to, folder, strcspn(folder, ":"), "", g->key, e);
    }
    if (g->xdg && (folder = variable(env, g->xdg)))
        return join(to, folder, strlen(folder), "/g20", g->key, e);
    if (g->home && (folder = variable(env, "HOME")))
        return join(to, folder, strlen(folder), g->home, g->key, e);
    folder = cfg->paths.base_dir;
    if (g->below)
        return join(to, folder, strlen(folder), g->below, g->key, e);
    return join(to, "/var/lib/g20", 12, "", g->key, e);
}

int g20_config_resolve_paths(struct g20_config *cfg, const char *const *env, struct g20_err *e)
{
    struct g20_config next = *cfg;
    const struct {
        char *to;
        struct guess g;
    } all[] = {
        /* the others stand on base_dir, so it comes first */
        {next.paths.base_dir,
         {"paths.base_dir", "STATE_DIRECTORY", "XDG_DATA_HOME", "/.local/share/g20", NULL}},
        {next.paths.models_dir, {"paths.models_dir", NULL, NULL, NULL, "/models"}},
        {next.paths.data_dir, {"paths.data_dir", NULL, NULL, NULL, "/data"}},
        {next.paths.training_dir, {"paths.training_dir", NULL, NULL, NULL, "/training"}},
        {next.paths.capture_dir, {"paths.capture_dir", NULL, NULL, NULL, "/captures"}},
        {next.paths.cache_dir,
         {"paths.cache_dir", "CACHE_DIRECTORY", "XDG_CACHE_HOME", "/.cache/g20", "/cache"}},
        {next.paths.runtime_dir,
         {"paths.runtime_dir", "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR", NULL, "/run"}},
    };

    for (size_t i = 0; i < G20_COUNT_OF(all); i++) {
        const int r = fill(&next, all[i].to, &all[i].g, env, e);
        if (r < 0)
            return r;
    }
    if (!next.server.control_socket[0]) {
        const int r = join(next.server.control_socket, next.paths.runtime_dir,
                           strlen(next.paths.runtime_dir), "/g20.sock", "server.control_socket", e);
        if (r < 0)
            return r;
    }
    *cfg = next;
    return 0;
}
