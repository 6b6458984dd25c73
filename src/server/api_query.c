/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/api_query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double LAST_US = 9e15; /* whole numbers in JSON and in a double */
static const char *const orders[] = {"asc", "desc"};

static int read_us(const struct g20_query *q, const char *name, uint64_t *ret, struct g20_err *e)
{
    double x = 0;
    const int r = g20_query_number(q, name, 0, LAST_US, &x, e);

    if (r == 1)
        *ret = (uint64_t)x;
    return r;
}

/* "<time>.<number>", as "next" of the page before said. */
static int read_cursor(const struct g20_query *q, bool *ret_has, int64_t *ret_us, int64_t *ret_n,
                       struct g20_err *e)
{
    const char *text = g20_query_get(q, "cursor");
    char *dot, *end;

    if (!text)
        return 0;
    const size_t digits = strspn(text, "0123456789");
    if (digits < 1 || digits > 18 || text[digits] != '.' || strlen(text + digits + 1) < 1 ||
        strlen(text + digits + 1) > 18 ||
        strspn(text + digits + 1, "0123456789") != strlen(text + digits + 1))
        return g20_fail(e, -EINVAL, "cursor: want what \"next\" of the page before said");
    *ret_us = strtoll(text, &dot, 10);
    *ret_n = strtoll(dot + 1, &end, 10);
    *ret_has = true;
    return 1;
}

static int read_common(const struct g20_query *q, uint64_t *from_us, uint64_t *to_us,
                       bool *ascending, struct g20_err *e)
{
    uint32_t order = *ascending ? 0 : 1;
    int r = read_us(q, "from_us", from_us, e);

    if (r >= 0)
        r = read_us(q, "to_us", to_us, e);
    if (r >= 0)
        r = g20_query_word(q, "order", orders, 2, &order, e);
    if (r < 0)
        return r;
    if (*to_us > 0 && *to_us <= *from_us)
        return g20_fail(e, -EINVAL, "to_us: want more than from_us");
    *ascending = order == 0;
    return 0;
}

static int read_band(const struct g20_query *q, struct g20_emission_query *ret, struct g20_err *e)
{
    int r = g20_query_number(q, "f_lo_hz", -1e12, 1e12, &ret->f_lo_hz, e);

    ret->has_f_lo = r == 1;
    if (r >= 0) {
        r = g20_query_number(q, "f_hi_hz", -1e12, 1e12, &ret->f_hi_hz, e);
        ret->has_f_hi = r == 1;
    }
    if (r >= 0) {
        r = g20_query_number(q, "min_snr", -1000, 1000, &ret->min_snr_db, e);
        ret->has_snr = r == 1;
    }
    if (r < 0)
        return r;
    if (ret->has_f_lo && ret->has_f_hi && ret->f_lo_hz > ret->f_hi_hz)
        return g20_fail(e, -EINVAL, "f_hi_hz: want no less than f_lo_hz");
    return 0;
}

static int read_rest(const struct g20_query *q, struct g20_emission_query *ret, struct g20_err *e)
{
    static const char *const states[] = {"open", "closed", "unfinished"};
    const char *name = g20_query_get(q, "class");
    uint32_t state = 0, channel = 0;
    int r = g20_query_word(q, "state", states, 3, &state, e);

    ret->has_state = r == 1;
    ret->state = (enum g20_emission_state)state;
    if (r >= 0) {
        r = g20_query_whole(q, "channel", 0, 255, &channel, e);
        ret->has_channel = r == 1;
        ret->channel = (int)channel;
    }
    if (r < 0)
        return r;
    if (name && (!name[0] || strlen(name) >= sizeof(ret->class_name)))
        return g20_fail(e, -EINVAL, "class: want 1 to %zu bytes", sizeof(ret->class_name) - 1);
    snprintf(ret->class_name, sizeof(ret->class_name), "%.31s", name ? name : "");
    return 0;
}

