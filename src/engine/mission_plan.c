/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/mission_plan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double MAX_HZ = 1e12;
static const double DAY_S = 86400;
static const double ALWAYS_S = 3600; /* of one recording */

static int known_keys(const json_t *o, const char *where, const char *const *keys, size_t n,
                      struct g20_err *e)
{
    const char *key;
    json_t *v;

    if (!json_is_object(o))
        return g20_fail(e, -EINVAL, "%s: want an object", *where ? where : "plan");
    json_object_foreach((json_t *)o, key, v)
    {
        size_t i = 0;
        while (i < n && strcmp(keys[i], key) != 0)
            i++;
        if (i == n)
            return g20_fail(e, -EINVAL, "%s%s%.40s is unknown", where, *where ? "." : "", key);
    }
    return 0;
}

/* 1: there; 0: not there. */
static int number(const json_t *o, const char *where, const char *key, double lo, double hi,
                  double *ret, struct g20_err *e)
{
    const json_t *v = json_object_get(o, key);

    if (!v)
        return 0;
    if (!json_is_number(v) || !(json_number_value(v) >= lo && json_number_value(v) <= hi))
        return g20_fail(e, -EINVAL, "%s%s%s: want a number, %.15g to %.15g", where,
                        *where ? "." : "", key, lo, hi);
    *ret = json_number_value(v);
    return 1;
}

static int word(const json_t *v, const char *where, char *buf, size_t size, struct g20_err *e)
{
    const char *text = json_string_value(v);

    if (!text || !*text || strlen(text) != json_string_length(v) || strlen(text) >= size)
        return g20_fail(e, -EINVAL, "%s: want a text of 1 to %zu bytes", where, size - 1);
    memcpy(buf, text, strlen(text) + 1);
    return 0;
}

static int parse_ranges(struct g20_mission_plan *p, const json_t *list, struct g20_err *e)
{
    static const char *const keys[] = {"f_lo_hz", "f_hi_hz"};
    const size_t n = json_array_size(list);

    if (n < 1 || n > G20_MISSION_RANGES)
        return g20_fail(e, -EINVAL, "ranges: want a list of 1 to %d", G20_MISSION_RANGES);
    for (size_t i = 0; i < n; i++) {
        struct g20_span *s = &p->ranges[i];
        const json_t *o = json_array_get(list, i);
        char where[32];

        snprintf(where, sizeof(where), "ranges[%zu]", i);
        int r = known_keys(o, where, keys, G20_COUNT_OF(keys), e);
        if (r == 0)
            r = number(o, where, "f_lo_hz", 0, MAX_HZ, &s->lo, e);
        if (r == 1)
            r = number(o, where, "f_hi_hz", 0, MAX_HZ, &s->hi, e);
        if (r <= 0)
            return r < 0 ? r : g20_fail(e, -EINVAL, "%s: f_lo_hz and f_hi_hz required", where);
        if (!(s->hi > s->lo))
            return g20_fail(e, -EINVAL, "%s.f_hi_hz: want more than f_lo_hz", where);
    }
    p->nranges = n;
    return 0;
}

/* A name, or {"name", "threshold"}. */
static int parse_head(struct g20_mission_head *p, const json_t *v, size_t i, struct g20_err *e)
{
    static const char *const keys[] = {"name", "threshold"};
    char where[32];
    int r = 0;

    snprintf(where, sizeof(where), "heads[%zu]", i);
    p->threshold = NAN;
    if (json_is_object(v)) {
        r = known_keys(v, where, keys, G20_COUNT_OF(keys), e);
        if (r == 0)
            r = number(v, where, "threshold", 0, 1, &p->threshold, e);
        v = json_object_get(v, "name");
    }
    if (r >= 0)
        r = word(v, where, p->name, sizeof(p->name), e);
    if (r < 0)
        return r;
    if (strchr(p->name, '/') || p->name[0] == '.')
        return g20_fail(e, -EINVAL, "%s: want a name, no path", where);
    return 0;
}

static int parse_heads(struct g20_mission_plan *p, const json_t *list, struct g20_err *e)
{
    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > G20_MISSION_HEADS)
        return g20_fail(e, -EINVAL, "heads: want a list of at most %d", G20_MISSION_HEADS);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const int r = parse_head(&p->heads[i], json_array_get(list, i), i, e);
        if (r < 0)
            return r;
        p->nheads = i + 1;
    }
    return 0;
}

