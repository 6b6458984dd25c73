/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/record_rule.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct {
    const char *key;
    size_t at;
    double dflt, lo, hi;
} numbers[] = {
    {"f_lo_hz",        offsetof(struct g20_record_rule, f_lo_hz),        0,    0,    1e12},
    {"f_hi_hz",        offsetof(struct g20_record_rule, f_hi_hz),        0,    0,    1e12},
    {"min_snr_db",     offsetof(struct g20_record_rule, min_snr_db),     -100, -100, 200},
    {"min_confidence", offsetof(struct g20_record_rule, min_confidence), 0,    0,    1},
    {"pre_s",          offsetof(struct g20_record_rule, pre_s),          0.1,  0,    3600},
    {"post_s",         offsetof(struct g20_record_rule, post_s),         0.1,  0,    3600},
    {"max_s",          offsetof(struct g20_record_rule, max_s),          10,   0.01, 86400},
    {"margin",         offsetof(struct g20_record_rule, margin),         0.2,  0,    10},
    {"max_per_hour",   offsetof(struct g20_record_rule, max_per_hour),   120,  1,    100000},
};
static const struct {
    const char *key;
    size_t at;
    bool dflt;
} flags[] = {
    {"enabled",    offsetof(struct g20_record_rule, enabled),    true},
    {"whole_band", offsetof(struct g20_record_rule, whole_band), false},
};
/* clang-format on */

static double *number_at(const struct g20_record_rule *r, size_t i)
{
    return (double *)((char *)r + numbers[i].at);
}

static bool *flag_at(const struct g20_record_rule *r, size_t i)
{
    return (bool *)((char *)r + flags[i].at);
}

static bool is_known(const char *key)
{
    for (size_t i = 0; i < G20_COUNT_OF(numbers); i++)
        if (strcmp(key, numbers[i].key) == 0)
            return true;
    for (size_t i = 0; i < G20_COUNT_OF(flags); i++)
        if (strcmp(key, flags[i].key) == 0)
            return true;
    return strcmp(key, "name") == 0 || strcmp(key, "class") == 0;
}

static int get_text(const json_t *v, const char *where, const char *key, char *buf, size_t size,
                    struct g20_err *e)
{
    const size_t n = json_string_length(v);

    if (!json_is_string(v) || n < 1 || n >= size || strlen(json_string_value(v)) != n)
        return g20_fail(e, -EINVAL, "%s.%s: want a text of 1 to %zu bytes", where, key, size - 1);
    memcpy(buf, json_string_value(v), n + 1);
    return 0;
}

/* One name or a list of them. */
static int get_classes(struct g20_record_rule *r, const json_t *v, const char *where,
                       struct g20_err *e)
{
    const size_t n = json_array_size(v);

    if (json_is_string(v)) {
        r->nclasses = 1;
        return get_text(v, where, "class", r->classes[0], sizeof(r->classes[0]), e);
    }
    if (!json_is_array(v) || n < 1 || n > G20_RECORD_CLASSES)
        return g20_fail(e, -EINVAL, "%s.class: want a name or a list of 1 to %d", where,
                        G20_RECORD_CLASSES);
    for (size_t i = 0; i < n; i++) {
        const int rc =
            get_text(json_array_get(v, i), where, "class", r->classes[i], sizeof(r->classes[i]), e);
        if (rc < 0)
            return rc;
    }
    r->nclasses = n;
    return 0;
}

static int get_values(struct g20_record_rule *r, const json_t *o, const char *where,
                      struct g20_err *e)
{
    for (size_t i = 0; i < G20_COUNT_OF(numbers); i++) {
        const json_t *v = json_object_get(o, numbers[i].key);
        const double x = v ? json_number_value(v) : numbers[i].dflt;

        if ((v && !json_is_number(v)) || !(x >= numbers[i].lo && x <= numbers[i].hi))
            return g20_fail(e, -EINVAL, "%s.%s: want a number, %.15g to %.15g", where,
                            numbers[i].key, numbers[i].lo, numbers[i].hi);
        *number_at(r, i) = x;
    }
    for (size_t i = 0; i < G20_COUNT_OF(flags); i++) {
        const json_t *v = json_object_get(o, flags[i].key);

        if (v && !json_is_boolean(v))
            return g20_fail(e, -EINVAL, "%s.%s: want true or false", where, flags[i].key);
        *flag_at(r, i) = v ? json_is_true(v) : flags[i].dflt;
    }
    return 0;
}

