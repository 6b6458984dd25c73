/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Saving and opening; samples_list.c reads, samples_signal.c renames and deletes. */
#include "teach/samples_own.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int g20_sample_id(const struct g20_sample *x, char id[G20_SAMPLE_ID])
{
    const size_t bytes = (size_t)x->samples * 2 * sizeof(*x->iq);
    struct g20_teach_box *box = g20_calloc(x->boxes, sizeof(*box));
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char sum[EVP_MAX_MD_SIZE];
    struct g20_text t = {0};
    int r = -ENOMEM;

    if (box && x->box) {
        memcpy(box, x->box, x->boxes * sizeof(*box));
        g20_boxes_sort(box, x->boxes);
        g20_boxes_text(box, x->boxes, &t);
    }
    if (ctx && t.data && !t.failed && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
        EVP_DigestUpdate(ctx, x->iq, bytes) == 1 && EVP_DigestUpdate(ctx, t.data, t.len) == 1 &&
        EVP_DigestFinal_ex(ctx, sum, NULL) == 1)
        r = 0;
    for (int i = 0; i < 8 && r == 0; i++)
        snprintf(id + 2 * i, 3, "%02x", sum[i]);
    EVP_MD_CTX_free(ctx);
    g20_text_fini(&t);
    g20_free(box);
    return r;
}

static int check(const struct g20_sample *x, struct g20_err *e)
{
    int r = g20_signal_check(x->signal, e);

    if (r < 0)
        return r;
    if (!(x->rate_hz >= 1e-3 && x->rate_hz <= 1e12))
        return g20_fail(e, -EINVAL, "sample_rate_hz: want 1e-3 to 1e12, found %g", x->rate_hz);
    if (!(fabs(x->center_hz) <= 1e15))
        return g20_fail(e, -EINVAL, "center_freq_hz: want a frequency, found %g", x->center_hz);
    if (x->samples == 0 || x->samples > G20_SAMPLE_MOST)
        return g20_fail(e, -EINVAL, "%llu samples: want 1 to %d", (unsigned long long)x->samples,
                        G20_SAMPLE_MOST);
    if (x->boxes == 0 || x->boxes > G20_BOXES_MOST)
        return g20_fail(e, -EINVAL, "boxes: want 1 to %d", G20_BOXES_MOST);
    for (size_t i = 0; i < x->boxes; i++)
        if ((r = g20_box_check(&x->box[i], i, x->samples, e)) < 0)
            return r;
    for (uint64_t i = 0; i < 2 * x->samples; i++)
        if (!isfinite(x->iq[i]))
            return g20_fail(e, -EINVAL, "iq_data: sample %llu is not a number",
                            (unsigned long long)i / 2);
    return 0;
}

static json_t *annotations_of(const struct g20_sample *x)
{
    json_t *list = json_array();

    for (size_t i = 0; i < x->boxes; i++) {
        const struct g20_teach_box *b = &x->box[i];
        const double n = (double)x->samples;
        const json_int_t start = llround(b->y_min * n), stop = llround(b->y_max * n);
        json_t *a = json_pack("{s:I, s:I, s:f, s:f, s:s}", "core:sample_start", start,
                              "core:sample_count", stop - start, "core:freq_lower_edge",
                              x->center_hz + (b->x_min - 0.5) * x->rate_hz, "core:freq_upper_edge",
                              x->center_hz + (b->x_max - 0.5) * x->rate_hz, "core:label",
                              b->label[0] ? b->label : x->signal);
        if (strcmp(b->label, G20_BOX_IGNORE) == 0)
            json_object_set_new(a, "g20:ignore", json_true());
        json_array_append_new(list, a);
    }
    return list;
}

/* SigMF wants annotations in the order of their starts: the boxes are sorted. */
static json_t *meta_of(const struct g20_sample *x, const char *id)
{
    char now[32], then[32];
    json_t *capture =
        json_pack("{s:i, s:f}", "core:sample_start", 0, "core:frequency", x->center_hz);

    g20_clock_format(g20_clock_utc_us(), now, sizeof(now));
    if (x->time_us) {
        g20_clock_format(x->time_us, then, sizeof(then));
        json_object_set_new(capture, "core:datetime", json_string(then));
    }
    if (x->has_number)
        json_object_set_new(capture, "core:global_index", json_integer((json_int_t)x->number));
    json_t *global =
        json_pack("{s:s, s:f, s:s, s:s, s:s, s:s, s:s}", "core:datatype", "cf32_le",
                  "core:sample_rate", x->rate_hz, "core:version", "1.0.0", "g20:sample_id", id,
                  "g20:truth", x->complete ? "complete" : "partial", "g20:recording",
                  x->recording && *x->recording ? x->recording : id, "g20:saved", now);
    if (x->comment && *x->comment)
        json_object_set_new(global, "core:description", json_string(x->comment));
    return json_pack("{s:o, s:[o], s:o}", "global", global, "captures", capture, "annotations",
                     annotations_of(x));
}