/* "when", and a rule (record_rule.h). */
static int parse_record(struct g20_mission_record *p, const json_t *o, struct g20_err *e)
{
    static const char *const whens[] = {"never", "always", "emissions"};
    const char *when = json_string_value(json_object_get(o, "when"));
    size_t i = 0;

    if (o && !json_is_object(o))
        return g20_fail(e, -EINVAL, "record: want an object");
    while (o && i < G20_COUNT_OF(whens) && !(when && strcmp(when, whens[i]) == 0))
        i++;
    if (i == G20_COUNT_OF(whens))
        return g20_fail(e, -EINVAL, "record.when: want never, always or emissions");
    json_t *rule = o ? json_copy((json_t *)o) : json_object();
    if (!rule)
        return g20_fail(e, -ENOMEM, "record: out of memory");
    json_object_del(rule, "when");
    const int r = g20_record_rule_parse(&p->rule, rule, "record", e);
    json_decref(rule);
    if (r < 0)
        return r;
    p->when = (enum g20_mission_record_when)i;
    if (p->when == G20_RECORD_ALWAYS && !json_object_get(o, "max_s"))
        p->rule.max_s = ALWAYS_S;
    return 0;
}

static int parse_time(const json_t *o, const char *key, int *ret, struct g20_err *e)
{
    const char *t = json_string_value(json_object_get(o, key));

    if (!t || strlen(t) != 5 || t[2] != ':' || strspn(t, "0123456789") != 2 ||
        strspn(t + 3, "0123456789") != 2 || t[0] > '2' || (t[0] == '2' && t[1] > '3') || t[3] > '5')
        return g20_fail(e, -EINVAL, "schedule.%s: want a time of day, \"HH:MM\" in UTC", key);
    *ret = (10 * (t[0] - '0') + t[1] - '0') * 3600 + (10 * (t[3] - '0') + t[4] - '0') * 60;
    return 0;
}

static int parse_schedule(struct g20_mission_plan *p, const json_t *o, struct g20_err *e)
{
    static const char *const keys[] = {"days", "start", "stop"};
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

    p->days = 127;
    if (!o)
        return 0;
    int r = known_keys(o, "schedule", keys, G20_COUNT_OF(keys), e);
    if (r == 0 && json_object_get(o, "start"))
        r = parse_time(o, "start", &p->start_s, e);
    if (r == 0 && json_object_get(o, "stop"))
        r = parse_time(o, "stop", &p->stop_s, e);
    const json_t *days = json_object_get(o, "days");
    if (r < 0 || !days)
        return r;
    p->days = 0;
    for (size_t i = 0; i < json_array_size(days) && i < 7; i++) {
        const char *name = json_string_value(json_array_get(days, i));
        size_t k = 0;
        while (k < 7 && !(name && strcmp(name, names[k]) == 0))
            k++;
        if (k == 7)
            return g20_fail(e, -EINVAL, "schedule.days[%zu]: want mon tue wed thu fri sat or sun",
                            i);
        p->days |= (uint8_t)(1u << k);
    }
    return p->days ? 0 : g20_fail(e, -EINVAL, "schedule.days: want a list of 1 to 7 days");
}

static int parse_object(struct g20_mission_plan *p, const json_t *o, struct g20_err *e)
{
    static const char *const keys[] = {"name",   "ranges",       "dwell_s",  "revisit_s",
                                       "usable", "bandwidth_hz", "gain_db",  "heads",
                                       "record", "hand_over",    "schedule", "rounds"};
    double rounds = 0;
    const json_t *over = json_object_get(o, "hand_over");
    int r = known_keys(o, "", keys, G20_COUNT_OF(keys), e);

    if (r == 0 && json_object_get(o, "name"))
        r = word(json_object_get(o, "name"), "name", p->name, sizeof(p->name), e);
    if (r == 0)
        r = parse_ranges(p, json_object_get(o, "ranges"), e);
    if (r == 0)
        r = number(o, "", "dwell_s", 0.001, 3600, &p->dwell_s, e);
    if (r >= 0)
        r = number(o, "", "revisit_s", 0, 7 * DAY_S, &p->revisit_s, e);
    if (r >= 0)
        r = number(o, "", "usable", 0.1, 1, &p->usable, e);
    if (r >= 0)
        r = number(o, "", "bandwidth_hz", 1, MAX_HZ, &p->bandwidth_hz, e);
    if (r >= 0)
        r = number(o, "", "gain_db", -1000, 1000, &p->gain_db, e);
    if (r >= 0)
        r = number(o, "", "rounds", 0, 1e9, &rounds, e);
    if (r >= 0 && rounds != floor(rounds))
        r = g20_fail(e, -EINVAL, "rounds: want a whole number");
    p->rounds = r >= 0 ? (uint32_t)rounds : 0;
    if (r >= 0)
        r = parse_heads(p, json_object_get(o, "heads"), e);
    if (r >= 0)
        r = parse_schedule(p, json_object_get(o, "schedule"), e);
    if (r >= 0 && over && !json_is_boolean(over))
        r = g20_fail(e, -EINVAL, "hand_over: want true or false");
    if (r >= 0)
        r = parse_record(&p->record, json_object_get(o, "record"), e);
    p->hands_over = json_is_true(over);
    return r < 0 ? r : 0;
}

