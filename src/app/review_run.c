/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/review_run.h"

#include "app/app.h"
#include "app/found.h"
#include "app/models.h"
#include "app/review_known.h"

#include "base/alloc.h"
#include "base/log.h"
#include "detect/find.h"
#include "detect/heads.h"
#include "detect/look_bytes.h"
#include "eval/truth.h"
#include "source/sigmf.h"
#include "teach/base64.h"
#include "teach/clip.h"
#include "teach/registry.h"
#include "teach/review.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ITEMS = 100, MOST_FINDS = 512, MOST_RECORDINGS = 24 };

#define MOST_SAMPLES (UINT64_C(1) << 28) /* played, of all recordings together */
#define KNOWN        0.3                 /* share of an emission that lies in labelled boxes */

/* A find that the head names, with what it saw. */
struct named {
    double start, stop, f_lo, f_hi; /* samples, fractions of the rate */
    float score;
    uint8_t picture[G20_LOOK_BYTES];
};

struct review {
    const struct g20_review_run *how;
    struct g20_heads *heads;
    json_t *items;
    struct g20_known known;
    struct named *named; /* (count) of MOST_FINDS; of this recording */
    size_t count;
    uint32_t recordings;
    uint64_t samples;
    double seconds;
    bool truncated;
};

static void take(const struct g20_find *f, const struct g20_look *look, void *user)
{
    struct review *v = user;
    struct g20_naming naming;

    if (v->count == MOST_FINDS || !g20_heads_name(v->heads, look, &naming))
        return;
    struct named *n = &v->named[v->count++];
    *n = (struct named){(double)f->start, (double)f->stop, f->f_lo, f->f_hi, naming.score, {0}};
    g20_look_bytes(look, n->picture);
}

/* The surest find that is part of emission @em, which lies at @lo .. @hi of the rate. */
static const struct named *find_of(const struct review *v, const struct g20_emission *em, double lo,
                                   double hi)
{
    const double start = (double)em->sample_start, stop = start + (double)em->sample_count;
    const struct named *best = NULL;

    for (size_t i = 0; i < v->count; i++) {
        const struct named *n = &v->named[i];
        if (n->start < stop && n->stop > start && n->f_lo < hi && n->f_hi > lo &&
            (!best || n->score > best->score))
            best = n;
    }
    return best;
}

/* Is it labelled in the recording itself? */
static bool is_labelled(const struct review *v, const struct g20_emission *em,
                        const struct g20_truth *t)
{
    const double start = (double)em->sample_start, count = (double)em->sample_count;
    double share = 0.0;

    for (size_t i = 0; i < t->count; i++) {
        const struct g20_truth_box *b = &t->box[i];
        const double centre = em->center_known ? t->center_hz : 0.0;
        const double time = fmin(start + count, b->stop) - fmax(start, b->start);
        const double band =
            fmin(em->f_hi_hz - centre, b->f_hi) - fmax(em->f_lo_hz - centre, b->f_lo);
        if (strcmp(b->kind, v->how->signal) == 0 || b->ignore)
            share += fmax(time, 0.0) * fmax(band, 0.0);
    }
    return share > KNOWN * count * fmax(em->f_hi_hz - em->f_lo_hz, 1e-9);
}

static void add(struct review *v, const struct g20_emission *em, uint64_t time_us, const char *path,
                const char *source, const struct g20_truth *t)
{
    const double centre = em->center_known ? t->center_hz : 0.0;
    const struct named *n =
        find_of(v, em, (em->f_lo_hz - centre) / t->rate_hz, (em->f_hi_hz - centre) / t->rate_hz);
    char id[16], name[64];
    char *picture = n ? g20_base64_encode(n->picture, sizeof(n->picture)) : NULL;

    snprintf(id, sizeof(id), "r%04zu", json_array_size(v->items) + 1);
    g20_clip_name(name, sizeof(name), path);
    json_t *o = json_pack(
        "{s:s, s:I, s:f, s:f, s:f, s:f, s:s, s:f, s:s, s:s, s:f, s:n, s:s, s:s, s:I, s:I}",
        "item_id", id, "time_us", (json_int_t)time_us, "duration_s", em->duration_s, "f_lo_hz",
        em->f_lo_hz, "f_hi_hz", em->f_hi_hz, "snr_db", (double)em->snr_db, "signal_name",
        v->how->signal, "score", n ? (double)n->score : (double)em->confidence, "source", source,
        "recording", name, "start_s", (double)em->sample_start / t->rate_hz, "answer", "picture",
        picture ? picture : "", "path", path, "sample_start", (json_int_t)em->sample_start,
        "sample_count", (json_int_t)em->sample_count);
    json_array_append_new(v->items, o);
    g20_free(picture);
}

