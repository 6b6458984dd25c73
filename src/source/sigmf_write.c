/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/sigmf.h"

#include "base/file.h"
#include "source/sigmf_json.h"

#include <errno.h>
#include <string.h>

/* 1 when every field went in, 0 when out of memory. */
static bool set_text(json_t *o, const char *key, const char *text)
{
    return text[0] == '\0' || json_object_set_new(o, key, json_string(text)) == 0;
}

static json_t *make_annotation(const struct g20_sigmf *m, const struct g20_sigmf_annotation *a)
{
    json_t *o = json_object();
    bool ok = o && json_object_set_new(
                       o, "core:sample_start",
                       json_integer((json_int_t)a->sample_start + (json_int_t)m->offset)) == 0;

    if (ok && a->sample_count != UINT64_MAX)
        ok = json_object_set_new(o, "core:sample_count",
                                 json_integer((json_int_t)a->sample_count)) == 0;
    if (ok && a->has_freq)
        ok = json_object_set_new(o, "core:freq_lower_edge", json_real(a->f_lo_hz)) == 0 &&
             json_object_set_new(o, "core:freq_upper_edge", json_real(a->f_hi_hz)) == 0;
    if (ok && a->has_freq && (a->visible_lo_hz != a->f_lo_hz || a->visible_hi_hz != a->f_hi_hz))
        ok = json_object_set_new(o, "g20:visible_lower_edge", json_real(a->visible_lo_hz)) == 0 &&
             json_object_set_new(o, "g20:visible_upper_edge", json_real(a->visible_hi_hz)) == 0;
    if (ok && a->ignore)
        ok = json_object_set_new(o, "g20:ignore", json_true()) == 0;
    if (ok)
        ok = set_text(o, "core:label", a->label) && set_text(o, "core:comment", a->comment);
    if (ok)
        return o;
    json_decref(o);
    return NULL;
}

static uint64_t annotation_start(const json_t *a)
{
    return (uint64_t)json_number_value(json_object_get(a, "core:sample_start"));
}

/* The kept ones and the new ones in the order of their starts, as SigMF wants. */
static json_t *merge(const struct g20_sigmf *m, const struct g20_sigmf_annotation *add, size_t n,
                     bool keep)
{
    const json_t *old = keep ? json_object_get(m->json, "annotations") : NULL;
    json_t *list = json_array();
    size_t k = 0;

    for (size_t i = 0; list && i < n; i++) {
        const uint64_t start = add[i].sample_start + m->offset;
        bool ok = true;
        while (ok && k < json_array_size(old) && annotation_start(json_array_get(old, k)) <= start)
            ok = json_array_append(list, json_array_get(old, k++)) == 0;
        if (!ok || json_array_append_new(list, make_annotation(m, &add[i])) < 0)
            goto fail;
    }
    for (; list && k < json_array_size(old); k++) {
        if (json_array_append(list, json_array_get(old, k)) < 0)
            goto fail;
    }
    return list;

fail:
    json_decref(list);
    return NULL;
}

int g20_sigmf_write_annotations(const struct g20_sigmf *m, const char *path,
                                const struct g20_sigmf_annotation *add, size_t n, bool keep,
                                struct g20_err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (add[i].sample_start > INT64_MAX - m->offset ||
            (add[i].sample_count > INT64_MAX && add[i].sample_count != UINT64_MAX))
            return g20_fail(e, -ERANGE, "%s: annotation %zu: sample number too large", path, i);
    }

    json_t *doc = json_copy(m->json); /* shallow: only its list of annotations is replaced */
    json_t *list = merge(m, add, n, keep);
    json_malloc_t unused;
    json_free_t free_text; /* the text is jansson's memory */
    char *text = NULL;
    int r = -ENOMEM;

    json_get_alloc_funcs(&unused, &free_text);
    if (doc && list && json_object_set(doc, "annotations", list) == 0)
        text = json_dumps(doc, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    if (text)
        r = g20_file_write(path, text, strlen(text), e);
    else
        g20_fail(e, r, "%s: out of memory, or a text that is not UTF-8", path);
    json_decref(list);
    json_decref(doc);
    free_text(text);
    return r;
}
