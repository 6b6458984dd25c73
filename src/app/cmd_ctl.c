/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 ctl: one command to a running daemon's control socket. */
#include "app/app.h"
#include "app/ask.h"

#include "base/alloc.h"
#include "config/config.h"
#include "server/control_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 10000 };

/* KEY=VALUE: a number or true or false where it reads as one, else text. */
static int put(json_t *o, const char *pair)
{
    const char *equals = strchr(pair, '=');
    char key[64];

    if (!equals || equals == pair || equals - pair >= (ptrdiff_t)sizeof(key))
        return g20_cli_fail("ctl", G20_EXIT_INPUT, "want KEY=VALUE, found '%.60s'", pair);
    snprintf(key, sizeof(key), "%.*s", (int)(equals - pair), pair);
    json_t *v = json_loads(equals + 1, JSON_DECODE_ANY, NULL);
    if (!json_is_number(v) && !json_is_boolean(v)) {
        json_decref(v);
        v = json_string(equals + 1);
    }
    return json_object_set_new(o, key, v) == 0
               ? G20_EXIT_DONE
               : g20_cli_fail("ctl", G20_EXIT_INPUT, "'%.60s' is no text", pair);
}

static int tell(json_t *reply)
{
    const char *error = json_string_value(json_object_get(reply, "error"));
    const char *metrics = json_string_value(json_object_get(reply, "metrics"));

    if (error)
        return g20_cli_fail("ctl", G20_EXIT_FAILED, "%s", error);
    if (metrics) {
        fputs(metrics, stdout);
    } else {
        json_dumpf(reply, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    return G20_EXIT_DONE;
}

int g20_cmd_ctl(int argc, char **argv)
{
    struct g20_config *cfg = g20_calloc(1, sizeof(*cfg));
    const char *path = NULL;
    int first;
    const struct g20_cli_opt opts[] = {
        {"socket", 'S', G20_CLI_STR, &path, "FILE",
         .help = "the daemon's socket (server.control_socket, else the service's)"},
    };
    const struct g20_cli cli = {
        .name = "ctl",
        .args = "COMMAND [KEY=VALUE]...",
        .summary = "Talk to a running daemon.",
        .about =
            "Commands: status, tune [center_freq_hz=HZ] [bandwidth_hz=HZ] [gain_db=DB],\n"
            "capture_start session_id=NAME output_path=PATH [center_hz=HZ bandwidth_hz=HZ]\n"
            "[pre_seconds=S] [max_seconds=S] [max_bytes=N], capture_stop session_id=NAME,\n"
            "capture_list, mission_start plan=JSON or id=ID, mission_status, mission_stop,\n"
            "load_model name=NAME, unload_model name=NAME, reload_config, log_level [level=LEVEL],\n"
            "metrics, shutdown. The answer is printed as JSON (metrics as Prometheus text); an\n"
            "error exits with 1.\n"
            "Without --socket, and where no setting names it, g20.sock in the user's own runtime\n"
            "folder is asked and, when there is none, /run/g20/g20.sock, which is the service's.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 1,
        .max_args = 64,
        .config = cfg,
    };
    struct g20_err e;
    json_t *reply = NULL;

    if (!cfg)
        return g20_cli_fail("ctl", G20_EXIT_FAILED, "out of memory");
    int code = g20_cli_parse(&cli, argc, argv, &first);
    if (code != G20_CLI_RUN) {
        g20_free(cfg);
        return code;
    }
    json_t *request = json_pack("{s:s}", "command", argv[first]);
    code = request ? G20_EXIT_DONE : g20_cli_fail("ctl", G20_EXIT_INPUT, "the command is no text");
    for (int i = first + 1; i < argc && code == G20_EXIT_DONE; i++)
        code = put(request, argv[i]);
    char *line = code == G20_EXIT_DONE ? g20_control_text(request) : NULL;
    json_decref(request);
    if (line && g20_ask_daemon(cfg, path, line, TIMEOUT_MS, &reply, &e) < 0)
        code = g20_cli_fail("ctl", G20_EXIT_FAILED, "%s", e.msg);
    else if (line)
        code = tell(reply);
    json_decref(reply);
    g20_free(line);
    g20_free(cfg);
    return code;
}
