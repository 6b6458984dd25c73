/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What the worker of the API does with one job. */
#include "server/api.h"

#include "base/clock.h"
#include "render/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PIECE_ROWS = 500 };

static unsigned status_of(int r)
{
    switch (r) {
    case -EINVAL:
    case -ERANGE:
        return 400;
    case -ENOENT:
        return 404;
    case -ENODATA:
        return 410; /* that time is not held any more */
    case -EEXIST:
    case -EBUSY:
        return 409;
    case G20_EUNSUPPORTED:
        return 501;
    case -ENOSPC:
        return 507;
    case -ENOMEM:
        return 500;
    default:
        return 503; /* the storage does not work now */
    }
}

void g20_api_error(struct g20_api_job *job, unsigned status, const char *message)
{
    g20_text_fini(&job->out);
    job->status = status;
    job->type = "application/json";
    job->last = true;
    g20_text_puts(&job->out, "{\"error\":");
    g20_text_json(&job->out, message);
    g20_text_puts(&job->out, "}");
}

void g20_api_fail(struct g20_api_job *job, int r, const struct g20_err *e)
{
    g20_api_error(job, status_of(r), e->msg[0] ? e->msg : g20_strerror(r));
}

static int put_bytes(const char *bytes, size_t n, void *user)
{
    g20_text_put(user, bytes, n);
    return 0;
}

void g20_api_answer(struct g20_api_job *job, unsigned status, json_t *o)
{
    job->status = status;
    job->type = "application/json";
    job->last = true;
    if (!o || json_dump_callback(o, put_bytes, &job->out, JSON_COMPACT) < 0)
        g20_api_error(job, 500, "out of memory");
    json_decref(o);
}

/* ---- emissions ---- */

static void put_sigmf(const struct g20_api_job *job, const struct g20_emission *em, bool first,
                      struct g20_text *t)
{
    g20_text_printf(t, "%s{\"core:sample_start\":%llu,\"core:sample_count\":%llu",
                    first ? "" : ",\n", (unsigned long long)(em->start_us - job->first_us),
                    (unsigned long long)(em->duration_s * 1e6 + 0.5));
    g20_text_puts(t, ",\"core:freq_lower_edge\":");
    g20_text_num(t, em->f_lo_hz, 2);
    g20_text_puts(t, ",\"core:freq_upper_edge\":");
    g20_text_num(t, em->f_hi_hz, 2);
    g20_text_puts(t, ",\"core:label\":");
    g20_text_json(t, em->class_name);
    g20_text_puts(t, ",\"g20:snr_db\":");
    g20_text_num(t, (double)em->snr_db, 2);
    g20_text_printf(t, ",\"g20:id\":%llu}", (unsigned long long)em->id);
}

/* There is no recording: one sample of it would be one microsecond. */
static void put_sigmf_head(const struct g20_api_job *job, struct g20_text *t)
{
    char when[32];

    g20_clock_format(job->first_us, when, sizeof(when));
    g20_text_printf(t,
                    "{\"global\":{\"core:datatype\":\"cf32_le\",\"core:sample_rate\":1000000,"
                    "\"core:version\":\"1.0.0\",\"core:metadata_only\":true,"
                    "\"core:recorder\":\"g20 %s\",\"core:description\":\"Emissions; one sample "
                    "is one microsecond\",\"core:extensions\":[{\"name\":\"g20\",\"version\":"
                    "\"0.1.0\",\"optional\":true}]},\"captures\":[{\"core:sample_start\":0,"
                    "\"core:datetime\":\"%s\"}],\"annotations\":[\n",
                    G20_VERSION, when);
}

/* One format for all: the emission's own JSON, with what the store knows beside it. */
static void put_json(const struct g20_stored_emission *row, struct g20_text *t)
{
    g20_emission_text(&row->em, NULL, t);
    if (t->failed || t->len == 0)
        return;
    t->data[--t->len] = '\0'; /* the closing brace comes again */
    g20_text_printf(t, ",\"state\":\"%s\"}", g20_emission_state_name(row->state));
}

static void put_row(struct g20_api_job *job, const struct g20_stored_emission *row, bool first)
{
    switch (job->format) {
    case G20_API_JSON:
        g20_text_puts(&job->out, first ? "" : ",");
        put_json(row, &job->out);
        break;
    case G20_API_JSONL:
        put_json(row, &job->out);
        g20_text_puts(&job->out, "\n");
        break;
    case G20_API_CSV:
        g20_report_line(G20_REPORT_CSV, &row->em, "", &job->out);
        break;
    case G20_API_SIGMF:
        put_sigmf(job, &row->em, first, &job->out);
        break;
    }
}

static void begin_body(struct g20_api_job *job, uint64_t first_us)
{
    static const char *const types[] = {"application/json", "application/x-ndjson",
                                        "text/csv; charset=utf-8", "application/json"};

    job->status = 200;
    job->type = types[job->format];
    job->first_us = first_us;
    if (job->format == G20_API_JSON)
        g20_text_puts(&job->out, "{\"emissions\":[");
    else if (job->format == G20_API_CSV)
        g20_report_head(G20_REPORT_CSV, &job->out);
    else if (job->format == G20_API_SIGMF)
        put_sigmf_head(job, &job->out);
}

