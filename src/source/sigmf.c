/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/sigmf.h"

#include "base/alloc.h"
#include "source/convert.h"
#include "source/file_io.h"
#include "source/sigmf_json.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { MAX_META_BYTES = 64 << 20, MAX_CONTAINERS = 2000000, MAX_CHANNELS = 1024 };

static int parse_hash(const struct g20_sigmf_at *at, struct g20_sigmf *m)
{
    int r = g20_sigmf_get_str(at, "core:sha512", false, m->sha512, sizeof(m->sha512));

    if (r > 0 && strspn(m->sha512, "0123456789abcdefABCDEF") != 128)
        return g20_sigmf_want(at, "core:sha512", "128 hexadecimal digits");
    return r;
}

/* Another file may be named, but only one in the same folder. */
static int parse_dataset(const struct g20_sigmf_at *at, struct g20_sigmf *m)
{
    int r = g20_sigmf_get_str(at, "core:dataset", false, m->dataset, sizeof(m->dataset));

    if (r > 0 && (strchr(m->dataset, '/') || strcmp(m->dataset, ".") == 0 ||
                  strcmp(m->dataset, "..") == 0 || m->dataset[0] == '\0'))
        return g20_sigmf_want(at, "core:dataset", "the name of a file in the same folder");
    return r;
}

static int parse_global(struct g20_sigmf *m, struct g20_sigmf_at *at)
{
    char truth[16] = "";
    uint64_t channels = 1;
    struct g20_datatype type;
    int r;

    snprintf(at->where, sizeof(at->where), "global");
    if (!json_object_get(at->object, "core:datatype") ||
        !json_is_string(json_object_get(at->object, "core:datatype")))
        return g20_sigmf_want(at, "core:datatype", "a datatype such as \"ci16_le\"");
    if ((r = g20_sigmf_get_str(at, "core:datatype", true, m->datatype, sizeof(m->datatype))) < 0)
        return r;
    if (g20_datatype_parse(&type, m->datatype, true) < 0)
        return g20_sigmf_want(
            at, "core:datatype",
            "one of c or r, then f64 f32 i32 u32 i16 u16 with _le or _be, or i8 u8");
    /* Beyond these no receiver exists, and arithmetic on sample times stays exact below. */
    r = g20_sigmf_get_num(at, "core:sample_rate", 1e-3, 1e12, &m->rate_hz);
    if (r <= 0)
        return g20_sigmf_want(at, "core:sample_rate", "a number > 0 (at most 1e12)");
    if ((r = g20_sigmf_get_u64(at, "core:num_channels", false, MAX_CHANNELS, &channels)) < 0)
        return r;
    if (channels < 1)
        return g20_sigmf_want(at, "core:num_channels", "a whole number >= 1");
    m->channels = (uint32_t)channels;
    if ((r = g20_sigmf_get_u64(at, "core:offset", false, INT64_MAX, &m->offset)) < 0 ||
        (r = g20_sigmf_get_u64(at, "core:trailing_bytes", false, INT64_MAX, &m->trailing_bytes)) <
            0 ||
        (r = g20_sigmf_get_bool(at, "core:metadata_only", &m->metadata_only)) < 0 ||
        (r = g20_sigmf_get_str(at, "g20:truth", true, truth, sizeof(truth))) < 0 ||
        (r = g20_sigmf_get_str(at, "g20:recording", true, m->recording, sizeof(m->recording))) <
            0 ||
        (r = parse_hash(at, m)) < 0 || (r = parse_dataset(at, m)) < 0)
        return r;
    m->truth_partial = strcmp(truth, "partial") == 0;
    return 0;
}

/* Sample numbers count from core:offset; ours from the data file's first sample. */
static int get_start(const struct g20_sigmf *m, const struct g20_sigmf_at *at, uint64_t *ret)
{
    char want[64];
    uint64_t v;
    int r = g20_sigmf_get_u64(at, "core:sample_start", true, INT64_MAX, &v);

    if (r < 0)
        return r;
    if (v < m->offset) {
        snprintf(want, sizeof(want), "at least core:offset %llu", (unsigned long long)m->offset);
        return g20_sigmf_want(at, "core:sample_start", want);
    }
    *ret = v - m->offset;
    return 0;
}

static int parse_capture(const struct g20_sigmf *m, const struct g20_sigmf_at *at,
                         struct g20_sigmf_capture *c)
{
    int r;

