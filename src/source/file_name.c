/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What file names tell, as rtl_433, SDR#, HDSDR, SDRangel, rtl-wmbus and Gqrx write them. */
#include "source/file_args.h"
#include "source/sigmf_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *extension, *type;
} extensions[] = {
    {"cu8", "cu8"},      {"cs8", "ci8"},       {"ci8", "ci8"},      {"cs16", "ci16_le"},
    {"ci16", "ci16_le"}, {"sc16", "ci16_le"},  {"cs32", "ci32_le"}, {"ci32", "ci32_le"},
    {"cf32", "cf32_le"}, {"fc32", "cf32_le"},  {"c64", "cf32_le"}, /* numpy's complex64 */
    {"cf64", "cf64_le"}, {"cfile", "cf32_le"},
};

static void type_from_extension(struct g20_file_args *a, const char *name)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < G20_COUNT_OF(extensions) && !a->has_type; i++) {
        if (strcasecmp(dot + 1, extensions[i].extension) == 0)
            a->has_type = g20_datatype_parse(&a->type, extensions[i].type, true) == 0;
    }
}

static bool is_unit(const char *s, size_t n, const char *unit)
{
    return n == strlen(unit) && strncasecmp(s, unit, n) == 0;
}

/* One part such as "433.92M", "250k", "1M6", "433920000Hz", "2.4Msps". Without a unit of its own,
 * k is a rate, M and G a frequency if none is known yet, else a rate (rtl_433's rule). */
static void read_part(struct g20_file_args *a, const char *s, size_t n)
{
    char number[32];
    double v;

    const size_t whole = strspn(s, "0123456789.");
    if (whole == 0 || whole >= n || whole + 8 > sizeof(number))
        return;
    const char prefix = s[whole];
    const bool scaled = prefix && strchr("kKMG", prefix);
    const char *rest = s + whole + scaled;
    size_t left = n - whole - scaled;
    const size_t frac = scaled && !memchr(s, '.', whole) ? strspn(rest, "0123456789") : 0;
    if (frac > 4 || frac > left)
        return;
    /* "1M6" is 1.6M */
    const int len = snprintf(number, sizeof(number), "%.*s%s%.*s%.*s", (int)whole, s,
                             frac ? "." : "", (int)frac, rest, scaled, &prefix);
    rest += frac;
    left -= frac;
    if (g20_file_args_number(number, (size_t)len, &v) < 0 || v <= 0)
        return;

    const bool is_hz = is_unit(rest, left, "Hz");
    const bool is_rate = is_unit(rest, left, "sps") || is_unit(rest, left, "S") ||
                         (left == 0 && (prefix == 'k' || prefix == 'K'));
    if (!is_hz && !is_rate && !(left == 0 && scaled))
        return;
    if ((is_hz || (!is_rate && !a->has_center)) && v <= 1e15) {
        if (!a->has_center)
            a->center_hz = v;
        a->has_center = true;
    } else if (!is_hz && a->rate_hz == 0 && v <= 1e12) {
        a->rate_hz = v;
    }
}

/* 20200101_120000Z, as SDR# and HDSDR put it, or 20200101_120000 after "gqrx_". */
static void read_time(struct g20_file_args *a, const char *s)
{
    char text[24];

    if (strspn(s, "0123456789") != 8 || s[8] != '_' || strspn(s + 9, "0123456789") != 6 ||
        a->time_us != 0)
        return;
    snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s, s + 4, s + 6, s + 9, s + 11,
             s + 13);
    if (g20_sigmf_parse_time(text, &a->time_us) < 0)
        a->time_us = 0;
}

/* Past @least to @most digits and the '_' after them; NULL when they are not there. */
static const char *past_digits(const char *s, size_t least, size_t most)
{
    const size_t n = s ? strspn(s, "0123456789") : 0;

    return n >= least && n <= most && s[n] == '_' ? s + n + 1 : NULL;
}

/* gqrx_20200101_120000_433920000_2000000_fc.raw: the frequency, the rate, 32-bit floats. */
static bool read_gqrx(struct g20_file_args *a, const char *name)
{
    const char *hz_at = NULL, *rate_at, *end;
    double hz, rate;

    if (strncmp(name, "gqrx_", 5) == 0)
        hz_at = past_digits(past_digits(name + 5, 8, 8), 6, 6);
    rate_at = past_digits(hz_at, 1, 15);
    end = past_digits(rate_at, 1, 12);
    if (!end || strcmp(end, "fc.raw") != 0)
        return false;
    read_time(a, name + 5);
    if (g20_file_args_number(hz_at, (size_t)(rate_at - hz_at - 1), &hz) == 0 && !a->has_center) {
        a->has_center = true;
        a->center_hz = hz;
    }
    if (g20_file_args_number(rate_at, (size_t)(end - rate_at - 1), &rate) == 0 && a->rate_hz == 0 &&
        rate >= 1e-3)
        a->rate_hz = rate;
    if (!a->has_type)
        a->has_type = g20_datatype_parse(&a->type, "cf32_le", true) == 0;
    return true;
}

void g20_file_args_from_name(struct g20_file_args *a)
{
    const char *slash = strrchr(a->path, '/'), *name = slash ? slash + 1 : a->path;
    /* A rate in a name must not overrule one that was given, and the same for the rest. */
    const bool had_center = a->has_center;
    const double center_hz = a->center_hz;

    if (read_gqrx(a, name))
        return;
    type_from_extension(a, name);
    a->has_center = false;
    const char *end = strrchr(name, '.');
    if (!end)
        end = name + strlen(name);
    for (const char *s = name; s < end;) {
        /* The last dot begins the extension; others belong to numbers. */
        const size_t n = G20_MIN(strcspn(s, "_- ,"), (size_t)(end - s));
        if (a->time_us == 0)
            read_time(a, s);
        read_part(a, s, n);
        s += n + (s + n < end);
    }
    if (had_center) {
        a->has_center = true;
        a->center_hz = center_hz;
    }
}
