/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/kinds.h"

#include "base/alloc.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = G20_FIELD_NEEDED, C = G20_FIELD_CLIENT, F = G20_FIELD_FILTER };

#define TEXT  G20_VALUE_TEXT
#define NOTES G20_VALUE_NOTES
#define INT   G20_VALUE_INT
#define REAL  G20_VALUE_REAL
#define FLAG  G20_VALUE_FLAG
#define JSON  G20_VALUE_JSON

/* clang-format off */
static const struct g20_field_def signals[] = {
    /* as long as the class of an emission, and of a folder once it is taught */
    {"name", TEXT, N | C | F | G20_FIELD_NAME, 1, 31, NULL},
    {"notes", NOTES, C, 0, 4000, NULL},
    {"modulation", TEXT, C | F, 0, 64, NULL},
    {"bandwidth_hz", REAL, C, 0, 1e9, NULL},
};

static const struct g20_field_def missions[] = {
    {"name", TEXT, N | C | F, 1, 64, NULL},
    {"notes", NOTES, C, 0, 4000, NULL},
    {"enabled", FLAG, C, 0, 1, NULL},
    {"plan", JSON, N | C, 2, 65536, NULL}, /* engine/mission_plan.h */
    {"state", TEXT, F, 1, 16, "idle waiting running done failed"},
    {"progress", JSON, 0, 2, 65536, NULL},
};

static const struct g20_field_def captures[] = {
    {"state", TEXT, N | F, 1, 16, "recording done interrupted"},
    {"path", TEXT, N, 1, 1024, NULL}, /* relative to paths.capture_dir, without .sigmf-... */
    {"start_us", INT, N, 0, 9e15, NULL},
    {"duration_s", REAL, 0, 0, 1e9, NULL},
    {"center_hz", REAL, 0, -1e12, 1e12, NULL},
    {"sample_rate_hz", REAL, 0, 0, 1e12, NULL},
    {"bandwidth_hz", REAL, 0, 0, 1e12, NULL},
    {"datatype", TEXT, 0, 1, 16, NULL},
    {"samples", INT, 0, 0, 9e15, NULL},
    {"bytes", INT, 0, 0, 9e15, NULL},
    {"dropped", INT, 0, 0, 9e15, NULL},
    {"sha512", TEXT, 0, 128, 128, NULL},
    {"channel", INT, F, 0, 255, NULL},
    {"origin", TEXT, F, 1, 16, "command box trigger mission detect"},
    {"emission_id", INT, F, 0, 9e15, NULL},
    {"mission_id", TEXT, F, 1, 64, NULL},
    {"class", TEXT, C | F, 0, 31, NULL},
    {"notes", NOTES, C, 0, 4000, NULL},
    {"keep", FLAG, C, 0, 1, NULL}, /* never deleted to make room, or for its age */
};

static const struct g20_field_def samples[] = {
    {"signal", TEXT, N | F, 1, 31, NULL},
    {"path", TEXT, N, 1, 1024, NULL}, /* relative to paths.training_dir */
    {"start_us", INT, 0, 0, 9e15, NULL},
    {"duration_s", REAL, 0, 0, 1e9, NULL},
    {"center_hz", REAL, 0, -1e12, 1e12, NULL},
    {"sample_rate_hz", REAL, 0, 0, 1e12, NULL},
    {"samples", INT, 0, 0, 9e15, NULL},
    {"split", TEXT, F, 1, 16, "train validation test"},
    {"recording", TEXT, F, 1, 256, NULL}, /* samples of one recording stay in one split */
    {"boxes", JSON, 0, 2, 1048576, NULL},
    {"metadata", JSON, 0, 2, 65536, NULL},
};

static const struct g20_field_def models[] = {
    {"signal", TEXT, F, 1, 31, NULL}, /* not there: a backbone */
    {"version", INT, N, 0, 1e9, NULL},
    {"path", TEXT, N, 1, 1024, NULL}, /* relative to paths.training_dir */
    {"state", TEXT, N | F, 1, 16, "training candidate active kept failed"},
    {"preset", TEXT, 0, 1, 32, NULL},
    {"dataset_hash", TEXT, 0, 1, 128, NULL},
    {"seed", INT, 0, 0, 9e15, NULL},
    {"metrics", JSON, 0, 2, 65536, NULL},
    {"settings", JSON, 0, 2, 65536, NULL},
};

#define FIELDS(list) .field = (list), .count = G20_COUNT_OF(list)
static const struct g20_kind_def kinds[G20_KINDS] = {
    [G20_SIGNALS] = {"signals", "signal", "created_us",
        "(SELECT count(*) FROM samples s WHERE s.signal=t.name) AS samples,"
        "(SELECT max(start_us) FROM emissions m WHERE m.class=t.name) AS last_seen_us,"
        "(SELECT metrics FROM models v WHERE v.signal=t.name AND v.state='active'"
        " ORDER BY v.version DESC LIMIT 1) AS metrics",
        "metrics", FIELDS(signals)},
    [G20_MISSIONS] = {"missions", "mission", "created_us", "", NULL, FIELDS(missions)},
    [G20_CAPTURES] = {"captures", "capture", "start_us", "", NULL, FIELDS(captures)},
    [G20_SAMPLES] = {"samples", "sample", "created_us", "", NULL, FIELDS(samples)},
    [G20_MODELS] = {"models", "model", "created_us", "", NULL, FIELDS(models)},
};
/* clang-format on */

