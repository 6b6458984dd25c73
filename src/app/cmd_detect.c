/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 detect: recordings in, emissions out, by the same pipeline that runs live. */
#include "app/app.h"
#include "app/found.h"
#include "app/heads_load.h"

#include "base/file.h"
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

struct options {
    struct g20_found_cfg how;
    const char *format, *png, *out;
};

/* The lines of one file go to @all when it is wanted whole, else to standard output. */
static int report(enum g20_report_format format, const char *file, const struct g20_found *f,
                  struct g20_text *all, struct g20_err *e)
{
    struct g20_text own = {0}, *out = all ? all : &own;
    char path[4200];

    if (format == G20_REPORT_SIGMF) {
        const int r = g20_report_sigmf(file, f->item, f->count, path, sizeof(path), e);
        if (r >= 0)
            puts(path);
        return r;
    }
    for (size_t i = 0; i < f->count && !out->failed; i++)
        g20_report_line(format, &f->item[i], file, out);
    const bool failed = out->failed;
    if (own.data)
        fwrite(own.data, 1, own.len, stdout);
    g20_text_fini(&own);
    return failed ? g20_fail(e, -ENOMEM, "%s: out of memory", file) : 0;
}

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* One file: OUT itself, unless it is a folder. Else OUT-<name>.png or OUT/<name>.png. */
static int picture(const char *out, bool many, const char *file, const struct g20_found *f,
                   struct g20_err *e)
{
    char path[4096];
    const bool folder = is_folder(out);
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

static int one(const struct options *o, enum g20_report_format format, const char *file, bool many,
               struct g20_text *all, struct g20_err *e)
{
    struct g20_found f = {0};
    int r = g20_found_run(&f, file, &o->how, e);

    if (r >= 0 && !g20_interrupted()) {
        tell_speed(file, &f);
        r = report(format, file, &f, all, e);
        if (r >= 0 && o->png)
            r = picture(o->png, many, file, &f, e);
    }
    g20_found_fini(&f);
    return r;
}

static int run(const struct options *o, int n, char *const *files)
{
    enum g20_report_format format;
    struct g20_text head = {0}, *all = o->out ? &head : NULL;
    struct g20_err e = {0};
    int code = G20_EXIT_DONE;

    if (g20_report_parse(o->format, &format) < 0)
        return g20_cli_fail("detect", G20_EXIT_INPUT, "--format: unknown '%s'", o->format);
    if (format == G20_REPORT_SIGMF && o->out)
        return g20_cli_fail("detect", G20_EXIT_INPUT,
                            "--out: --format sigmf writes beside each recording");
    if (o->out && g20_file_can_write(o->out, &e) < 0)
        return g20_cli_fail("detect", G20_EXIT_FAILED, "--out %s", e.msg);
    if (o->png && !is_folder(o->png) && g20_file_can_write(o->png, &e) < 0)
        return g20_cli_fail("detect", G20_EXIT_FAILED, "--png %s", e.msg);
    g20_interrupt_install();
    g20_report_head(format, &head);
    if (!all && head.data)
        fwrite(head.data, 1, head.len, stdout);
    for (int i = 0; i < n && code != G20_EXIT_FAILED && !g20_interrupted(); i++) {
        const int r = one(o, format, files[i], n > 1, all, &e);
        if (r < 0) /* the others are still looked at */
            code = g20_cli_fail("detect", g20_exit_of(r), "%s", e.msg);
        fflush(stdout);
    }
    if (g20_interrupted())
        code = G20_EXIT_FAILED;
    else if (head.failed)
        code = g20_cli_fail("detect", G20_EXIT_FAILED, "out of memory");
    else if (all && g20_file_write(o->out, head.data ? head.data : "", head.len, &e) < 0)
        code = g20_cli_fail("detect", G20_EXIT_FAILED, "--out %s", e.msg);
    g20_text_fini(&head);
    return code;
}

int g20_cmd_detect(int argc, char **argv)
{
    struct options o = {
        .how = {.command = "detect", .model = "hydra", .threshold = 0.5, .prefer_int8 = true},
        .format = "table"};
    struct g20_cli_list heads = {.count = 0};
    bool float32 = false;
    int first;
    const struct g20_cli_opt opts[] = {
        {"model", 'm', G20_CLI_STR, &o.how.model, "NAME",
         .help = "a model's name or file, or 'energy', which needs none (hydra)"},
        {"head", 0, G20_CLI_LIST, &heads, "FILE",
         .help = "name what this head was taught (g20 train head); may be repeated"},
        {"float32", 0, G20_CLI_NONE, &float32,
         .help = "not the model's INT8 version, NAME-int8, where there is one"},
        {"format", 'f', G20_CLI_WORD, &o.format, "FORMAT", .words = "table|jsonl|csv|sigmf",
         .help = "sigmf writes a copy of the metadata beside the recording"},
        {"score-threshold", 's', G20_CLI_NUM, &o.how.threshold, "P", 0.0, 1.0,
         .help = "leave out emissions of less confidence (0.5)"},
        {"out", 'o', G20_CLI_STR, &o.out, "FILE",
         .help = "write there when all is done, not to standard output"},
        {"png", 0, G20_CLI_STR, &o.png, "OUT",
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
        .quiet = &o.how.quiet,
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    o.how.prefer_int8 = !float32;
    struct g20_err e;
    const int loaded = g20_heads_from_list(&o.how.heads, &heads, &e);
    if (loaded < 0)
        return g20_cli_fail("detect", g20_exit_of(loaded), "%s", e.msg);
    const int code = run(&o, argc - first, argv + first);
    g20_heads_destroy(o.how.heads);
    return code;
}
