/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "base/file.h"
#include "config/config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const no_env[] = {NULL};

static void expect_origin(const struct g20_config *cfg, const char *key, const char *want)
{
    char text[1200];

    g20_config_origin(cfg, g20_config_find(key), text, sizeof(text));
    assert_string_equal(text, want);
}

static void the_strongest_source_wins_and_is_named(void **state)
{
    (void)state;
    char path[] = "/tmp/g20-config-XXXXXX", want[64];
    const char *const env[] = {"G20_DISPLAY__FPS=20",
                               "G20_LOG_LEVEL=ERROR",
                               "HOME=/home/x",
                               "G20_TEST_ANYTHING=1",
                               "OTHER=1",
                               NULL};
    const char *const sets[] = {"display.fps=60"};
    const char *text = "log_level: WARNING\ndisplay:\n  fps: 15\n  colormap: magma\n";
    struct g20_config cfg;
    struct g20_err e = {0};

    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(g20_file_write(path, text, strlen(text), NULL), 0);
    const struct g20_config_from from = {.file = path, .sets = sets, .set_count = 1, .env = env};
    assert_int_equal(g20_config_load(&cfg, &from, &e), 0);
    assert_int_equal(cfg.display.fps, 60);
    assert_string_equal(cfg.log_level, "ERROR");
    assert_string_equal(cfg.display.colormap, "magma");
    assert_int_equal(cfg.server.ws_port, 50052);
    expect_origin(&cfg, "display.fps", "command line");
    expect_origin(&cfg, "log_level", "environment G20_LOG_LEVEL");
    snprintf(want, sizeof(want), "%s:4", path);
    expect_origin(&cfg, "display.colormap", want);
    expect_origin(&cfg, "server.ws_port", "default");
    unlink(path);
    assert_int_equal(g20_config_load(&cfg, &from, &e), -ENOENT);
    assert_int_equal(cfg.display.fps, 60); /* as it was */
}

/* Setting @key to @value fails with @code and a message that holds @why. */
static void refuses(const char *key, const char *value, int code, const char *why)
{
    struct g20_config cfg, before;
    struct g20_err e = {0};

    g20_config_default(&cfg);
    before = cfg;
    assert_int_equal(g20_config_set(&cfg, key, value, &e), code);
    if (!strstr(e.msg, why))
        fail_msg("%s=%s: '%s' does not tell '%s'", key, value, e.msg, why);
    size_t count;
    const struct g20_option *o = g20_config_options(&count);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal((char *)&cfg + o[i].at, (char *)&before + o[i].at, o[i].size);
}

static void a_bad_value_is_refused_with_what_is_allowed(void **state)
{
    (void)state;
    refuses("server.ws_prot", "1", -ENOENT, "server.ws_port");
    refuses("ws_port", "1", -ENOENT, "server.ws_port");
    refuses("server.ws_port", "eighty", -EINVAL, "0..65535");
    refuses("server.ws_port", "65536", -ERANGE, "0..65535");
    refuses("server.ws_port", "-1", -ERANGE, "0..65535");
    refuses("server.ws_port", "1.5", -EINVAL, "server.ws_port");
    refuses("server.ws_port", "80x", -EINVAL, "80x");
    refuses("server.ws_port", "", -EINVAL, "server.ws_port");
    refuses("display.fps", "25", -ERANGE, "10, 15, 20, 30, 60");
    refuses("display.colormap", "jet", -EINVAL, "viridis");
    refuses("debug", "maybe", -EINVAL, "true or false");
    refuses("source.sample_rate_hz", "nan", -EINVAL, "source.sample_rate_hz");
    refuses("source.sample_rate_hz", "inf", -EINVAL, "source.sample_rate_hz");
    refuses("source.sample_rate_hz", "2e9", -ERANGE, "source.sample_rate_hz");
    refuses("source.gain_db", "3M", -EINVAL, "source.gain_db"); /* no such suffix for dB */
    refuses("fft.inference_nfft", "8192", G20_ELOCKED, "4096");
    char longer[2000];
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    refuses("source.args", longer, -ERANGE, "source.args");
    refuses(longer, "1", -ENOENT, "did you mean");
}