/* What was found in recording @m that nobody has said anything about becomes items, unless it is
 * one already, of another recording. */
static int add_new(struct review *v, const struct g20_found *f, const struct g20_sigmf *m,
                   const struct g20_truth *t, const char *path, const char *source, size_t most)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct g20_emission *em = &f->item[i];
        struct g20_known_place p;
        const bool placed = g20_known_place(m, path, em->sample_start, em->sample_count, &p);
        p.f_lo = em->f_lo_hz;
        p.f_hi = em->f_hi_hz;
        if (strcmp(em->class_name, v->how->signal) != 0 || is_labelled(v, em, t) ||
            (placed && g20_known_has(&v->known, &p)))
            continue;
        if (json_array_size(v->items) >= most) {
            v->truncated = true;
            continue;
        }
        if (placed && g20_known_add(&v->known, &p) < 0)
            return -ENOMEM;
        add(v, em, placed && !p.recording[0] ? (uint64_t)p.start_us : 0, path, source, t);
    }
    return 0;
}

static int play(struct review *v, const char *path, const char *source, size_t most,
                struct g20_err *e)
{
    struct g20_found f = {0};
    struct g20_truth *t = NULL;
    struct g20_sigmf *m = NULL;
    const struct g20_found_cfg how = {.command = "train",
                                      .model = v->how->model,
                                      .threshold = 0.5,
                                      .quiet = true,
                                      .heads = v->heads,
                                      .prefer_int8 = true,
                                      .look = take,
                                      .user = v};
    struct g20_err why = {0};

    v->count = 0;
    int r = g20_truth_load(&t, path, &why);
    if (r >= 0 && (r = g20_sigmf_load(&m, path, &why)) >= 0 &&
        (r = g20_found_run(&f, path, &how, &why)) >= 0) {
        r = add_new(v, &f, m, t, path, source, most);
        v->recordings++;
        v->samples += f.stats.samples_in;
        v->seconds += (double)f.stats.samples_in / t->rate_hz;
    } else {
        g20_log(G20_LOG_INFO, "train", "a recording is not looked through", G20_F_STR("file", path),
                G20_F_STR("why", why.msg));
    }
    g20_found_fini(&f);
    g20_sigmf_destroy(m);
    g20_truth_destroy(t);
    if (r == -ENOMEM)
        return g20_fail(e, r, "review: out of memory");
    return g20_interrupted() ? g20_fail(e, -ECANCELED, "interrupted") : 0;
}

/* Names hold the time: the last is the newest. */
static int play_all(struct review *v, const struct g20_names *files, const char *source,
                    size_t most, struct g20_err *e)
{
    int r = 0;

    for (size_t i = files->count; i-- > 0 && r >= 0;) {
        if (v->samples > MOST_SAMPLES || v->recordings >= MOST_RECORDINGS ||
            json_array_size(v->items) >= most) {
            v->truncated = true;
            break;
        }
        r = play(v, files->item[i], source, most, e);
    }
    return r;
}

static int list_recordings(const char *folder, struct g20_names *ret, struct g20_err *e)
{
    struct g20_names names = {.item = NULL};
    char path[G20_FOLDER_PATH];
    int r = folder && *folder ? g20_folder_list(&names, folder, ".sigmf-meta", false, e) : 0;

    for (size_t i = 0; i < names.count && r >= 0; i++)
        if ((r = g20_folder_path(path, e, "%s/%s.sigmf-meta", folder, names.item[i])) >= 0 &&
            g20_names_add(ret, path) < 0)
            r = g20_fail(e, -ENOMEM, "review: out of memory");
    g20_names_free(&names);
    return r;
}