int g20_record_rule_parse(struct g20_record_rule *ret, const json_t *o, const char *where,
                          struct g20_err *e)
{
    struct g20_record_rule r = {.name = ""};
    const json_t *v;
    const char *key;
    int rc = 0;

    if (!json_is_object(o))
        return g20_fail(e, -EINVAL, "%s: want an object", where);
    json_object_foreach((json_t *)o, key, v)
    {
        if (!is_known(key))
            return g20_fail(e, -EINVAL, "%s.%.40s is unknown", where, key);
    }
    v = json_object_get(o, "name");
    if (v)
        rc = get_text(v, where, "name", r.name, sizeof(r.name), e);
    v = json_object_get(o, "class");
    if (rc >= 0 && v)
        rc = get_classes(&r, v, where, e);
    if (rc >= 0)
        rc = get_values(&r, o, where, e);
    if (rc >= 0 && (r.f_lo_hz > 0 || r.f_hi_hz > 0) && !(r.f_hi_hz > r.f_lo_hz))
        rc = g20_fail(e, -EINVAL, "%s.f_hi_hz: want more than f_lo_hz", where);
    if (rc >= 0)
        *ret = r;
    return rc;
}

int g20_record_rules_parse(struct g20_record_rule *ret, const json_t *list, const char *where,
                           struct g20_err *e)
{
    struct g20_record_rule all[G20_RECORD_RULES];
    const size_t n = json_array_size(list);
    int r = 0;

    if (json_is_object(list)) {
        r = g20_record_rule_parse(ret, list, where, e);
        return r < 0 ? r : 1;
    }
    if (!json_is_array(list) || n > G20_RECORD_RULES)
        return g20_fail(e, -EINVAL, "%s: want a list of at most %d rules", where, G20_RECORD_RULES);
    for (size_t i = 0; i < n && r >= 0; i++) {
        char at[64];

        snprintf(at, sizeof(at), "%.40s[%zu]", where, i);
        r = g20_record_rule_parse(&all[i], json_array_get(list, i), at, e);
    }
    if (r >= 0 && n > 0)
        memcpy(ret, all, n * sizeof(*ret));
    return r < 0 ? r : (int)n;
}

json_t *g20_record_rule_json(const struct g20_record_rule *r)
{
    json_t *o = json_pack("{s:s}", "name", r->name), *classes = json_array();

    for (size_t i = 0; i < r->nclasses; i++)
        json_array_append_new(classes, json_string(r->classes[i]));
    if (r->nclasses > 0)
        json_object_set(o, "class", classes);
    json_decref(classes);
    if (!r->name[0])
        json_object_del(o, "name");
    for (size_t i = 0; i < G20_COUNT_OF(flags); i++)
        json_object_set_new(o, flags[i].key, json_boolean(*flag_at(r, i)));
    for (size_t i = 0; i < G20_COUNT_OF(numbers); i++)
        json_object_set_new(o, numbers[i].key, json_real(*number_at(r, i)));
    return o;
}

bool g20_record_rule_matches(const struct g20_record_rule *r, const struct g20_emission *em)
{
    bool is_class = r->nclasses == 0;

    for (size_t i = 0; i < r->nclasses; i++)
        is_class |= strcmp(r->classes[i], em->class_name) == 0;
    return r->enabled && is_class && (double)em->snr_db >= r->min_snr_db &&
           (double)em->confidence >= r->min_confidence &&
           (r->f_hi_hz == 0 || (em->f_lo_hz < r->f_hi_hz && em->f_hi_hz > r->f_lo_hz));
}