    if ((r = get_start(m, at, &c->sample_start)) < 0 ||
        (r = g20_sigmf_get_u64(at, "core:header_bytes", false, INT64_MAX, &c->header_bytes)) < 0 ||
        (r = g20_sigmf_get_u64(at, "core:global_index", false, INT64_MAX, &c->global_index)) < 0 ||
        (r = g20_sigmf_get_time(at, "core:datetime", &c->time_us)) < 0 ||
        (r = g20_sigmf_get_num(at, "core:frequency", -1e15, 1e15, &c->center_hz)) < 0)
        return r;
    c->has_center = r > 0;
    c->has_index = json_object_get(at->object, "core:global_index") != NULL;
    return 0;
}

static int parse_annotation(const struct g20_sigmf *m, const struct g20_sigmf_at *at,
                            struct g20_sigmf_annotation *a)
{
    int r, lo, hi;

    a->sample_count = UINT64_MAX;
    if ((r = get_start(m, at, &a->sample_start)) < 0 ||
        (r = g20_sigmf_get_u64(at, "core:sample_count", false, INT64_MAX, &a->sample_count)) < 0)
        return r;
    if ((lo = g20_sigmf_get_num(at, "core:freq_lower_edge", -1e15, 1e15, &a->f_lo_hz)) < 0)
        return lo;
    if ((hi = g20_sigmf_get_num(at, "core:freq_upper_edge", -1e15, 1e15, &a->f_hi_hz)) < 0)
        return hi;
    if (lo != hi)
        return g20_sigmf_want(at, lo ? "core:freq_upper_edge" : "core:freq_lower_edge",
                              "both frequency edges or none");
    if (a->f_hi_hz < a->f_lo_hz)
        return g20_sigmf_want(at, "core:freq_upper_edge", "at least core:freq_lower_edge");
    a->has_freq = lo > 0;
    a->visible_lo_hz = a->f_lo_hz;
    a->visible_hi_hz = a->f_hi_hz;
    if ((r = g20_sigmf_get_num(at, "g20:visible_lower_edge", -1e15, 1e15, &a->visible_lo_hz)) < 0 ||
        (r = g20_sigmf_get_num(at, "g20:visible_upper_edge", -1e15, 1e15, &a->visible_hi_hz)) < 0 ||
        (r = g20_sigmf_get_bool(at, "g20:ignore", &a->ignore)) < 0 ||
        (r = g20_sigmf_get_str(at, "core:label", true, a->label, sizeof(a->label))) < 0 ||
        (r = g20_sigmf_get_str(at, "core:comment", true, a->comment, sizeof(a->comment))) < 0)
        return r;
    return 0;
}

/* Point @at to element @i of the list @key, which must be an object. */
static int enter(struct g20_sigmf_at *at, const json_t *list, const char *key, size_t i)
{
    const json_t *object = json_array_get(list, i);

    snprintf(at->where, sizeof(at->where), "%s[%zu]", key, i);
    if (!json_is_object(object))
        return g20_fail(at->e, G20_EFORMAT, "%s: %s: want an object", at->name, at->where);
    at->object = object;
    return 0;
}

static int parse_captures(struct g20_sigmf *m, struct g20_sigmf_at *at, const json_t *list)
{
    const size_t n = json_array_size(list);

    m->captures = g20_calloc(n, sizeof(*m->captures));
    if (!m->captures)
        return g20_fail(at->e, -ENOMEM, "%s: captures: out of memory", at->name);
    for (size_t i = 0; i < n; i++) {
        int r = enter(at, list, "captures", i);
        if (r < 0 || (r = parse_capture(m, at, &m->captures[i])) < 0)
            return r;
        if (i > 0 && m->captures[i].sample_start <= m->captures[i - 1].sample_start)
            return g20_sigmf_want(at, "core:sample_start", "more than that of the segment before");
        m->ncaptures = i + 1;
    }
    return 0;
}

static int parse_annotations(struct g20_sigmf *m, struct g20_sigmf_at *at, const json_t *list)
{
    const size_t n = json_array_size(list);

    m->annotations = g20_calloc(n, sizeof(*m->annotations));
    if (!m->annotations)
        return g20_fail(at->e, -ENOMEM, "%s: annotations: out of memory", at->name);
    for (size_t i = 0; i < n; i++) {
        int r = enter(at, list, "annotations", i);
        if (r < 0 || (r = parse_annotation(m, at, &m->annotations[i])) < 0)
            return r;
        m->nannotations = i + 1;
    }
    return 0;
}

