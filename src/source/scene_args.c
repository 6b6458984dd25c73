/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/scene_args.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct g20_scene_cfg, field)

static const struct {
    const char *key;
    enum { KEY_U64, KEY_NUM, KEY_BOOL, KEY_KIND } type;
    size_t at;
} keys[] = {
    {"seed", KEY_U64, AT(seed)},          {"noise", KEY_NUM, AT(noise_dbfs)},
    {"density", KEY_NUM, AT(density)},    {"impairments", KEY_BOOL, AT(impairments)},
    {"quiet", KEY_BOOL, AT(quiet)},       {"kind", KEY_KIND, AT(only)},
    {"seconds", KEY_NUM, AT(seconds)},    {"snr_min", KEY_NUM, AT(snr_lo_db)},
    {"snr_max", KEY_NUM, AT(snr_hi_db)},  {"overlap", KEY_NUM, AT(overlap)},
    {"receiver", KEY_BOOL, AT(receiver)}, {"channel", KEY_BOOL, AT(channel)},
};

static int set_u64(uint64_t *field, const char *key, const char *val, struct g20_err *e)
{
    char *end;

    errno = 0;
    const unsigned long long v = strtoull(val, &end, 10);
    if (val[0] < '0' || val[0] > '9' || *end || errno)
        return g20_fail(e, -EINVAL, "scene: %s: want a whole number, found \"%.40s\"", key, val);
    *field = v;
    return 0;
}

/* The range is checked by g20_scene_create(). */
static int set_num(double *field, const char *key, const char *val, struct g20_err *e)
{
    char *end;
    const double v = strtod(val, &end);

    if (end == val || *end || !isfinite(v))
        return g20_fail(e, -EINVAL, "scene: %s: want a number, found \"%.40s\"", key, val);
    *field = v;
    return 0;
}

static int set_bool(bool *field, const char *key, const char *val, struct g20_err *e)
{
    static const char *const words[] = {"off", "on", "no", "yes", "false", "true", "0", "1"};

    for (size_t i = 0; i < G20_COUNT_OF(words); i++) {
        if (strcmp(val, words[i]) == 0) {
            *field = i % 2;
            return 0;
        }
    }
    return g20_fail(e, -EINVAL, "scene: %s: want on or off, found \"%.40s\"", key, val);
}

static int set_kind(const char **field, const char *key, const char *val, struct g20_err *e)
{
    const char *name = g20_scene_kind_name(val);

    if (!name)
        return g20_fail(e, -EINVAL, "scene: %s: there is no kind \"%.40s\"", key, val);
    *field = name;
    return 0;
}

static int set(struct g20_scene_cfg *cfg, const char *key, const char *val, struct g20_err *e)
{
    for (size_t i = 0; i < G20_COUNT_OF(keys); i++) {
        void *field = (char *)cfg + keys[i].at;

        if (strcmp(key, keys[i].key) != 0)
            continue;
        switch (keys[i].type) {
        case KEY_U64:
            return set_u64(field, key, val, e);
        case KEY_NUM:
            return set_num(field, key, val, e);
        case KEY_BOOL:
            return set_bool(field, key, val, e);
        case KEY_KIND:
            return set_kind(field, key, val, e);
        }
    }
    return g20_fail(e, -EINVAL,
                    "scene: unknown key \"%.40s\", want seed, noise, density, impairments, quiet, "
                    "kind, seconds, snr_min, snr_max, overlap, receiver or channel",
                    key);
}

int g20_scene_parse_args(struct g20_scene_cfg *cfg, const char *args, struct g20_err *e)
{
    struct g20_scene_cfg next = *cfg;
    char text[512];
    uint32_t seen = 0;

    if (!args || !*args)
        return 0;
    if (strlen(args) >= sizeof(text))
        return g20_fail(e, -EINVAL, "scene: arguments are longer than %zu bytes", sizeof(text) - 1);
    memcpy(text, args, strlen(args) + 1);
    for (char *rest = text, *item; (item = strsep(&rest, ","));) {
        char *val = strchr(item, '=');

        if (!val || val == item)
            return g20_fail(e, -EINVAL, "scene: want key=value, found \"%.40s\"", item);
        *val++ = '\0';
        for (size_t i = 0; i < G20_COUNT_OF(keys); i++) {
            if (strcmp(item, keys[i].key) != 0)
                continue;
            if (seen >> i & 1)
                return g20_fail(e, -EINVAL, "scene: %s: given twice", item);
            seen |= 1u << i;
        }
        const int r = set(&next, item, val, e);
        if (r < 0)
            return r;
    }
    *cfg = next;
    return 0;
}
