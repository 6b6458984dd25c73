/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/record_meta.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define ORDER "_be"
#else
#define ORDER "_le"
#endif

/* RFC 3339 with microseconds. */
static void time_text(uint64_t us, char *buf, size_t size)
{
    char ms[40];

    g20_clock_format(us, ms, sizeof(ms));
    ms[strcspn(ms, "Z")] = '\0';
    snprintf(buf, size, "%s%03uZ", ms, (unsigned)(us % 1000));
}

static bool add_segment(json_t *list, const struct g20_record_segment *s)
{
    char when[64];
    json_t *o = json_pack("{s:I}", "core:sample_start", (json_int_t)s->sample_start);
    bool ok = o != NULL;

    if (ok && s->center_hz > 0)
        ok = json_object_set_new(o, "core:frequency", json_real(s->center_hz)) == 0;
    if (ok && s->time_us > 0) {
        time_text(s->time_us, when, sizeof(when));
        ok = json_object_set_new(o, "core:datetime", json_string(when)) == 0;
    }
    return json_array_append_new(list, o) == 0 && ok; /* takes @o over in any case */
}

json_t *g20_record_meta(enum g20_sample_format format, double rate_hz,
                        const struct g20_record_segment *seg, size_t n)
{
    static const char *const types[] = {
        [G20_CF32] = "cf32" ORDER, [G20_CI16] = "ci16" ORDER, [G20_CI8] = "ci8", [G20_CU8] = "cu8"};
    json_t *o = json_pack("{s:{s:s,s:s,s:f,s:s},s:[],s:[]}", "global", "core:version", "1.0.0",
                          "core:datatype", types[format], "core:sample_rate", rate_hz,
                          "core:recorder", "g20 " G20_VERSION, "captures", "annotations");
    json_t *list = json_object_get(o, "captures");

    for (size_t i = 0; o && i < n; i++) {
        if (!add_segment(list, &seg[i])) {
            json_decref(o);
            return NULL;
        }
    }
    return o;
}

char *g20_record_text(const json_t *o)
{
    const size_t flags = JSON_INDENT(1) | JSON_PRESERVE_ORDER, n = json_dumpb(o, NULL, 0, flags);
    char *text = n > 0 ? g20_calloc(1, n + 1) : NULL;

    if (text)
        json_dumpb(o, text, n, flags);
    return text;
}

int g20_record_write_meta(json_t *doc, const char *path, const char *sha512,
                          const struct g20_sigmf_annotation *notes, size_t n, struct g20_err *e)
{
    json_t *global = json_object_get(doc, "global");
    struct g20_sigmf *m = NULL;

    if (json_object_set_new(global, "core:sha512", json_string(sha512)) < 0)
        return g20_fail(e, -ENOMEM, "%s: out of memory", path);
    char *text = g20_record_text(doc);
    if (!text)
        return g20_fail(e, -ENOMEM, "%s: out of memory", path);
    int r = g20_sigmf_parse(&m, text, strlen(text), path, e);
    if (r >= 0)
        r = g20_sigmf_write_annotations(m, path, notes, n, false, e);
    g20_sigmf_destroy(m);
    g20_free(text);
    return r;
}

void g20_record_hex(const unsigned char *sum, char *hex)
{
    for (int i = 0; i < 64; i++)
        snprintf(hex + (size_t)2 * (size_t)i, 3, "%02x", sum[i]);
}

int g20_record_sum(int fd, char *hex, struct g20_err *e)
{
    enum { PIECE = 1 << 20 };
    unsigned char *buf = g20_calloc(1, PIECE), sum[EVP_MAX_MD_SIZE] = {0};
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool ok = buf && c && EVP_DigestInit_ex(c, EVP_sha512(), NULL) == 1;
    off_t at = 0;
    ssize_t n = 0;

    while (ok && (n = pread(fd, buf, PIECE, at)) > 0) {
        ok = EVP_DigestUpdate(c, buf, (size_t)n) == 1;
        at += n;
    }
    const int failed = n < 0 ? errno : 0;
    ok = ok && EVP_DigestFinal_ex(c, sum, NULL) == 1;
    EVP_MD_CTX_free(c);
    g20_free(buf);
    if (failed)
        return g20_fail(e, -failed, "%s", strerror(failed));
    if (!ok)
        return g20_fail(e, -ENOMEM, "out of memory");
    g20_record_hex(sum, hex);
    return 0;
}

int g20_record_name(char *buf, size_t size, const char *base, const char *before, const char *after)
{
    const char *slash = strrchr(base, '/');
    const int folder = slash ? (int)(slash + 1 - base) : 0;
    const int n = snprintf(buf, size, "%.*s%s%s%s", folder, base, before, base + folder, after);

    return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}
