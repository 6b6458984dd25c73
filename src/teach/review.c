/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/review.h"

#include "teach/clip.h"
#include "teach/registry.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { AROUND = 32768, LONGEST = G20_CLIP_MOST / 4 }; /* samples kept beside an item; of one */

static int path_of(const char *dir, const char *signal, uint32_t version, char *path,
                   struct g20_err *e)
{
    const int r = g20_version_path(dir, signal, version, path, e);

    return r < 0 ? r
                 : g20_folder_path(path, e, "%s/signals/%s/versions/%04u/review.json", dir, signal,
                                   version);
}

static int newest(const char *dir, const char *signal, uint32_t *version, struct g20_err *e)
{
    json_t *list = NULL;
    const int r = *version ? 0 : g20_versions_list(dir, signal, &list, e);
    const size_t n = json_array_size(list);

    if (n > 0)
        *version =
            (uint32_t)json_integer_value(json_object_get(json_array_get(list, n - 1), "version"));
    json_decref(list);
    if (r < 0 || *version)
        return r;
    return g20_fail(e, -ENOENT, "\"%s\" has no version", signal);
}

int g20_review_save(const char *dir, const char *signal, uint32_t version, const json_t *review,
                    struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    const int r = path_of(dir, signal, version, path, e);

    return r < 0 ? r : g20_json_write(path, review, e);
}

int g20_review_load(const char *dir, const char *signal, uint32_t version, json_t **ret,
                    struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    json_t *o = NULL;
    int r = newest(dir, signal, &version, e);

    if (r < 0 || (r = path_of(dir, signal, version, path, e)) < 0)
        return r;
    const bool there = g20_folder_has(path);
    if (!there)
        o = json_pack("{s:i, s:f, s:b, s:[]}", "recordings", 0, "searched_s", 0.0, "truncated", 0,
                      "items");
    else if ((r = g20_json_load(&o, path, e)) < 0)
        return r;
    if (!o || json_object_set_new(o, "state", json_string(there ? "ready" : "none")) < 0 ||
        json_object_set_new(o, "version", json_integer(version)) < 0) {
        json_decref(o);
        return g20_fail(e, -ENOMEM, "review: out of memory");
    }
    *ret = o;
    return 0;
}

static json_t *find(const json_t *review, const char *id)
{
    json_t *o;
    size_t i;

    json_array_foreach(json_object_get(review, "items"), i, o)
    {
        const char *own = json_string_value(json_object_get(o, "item_id"));
        if (own && strcmp(own, id) == 0)
            return o;
    }
    return NULL;
}

static double number(const json_t *o, const char *key)
{
    return json_number_value(json_object_get(o, key));
}

/* A sample with one box: the signal, or something else. */
static int keep(struct g20_samples *s, const char *signal, const json_t *item, bool accept,
                char *id, struct g20_err *e)
{
    const double start = number(item, "sample_start"), count = number(item, "sample_count");
    const double length = fmin(count, LONGEST), around = fmax(length, AROUND);
    const char *path = json_string_value(json_object_get(item, "path"));
    const double from = fmax(start - around, 0.0);
    struct g20_clip c = {.iq = NULL};
    bool is_new = false;

    if (!path || !(start >= 0.0 && start < 0x1p53) || !(count > 0.0) ||
        g20_clip_read(&c, path, (uint64_t)from, (uint64_t)(start - from + length + around), NULL) <
            0)
        return g20_fail(e, -ESTALE, "its samples are not there any more");
    const double centre = c.center_hz, n = (double)c.samples;
    struct g20_teach_box box = {
        .x_min = fmax((number(item, "f_lo_hz") - centre) / c.rate_hz + 0.5, 0.0),
        .x_max = fmin((number(item, "f_hi_hz") - centre) / c.rate_hz + 0.5, 1.0),
        .y_min = (start - from) / n,
        .y_max = fmin((start - from + length) / n, 1.0)};
    if (!accept)
        snprintf(box.label, sizeof(box.label), G20_BOX_OTHER);
    const struct g20_sample x = {.signal = signal,
                                 .iq = c.iq,
                                 .samples = c.samples,
                                 .rate_hz = c.rate_hz,
                                 .center_hz = centre,
                                 .time_us = c.time_us,
                                 .box = &box,
                                 .boxes = 1,
                                 .recording = c.recording,
                                 .has_number = c.has_number,
                                 .number = c.number,
                                 .comment =
                                     accept ? "accepted in a review" : "rejected in a review"};
    const int r = g20_samples_save(s, &x, id, &is_new, e);
    g20_clip_fini(&c);
    return r;
}

/* The answer into the file, which another one may have changed meanwhile. */
static int note(const char *dir, const char *path, const char *item_id, const char *answer,
                struct g20_review_answered *ret, struct g20_err *e)
{
    json_t *o = NULL, *x;
    size_t i;
    const int lock = g20_folder_lock(dir, e);
    int r = lock < 0 ? lock : g20_json_load(&o, path, e);

    if (r >= 0) {
        json_t *item = find(o, item_id);
        json_object_set_new(item, "answer", json_string(answer));
        json_object_set_new(item, "sample_id", json_string(ret->sample_id));
        r = g20_json_write(path, o, e);
    }
    ret->left = 0;
    json_array_foreach(json_object_get(o, "items"), i, x)
    {
        ret->left += !json_is_string(json_object_get(x, "answer"));
    }
    json_decref(o);
    g20_folder_unlock(lock);
    return r;
}

int g20_review_answer(struct g20_samples *s, const char *signal, uint32_t version,
                      const char *item_id, bool accept, struct g20_review_answered *ret,
                      struct g20_err *e)
{
    const char *dir = g20_samples_dir(s), *answer = accept ? "accept" : "reject";
    char path[G20_FOLDER_PATH];
    json_t *o = NULL;
    int r = newest(dir, signal, &version, e);

    if (r < 0 || (r = path_of(dir, signal, version, path, e)) < 0)
        return r;
    if (!g20_folder_has(path))
        return g20_fail(e, -ENOENT, "nobody looked through recordings with version %u yet",
                        version);
    if ((r = g20_json_load(&o, path, e)) < 0)
        return r;
    ret->version = version;
    const json_t *item = find(o, item_id);
    const char *before = json_string_value(json_object_get(item, "answer"));
    if (!item)
        r = g20_fail(e, -ENOENT, "version %u has no item \"%s\" to review", version, item_id);
    else if (before && strcmp(before, answer) != 0)
        r = g20_fail(e, -EEXIST, "item \"%s\" was answered: %s", item_id, before);
    else
        r = keep(s, signal, item, accept, ret->sample_id, e);
    json_decref(o);
    return r < 0 ? r : note(dir, path, item_id, answer, ret, e);
}