int g20_api_query_emissions(const struct g20_query *q, struct g20_emission_query *ret,
                            enum g20_api_format *ret_format, uint64_t *ret_most, struct g20_err *e)
{
    static const char *const names[] = {"from_us", "to_us",   "f_lo_hz", "f_hi_hz",
                                        "class",   "min_snr", "state",   "channel",
                                        "order",   "limit",   "cursor",  "format"};
    static const char *const formats[] = {"json", "jsonl", "csv", "sigmf"};
    struct g20_emission_query eq = {0};
    uint32_t format = G20_API_JSON, limit = 0;
    int r = g20_query_only(q, names, G20_COUNT_OF(names), e);

    if (r >= 0)
        r = g20_query_word(q, "format", formats, 4, &format, e);
    eq.ascending = format != G20_API_JSON;
    if (r >= 0)
        r = read_common(q, &eq.from_us, &eq.to_us, &eq.ascending, e);
    if (r >= 0)
        r = read_band(q, &eq, e);
    if (r >= 0)
        r = read_rest(q, &eq, e);
    if (r >= 0)
        r = g20_query_whole(q, "limit", 1, format == G20_API_JSON ? G20_EMISSIONS_MOST : 1000000000,
                            &limit, e);
    if (r >= 0)
        r = read_cursor(q, &eq.has_cursor, &eq.cursor_us, &eq.cursor_id, e);
    if (r >= 0 && format == G20_API_SIGMF && !eq.ascending)
        r = g20_fail(e, -EINVAL, "order: annotations of SigMF are in the order of time");
    if (r < 0)
        return r;
    eq.limit = format == G20_API_JSON ? limit : 0;
    *ret = eq;
    *ret_format = (enum g20_api_format)format;
    *ret_most = limit;
    return 0;
}

static bool is_common(const char *name)
{
    static const char *const names[] = {"from_us", "to_us", "order", "limit", "cursor"};

    for (size_t i = 0; i < G20_COUNT_OF(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static int read_filter(enum g20_kind kind, const char *name, const char *value,
                       struct g20_record_query *rq, struct g20_err *e)
{
    const struct g20_field_def *f = g20_kind_field(kind, name);

    if (!f || !(f->flags & G20_FIELD_FILTER))
        return g20_fail(e, -EINVAL, "%.60s: unknown parameter", name);
    if (rq->filters == G20_RECORD_FILTERS)
        return g20_fail(e, -EINVAL, "%.60s: more than %d fields are asked for", name,
                        G20_RECORD_FILTERS);
    if (f->type == G20_VALUE_INT &&
        (!value[0] || strlen(value) > 16 || strspn(value, "0123456789") != strlen(value)))
        return g20_fail(e, -EINVAL, "%s: want a whole number", f->name);
    if ((double)strlen(value) > G20_MAX(f->max, 16.0))
        return g20_fail(e, -EINVAL, "%s: too long", f->name);
    rq->filter[rq->filters].field = f;
    rq->filter[rq->filters++].value = value;
    return 0;
}

int g20_api_query_records(const struct g20_query *q, enum g20_kind kind,
                          struct g20_record_query *ret, struct g20_err *e)
{
    struct g20_record_query rq = {0};
    int r = read_common(q, &rq.from_us, &rq.to_us, &rq.ascending, e);

    if (r >= 0)
        r = g20_query_whole(q, "limit", 1, G20_RECORDS_MOST, &rq.limit, e);
    if (r >= 0)
        r = read_cursor(q, &rq.has_cursor, &rq.cursor_us, &rq.cursor_n, e);
    for (uint32_t i = 0; r >= 0 && i < q->count; i++) {
        const char *name = q->text + q->name[i];

        if (!is_common(name))
            r = read_filter(kind, name, q->text + q->value[i], &rq, e);
    }
    if (r < 0)
        return r;
    *ret = rq;
    return 0;
}