/* What was answered in the reviews of versions: all of it, where a sample has the first of it. */
static int know_answers(struct review *v, const json_t *items)
{
    json_t *item;
    size_t i;

    json_array_foreach(items, i, item)
    {
        const json_int_t time_us = json_integer_value(json_object_get(item, "time_us"));
        struct g20_known_place p = {
            .start_us = (double)time_us,
            .stop_us =
                (double)time_us + 1e6 * json_number_value(json_object_get(item, "duration_s")),
            .f_lo = json_number_value(json_object_get(item, "f_lo_hz")),
            .f_hi = json_number_value(json_object_get(item, "f_hi_hz"))};
        if (time_us > 0 && json_is_string(json_object_get(item, "answer")) &&
            g20_known_add(&v->known, &p) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int know_reviews(struct review *v, struct g20_err *e)
{
    const char *dir = v->how->training_dir, *signal = v->how->signal;
    json_t *versions = NULL, *version;
    size_t i;
    int r = g20_versions_list(dir, signal, &versions, e);

    json_array_foreach(versions, i, version)
    {
        json_t *review = NULL;
        if (r < 0 ||
            g20_review_load(dir, signal,
                            (uint32_t)json_integer_value(json_object_get(version, "version")),
                            &review, NULL) < 0)
            continue;
        if (know_answers(v, json_object_get(review, "items")) < 0)
            r = g20_fail(e, -ENOMEM, "review: out of memory");
        json_decref(review);
    }
    json_decref(versions);
    return r;
}

static int look_through(struct review *v, struct g20_err *e)
{
    struct g20_names heard = {.item = NULL}, captures = {.item = NULL}, own = {.item = NULL};
    struct g20_samples *s = NULL;
    char folder[G20_FOLDER_PATH];
    int r = g20_folder_path(folder, e, "%s/" G20_TEACH_HEARD, v->how->training_dir);

    if (r >= 0 && (r = list_recordings(folder, &heard, e)) >= 0 &&
        (r = list_recordings(v->how->capture_dir, &captures, e)) >= 0)
        r = g20_samples_open(&s, v->how->training_dir, e);
    if (r >= 0 && (r = g20_samples_paths(s, v->how->signal, true, &own, e)) >= 0)
        r = g20_samples_paths(s, v->how->signal, false, &own, e);
    g20_samples_close(s);
    for (size_t i = 0; i < own.count && r >= 0; i++)
        if ((r = g20_known_sample(&v->known, own.item[i], v->how->signal)) < 0)
            g20_fail(e, r, "review: out of memory");
    if (r >= 0 && (r = know_reviews(v, e)) >= 0 &&
        (r = play_all(v, &heard, "ring", MOST_ITEMS / 2, e)) >= 0 &&
        (r = play_all(v, &captures, "capture", MOST_ITEMS, e)) >= 0)
        r = play_all(v, &own, "sample", MOST_ITEMS, e);
    g20_names_free(&heard);
    g20_names_free(&captures);
    g20_names_free(&own);
    return r;
}

static int load_head(struct review *v, struct g20_err *e)
{
    char path[G20_FOLDER_PATH], trunk[2 * G20_CONFIG_PATH_MAX];
    int r = g20_version_path(v->how->training_dir, v->how->signal, v->how->version, path, e);

    if (r < 0 || (r = g20_models_find(v->how->trunk, NULL, false, trunk, sizeof(trunk), e)) < 0 ||
        (r = g20_heads_create(&v->heads, trunk, e)) < 0)
        return r;
    return g20_heads_put(v->heads, path, v->how->signal, e);
}

int g20_review_run(const struct g20_review_run *run, uint32_t *ret_items, struct g20_err *e)
{
    struct review v = {.how = run, .items = json_array()};
    int r = load_head(&v, e);

    v.named = g20_calloc(MOST_FINDS, sizeof(*v.named));
    if (r >= 0 && (!v.named || !v.items))
        r = g20_fail(e, -ENOMEM, "review: out of memory");
    if (r >= 0 && (r = look_through(&v, e)) >= 0) {
        json_t *o = json_pack("{s:i, s:f, s:b, s:O}", "recordings", (int)v.recordings, "searched_s",
                              v.seconds, "truncated", v.truncated, "items", v.items);
        r = g20_review_save(run->training_dir, run->signal, run->version, o, e);
        json_decref(o);
        *ret_items = (uint32_t)json_array_size(v.items);
    }
    g20_heads_destroy(v.heads);
    g20_free(v.named);
    g20_known_fini(&v.known);
    json_decref(v.items);
    return r < 0 ? r : 0;
}