static void end_body(struct g20_api_job *job, bool more)
{
    if (job->format == G20_API_SIGMF)
        g20_text_puts(&job->out, "]}\n");
    if (job->format != G20_API_JSON)
        return;
    g20_text_puts(&job->out, "],\"next\":");
    if (more)
        g20_text_printf(&job->out, "\"%lld.%lld\"}", (long long)job->eq.cursor_us,
                        (long long)job->eq.cursor_id);
    else
        g20_text_puts(&job->out, "null}");
}

static int start_emissions(struct g20_api_job *job, struct g20_err *e)
{
    uint64_t most;
    const int r = g20_api_query_emissions(&job->query, &job->eq, &job->format, &most, e);

    if (r < 0)
        return r;
    job->left = most ? most : UINT64_MAX;
    if (job->format == G20_API_JSON && job->eq.limit == 0)
        job->eq.limit = 100;
    return 0;
}

static void run_emissions(struct g20_api_job *job, struct g20_store_reader *reader,
                          struct g20_stored_emission *rows)
{
    const bool first = !job->started;
    struct g20_err e = {0};
    int n = first ? start_emissions(job, &e) : 0;

    if (n >= 0) {
        if (job->format != G20_API_JSON)
            job->eq.limit = (uint32_t)G20_MIN(job->left, (uint64_t)PIECE_ROWS);
        n = g20_store_reader_emissions(reader, &job->eq, rows, &e);
    }
    if (n < 0) {
        job->close = !first; /* cut in the middle: the client must not take it for the end */
        g20_api_fail(job, n, &e);
        return;
    }
    if (first)
        begin_body(job, n > 0 ? rows[0].em.start_us : 0);
    for (int i = 0; i < n; i++)
        put_row(job, &rows[i], first && i == 0);
    job->started = true;
    if (n > 0) {
        job->eq.has_cursor = true;
        job->eq.cursor_us = (int64_t)rows[n - 1].em.start_us;
        job->eq.cursor_id = (int64_t)rows[n - 1].em.id;
        job->left -= (uint64_t)n;
    }
    const bool full = n == (int)job->eq.limit;
    job->last = job->format == G20_API_JSON || !full || job->left == 0;
    if (job->last)
        end_body(job, full);
}

/* ---- records ---- */

void g20_api_fill(const struct g20_api_job *job, const struct g20_server_cfg *cfg, json_t *record)
{
    if (job->kind == G20_MISSIONS && cfg->missions.fill)
        cfg->missions.fill(record, cfg->missions.user);
}

static void list_records(struct g20_api_job *job, const struct g20_server_cfg *cfg,
                         struct g20_store_reader *reader)
{
    const enum g20_kind kind = (enum g20_kind)job->kind;
    struct g20_record_query q;
    struct g20_err e = {0};
    json_t *list = NULL;
    bool more = false;
    int64_t us = 0, n = 0;
    char next[48];
    int r = g20_api_query_records(&job->query, kind, &q, &e);

    if (r >= 0)
        r = g20_store_reader_list(reader, kind, &q, &list, &more, &us, &n, &e);
    if (r < 0) {
        g20_api_fail(job, r, &e);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++)
        g20_api_fill(job, cfg, json_array_get(list, i));
    snprintf(next, sizeof(next), "%lld.%lld", (long long)us, (long long)n);
    g20_api_answer(job, 200,
                   json_pack("{s:o, s:o}", g20_kind(kind)->name, list, "next",
                             more ? json_string(next) : json_null()));
}

static void get_record(struct g20_api_job *job, const struct g20_server_cfg *cfg,
                       struct g20_store_reader *reader)
{
    struct g20_err e = {0};
    json_t *o = NULL;
    int r = g20_query_only(&job->query, NULL, 0, &e);

    if (r >= 0)
        r = g20_store_reader_get(reader, (enum g20_kind)job->kind, job->id, &o, &e);
    if (r < 0) {
        g20_api_fail(job, r, &e);
        return;
    }
    g20_api_fill(job, cfg, o);
    g20_api_answer(job, 200, o);
}

static void get_file(struct g20_api_job *job, const struct g20_server_cfg *cfg,
                     struct g20_store_reader *reader)
{
    struct g20_err e = {0};
    const int r = g20_api_file(job, cfg->capture_dir, reader, &e);

    if (r >= 0)
        return;
    job->has_length = false;
    g20_api_fail(job, r, &e);
}

void g20_api_run(struct g20_api_job *job, const struct g20_server_cfg *cfg,
                 struct g20_store_reader *reader, struct g20_stored_emission *rows)
{
    g20_text_fini(&job->out);
    if (job->method != G20_API_GET)
        g20_api_write(job, cfg, reader);
    else if (job->action != G20_API_NONE)
        get_file(job, cfg, reader);
    else if (job->kind == G20_API_TRIGGERS)
        g20_api_triggers(job, cfg);
    else if (job->kind == G20_API_EMISSIONS)
        run_emissions(job, reader, rows);
    else if (job->id[0])
        get_record(job, cfg, reader);
    else
        list_records(job, cfg, reader);
    if (job->out.failed) {
        job->close = true;
        g20_api_error(job, 500, "out of memory");
    }
}