int g20_mission_plan_read(struct g20_mission_plan *ret, const json_t *plan, struct g20_err *e)
{
    struct g20_mission_plan p = {
        .name = "mission", .dwell_s = 0.1, .usable = 0.8, .bandwidth_hz = NAN, .gain_db = NAN};
    const int r = parse_object(&p, plan, e);

    if (r < 0)
        return r;
    *ret = p;
    return 0;
}

int g20_mission_plan_parse(struct g20_mission_plan *ret, const char *text, size_t len,
                           struct g20_err *e)
{
    json_error_t why;

    if (len > G20_MISSION_BYTES)
        return g20_fail(e, -EINVAL, "plan: longer than %d bytes", G20_MISSION_BYTES);
    json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (!o)
        return g20_fail(e, -EINVAL, "plan: invalid JSON: %.80s (line %d)", why.text, why.line);
    const int r = g20_mission_plan_read(ret, o, e);
    json_decref(o);
    return r;
}

int g20_mission_plan_steps(const struct g20_mission_plan *p, double rate_hz,
                           struct g20_mission_step *ret, struct g20_err *e)
{
    size_t n = 0;

    for (size_t i = 0; i < p->nranges; i++) {
        const struct g20_span *s = &p->ranges[i];
        const double parts = ceil((s->hi - s->lo) / (p->usable * rate_hz) - 1e-9);

        if (!(parts >= 1 && parts <= (double)(G20_MISSION_STEPS - n)))
            return g20_fail(e, -ERANGE, "ranges[%zu]: more than %d steps of %g MHz", i,
                            G20_MISSION_STEPS, p->usable * rate_hz * 1e-6);
        const size_t count = (size_t)parts;
        const double width = (s->hi - s->lo) / parts;
        for (size_t k = 0; k < count; k++) {
            const double lo = s->lo + (double)k * width;
            ret[n++] = (struct g20_mission_step){
                .center_hz = lo + width / 2, .lo_hz = lo, .hi_hz = lo + width, .range = i};
        }
    }
    return (int)n;
}

/* Whether it runs at @s seconds of a week that begins on Monday. */
static bool is_on(const struct g20_mission_plan *p, double s)
{
    const double day = fmod(floor(s / DAY_S), 7), at = fmod(s, DAY_S);
    const unsigned today = 1u << (unsigned)day, yesterday = 1u << (unsigned)fmod(day + 6, 7);

    if (p->start_s == p->stop_s)
        return p->days & today;
    if (p->start_s < p->stop_s)
        return (p->days & today) && at >= p->start_s && at < p->stop_s;
    return ((p->days & today) && at >= p->start_s) || ((p->days & yesterday) && at < p->stop_s);
}

double g20_mission_plan_wait(const struct g20_mission_plan *p, uint64_t utc_us)
{
    const double week_s = fmod((double)utc_us * 1e-6 + 3 * DAY_S, 7 * DAY_S); /* 1970: a Thursday */

    if (is_on(p, week_s))
        return 0;
    for (int day = 0; day <= 7; day++) { /* it begins at the start of one of the next days */
        const double at = (floor(week_s / DAY_S) + day) * DAY_S + p->start_s;
        if (at > week_s && is_on(p, at))
            return at - week_s;
    }
    return DAY_S;
}

double g20_mission_intercept(double dwell_s, double revisit_s, double burst_s)
{
    const double least = fmin(burst_s, 1e-3);

    if (!(revisit_s > 0) || dwell_s < least)
        return 0;
    return fmin(1, (dwell_s + burst_s - 2 * least) / revisit_s);
}