static void numbers_take_their_suffixes(void **state)
{
    (void)state;
    struct g20_config cfg;

    g20_config_default(&cfg);
    assert_int_equal(g20_config_set(&cfg, "source.sample_rate_hz", "2.4M", NULL), 0);
    assert_true(cfg.source.sample_rate_hz == 2.4e6);
    assert_int_equal(g20_config_set(&cfg, "source.center_freq_hz", "433.92M", NULL), 0);
    assert_true(cfg.source.center_freq_hz == 433.92e6);
    assert_int_equal(g20_config_set(&cfg, "limits.message_bytes", "64Ki", NULL), 0);
    assert_int_equal(cfg.limits.message_bytes, 65536);
    assert_int_equal(g20_config_set(&cfg, "source.gain_db", "-3.5", NULL), 0);
    assert_true(cfg.source.gain_db == -3.5);
}

static void the_environment_is_strict_about_its_names(void **state)
{
    (void)state;
    static const struct {
        const char *variable, *why;
    } bad[] = {
        {"G20_SERVER__WS_PROT=1", "G20_SERVER__WS_PORT"}, {"G20_WS_PORT=1", "did you mean"},
        {"G20_server__ws_port=1", "G20_SERVER__WS_PORT"}, {"G20_SERVER__WS_PORT=x", "0..65535"},
        {"G20_SERVER_WS_PORT=1", "G20_SERVER__WS_PORT"},
    };
    struct g20_config cfg;

    g20_config_default(&cfg);
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        const char *const env[] = {"G20_DISPLAY__FPS=60", bad[i].variable, NULL};
        struct g20_err e = {0};
        assert_true(g20_config_read_env(&cfg, env, &e) < 0);
        if (!strstr(e.msg, bad[i].why))
            fail_msg("%s: '%s'", bad[i].variable, e.msg);
        assert_int_equal(cfg.display.fps, 30); /* all or nothing */
    }
}

static void paths_follow_systemd_then_xdg_then_home(void **state)
{
    (void)state;
    const char *const systemd[] = {"STATE_DIRECTORY=/var/lib/g20:/other",
                                   "RUNTIME_DIRECTORY=/run/g", "XDG_DATA_HOME=/xdg", "HOME=/home/x",
                                   NULL};
    const char *const xdg[] = {"XDG_DATA_HOME=/xdg", "XDG_CACHE_HOME=relative", "HOME=/home/x",
                               NULL};
    struct g20_config cfg;

    g20_config_default(&cfg);
    assert_int_equal(g20_config_resolve_paths(&cfg, systemd, NULL), 0);
    assert_string_equal(cfg.paths.base_dir, "/var/lib/g20");
    assert_string_equal(cfg.paths.models_dir, "/var/lib/g20/models");
    assert_string_equal(cfg.paths.runtime_dir, "/run/g");
    assert_string_equal(cfg.paths.cache_dir, "/home/x/.cache/g20");
    expect_origin(&cfg, "paths.base_dir", "systemd");

    g20_config_default(&cfg);
    assert_int_equal(g20_config_set(&cfg, "paths.models_dir", "/mine", NULL), 0);
    assert_int_equal(g20_config_resolve_paths(&cfg, xdg, NULL), 0);
    assert_string_equal(cfg.paths.base_dir, "/xdg/g20");
    assert_string_equal(cfg.paths.models_dir, "/mine");             /* what was set stays */
    assert_string_equal(cfg.paths.cache_dir, "/home/x/.cache/g20"); /* a relative one is ignored */
    assert_string_equal(cfg.paths.runtime_dir, "/xdg/g20/run");

    g20_config_default(&cfg);
    assert_int_equal(g20_config_resolve_paths(&cfg, no_env, NULL), 0);
    assert_string_equal(cfg.paths.base_dir, "/var/lib/g20");

    char home[1100] = "HOME=/";
    struct g20_err e = {0};
    memset(home + 6, 'h', sizeof(home) - 7);
    const char *const deep[] = {home, NULL};
    g20_config_default(&cfg);
    assert_int_equal(g20_config_resolve_paths(&cfg, deep, &e), -ENAMETOOLONG);
    assert_non_null(strstr(e.msg, "paths.base_dir"));
    assert_string_equal(cfg.paths.base_dir, "");
}

