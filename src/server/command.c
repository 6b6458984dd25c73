/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/command.h"

#include "dsp/colormap.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Far above any radio, so that arithmetic on frequencies never overflows. */
static const double MAX_HZ = 1e12;

/* A pair of limits: both given, both null (automatic) or both left out. */
static int get_pair(const json_t *o, const char *lo_name, const char *hi_name, double lo, double hi,
                    bool *ret_auto, double *ret_lo, double *ret_hi, struct g20_command_error *err)
{
    bool lo_null = false, hi_null = false;
    double a = *ret_lo, b = *ret_hi;
    const int ra = g20_request_number(o, lo_name, lo, hi, &a, &lo_null, err);
    if (ra < 0)
        return ra;
    const int rb = g20_request_number(o, hi_name, lo, hi, &b, &hi_null, err);
    if (rb < 0)
        return rb;

    if (lo_null || hi_null) {
        if (ra || rb || !json_object_get(o, lo_name) || !json_object_get(o, hi_name))
            return g20_request_bad(err, "invalid_field", "%s and %s: want two numbers or two nulls",
                                   lo_name, hi_name);
        *ret_auto = true;
        return 0;
    }
    if (!ra && !rb)
        return 0;
    if (*ret_auto && !ra)
        return g20_request_missing(err, lo_name);
    if (*ret_auto && !rb)
        return g20_request_missing(err, hi_name);
    if (!(a < b))
        return g20_request_bad(err, "invalid_field", "%s: want less than %s", lo_name, hi_name);
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
    return g20_request_wrong(err, "format", "want 0 (\"u8\") or 1 (\"rgba8\")");
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
        return g20_request_wrong(err, "colormap",
                                 "want viridis, plasma, inferno, magma, turbo or 0 to 4");
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
    r = g20_request_whole(o, "width", G20_VIEW_WIDTH_MIN, G20_VIEW_WIDTH_MAX, &v->width, err);
    if (r < 0)
        return r;
    r = g20_request_number(o, "fps", 0.1, G20_VIEW_FPS_MAX, &v->fps, NULL, err);
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
        return g20_request_wrong(err, "db_min", "want less than db_max");
    v->db_min = (float)db_min;
    v->db_max = (float)db_max;
    return 0;
}

static int parse_tune(const json_t *o, struct g20_command *c, struct g20_command_error *err)
{
    struct g20_tune *t = &c->tune;
    int r = g20_request_whole(o, "channel_id", 0, 255, &t->channel, err);

    if (r <= 0)
        return r < 0 ? r : g20_request_missing(err, "channel_id");
    *t = (struct g20_tune){
        .channel = t->channel, .center_hz = NAN, .bandwidth_hz = NAN, .gain_db = NAN};
    const int center = g20_request_number(o, "center_freq_hz", 0, MAX_HZ, &t->center_hz, NULL, err);
    if (center < 0)
        return center;
    const int width = g20_request_number(o, "bandwidth_hz", 0, MAX_HZ, &t->bandwidth_hz, NULL, err);
    if (width < 0)
        return width;
    const int gain = g20_request_number(o, "gain_db", -1000, 1000, &t->gain_db, NULL, err);
    if (gain < 0)
        return gain;
    return center || width || gain ? 0 : g20_request_missing(err, "center_freq_hz");
}

/* Microseconds since 1970, whole. */
static int parse_time(const json_t *o, const char *field, uint64_t *ret,
                      struct g20_command_error *err)
{
    double us = 0;
    const int r = g20_request_number(o, field, 0, 9e15, &us, NULL, err);

    if (r <= 0)
        return r < 0 ? r : g20_request_missing(err, field);
    if (us != floor(us))
        return g20_request_wrong(err, field, "want a whole number");
    *ret = (uint64_t)us;
    return 0;
}

static int parse_history(const json_t *o, struct g20_command *c, struct g20_command_error *err)
{
    int r = parse_time(o, "from_us", &c->from_us, err);

    if (r < 0)
        return r;
    r = parse_time(o, "to_us", &c->to_us, err);
    if (r < 0)
        return r;
    if (c->from_us >= c->to_us)
        return g20_request_wrong(err, "from_us", "want less than to_us");
    r = g20_request_whole(o, "rows", 1, G20_COMMAND_HISTORY_ROWS, &c->rows, err);
    return r < 0 ? r : r > 0 ? 0 : g20_request_missing(err, "rows");
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

int g20_command_read(const struct g20_request *r, const struct g20_view_cfg *now,
                     struct g20_command *ret, struct g20_command_error *err)
{
    struct g20_command c = {.view = *now};

    for (size_t i = 0; i < G20_COUNT_OF(commands); i++) {
        if (strcmp(r->command, commands[i].name) != 0)
            continue;
        c.kind = commands[i].kind;
        if (commands[i].parse && commands[i].parse(r->json, &c, err) < 0)
            return -EINVAL;
        *ret = c;
        return 0;
    }
    return g20_request_unknown(err, r->command);
}

int g20_command_parse(const char *text, size_t len, const struct g20_view_cfg *now,
                      struct g20_command *ret, struct g20_command_error *err)
{
    struct g20_request request;
    struct g20_command c;

    if (g20_request_parse(text, len, &request, err) < 0)
        return -EINVAL;
    const int r = g20_command_read(&request, now, &c, err);
    json_t *id = json_incref(request.id);
    g20_request_fini(&request);
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
