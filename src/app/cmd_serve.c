/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 serve: the daemon. */
#include "app/daemon.h"

#include "base/alloc.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { STOP_MS = 5000, REPORT_MS = 1000 };

/* A part that hangs must not keep a service or a terminal waiting. */
static void on_late(const struct g20_part *part, void *user)
{
    (void)user;
    g20_log(G20_LOG_ERROR, "serve", "cannot stop in time, ending at once",
            G20_F_STR("part", part->name));
    _exit(G20_EXIT_FAILED);
}

/* Until something ends the daemon. */
static void run(struct g20_daemon *d)
{
    const int watchdog_ms = d->notify.watchdog_ms;
    const int turn_ms = d->notify.fd < 0                             ? -1
                        : watchdog_ms > 0 && watchdog_ms < REPORT_MS ? watchdog_ms
                                                                     : REPORT_MS;

    for (;;) {
        g20_daemon_report(d);
        switch (g20_wait(d->parent_fd, turn_ms)) {
        case G20_WAKE_STOP:
            g20_log(G20_LOG_INFO, "serve", "stopping");
            return;
        case G20_WAKE_PARENT:
            g20_log(G20_LOG_INFO, "serve", "stopping: the parent process is gone");
            return;
        case G20_WAKE_RELOAD:
            g20_daemon_reload(d, NULL);
            break;
        case G20_WAKE_TIME:
            break;
        }
    }
}

static int serve(struct g20_daemon *d)
{
    struct g20_lifecycle life = {.user = d};
    struct g20_err e = {0};

    life.parts = g20_daemon_parts(&life.count);
    const int r = g20_lifecycle_start(&life, &e);
    if (r < 0)
        g20_log(G20_LOG_ERROR, "serve", "cannot start", G20_F_STR("why", e.msg));
    else
        run(d);
    g20_lifecycle_stop(&life, STOP_MS, on_late);
    return r;
}

int g20_cmd_serve(int argc, char **argv)
{
    struct g20_daemon *d = g20_calloc(1, sizeof(*d));
    int first = 0;

    if (!d)
        return g20_cli_fail("serve", G20_EXIT_FAILED, "out of memory");
    const struct g20_cli cli = {
        .name = "serve",
        .args = "",
        .summary = "the daemon: live pipeline, web UI, WebSocket",
        .about = "Plays source.driver (a synthetic scene when nothing is configured), shows it at\n"
                 "http://server.bind:server.ws_port/ and writes ports.json into paths.runtime_dir\n"
                 "when it is ready. SIGTERM or SIGINT stops it within 5 s, a second one at once;\n"
                 "SIGHUP reads the settings again.\n",
        .config = &d->cfg,
        .reload = &d->from,
    };
    int code = g20_cli_parse(&cli, argc, argv, &first);
    if (code == G20_CLI_RUN) {
        g20_wait_install();
        const int r = serve(d);
        code = r == 0 ? G20_EXIT_DONE : r == -EINVAL ? G20_EXIT_INPUT : G20_EXIT_FAILED;
    }
    g20_free(d);
    return code;
}