static int parse_document(struct g20_sigmf *m, const char *name, struct g20_err *e)
{
    const json_t *doc = m->json;
    struct g20_sigmf_at at = {.name = name, .object = doc, .e = e};
    const json_t *global = json_object_get(doc, "global");
    const json_t *captures = json_object_get(doc, "captures");
    const json_t *annotations = json_object_get(doc, "annotations");
    int r;

    if (!json_is_object(doc))
        return g20_fail(e, G20_EFORMAT, "%s: want a JSON object with global and captures", name);
    if (!json_is_object(global))
        return g20_sigmf_want(&at, "global", "an object");
    if (!json_is_array(captures))
        return g20_sigmf_want(&at, "captures", "an array of segments");
    if (json_array_size(captures) == 0)
        return g20_fail(e, G20_EFORMAT, "%s: captures: want at least one segment, found none",
                        name);
    if (annotations && !json_is_array(annotations))
        return g20_sigmf_want(&at, "annotations", "an array");
    at.object = global;
    if ((r = parse_global(m, &at)) < 0 || (r = parse_captures(m, &at, captures)) < 0)
        return r;
    return annotations ? parse_annotations(m, &at, annotations) : 0;
}

/* A parsed container costs about a hundred bytes, so 64 MiB of brackets would take gigabytes. */
static bool too_many_containers(const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += (text[i] == '[') | (text[i] == '{');
    return n > MAX_CONTAINERS;
}

int g20_sigmf_parse(struct g20_sigmf **ret, const char *text, size_t len, const char *name,
                    struct g20_err *e)
{
    json_error_t why;
    int r;

    if (len > MAX_META_BYTES || too_many_containers(text, len))
        return g20_fail(e, G20_EFORMAT, "%s: more than %d MiB or %d objects of metadata: refused",
                        name, MAX_META_BYTES >> 20, MAX_CONTAINERS);
    struct g20_sigmf *m = g20_calloc(1, sizeof(*m));
    if (!m)
        return g20_fail(e, -ENOMEM, "%s: out of memory", name);
    m->json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (!m->json) {
        r = json_error_code(&why) == json_error_out_of_memory ? -ENOMEM : G20_EFORMAT;
        g20_fail(e, r, "%s:%d:%d: not JSON: %s", name, why.line, why.column, why.text);
        goto fail;
    }
    if ((r = parse_document(m, name, e)) < 0)
        goto fail;
    *ret = m;
    return 0;

fail:
    g20_sigmf_destroy(m);
    return r;
}

int g20_sigmf_load(struct g20_sigmf **ret, const char *path, struct g20_err *e)
{
    char meta[PATH_MAX], data[PATH_MAX];
    char *text = NULL;
    size_t len = 0;
    int r;

    if ((r = g20_sigmf_paths(path, meta, data, sizeof(meta))) < 0)
        return g20_fail(e, r, "%.200s...: file name too long", path);
    if ((r = g20_file_load(&text, &len, meta, MAX_META_BYTES, e)) < 0)
        return r;
    r = g20_sigmf_parse(ret, text, len, meta, e);
    g20_free(text);
    return r;
}

void g20_sigmf_destroy(struct g20_sigmf *m)
{
    if (!m)
        return;
    json_decref(m->json);
    g20_free(m->captures);
    g20_free(m->annotations);
    g20_free(m);
}

bool g20_sigmf_number(const struct g20_sigmf *m, uint64_t sample, uint64_t *ret)
{
    const struct g20_sigmf_capture *c = &m->captures[0];

    for (size_t i = 0; i < m->ncaptures && m->captures[i].sample_start <= sample; i++)
        c = &m->captures[i];
    *ret = m->recording[0] ? c->global_index + sample - c->sample_start : sample;
    return c->has_index || !m->recording[0];
}

int g20_sigmf_paths(const char *any, char *meta, char *data, size_t size)
{
    size_t n = strlen(any);

    if (n >= 11 &&
        (strcmp(any + n - 11, ".sigmf-meta") == 0 || strcmp(any + n - 11, ".sigmf-data") == 0))
        n -= 11;
    if (n + sizeof(".sigmf-meta") > size)
        return -ENAMETOOLONG;
    snprintf(meta, size, "%.*s.sigmf-meta", (int)n, any);
    snprintf(data, size, "%.*s.sigmf-data", (int)n, any);
    return 0;
}
