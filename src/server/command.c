/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/command.h"

#include "dsp/colormap.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Far above any radio, so that arithmetic on frequencies never overflows. */
static const double MAX_HZ = 1e12;

static int bad(struct g20_command_error *err, const char *code, const char *fmt, ...)
    G20_PRINTF(3, 4);

static int bad(struct g20_command_error *err, const char *code, const char *fmt, ...)
{
    va_list ap;

    err->code = code;
    va_start(ap, fmt);
    vsnprintf(err->message, sizeof(err->message), fmt, ap);
    va_end(ap);
    return -EINVAL;
}

static int missing(struct g20_command_error *err, const char *field)
{
    return bad(err, "missing_field", "%s required", field);
}

static int wrong(struct g20_command_error *err, const char *field, const char *want)
{
    return bad(err, "invalid_field", "%s: %s", field, want);
}

/* Length of @text cut to at most @most bytes without splitting a UTF-8 character. */
static int cut(const char *text, size_t most)
{
    size_t n = strnlen(text, most + 1);

    if (n > most)
        for (n = most; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
            n--;
    return (int)n;
}

/* 1: present and within [lo, hi]; 0: absent; -EINVAL. null counts as absent unless @ret_null. */
static int get_number(const json_t *o, const char *field, double lo, double hi, double *ret,
                      bool *ret_null, struct g20_command_error *err)
{
    const json_t *v = json_object_get(o, field);
    char want[96];

    if (!v)
        return 0;
    if (json_is_null(v) && ret_null) {
        *ret_null = true;
        return 0;
    }
    if (!json_is_number(v))
        return wrong(err, field, "want a number");
    const double x = json_number_value(v);
    if (!isfinite(x) || x < lo || x > hi) {
        snprintf(want, sizeof(want), "want %.15g to %.15g", lo, hi);
        return wrong(err, field, want);
    }
    *ret = x;
    return 1;
}

static int get_whole(const json_t *o, const char *field, uint32_t lo, uint32_t hi, uint32_t *ret,
                     struct g20_command_error *err)
{
    double x = 0;
    int r = get_number(o, field, lo, hi, &x, NULL, err);

    if (r <= 0)
        return r;
    if (x != floor(x))
        return wrong(err, field, "want a whole number");
    *ret = (uint32_t)x;
    return 1;
}

/* A pair of limits: both given, both null (automatic) or both left out. */
static int get_pair(const json_t *o, const char *lo_name, const char *hi_name, double lo, double hi,
                    bool *ret_auto, double *ret_lo, double *ret_hi, struct g20_command_error *err)
{
    bool lo_null = false, hi_null = false;
    double a = *ret_lo, b = *ret_hi;
    const int ra = get_number(o, lo_name, lo, hi, &a, &lo_null, err);
    if (ra < 0)
        return ra;
    const int rb = get_number(o, hi_name, lo, hi, &b, &hi_null, err);
    if (rb < 0)
        return rb;

    if (lo_null || hi_null) {
        if (ra || rb || !json_object_get(o, lo_name) || !json_object_get(o, hi_name))
            return bad(err, "invalid_field", "%s and %s: want two numbers or two nulls", lo_name,
                       hi_name);
        *ret_auto = true;
        return 0;
    }
    if (!ra && !rb)
        return 0;
    if (*ret_auto && !ra)
        return missing(err, lo_name);
    if (*ret_auto && !rb)
        return missing(err, hi_name);
    if (!(a < b))
        return bad(err, "invalid_field", "%s: want less than %s", lo_name, hi_name);
    *ret_auto = false;
    *ret_lo = a;
    *ret_hi = b;
    return 0;
}

static int get_format(const json_t *o, uint8_t *ret, struct g20_command_error *err)
{
    static const char *const names[G20_WF_FORMAT_COUNT] = {"u8", "rgba8"};
    const json_t *v = json_object_get(o, "format");
    const char *text = json_string_value(v);

    if (!v)
        return 0;
    for (int i = 0; i < G20_WF_FORMAT_COUNT; i++) {
        if ((text && strcmp(text, names[i]) == 0) ||
            (json_is_integer(v) && json_integer_value(v) == i)) {
            *ret = (uint8_t)i;
            return 0;
        }
    }
    return wrong(err, "format", "want 0 (\"u8\") or 1 (\"rgba8\")");
}

static int get_colormap(const json_t *o, uint8_t *ret, struct g20_command_error *err)
{
    const json_t *v = json_object_get(o, "colormap");
    int id = -1;

    if (!v)
        return 0;
    if (json_is_string(v))
        id = g20_colormap_by_name(json_string_value(v));
    else if (json_is_integer(v) && json_integer_value(v) >= 0 &&
             json_integer_value(v) < G20_COLORMAP_COUNT)
        id = (int)json_integer_value(v);
    if (id < 0)
        return wrong(err, "colormap", "want viridis, plasma, inferno, magma, turbo or 0 to 4");
    *ret = (uint8_t)id;
    return 0;
}

static int parse_set_view(const json_t *o, struct g20_command *c, struct g20_command_error *err)
{
    struct g20_view_cfg *v = &c->view;
    double db_min = v->db_min, db_max = v->db_max;
    int r;

    r = get_pair(o, "f_lo_hz", "f_hi_hz", -MAX_HZ, MAX_HZ, &v->full_span, &v->f_lo_hz, &v->f_hi_hz,
                 err);
    if (r < 0)
        return r;
    r = get_whole(o, "width", G20_VIEW_WIDTH_MIN, G20_VIEW_WIDTH_MAX, &v->width, err);
    if (r < 0)
        return r;
    r = get_number(o, "fps", 0.1, G20_VIEW_FPS_MAX, &v->fps, NULL, err);
    if (r < 0)
        return r;
    r = get_format(o, &v->format, err);
    if (r < 0)
        return r;
    r = get_colormap(o, &v->colormap, err);
    if (r < 0)
        return r;
    r = get_pair(o, "db_min", "db_max", -400, 400, &v->auto_range, &db_min, &db_max, err);
    if (r < 0)
        return r;
    if (!v->auto_range && !((float)db_min < (float)db_max))
        return wrong(err, "db_min", "want less than db_max");
    v->db_min = (float)db_min;
    v->db_max = (float)db_max;
    return 0;
}

static int parse_tune(const json_t *o, struct g20_command *c, struct g20_command_error *err)
{
    static const char *const later[] = {"bandwidth_hz", "gain_db"};
    uint32_t channel = 0;
    double unused;
    int r = get_whole(o, "channel_id", 0, 255, &channel, err);

    if (r <= 0)
        return r < 0 ? r : missing(err, "channel_id");
    if (channel != 0)
        return wrong(err, "channel_id", "there is only channel 0");
    r = get_number(o, "center_freq_hz", 0, MAX_HZ, &c->center_freq_hz, NULL, err);
    if (r <= 0)
        return r < 0 ? r : missing(err, "center_freq_hz");
    for (size_t i = 0; i < G20_COUNT_OF(later); i++) {
        r = get_number(o, later[i], -1000, MAX_HZ, &unused, NULL, err);
        if (r < 0)
            return r;
        if (r > 0)
            return bad(err, "not_implemented", "%s cannot be changed while running yet", later[i]);
    }
    return 0;
}

static int parse_history(const json_t *o, struct g20_command *c, struct g20_command_error *err)
{
    (void)o;
    (void)c;
    return bad(err, "not_implemented",
               "history: not implemented yet, nothing is kept to go back to");
}

typedef int parse_fn(const json_t *o, struct g20_command *c, struct g20_command_error *err);

static const struct {
    const char *name;
    enum g20_command_kind kind;
    parse_fn *parse; /* NULL: the command has no fields */
} commands[] = {
    {"status", G20_COMMAND_STATUS, NULL},   {"set_view", G20_COMMAND_SET_VIEW, parse_set_view},
    {"tune", G20_COMMAND_TUNE, parse_tune}, {"history", G20_COMMAND_HISTORY, parse_history},
    {"pause", G20_COMMAND_PAUSE, NULL},     {"resume", G20_COMMAND_RESUME, NULL},
};

static int parse_object(const json_t *o, struct g20_command *c, struct g20_command_error *err)
{
    const json_t *name = json_object_get(o, "command");

    if (!name)
        return missing(err, "command");
    if (!json_is_string(name))
        return wrong(err, "command", "want a string");
    const char *text = json_string_value(name);
    for (size_t i = 0; i < G20_COUNT_OF(commands); i++) {
        if (strcmp(text, commands[i].name) == 0) {
            c->kind = commands[i].kind;
            return commands[i].parse ? commands[i].parse(o, c, err) : 0;
        }
    }
    return bad(err, "unknown_command", "Unknown command: %.*s", cut(text, 64), text);
}

int g20_command_parse(const char *text, size_t len, const struct g20_view_cfg *now,
                      struct g20_command *ret, struct g20_command_error *err)
{
    struct g20_command c = {.view = *now};
    json_error_t why;

    *err = (struct g20_command_error){0};
    json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (!o)
        return bad(err, "invalid_json", "Invalid JSON: %.*s (line %d, column %d)",
                   cut(why.text, 150), why.text, why.line, why.column);
    if (!json_is_object(o)) {
        json_decref(o);
        return bad(err, "invalid_json", "Invalid JSON: want an object");
    }
    json_t *id = json_incref(json_object_get(o, "id"));
    int r = parse_object(o, &c, err);
    json_decref(o);
    if (r < 0) {
        err->id = id;
        return r;
    }
    c.id = id;
    *ret = c;
    return 0;
}

void g20_command_fini(struct g20_command *c)
{
    json_decref(c->id);
    c->id = NULL;
}

void g20_command_error_fini(struct g20_command_error *err)
{
    json_decref(err->id);
    err->id = NULL;
}
