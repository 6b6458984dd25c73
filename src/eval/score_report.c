/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "eval/score.h"

#include <math.h>
#include <stdio.h>

enum { NAME_COLUMNS = 32 };

void g20_score_table_head(struct g20_text *out)
{
    g20_text_printf(out, "%-*s %-8s %8s %6s %6s %9s %9s %6s %7s\n", NAME_COLUMNS, "file", "truth",
                    "seconds", "boxes", "found", "emissions", "fragments", "false", "IoU");
}

static void number(struct g20_text *out, double v, int width, int decimals)
{
    if (isfinite(v))
        g20_text_printf(out, " %*.*f", width, decimals, v);
    else
        g20_text_printf(out, " %*s", width, "-");
}

void g20_score_table_file(const struct g20_score_file *f, struct g20_text *out)
{
    const size_t columns = g20_text_columns(f->name);

    g20_text_plain(out, f->name);
    g20_text_pad(out, columns < NAME_COLUMNS ? NAME_COLUMNS - columns : 0);
    g20_text_printf(out, " %-8s %8.4f %6u %6u %9u %9u", f->partial ? "partial" : "complete",
                    f->seconds, f->boxes, f->found, f->emissions, f->fragments);
    number(out, f->partial ? NAN : f->false_count, 6, 0);
    number(out, f->median_iou, 7, 3);
    g20_text_puts(out, "\n");
}

static void line(struct g20_text *out, const char *what, double v, int decimals, const char *unit)
{
    g20_text_printf(out, "  %-30s", what);
    number(out, v, 10, decimals);
    g20_text_printf(out, " %s\n", unit);
}

void g20_score_table_total(const struct g20_score_total *t, struct g20_text *out)
{
    g20_text_printf(out, "\ntotal: %u files, %u boxes, %u found, %u emissions\n", t->files,
                    t->boxes, t->found, t->emissions);
    line(out, "event recall", t->recall, 4, "");
    line(out, "median IoU of found", t->median_iou, 3, "");
    line(out, "fragments per event", t->boxes > 0 ? (double)t->fragments / t->boxes : NAN, 3, "");
    line(out, "AP50", t->ap50, 4, "");
    line(out, "AP50-95", t->ap50_95, 4, "");
    line(out, "false, complete truth", t->false_count, 0, "");
    line(out, "  a minute", t->false_per_min, 3, "");
    line(out, "  a MHz and minute", t->false_per_mhz_min, 4, "");
    line(out, "false, noise-only files", t->noise_false, 0, "");
    g20_text_puts(out, "\nby kind                           boxes  found  recall\n");
    for (size_t i = 0; i < t->kinds; i++) {
        const struct g20_score_kind *k = &t->kind[i];
        const size_t columns = g20_text_columns(k->name);
        g20_text_puts(out, "  ");
        g20_text_plain(out, k->name);
        g20_text_pad(out, columns < NAME_COLUMNS ? NAME_COLUMNS - columns : 0);
        g20_text_printf(out, "%5u %6u %7.3f\n", k->boxes, k->found, (double)k->found / k->boxes);
    }
    bool any = false;
    for (int i = 0; i < G20_EVAL_SNR_STEPS; i++)
        any |= t->snr_boxes[i] > 0;
    if (any)
        g20_text_puts(out, "\nby SNR (dB from)   boxes  found  recall\n");
    for (int i = 0; i < G20_EVAL_SNR_STEPS; i++)
        if (t->snr_boxes[i] > 0)
            g20_text_printf(out, "  %14.0f %8u %6u %7.3f\n",
                            G20_EVAL_SNR_LO_DB + i * G20_EVAL_SNR_STEP, t->snr_boxes[i],
                            t->snr_found[i], (double)t->snr_found[i] / t->snr_boxes[i]);
}

static void member(struct g20_text *out, const char *key, double v)
{
    g20_text_printf(out, ",\"%s\":", key);
    g20_text_num(out, v, 6);
}

static void file_json(const struct g20_score_file *f, struct g20_text *out)
{
    g20_text_puts(out, "{\"file\":");
    g20_text_json(out, f->name);
    g20_text_printf(out, ",\"truth\":\"%s\"", f->partial ? "partial" : "complete");
    member(out, "seconds", f->seconds);
    member(out, "rate_hz", f->rate_hz);
    g20_text_printf(out, ",\"boxes\":%u,\"found\":%u,\"emissions\":%u,\"fragments\":%u", f->boxes,
                    f->found, f->emissions, f->fragments);
    member(out, "false", f->partial ? NAN : f->false_count);
    member(out, "median_iou", f->median_iou);
    g20_text_puts(out, "}");
}

void g20_score_json(const char *model, const struct g20_score_file *files, size_t n,
                    const struct g20_score_total *t, struct g20_text *out)
{
    g20_text_puts(out, "{\"model\":");
    g20_text_json(out, model);
    g20_text_printf(out,
                    ",\"files\":%u,\"boxes\":%u,\"found\":%u,\"false\":%u,\"noise_files\":%u,"
                    "\"noise_false\":%u,\"fragments\":%u,\"emissions\":%u",
                    t->files, t->boxes, t->found, t->false_count, t->noise_files, t->noise_false,
                    t->fragments, t->emissions);
    member(out, "recall", t->recall);
    member(out, "median_iou", t->median_iou);
    member(out, "ap50", t->ap50);
    member(out, "ap50_95", t->ap50_95);
    member(out, "complete_s", t->complete_s);
    member(out, "false_per_minute", t->false_per_min);
    member(out, "false_per_mhz_minute", t->false_per_mhz_min);
    g20_text_puts(out, ",\n\"kinds\":[");
    for (size_t i = 0; i < t->kinds; i++) {
        g20_text_puts(out, i ? ",{\"kind\":" : "{\"kind\":");
        g20_text_json(out, t->kind[i].name);
        g20_text_printf(out, ",\"boxes\":%u,\"found\":%u}", t->kind[i].boxes, t->kind[i].found);
    }
    g20_text_puts(out, "],\n\"snr\":[");
    bool first = true;
    for (int i = 0; i < G20_EVAL_SNR_STEPS; i++) {
        if (t->snr_boxes[i] == 0)
            continue;
        g20_text_printf(out, "%s{\"from_db\":%g,\"boxes\":%u,\"found\":%u}", first ? "" : ",",
                        G20_EVAL_SNR_LO_DB + i * G20_EVAL_SNR_STEP, t->snr_boxes[i],
                        t->snr_found[i]);
        first = false;
    }
    g20_text_puts(out, "],\n\"per_file\":[\n");
    for (size_t i = 0; i < n; i++) {
        g20_text_puts(out, i ? ",\n" : "");
        file_json(&files[i], out);
    }
    g20_text_puts(out, "\n]}");
}