static int write_sample(const struct g20_samples *s, const struct g20_sample *x, const char *id,
                        struct g20_err *e)
{
    char folder[G20_FOLDER_PATH], data[G20_FOLDER_PATH], meta[G20_FOLDER_PATH];
    int r = g20_folder_path(folder, e, "%s/signals/%s/samples", s->dir, x->signal);

    if (r < 0 || (r = g20_folder_path(data, e, "%s/%s.sigmf-data", folder, id)) < 0 ||
        (r = g20_folder_path(meta, e, "%s/%s.sigmf-meta", folder, id)) < 0 ||
        (r = g20_folder_make(folder, e)) < 0)
        return r;
    json_t *o = meta_of(x, id);
    r = g20_file_write(data, x->iq, (size_t)x->samples * 2 * sizeof(*x->iq), e);
    if (r >= 0) {
        r = g20_json_write(meta, o, e);
        if (r < 0)
            unlink(data);
    }
    json_decref(o);
    return r;
}

int g20_samples_save(struct g20_samples *s, const struct g20_sample *x, char id[G20_SAMPLE_ID],
                     bool *ret_new, struct g20_err *e)
{
    struct g20_sample sorted = *x;
    char owner[G20_SIGNAL_NAME];
    int r = check(x, e);

    if (r < 0)
        return r;
    struct g20_teach_box *box = g20_calloc(x->boxes, sizeof(*box));
    if (!box || g20_sample_id(x, id) < 0) {
        g20_free(box);
        return g20_fail(e, -ENOMEM, "sample: out of memory");
    }
    memcpy(box, x->box, x->boxes * sizeof(*box));
    g20_boxes_sort(box, x->boxes);
    sorted.box = box;
    const int lock = g20_folder_lock(s->dir, e);
    r = lock < 0 ? lock : g20_sample_owner(s, id, owner, e);
    if (r >= 0) {
        r = strcmp(owner, x->signal) == 0
                ? 0
                : g20_fail(e, -EEXIST, "sample %s is one of \"%s\" already", id, owner);
        if (r >= 0)
            *ret_new = false;
    } else if (r == -ENOENT) {
        r = write_sample(s, &sorted, id, e);
        if (r >= 0)
            *ret_new = true;
    }
    g20_folder_unlock(lock);
    g20_free(box);
    return r;
}

/* Data without metadata was never saved, or is half deleted; what begins with a dot is half a file.
 */
static int tidy(struct g20_samples *s, const char *signal, struct g20_err *e)
{
    char folder[G20_FOLDER_PATH], path[G20_FOLDER_PATH], trash[G20_FOLDER_PATH];
    struct g20_names left = {.item = NULL}, data = {.item = NULL};
    int r = g20_folder_path(folder, e, "%s/signals/%s/samples", s->dir, signal);

    if (r >= 0)
        r = g20_folder_list(&left, folder, "", true, e);
    for (size_t i = 0; i < left.count && r >= 0; i++)
        if ((r = g20_folder_path(path, e, "%s/%s", folder, left.item[i])) >= 0)
            unlink(path);
    if (r >= 0)
        r = g20_folder_list(&data, folder, ".sigmf-data", false, e);
    for (size_t i = 0; i < data.count && r >= 0; i++) {
        const char *id = data.item[i];
        if ((r = g20_folder_path(path, e, "%s/%s.sigmf-meta", folder, id)) < 0 ||
            g20_folder_has(path))
            continue;
        if ((r = g20_folder_path(path, e, "%s/%s.sigmf-data", folder, id)) >= 0 &&
            (r = g20_folder_path(trash, e, "%s/trash/samples/%s/%s.sigmf-meta", s->dir, signal,
                                 id)) >= 0) {
            const bool deleted = g20_folder_has(trash);
            memcpy(trash + strlen(trash) - 4, "data", 4);
            if (deleted)
                r = g20_folder_move(path, trash, e);
            else
                unlink(path);
        }
    }
    g20_names_free(&left);
    g20_names_free(&data);
    return r < 0 ? r : g20_signal_relabel(s, signal, e);
}

int g20_samples_open(struct g20_samples **ret, const char *dir, struct g20_err *e)
{
    struct g20_samples *s = g20_calloc(1, sizeof(*s));
    struct g20_names names = {.item = NULL};
    char path[G20_FOLDER_PATH];

    if (!s)
        return g20_fail(e, -ENOMEM, "samples: out of memory");
    int r = g20_folder_path(s->dir, e, "%s", dir);
    if (r >= 0 && (r = g20_folder_path(path, e, "%s/signals", dir)) >= 0)
        r = g20_folder_make(path, e);
    const int lock = r < 0 ? r : g20_folder_lock(dir, e);
    r = lock < 0 ? lock : g20_signals_list(s, &names, e);
    for (size_t i = 0; i < names.count && r >= 0; i++)
        r = tidy(s, names.item[i], e);
    g20_folder_unlock(lock);
    g20_names_free(&names);
    if (r < 0)
        g20_free(s);
    else
        *ret = s;
    return r < 0 ? r : 0;
}

void g20_samples_close(struct g20_samples *s)
{
    g20_free(s);
}

const char *g20_samples_dir(const struct g20_samples *s)
{
    return s->dir;
}