static void an_open_address_needs_tokens_and_tls_both_files(void **state)
{
    (void)state;
    struct g20_config cfg;
    struct g20_err e = {0};

    g20_config_default(&cfg);
    assert_int_equal(g20_config_check(&cfg, &e), 0);
    assert_int_equal(g20_config_set(&cfg, "server.bind", "0.0.0.0", NULL), 0);
    assert_int_equal(g20_config_check(&cfg, &e), -EACCES);
    assert_non_null(strstr(e.msg, "server.auth_token_file"));
    assert_int_equal(g20_config_set(&cfg, "server.auth_token_file", "/t", NULL), 0);
    assert_int_equal(g20_config_check(&cfg, &e), 0);
    assert_int_equal(g20_config_set(&cfg, "server.tls_cert", "/c", NULL), 0);
    assert_int_equal(g20_config_check(&cfg, &e), -EINVAL);
    assert_non_null(strstr(e.msg, "server.tls_key is not"));
    assert_int_equal(g20_config_set(&cfg, "server.tls_key", "/k", NULL), 0);
    assert_int_equal(g20_config_check(&cfg, &e), 0);
    g20_config_default(&cfg);
    assert_int_equal(g20_config_set(&cfg, "server.bind", "localhost", NULL), 0);
    assert_int_equal(g20_config_check(&cfg, &e), -EINVAL);
    assert_int_equal(g20_config_set(&cfg, "server.bind", "::1", NULL), 0);
    assert_int_equal(g20_config_check(&cfg, &e), 0);
}

static void what_is_not_built_in_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value;
        int error;
        const char *says;
    } bad[] = {
        {"events.mqtt_url", "mqtt://h", G20_EUNSUPPORTED, "events.mqtt_url"},
        {"events.postgres_url", "postgres://h", G20_EUNSUPPORTED, "events.postgres_url"},
        {"inference.use_dla", "true", G20_EUNSUPPORTED, "inference.use_dla"},
        {"inference.class_names", "one", -EINVAL, "want 2"},
        {"inference.class_names", "a b c", -EINVAL, "want 2"},
        {"training.presets", "quick fast", -EINVAL, "'fast'"},
        {"training.presets", "qui", -EINVAL, "'qui'"},
        {"training.presets", " ", -EINVAL, "training.presets"},
    };
    struct g20_config cfg;
    struct g20_err e = {0};

    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        g20_config_default(&cfg);
        assert_int_equal(g20_config_set(&cfg, bad[i].key, bad[i].value, NULL), 0);
        assert_int_equal(g20_config_check(&cfg, &e), bad[i].error);
        assert_non_null(strstr(e.msg, bad[i].says));
    }
    g20_config_default(&cfg);
    assert_int_equal(g20_config_set(&cfg, "training.presets", "quality quick", NULL), 0);
    assert_int_equal(g20_config_set(&cfg, "inference.class_names", "nothing thing", NULL), 0);
    assert_int_equal(g20_config_check(&cfg, &e), 0);
}

static void a_secret_is_never_shown(void **state)
{
    (void)state;
    const struct g20_option *o = g20_config_find("events.postgres_url");
    struct g20_config cfg;
    char text[64];

    g20_config_default(&cfg);
    g20_config_format(&cfg, o, text, sizeof(text));
    assert_string_equal(text, "");
    assert_int_equal(g20_config_set(&cfg, o->key, "postgres://u:pass@h", NULL), 0);
    g20_config_format(&cfg, o, text, sizeof(text));
    assert_string_equal(text, "********");
}

