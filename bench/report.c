/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "bench.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void figure(struct g20_text *t, const char *key, double v)
{
    g20_text_printf(t, ",\"%s\":", key);
    g20_text_num(t, v, 6);
}

void g20_bench_json(const struct g20_bench_result *res, size_t n, struct g20_text *out)
{
    g20_text_puts(out, "[");
    for (size_t i = 0; i < n; i++) {
        const struct g20_bench_result *r = &res[i];
        g20_text_puts(out, i ? ",\n {\"row\":" : "\n {\"row\":");
        g20_text_json(out, r->row->name);
        g20_text_puts(out, ",\"unit\":");
        g20_text_json(out, r->row->unit);
        figure(out, "median", r->median);
        figure(out, "p99", r->p99);
        g20_text_puts(out, ",\"peer\":");
        if (r->row->peer)
            g20_text_json(out, r->row->peer);
        else
            g20_text_puts(out, "null");
        figure(out, "peer_median", r->peer_median);
        figure(out, "ratio", r->ratio);
        figure(out, "target", r->target);
        g20_text_puts(out, ",\"met\":");
        g20_text_puts(out, r->state != G20_BENCH_DONE || !r->has_target ? "null"
                           : r->met                                     ? "true"
                                                                        : "false");
        if (r->state == G20_BENCH_MISSING)
            g20_text_puts(out, ",\"note\":\"not implemented\"");
        if (r->state == G20_BENCH_FAILED) {
            g20_text_puts(out, ",\"note\":");
            g20_text_json(out, r->reason.msg);
        }
        g20_text_puts(out, "}");
    }
    g20_text_puts(out, "\n]\n");
}

/* Four significant digits, right-aligned in @width columns. */
static void cell(struct g20_text *t, double v, int width)
{
    char buf[32];

    if (!isfinite(v))
        snprintf(buf, sizeof(buf), "-");
    else
        snprintf(buf, sizeof(buf), fabs(v) >= 1000 ? "%.0f" : "%.4g", v);
    g20_text_printf(t, " %*s", width, buf);
}

void g20_bench_table(const struct g20_bench_result *res, size_t n, struct g20_text *out)
{
    g20_text_printf(out, "%-24s %-8s %9s %9s %9s %-5s %9s %6s  %s\n", "row", "unit", "median",
                    "p99", "target", "met", "peer", "ratio", "peer is");
    for (size_t i = 0; i < n; i++) {
        const struct g20_bench_result *r = &res[i];
        const struct g20_bench_row *row = r->row;
        g20_text_printf(out, "%-24s %-8s", row->name, row->unit);
        cell(out, r->median, 9);
        cell(out, r->p99, 9);
        cell(out, r->target, 9);
        g20_text_printf(out, " %-5s",
                        r->state != G20_BENCH_DONE || !r->has_target ? "-"
                        : r->met                                     ? "yes"
                                                                     : "NO");
        cell(out, r->peer_median, 9);
        cell(out, r->ratio, 6);
        if (r->state == G20_BENCH_MISSING)
            g20_text_puts(out, "  not implemented");
        else if (r->state == G20_BENCH_FAILED)
            g20_text_printf(out, "  failed: %s", r->reason.msg);
        else if (row->peer)
            g20_text_printf(out, "  %s", row->peer);
        g20_text_puts(out, "\n");
    }
}

static json_t *find(json_t *list, const char *name)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        const char *row = json_string_value(json_object_get(item, "row"));
        if (row && strcmp(row, name) == 0)
            return item;
    }
    return NULL;
}

int g20_bench_compare(const struct g20_bench_result *res, size_t n, const char *json, size_t len,
                      double worse_pct, struct g20_text *out, struct g20_err *e)
{
    json_error_t why;
    json_t *list = json_loadb(json, len, JSON_REJECT_DUPLICATES, &why);
    int worse = 0;

    if (!list)
        return g20_fail(e, G20_EFORMAT, "line %d: %s", why.line, why.text);
    if (!json_is_array(list)) {
        json_decref(list);
        return g20_fail(e, G20_EFORMAT, "want a JSON list of rows");
    }
    g20_text_printf(out, "%-24s %-8s %9s %9s %7s\n", "row", "unit", "before", "now", "ratio");
    for (size_t i = 0; i < n; i++) {
        const struct g20_bench_row *row = res[i].row;
        const json_t *old = find(list, row->name);
        const json_t *figure_then = old ? json_object_get(old, "median") : NULL;
        const double was =
            figure_then && json_is_number(figure_then) ? json_number_value(figure_then) : NAN;
        if (!(was > 0) || !isfinite(res[i].median))
            continue;
        const double ratio = res[i].median / was;
        const double cost = row->higher_is_better ? 1 / ratio : ratio; /* over 1: got worse */
        const bool bad = cost > 1 + worse_pct / 100;
        worse += bad;
        g20_text_printf(out, "%-24s %-8s", row->name, row->unit);
        cell(out, was, 9);
        cell(out, res[i].median, 9);
        g20_text_printf(out, " %7.3f%s\n", ratio, bad ? "  WORSE" : "");
    }
    json_decref(list);
    return worse;
}