const struct g20_kind_def *g20_kind(enum g20_kind kind)
{
    return &kinds[kind];
}

const struct g20_field_def *g20_kind_field(enum g20_kind kind, const char *name)
{
    for (size_t i = 0; i < kinds[kind].count; i++)
        if (strcmp(kinds[kind].field[i].name, name) == 0)
            return &kinds[kind].field[i];
    return NULL;
}

bool g20_kind_id_ok(const char *id)
{
    const size_t n = strnlen(id, 65);

    return n >= 1 && n <= 64 && id[0] != '.' &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n;
}

/* Control characters do not belong into lists on screens and terminals. */
static bool has_control(const char *text, bool lines)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        const bool c1 = p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f;

        if (c1 || *p == 0x7f || (*p < 0x20 && !(lines && (*p == '\n' || *p == '\t'))))
            return true;
    }
    return false;
}

static bool is_word(const char *text, const char *words)
{
    const size_t n = strlen(text);

    for (const char *w = words; *w;) {
        const size_t len = strcspn(w, " ");

        if (len == n && strncmp(w, text, n) == 0)
            return true;
        w += len;
        w += strspn(w, " ");
    }
    return false;
}

static int check_text(const struct g20_field_def *f, const json_t *v, struct g20_err *e)
{
    const char *text = json_string_value(v);
    const size_t n = json_string_length(v);

    if (!text || (double)n < f->min || (double)n > f->max || strlen(text) != n)
        return g20_fail(e, -EINVAL, "%s: want text of %.0f to %.0f bytes", f->name, f->min, f->max);
    if (has_control(text, f->type == G20_VALUE_NOTES))
        return g20_fail(e, -EINVAL, "%s: control characters are not allowed", f->name);
    if ((f->flags & G20_FIELD_NAME) && !g20_text_is_name(text))
        return g20_fail(e, -EINVAL, "%s: want plain text, no slash, no dot or blank first",
                        f->name);
    if (f->words && !is_word(text, f->words))
        return g20_fail(e, -EINVAL, "%s: \"%.40s\" is not one of: %s", f->name, text, f->words);
    return 0;
}

static int check_number(const struct g20_field_def *f, const json_t *v, struct g20_err *e)
{
    const bool fits = f->type == G20_VALUE_INT ? json_is_integer(v) : json_is_number(v);
    const double x = json_number_value(v);

    if (!fits || !isfinite(x) || x < f->min || x > f->max)
        return g20_fail(e, -EINVAL, "%s: want %s of %.15g to %.15g", f->name,
                        f->type == G20_VALUE_INT ? "a whole number" : "a number", f->min, f->max);
    return 0;
}

static int check_json(const struct g20_field_def *f, const json_t *v, struct g20_err *e)
{
    if (!json_is_object(v) && !json_is_array(v))
        return g20_fail(e, -EINVAL, "%s: want an object or a list", f->name);
    const size_t n = json_dumpb(v, NULL, 0, JSON_COMPACT);
    if (n == 0 || (double)n > f->max)
        return g20_fail(e, -EINVAL, "%s: longer than %.0f bytes", f->name, f->max);
    return 0;
}

static int check_field(const struct g20_field_def *f, const json_t *v, struct g20_err *e)
{
    switch (f->type) {
    case G20_VALUE_TEXT:
    case G20_VALUE_NOTES:
        return check_text(f, v, e);
    case G20_VALUE_INT:
    case G20_VALUE_REAL:
        return check_number(f, v, e);
    case G20_VALUE_FLAG:
        return json_is_boolean(v) ? 0 : g20_fail(e, -EINVAL, "%s: want true or false", f->name);
    case G20_VALUE_JSON:
        return check_json(f, v, e);
    }
    return -EINVAL;
}

static int check_id(const json_t *v, bool whole, struct g20_err *e)
{
    if (!whole)
        return g20_fail(e, -EINVAL, "id: cannot be changed");
    if (!json_is_string(v) || !g20_kind_id_ok(json_string_value(v)))
        return g20_fail(e, -EINVAL, "id: want 1 to 64 of letters, digits, '.', '_' and '-'");
    return 0;
}

int g20_kind_check(enum g20_kind kind, const json_t *fields, bool whole, bool client,
                   struct g20_err *e)
{
    const struct g20_kind_def *k = &kinds[kind];
    const char *key;
    json_t *v;

    if (!json_is_object(fields))
        return g20_fail(e, -EINVAL, "want an object with the fields of a %s", k->one);
    json_object_foreach((json_t *)fields, key, v)
    {
        const struct g20_field_def *f = g20_kind_field(kind, key);
        int r = 0;

        if (strcmp(key, "id") == 0)
            r = check_id(v, whole, e);
        else if (!f)
            r = g20_fail(e, -EINVAL, "%.40s: a %s has no such field", key, k->one);
        else if (client && !(f->flags & G20_FIELD_CLIENT))
            r = g20_fail(e, -EINVAL, "%s: is set by the daemon", f->name);
        else if (!json_is_null(v))
            r = check_field(f, v, e);
        else if (f->flags & G20_FIELD_NEEDED)
            r = g20_fail(e, -EINVAL, "%s: required", f->name);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; whole && i < k->count; i++)
        if ((k->field[i].flags & G20_FIELD_NEEDED) && !json_object_get(fields, k->field[i].name))
            return g20_fail(e, -EINVAL, "%s: required", k->field[i].name);
    return 0;
}
