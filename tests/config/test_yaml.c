/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "config/config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int read_text(struct g20_config *cfg, const char *text, struct g20_err *e)
{
    return g20_config_read_text(cfg, "g20.yaml", text, strlen(text), NULL, NULL, e);
}

static void a_good_file_sets_keys_and_notes_their_lines(void **state)
{
    (void)state;
    struct g20_config cfg;
    char from[64];

    g20_config_default(&cfg);
    assert_int_equal(read_text(&cfg,
                               "# comment\n"
                               "debug: true\n"
                               "display: {fps: 60, colormap: \"magma\"}\n"
                               "source:\n"
                               "  args: 'a, b: c'\n"
                               "  loop: false\n"
                               "limits:\n",
                               NULL),
                     0);
    assert_true(cfg.debug && !cfg.source.loop);
    assert_int_equal(cfg.display.fps, 60);
    assert_string_equal(cfg.display.colormap, "magma");
    assert_string_equal(cfg.source.args, "a, b: c");
    g20_config_origin(&cfg, g20_config_find("source.loop"), from, sizeof(from));
    assert_string_equal(from, "g20.yaml:6");
    assert_int_equal(read_text(&cfg, "", NULL), 0);
    assert_int_equal(read_text(&cfg, "# nothing\n", NULL), 0);
    assert_int_equal(g20_alloc_live(), 0);
}

static void a_bad_file_names_line_and_fault_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line, *why;
    } bad[] = {
        {"debug: true\nserver:\n  ws_prot: 1\n", "g20.yaml:3:", "server.ws_port"},
        {"display:\n  fps: 61\n", "g20.yaml:2:", "10, 15, 20, 30, 60"},
        {"display:\n  fps: '60'\n", "g20.yaml:2:", "quotes"},
        {"display:\n  fps:\n", "g20.yaml:", "no value"},
        {"display:\n  fps: [60]\n", "g20.yaml:2:", "one value"},
        {"display: 5\n", "g20.yaml:1:", "map"},
        {"debug: true\ndebug: false\n", "g20.yaml:2:", "twice"},
        {"display:\n  fps: 60\ndisplay:\n  fps: 30\n", "g20.yaml:3:", "twice"},
        {"- 1\n- 2\n", "g20.yaml:1:", "map"},
        {"debug: &x true\n", "g20.yaml:1:", "anchor"},
        {"debug: !!bool true\n", "g20.yaml:1:", "tag"},
        {"debug: true\n---\ndebug: false\n", "g20.yaml:2:", "document"},
        {"debug: [true\n", "g20.yaml:1:", "one value"},
        {"debug: \"true\n", "g20.yaml:", "not YAML"},
        {"debug: \"tr\\0ue\"\n", "g20.yaml:1:", "NUL"},
        {"? [a]\n: b\n", "g20.yaml:1:", "key"},
        {"fft:\n  inference_nfft: 8192\n", "g20.yaml:2:", "inference_nfft"},
        {"server:\n\tws_port: 1\n", "g20.yaml:2:", "not YAML"},
    };

    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        struct g20_config cfg, before;
        struct g20_err e = {0};
        size_t count;
        const struct g20_option *o = g20_config_options(&count);

        g20_config_default(&cfg);
        before = cfg;
        if (read_text(&cfg, bad[i].text, &e) >= 0)
            fail_msg("taken: %s", bad[i].text);
        if (strncmp(e.msg, bad[i].line, strlen(bad[i].line)) != 0 || !strstr(e.msg, bad[i].why))
            fail_msg("%s gave '%s', not %s %s", bad[i].text, e.msg, bad[i].line, bad[i].why);
        for (size_t k = 0; k < count; k++)
            assert_memory_equal((char *)&cfg + o[k].at, (char *)&before + o[k].at, o[k].size);
        assert_int_equal(g20_alloc_live(), 0);
    }
}

static void note(const char *message, void *user)
{
    char *all = user;

    strncat(all, message, 1000 - strlen(all));
    strncat(all, "|", 1000 - strlen(all));
}

static void all_faults_are_told_when_asked_for(void **state)
{
    (void)state;
    const char *text = "nothing: 1\ndisplay:\n  fps: 61\n  colour: red\ndebug: perhaps\n";
    struct g20_config cfg;
    char all[1001] = "";

    g20_config_default(&cfg);
    assert_true(g20_config_read_text(&cfg, "f", text, strlen(text), note, all, NULL) < 0);
    assert_non_null(strstr(all, "f:1:"));
    assert_non_null(strstr(all, "f:3: display.fps"));
    assert_non_null(strstr(all, "f:4:"));
    assert_non_null(strstr(all, "f:5: debug"));
}

static void files_that_cannot_be_read_are_named(void **state)
{
    (void)state;
    static char big[G20_CONFIG_FILE_MAX + 1];
    struct g20_config cfg;
    struct g20_err e = {0};

    g20_config_default(&cfg);
    assert_int_equal(g20_config_read_file(&cfg, "/none/g20.yaml", NULL, NULL, &e), -ENOENT);
    assert_non_null(strstr(e.msg, "/none/g20.yaml"));
    assert_int_equal(g20_config_read_file(&cfg, "/tmp", NULL, NULL, &e), -EISDIR);
    memset(big, '#', sizeof(big));
    assert_int_equal(g20_config_read_text(&cfg, "big", big, sizeof(big), NULL, NULL, &e), -EFBIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_sets_keys_and_notes_their_lines),
        cmocka_unit_test(a_bad_file_names_line_and_fault_and_changes_nothing),
        cmocka_unit_test(all_faults_are_told_when_asked_for),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
    };

    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
