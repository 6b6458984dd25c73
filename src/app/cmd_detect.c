/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 detect: recordings in, emissions out, by the same pipeline that runs live. */
#include "app/app.h"
#include "app/found.h"

#include "base/log.h"
#include "render/report.h"
#include "render/spectrogram.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void tell_speed(const char *file, const struct g20_found *f)
{
    const double seconds = (double)f->took_ns * 1e-9;

    g20_log(G20_LOG_INFO, "detect", "done", G20_F_STR("file", file),
            G20_F_INT("samples", f->stats.samples_in),
            G20_F_NUM("msps", (double)f->stats.samples_in / seconds * 1e-6),
            G20_F_NUM("times_real_time", (double)f->stats.samples_in / f->stats.rate_hz / seconds));
    if (f->stats.samples_bad > 0)
        g20_log(G20_LOG_WARNING, "detect",
                "samples that are no numbers, or absurd ones, count as 0", G20_F_STR("file", file),
                G20_F_INT("samples", f->stats.samples_bad));
}

static int report(enum g20_report_format format, const char *file, const struct g20_found *f,
                  struct g20_err *e)
{
    struct g20_text out = {0};
    char path[4200];

    if (format == G20_REPORT_SIGMF) {
        const int r = g20_report_sigmf(file, f->item, f->count, path, sizeof(path), e);
        if (r >= 0)
            puts(path);
        return r;
    }
    for (size_t i = 0; i < f->count && !out.failed; i++)
        g20_report_line(format, &f->item[i], file, &out);
    const bool failed = out.failed;
    if (out.data)
        fwrite(out.data, 1, out.len, stdout);
    g20_text_fini(&out);
    return failed ? g20_fail(e, -ENOMEM, "%s: out of memory", file) : 0;
}

static int print_head(enum g20_report_format format)
{
    struct g20_text out = {0};

    g20_report_head(format, &out);
    if (out.data)
        fputs(out.data, stdout);
    const bool failed = out.failed;
    g20_text_fini(&out);
    return failed ? g20_cli_fail("detect", G20_EXIT_FAILED, "out of memory") : G20_EXIT_DONE;
}

/* One file: OUT itself, unless it is a folder. Else OUT-<name>.png or OUT/<name>.png. */
static int picture(const char *out, bool many, const char *file, const struct g20_found *f,
                   struct g20_err *e)
{
    char path[4096];
    struct stat st;
    const bool folder = stat(out, &st) == 0 && S_ISDIR(st.st_mode);
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
    const char *cut = strstr(base, ".sigmf"), *png = strstr(out, ".png");
    const int len = (int)(cut ? (size_t)(cut - base) : strlen(base));
    int n;

    if (folder)
        n = snprintf(path, sizeof(path), "%s/%.*s.png", out, len, base);
    else if (many)
        n = snprintf(path, sizeof(path), "%.*s-%.*s.png",
                     (int)(png && !png[4] ? (size_t)(png - out) : strlen(out)), out, len, base);
    else
        n = snprintf(path, sizeof(path), "%s", out);
    if (n < 0 || (size_t)n >= sizeof(path))
        return g20_fail(e, -ENAMETOOLONG, "%.100s: name too long", out);
    return g20_spectrogram_write(file, f->item, f->count, path, e);
}

static int run(const char *model, const char *format_name, double threshold, const char *png, int n,
               char *const *files)
{
    enum g20_report_format format;
    int code = G20_EXIT_DONE;

    if (strcmp(model, "energy") != 0)
        return g20_cli_fail("detect", G20_EXIT_FAILED,
                            "--model %s: not implemented, only 'energy' is", model);
    if (g20_report_parse(format_name, &format) < 0)
        return g20_cli_fail("detect", G20_EXIT_INPUT, "--format: unknown '%s'", format_name);
    g20_interrupt_install();
    code = print_head(format);
    for (int i = 0; i < n && code != G20_EXIT_FAILED && !g20_interrupted(); i++) {
        struct g20_found f = {0};
        struct g20_err e = {0};
        int r = g20_found_run(&f, files[i], model, threshold, &e);
        if (r >= 0 && !g20_interrupted()) {
            tell_speed(files[i], &f);
            r = report(format, files[i], &f, &e);
            if (r >= 0 && png)
                r = picture(png, n > 1, files[i], &f, &e);
        }
        g20_found_fini(&f);
        if (r < 0) /* the others are still looked at */
            code = g20_cli_fail("detect", r == -ENOMEM ? G20_EXIT_FAILED : G20_EXIT_INPUT, "%s",
                                e.msg);
        fflush(stdout);
    }
    return g20_interrupted() ? G20_EXIT_FAILED : code;
}

int g20_cmd_detect(int argc, char **argv)
{
    const char *model = "energy", *format = "table", *png = NULL;
    double threshold = 0.5;
    int first;
    const struct g20_cli_opt opts[] = {
        {"model", 'm', G20_CLI_STR, &model, "NAME", .help = "detector; only 'energy' exists"},
        {"format", 'f', G20_CLI_WORD, &format, "FORMAT", .words = "table|jsonl|csv|sigmf",
         .help = "sigmf writes a copy of the metadata beside the recording"},
        {"score-threshold", 's', G20_CLI_NUM, &threshold, "P", 0.0, 1.0,
         .help = "leave out emissions of less confidence (0.5)"},
        {"png", 0, G20_CLI_STR, &png, "OUT",
         .help = "spectrogram with boxes; a folder, or a name to extend, for many files"},
    };
    const struct g20_cli cli = {
        .name = "detect",
        .args = "FILE...",
        .summary = "Find the emissions in recordings.",
        .about =
            "FILE is a SigMF recording (its .sigmf-meta, .sigmf-data or base name), a WAV or raw\n"
            "IQ file, with options if it needs them: 'x.iq,format=ci16_le,rate=2e6', or '-' for\n"
            "standard input; docs/sources.md has them all.\n"
            "A bad file is reported and the others are still processed; the exit code is 2.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 1,
        .max_args = 100000,
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    return run(model, format, threshold, png, argc - first, argv + first);
}
