/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/samples_own.h"

#include "base/alloc.h"
#include "source/sigmf.h"
#include "teach/base64.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool g20_sample_id_ok(const char *id)
{
    return strlen(id) == G20_SAMPLE_ID - 1 && strspn(id, "0123456789abcdef") == G20_SAMPLE_ID - 1;
}

int g20_signals_list(struct g20_samples *s, struct g20_names *ret, struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    size_t n = 0;
    int r = g20_folder_path(path, e, "%s/signals", s->dir);

    if (r >= 0)
        r = g20_folder_list(ret, path, "", false, e);
    for (size_t i = 0; i < ret->count; i++) { /* what nobody could have made here stays out */
        if (g20_signal_check(ret->item[i], NULL) >= 0)
            ret->item[n++] = ret->item[i];
        else
            g20_free(ret->item[i]);
    }
    ret->count = n;
    return r;
}

int g20_sample_owner(struct g20_samples *s, const char *id, char *name, struct g20_err *e)
{
    struct g20_names names = {.item = NULL};
    char path[G20_FOLDER_PATH];
    int r = g20_signals_list(s, &names, e);
    bool found = false;

    if (r >= 0 && !g20_sample_id_ok(id))
        r = g20_fail(e, -EINVAL, "sample_id: want %d hexadecimal digits", G20_SAMPLE_ID - 1);
    for (size_t i = 0; i < names.count && r >= 0 && !found; i++) {
        r = g20_folder_path(path, e, "%s/signals/%s/samples/%s.sigmf-meta", s->dir, names.item[i],
                            id);
        found = r >= 0 && g20_folder_has(path);
        if (found)
            snprintf(name, G20_SIGNAL_NAME, "%s", names.item[i]);
    }
    g20_names_free(&names);
    if (r < 0 || found)
        return r < 0 ? r : 0;
    return g20_fail(e, -ENOENT, "there is no sample %s", id);
}

/* What a listing says of the sample behind @path. */
static int describe(const char *path, const char *signal, const char *id, json_t **ret,
                    struct g20_sigmf **ret_meta, struct g20_err *e)
{
    struct g20_sigmf *m = NULL;
    char data[G20_FOLDER_PATH];
    struct stat st = {.st_size = 0};
    int r = g20_sigmf_load(&m, path, e);

    if (r < 0)
        return r;
    r = g20_folder_path(data, e, "%.*s.sigmf-data", (int)(strlen(path) - strlen(".sigmf-meta")),
                        path);
    if (r >= 0 && stat(data, &st) < 0)
        r = g20_fail(e, -errno, "%s: %s", data, g20_strerror(-errno));
    if (r < 0) {
        g20_sigmf_destroy(m);
        return r;
    }
    const json_int_t samples = (json_int_t)st.st_size / 8;
    const json_t *global = json_object_get(m->json, "global");
    const char *saved = json_string_value(json_object_get(global, "g20:saved"));
    json_t *o = json_pack("{s:s, s:s, s:I, s:f, s:f, s:f, s:i, s:s, s:s, s:b, s:I}", "sample_id",
                          id, "signal_name", signal, "samples", samples, "sample_rate_hz",
                          m->rate_hz, "center_freq_hz", m->captures[0].center_hz, "duration_s",
                          (double)samples / m->rate_hz, "boxes", (int)m->nannotations, "recording",
                          m->recording, "saved", saved ? saved : "", "complete", !m->truth_partial,
                          "time_us", (json_int_t)m->captures[0].time_us);
    if (!o)
        r = g20_fail(e, -ENOMEM, "%s: out of memory", path);
    if (r < 0 || !ret_meta)
        g20_sigmf_destroy(m);
    else
        *ret_meta = m;
    if (r >= 0)
        *ret = o;
    return r < 0 ? r : 0;
}

static int list_signal(struct g20_samples *s, const char *signal, json_t *list, struct g20_err *e)
{
    struct g20_names ids = {.item = NULL};
    char path[G20_FOLDER_PATH];
    int r = g20_folder_path(path, e, "%s/signals/%s/samples", s->dir, signal);

    if (r >= 0)
        r = g20_folder_list(&ids, path, ".sigmf-meta", false, e);
    for (size_t i = 0; i < ids.count && r >= 0; i++) {
        json_t *o = NULL;
        r = g20_folder_path(path, e, "%s/signals/%s/samples/%s.sigmf-meta", s->dir, signal,
                            ids.item[i]);
        if (r >= 0)
            r = describe(path, signal, ids.item[i], &o, NULL, e);
        if (r == -ENOENT) /* deleted meanwhile */
            r = 0;
        else if (r >= 0 && json_array_append_new(list, o) < 0)
            r = g20_fail(e, -ENOMEM, "samples: out of memory");
    }
    g20_names_free(&ids);
    return r;
}

int g20_samples_list(struct g20_samples *s, const char *signal, json_t **ret, struct g20_err *e)
{
    struct g20_names names = {.item = NULL};
    json_t *list = json_array();
    int r = signal ? g20_signal_check(signal, e) : g20_signals_list(s, &names, e);

    if (signal && r >= 0)
        r = list_signal(s, signal, list, e);
    for (size_t i = 0; i < names.count && r >= 0; i++)
        r = list_signal(s, names.item[i], list, e);
    g20_names_free(&names);
    if (r < 0)
        json_decref(list);
    else
        *ret = list;
    return r < 0 ? r : 0;
}

