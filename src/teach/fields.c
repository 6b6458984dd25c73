/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/fields.h"

#include "teach/folder.h"

#include <errno.h>
#include <math.h>
#include <string.h>

int g20_field_text(const json_t *o, const char *key, char *buf, size_t size, struct g20_err *e)
{
    const json_t *v = json_object_get(o, key);

    if (!v)
        return 0;
    if (!json_is_string(v) || json_string_length(v) >= size ||
        strlen(json_string_value(v)) != json_string_length(v))
        return g20_fail(e, -EINVAL, "%s: want a text of at most %zu bytes", key, size - 1);
    memcpy(buf, json_string_value(v), json_string_length(v) + 1);
    return 1;
}

int g20_field_need(int r, const char *key, struct g20_err *e)
{
    return r == 0 ? g20_fail(e, -ENODATA, "%s required", key) : r;
}

int g20_field_name(const json_t *o, const char *key, char *buf, bool required, struct g20_err *e)
{
    int r = g20_field_text(o, key, buf, G20_SIGNAL_NAME, e);

    if (r <= 0)
        return required ? g20_field_need(r, key, e) : r;
    return g20_signal_check(buf, e);
}

int g20_field_whole(const json_t *o, const char *key, double most, uint64_t *ret, struct g20_err *e)
{
    const json_t *v = json_object_get(o, key);
    const double x = json_number_value(v);

    if (!v)
        return 0;
    if (!json_is_number(v) || !(x >= 1.0 && x <= most) || x != floor(x))
        return g20_fail(e, -EINVAL, "%s: want a whole number from 1 to %.0f", key, most);
    *ret = (uint64_t)x;
    return 1;
}

int g20_field_bool(const json_t *o, const char *key, bool *ret, struct g20_err *e)
{
    const json_t *v = json_object_get(o, key);

    if (v && !json_is_boolean(v))
        return g20_fail(e, -EINVAL, "%s: want true or false", key);
    *ret = json_is_true(v);
    return 0;
}

int g20_field_number(const json_t *o, const char *of, const char *key, double lo, double hi,
                     double *ret, struct g20_err *e)
{
    const json_t *v = json_object_get(o, key);
    const double x = json_number_value(v);

    if (!v)
        return g20_fail(e, -ENODATA, "%s.%s required", of, key);
    if (!json_is_number(v) || !(x >= lo && x <= hi))
        return g20_fail(e, -EINVAL, "%s.%s: want a number from %g to %g", of, key, lo, hi);
    *ret = x;
    return 0;
}
