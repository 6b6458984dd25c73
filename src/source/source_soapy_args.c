/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/file_args.h"
#include "source/source_soapy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int own_number(const char *key, const char *text, double lo, double hi, double *ret,
                      struct g20_err *e)
{
    double v;

    if (g20_file_args_number(text, strlen(text), &v) < 0 || v < lo || v > hi)
        return g20_fail(e, -EINVAL, "source.args: %.40s: want %g to %g, found \"%.40s\"", key, lo,
                        hi, text);
    *ret = v;
    return 0;
}

static int own_bool(const char *key, const char *text, bool *ret, struct g20_err *e)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return g20_fail(e, -EINVAL, "source.args: %.40s: want true or false, found \"%.40s\"", key,
                        text);
    *ret = text[0] == 't';
    return 0;
}

static int own(struct g20_soapy_args *a, const char *key, const char *val, struct g20_err *e)
{
    const char *name = key + 4; /* behind "g20:" */
    double v = 0;
    int r;

    if (strcmp(name, "channel") == 0) {
        r = own_number(key, val, 0, 255, &v, e);
        a->channel = (size_t)v;
    } else if (strcmp(name, "settle_ms") == 0) {
        r = own_number(key, val, 0, 10000, &v, e);
        a->settle_s = v * 1e-3;
    } else if (strcmp(name, "stall_ms") == 0) {
        r = own_number(key, val, 100, 60000, &v, e);
        a->stall_s = v * 1e-3;
    } else if (strcmp(name, "direct") == 0) {
        r = own_bool(key, val, &a->direct, e);
    } else if (strcmp(name, "stamps") == 0) {
        r = own_bool(key, val, &a->stamps, e);
    } else if (strcmp(name, "agc") == 0) {
        r = own_bool(key, val, &a->agc, e);
    } else if (strcmp(name, "format") == 0) {
        r = snprintf(a->format, sizeof(a->format), "%s", val) < (int)sizeof(a->format)
                ? 0
                : g20_fail(e, -EINVAL, "source.args: %s: \"%.40s\" is no format", key, val);
    } else {
        r = g20_fail(e, -EINVAL,
                     "source.args: \"%.40s\" is unknown, want g20:channel, settle_ms, stall_ms, "
                     "direct, stamps, agc or format",
                     key);
    }
    return r;
}

int g20_soapy_args_parse(struct g20_soapy_args *ret, const char *text, struct g20_err *e)
{
    struct g20_soapy_args a = {.settle_s = 5e-3, .stall_s = 2, .stamps = true};
    SoapySDRKwargs all = SoapySDRKwargs_fromString(text ? text : "");
    int r = 0;

    for (size_t i = 0; i < all.size && r == 0; i++) {
        const char *key = all.keys[i], *val = all.vals[i];

        if (strncmp(key, "g20:", 4) == 0)
            r = own(&a, key, val, e);
        else if (strncmp(key, "stream:", 7) == 0)
            r = SoapySDRKwargs_set(&a.stream, key + 7, val);
        else if (strncmp(key, "setting:", 8) == 0)
            r = SoapySDRKwargs_set(&a.settings, key + 8, val);
        else
            r = SoapySDRKwargs_set(&a.device, key, val);
    }
    SoapySDRKwargs_clear(&all);
    if (r < 0) {
        g20_soapy_args_fini(&a);
        return r;
    }
    *ret = a;
    return 0;
}

void g20_soapy_args_fini(struct g20_soapy_args *a)
{
    SoapySDRKwargs_clear(&a->device);
    SoapySDRKwargs_clear(&a->stream);
    SoapySDRKwargs_clear(&a->settings);
}