static json_t *boxes_of(const struct g20_sigmf *m, double samples)
{
    json_t *list = json_array();

    for (size_t i = 0; i < m->nannotations; i++) {
        const struct g20_sigmf_annotation *a = &m->annotations[i];
        const double center = m->captures[0].center_hz;
        const double f_lo = a->f_lo_hz - center, f_hi = a->f_hi_hz - center;
        const double start = (double)a->sample_start, stop = start + (double)a->sample_count;
        json_array_append_new(list, json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:s}",
                                              "x_min", f_lo / m->rate_hz + 0.5, "x_max",
                                              f_hi / m->rate_hz + 0.5, "y_min", start / samples,
                                              "y_max", stop / samples, "f_lo_hz", f_lo, "f_hi_hz",
                                              f_hi, "t_start_s", start / m->rate_hz, "t_stop_s",
                                              stop / m->rate_hz, "label", a->label));
    }
    return list;
}

/* @len bytes of @path from @from on, all of which must be there. */
static int read_part(const char *path, uint64_t from, size_t len, char *data, struct g20_err *e)
{
    FILE *f = fopen(path, "re");
    int r = 0;

    if (!f)
        return g20_fail(e, -errno, "%s: %s", path, g20_strerror(-errno));
    if (fseeko(f, (off_t)from, SEEK_SET) < 0)
        r = g20_fail(e, -errno, "%s: %s", path, g20_strerror(-errno));
    else if (fread(data, 1, len, f) != len)
        r = g20_fail(e, -EIO, "%s: ends too early", path);
    fclose(f);
    return r;
}

static int add_iq(json_t *o, char *path, const struct g20_sample_part *part, struct g20_err *e)
{
    const size_t size = 2 * sizeof(float);
    const double rate = json_number_value(json_object_get(o, "sample_rate_hz"));
    const double samples = json_number_value(json_object_get(o, "samples"));
    const double first = floor(part->start_s * rate);
    const double wanted = part->duration_s > 0.0 ? ceil(part->duration_s * rate) : samples;
    const double n = fmin(wanted, samples - first);

    if (n < 1.0)
        return g20_fail(e, -EINVAL, "part: the sample lasts %g s", samples / rate);
    if (n * (double)size > (double)part->most)
        return g20_fail(e, -EFBIG, "sample: %.0f samples are more than %zu bytes", n, part->most);
    const size_t len = (size_t)n * size;
    char *data = g20_calloc(len, 1);
    if (!data)
        return g20_fail(e, -ENOMEM, "sample: out of memory");
    memcpy(path + strlen(path) - 4, "data", 4);
    int r = read_part(path, (uint64_t)first * size, len, data, e);
    char *text = r < 0 ? NULL : g20_base64_encode(data, len);
    g20_free(data);
    if (r < 0)
        return r;
    if (!text || json_object_set_new(o, "iq_data", json_string(text)) < 0)
        r = g20_fail(e, -ENOMEM, "sample: out of memory");
    g20_free(text);
    return r;
}

int g20_samples_get(struct g20_samples *s, const char *id, const struct g20_sample_part *iq,
                    json_t **ret, struct g20_err *e)
{
    char signal[G20_SIGNAL_NAME], path[G20_FOLDER_PATH];
    struct g20_sigmf *m = NULL;
    json_t *o = NULL;
    int r = g20_sample_owner(s, id, signal, e);

    if (r < 0 ||
        (r = g20_folder_path(path, e, "%s/signals/%s/samples/%s.sigmf-meta", s->dir, signal, id)) <
            0 ||
        (r = describe(path, signal, id, &o, &m, e)) < 0)
        return r;
    if (json_object_set_new(o, "boxes",
                            boxes_of(m, json_number_value(json_object_get(o, "samples")))) < 0)
        r = g20_fail(e, -ENOMEM, "sample: out of memory");
    if (r >= 0 && iq)
        r = add_iq(o, path, iq, e);
    g20_sigmf_destroy(m);
    if (r < 0)
        json_decref(o);
    else
        *ret = o;
    return r < 0 ? r : 0;
}

int g20_samples_paths(struct g20_samples *s, const char *signal, bool others, struct g20_names *ret,
                      struct g20_err *e)
{
    struct g20_names names = {.item = NULL};
    int r = g20_signals_list(s, &names, e);

    for (size_t i = 0; i < names.count && r >= 0; i++) {
        struct g20_names ids = {.item = NULL};
        char path[G20_FOLDER_PATH];
        if ((strcmp(names.item[i], signal) != 0) != others)
            continue;
        r = g20_folder_path(path, e, "%s/signals/%s/samples", s->dir, names.item[i]);
        if (r >= 0)
            r = g20_folder_list(&ids, path, ".sigmf-meta", false, e);
        for (size_t k = 0; k < ids.count && r >= 0; k++) {
            r = g20_folder_path(path, e, "%s/signals/%s/samples/%s.sigmf-meta", s->dir,
                                names.item[i], ids.item[k]);
            if (r >= 0 && g20_names_add(ret, path) < 0)
                r = g20_fail(e, -ENOMEM, "samples: out of memory");
        }
        g20_names_free(&ids);
    }
    g20_names_free(&names);
    return r < 0 ? r : 0;
}
