/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 detect: recordings in, emissions out, by the same pipeline that runs live. */
#include "app/app.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/pipeline.h"
#include "render/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EMISSIONS = 1 << 20 }; /* of one file: more is an error, not silence */

struct found {
    struct g20_emission *item; /* (count) */
    size_t count, cap;
    bool failed;
    struct g20_pipeline *pipeline; /* to stop when interrupted */
};

static void keep(enum g20_emission_event event, const struct g20_emission *em, void *user)
{
    struct found *f = user;

    if (event != G20_EMISSION_CLOSE || f->failed)
        return;
    if (f->count == f->cap) {
        const size_t cap = f->cap ? 2 * f->cap : 256;
        void *grown = cap <= MAX_EMISSIONS ? g20_realloc(f->item, cap, sizeof(*f->item)) : NULL;
        if (!grown) {
            f->failed = true;
            return;
        }
        f->item = grown;
        f->cap = cap;
    }
    f->item[f->count++] = *em;
}

static void watch(uint64_t samples_done, void *user)
{
    struct found *f = user;

    (void)samples_done;
    if (g20_interrupted())
        g20_pipeline_stop(f->pipeline);
}

static int by_start(const void *a, const void *b)
{
    const struct g20_emission *x = a, *y = b;

    if (x->sample_start != y->sample_start)
        return x->sample_start < y->sample_start ? -1 : 1;
    return (x->f_lo_hz > y->f_lo_hz) - (x->f_lo_hz < y->f_lo_hz);
}

static void tell_speed(const char *file, const struct g20_pipeline_stats *s, uint64_t took_ns)
{
    const double seconds = (double)took_ns * 1e-9;

    g20_log(G20_LOG_INFO, "detect", "done", G20_F_STR("file", file),
            G20_F_INT("samples", s->samples_in),
            G20_F_NUM("msps", (double)s->samples_in / seconds * 1e-6),
            G20_F_NUM("times_real_time", (double)s->samples_in / s->rate_hz / seconds));
}

/* All emissions of one file, in order of their start. */
static int detect_file(const char *file, const char *model, double threshold, struct found *f,
                       struct g20_err *e)
{
    const struct g20_pipeline_cfg cfg = {.source = {.driver = "file", .args = file},
                                         .model = model,
                                         .score_threshold = (float)threshold,
                                         .max_detections = 4096};
    const struct g20_pipeline_sinks sinks = {.emission = keep, .progress = watch, .user = f};
    struct g20_pipeline_stats stats;
    int r = g20_pipeline_create(&f->pipeline, &cfg, &sinks, e);

    if (r < 0)
        return r;
    const uint64_t t0 = g20_clock_mono_ns();
    r = g20_pipeline_start(f->pipeline, e);
    if (r >= 0)
        r = g20_pipeline_wait(f->pipeline, e);
    g20_pipeline_stats(f->pipeline, &stats);
    g20_pipeline_destroy(f->pipeline);
    f->pipeline = NULL;
    if (r < 0)
        return r;
    if (f->failed)
        return g20_fail(e, -ENOMEM, "%s: more emissions than memory holds", file);
    if (f->count > 0)
        qsort(f->item, f->count, sizeof(*f->item), by_start);
    tell_speed(file, &stats, g20_clock_mono_ns() - t0);
    return 0;
}

static int report(enum g20_report_format format, const char *file, const struct found *f,
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

static int run(const char *model, const char *format_name, double threshold, int n,
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
        struct found f = {0};
        struct g20_err e = {0};
        int r = detect_file(files[i], model, threshold, &f, &e);
        if (r >= 0 && !g20_interrupted())
            r = report(format, files[i], &f, &e);
        g20_free(f.item);
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
        {"png", 0, G20_CLI_STR, &png, "OUT", .help = "spectrogram with boxes; not implemented yet"},
    };
    const struct g20_cli cli = {
        .name = "detect",
        .args = "FILE...",
        .summary = "Find the emissions in recordings.",
        .about = "FILE is a SigMF recording (its .sigmf-meta, .sigmf-data or base name).\n"
                 "A bad file is reported and the others are still processed; the exit code is 2.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 1,
        .max_args = 100000,
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    if (png)
        return g20_cli_fail("detect", G20_EXIT_FAILED, "--png: not implemented yet");
    return run(model, format, threshold, argc - first, argv + first);
}
