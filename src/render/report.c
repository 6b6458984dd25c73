/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "render/report.h"

#include "base/alloc.h"
#include "source/sigmf.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {[G20_REPORT_TABLE] = "table",
                                    [G20_REPORT_JSONL] = "jsonl",
                                    [G20_REPORT_CSV] = "csv",
                                    [G20_REPORT_SIGMF] = "sigmf"};

int g20_report_parse(const char *name, enum g20_report_format *ret)
{
    for (size_t i = 0; i < G20_COUNT_OF(names); i++)
        if (strcmp(name, names[i]) == 0) {
            *ret = (enum g20_report_format)i;
            return 0;
        }
    return -EINVAL;
}

void g20_report_head(enum g20_report_format format, struct g20_text *out)
{
    if (format == G20_REPORT_TABLE)
        g20_text_puts(out, "    id    start s   length ms      centre MHz    width kHz  SNR dB  "
                           "level dBFS  duty  class       file\n");
    else if (format == G20_REPORT_CSV)
        g20_text_puts(out, "file,id,channel,class,confidence,sample_start,sample_count,start_us,"
                           "duration_s,f_lo_hz,f_hi_hz,f_ref,level_dbfs,peak_dbfs,snr_db,duty,"
                           "model,model_version\r\n");
}

static void put_table(const struct g20_emission *em, const char *file, struct g20_text *out)
{
    const double centre = 0.5 * (em->f_lo_hz + em->f_hi_hz);
    const double start = em->sample_count > 0
                             ? (double)em->sample_start * em->duration_s / (double)em->sample_count
                             : 0.0;

    g20_text_printf(out, "%6llu %10.6f %11.3f %15.6f %12.3f %7.1f %11.1f %5.2f  ",
                    (unsigned long long)em->id, start, em->duration_s * 1e3, centre * 1e-6,
                    (em->f_hi_hz - em->f_lo_hz) * 1e-3, (double)em->snr_db, (double)em->level_dbfs,
                    (double)em->duty);
    g20_text_plain(out, em->class_name);
    const size_t columns = g20_text_columns(em->class_name);
    g20_text_pad(out, columns < 10 ? 12 - columns : 2);
    g20_text_plain(out, file);
    g20_text_puts(out, "\n");
}

static void put_csv(const struct g20_emission *em, const char *file, struct g20_text *out)
{
    g20_text_csv(out, file);
    g20_text_printf(out, ",%llu,%d,", (unsigned long long)em->id, em->channel);
    g20_text_csv(out, em->class_name);
    g20_text_printf(out, ",%.4f,%llu,%llu,%llu,%.9g,%.3f,%.3f,%s,%.2f,%.2f,%.2f,%.3f,",
                    (double)em->confidence, (unsigned long long)em->sample_start,
                    (unsigned long long)em->sample_count, (unsigned long long)em->start_us,
                    em->duration_s, em->f_lo_hz, em->f_hi_hz,
                    em->center_known ? "absolute" : "baseband", (double)em->level_dbfs,
                    (double)em->peak_dbfs, (double)em->snr_db, (double)em->duty);
    g20_text_csv(out, em->model);
    g20_text_puts(out, ",");
    g20_text_csv(out, em->model_version);
    g20_text_puts(out, "\r\n");
}

void g20_report_line(enum g20_report_format format, const struct g20_emission *em, const char *file,
                     struct g20_text *out)
{
    switch (format) {
    case G20_REPORT_TABLE:
        put_table(em, file, out);
        break;
    case G20_REPORT_JSONL:
        g20_emission_text(em, file, out);
        g20_text_puts(out, "\n");
        break;
    case G20_REPORT_CSV:
        put_csv(em, file, out);
        break;
    case G20_REPORT_SIGMF:
        break;
    }
}

static void annotate(struct g20_sigmf_annotation *a, const struct g20_emission *em)
{
    *a = (struct g20_sigmf_annotation){.sample_start = em->sample_start,
                                       .sample_count = em->sample_count,
                                       .f_lo_hz = em->f_lo_hz,
                                       .f_hi_hz = em->f_hi_hz,
                                       .visible_lo_hz = em->f_lo_hz,
                                       .visible_hi_hz = em->f_hi_hz,
                                       .has_freq = true};
    snprintf(a->label, sizeof(a->label), "%s", em->class_name);
    snprintf(a->comment, sizeof(a->comment), "g20 %s: SNR %.1f dB, level %.1f dBFS, duty %.2f",
             em->model, (double)em->snr_db, (double)em->level_dbfs, (double)em->duty);
}

int g20_report_sigmf(const char *recording, const struct g20_emission *em, size_t n, char *ret_path,
                     size_t size, struct g20_err *e)
{
    static const char ending[] = ".sigmf-meta";
    char meta[4096], data[4096];
    struct g20_sigmf_annotation *add = NULL;
    struct g20_sigmf *m = NULL;
    int r = g20_sigmf_paths(recording, meta, data, sizeof(meta));

    if (r < 0)
        return g20_fail(e, r, "%s: not the name of a SigMF recording", recording);
    r = g20_sigmf_load(&m, recording, e);
    if (r < 0)
        return r;
    add = g20_calloc(n, sizeof(*add));
    if (!add) {
        r = g20_fail(e, -ENOMEM, "%s: out of memory", recording);
        goto done;
    }
    for (size_t i = 0; i < n; i++)
        annotate(&add[i], &em[i]);
    const int base = (int)(strlen(meta) - (sizeof(ending) - 1));
    if (snprintf(ret_path, size, "%.*s.g20%s", base, meta, ending) >= (int)size) {
        r = g20_fail(e, -ENAMETOOLONG, "%s: name too long", recording);
        goto done;
    }
    r = g20_sigmf_write_annotations(m, ret_path, add, n, false, e);
done:
    g20_free(add);
    g20_sigmf_destroy(m);
    return r;
}