struct changes {
    int applied, waiting;
    char last[64];
};

static void on_change(const struct g20_option *o, bool applied, const char *wanted, void *user)
{
    struct changes *c = user;

    c->applied += applied;
    c->waiting += !applied;
    snprintf(c->last, sizeof(c->last), "%s=%s", o->key, wanted);
}

static void a_reload_takes_only_what_may_change_while_running(void **state)
{
    (void)state;
    const char *const first[] = {"display.fps=15", "server.ws_port=1"};
    const char *const second[] = {"display.fps=60", "server.ws_port=2"};
    const char *const broken[] = {"display.fps=60", "server.ws_port=x"};
    struct g20_config_from from = {.sets = first, .set_count = 2, .env = no_env};
    struct changes c = {0};
    struct g20_config cfg;
    struct g20_err e = {0};

    assert_int_equal(g20_config_load(&cfg, &from, &e), 0);
    assert_int_equal(g20_config_reload(&cfg, &from, on_change, &c, &e), 0); /* nothing differs */
    from.sets = broken;
    assert_int_equal(g20_config_reload(&cfg, &from, on_change, &c, &e), -EINVAL);
    assert_int_equal(cfg.display.fps, 15);
    assert_int_equal(c.applied + c.waiting, 0);
    from.sets = second;
    assert_int_equal(g20_config_reload(&cfg, &from, on_change, &c, &e), 2);
    assert_true(c.applied == 1 && c.waiting == 1);
    assert_int_equal(cfg.display.fps, 60);
    assert_int_equal(cfg.server.ws_port, 1); /* takes a restart */
}

static void the_nearest_key_is_found(void **state)
{
    (void)state;
    assert_string_equal(g20_config_nearest("displya.fps"), "display.fps");
    assert_string_equal(g20_config_nearest("colormap"), "display.colormap");
    assert_string_equal(g20_config_nearest("server.colormap"), "display.colormap");
    assert_non_null(g20_config_nearest(""));
}

static void every_row_of_the_table_is_sound(void **state)
{
    (void)state;
    size_t count;
    const struct g20_option *o = g20_config_options(&count);
    struct g20_config cfg;

    g20_config_default(&cfg);
    for (size_t i = 0; i < count; i++) {
        char text[G20_CONFIG_PATH_MAX], allowed[200], env[80];
        struct g20_config copy = cfg;

        assert_ptr_equal(g20_config_find(o[i].key), &o[i]); /* no key twice */
        assert_true(o[i].help[0] && o[i].help[strlen(o[i].help) - 1] != '.');
        assert_true(o[i].at + o[i].size <= sizeof(cfg));
        g20_config_format(&cfg, &o[i], text, sizeof(text));
        assert_int_equal(g20_config_set(&copy, o[i].key, text, NULL), 0); /* reads what it writes */
        assert_memory_equal((char *)&copy + o[i].at, (char *)&cfg + o[i].at, o[i].size);
        g20_config_allowed(&o[i], allowed, sizeof(allowed));
        g20_config_env_name(&o[i], env, sizeof(env));
        assert_true(allowed[0] && strncmp(env, "G20_", 4) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_built_in_is_refused),
        cmocka_unit_test(a_secret_is_never_shown),
        cmocka_unit_test(the_strongest_source_wins_and_is_named),
        cmocka_unit_test(a_bad_value_is_refused_with_what_is_allowed),
        cmocka_unit_test(numbers_take_their_suffixes),
        cmocka_unit_test(the_environment_is_strict_about_its_names),
        cmocka_unit_test(paths_follow_systemd_then_xdg_then_home),
        cmocka_unit_test(an_open_address_needs_tokens_and_tls_both_files),
        cmocka_unit_test(a_reload_takes_only_what_may_change_while_running),
        cmocka_unit_test(the_nearest_key_is_found),
        cmocka_unit_test(every_row_of_the_table_is_sound),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
