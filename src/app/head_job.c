/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/head_job.h"

#include "app/found.h"
#include "app/head_finds.h"
#include "app/head_shape.h"
#include "app/head_views.h"
#include "app/models.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "detect/heads.h"
#include "eval/truth.h"
#include "nn/onnx.h"
#include "source/sigmf.h"
#include "teach/box.h"
#include "train/recorded.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY_US UINT64_C(86400000000)

enum { GENERATED = 1 << 30 }; /* number of the "recording" that scenes are */

#define SCENE_RATE  20e6
#define VARIED      UINT64_C(0x5eed) /* of the seed: variants of finds */
#define OTHERS_SEED 8001u            /* scenes that no recipe of ours trains or tests with */

#define UNLIKE                                                               \
    0.5 /* cosine to every labelled one, up to which an unlabelled find in a \
           recording that is not completely labelled is something else */

struct job {
    const struct g20_head_job *how;
    struct g20_head_progress progress;
    struct g20_trunk *trunk;
    struct g20_head_set set;
    struct g20_shape shape;
    bool joined;               /* finds of several emissions are the signal too */
    struct g20_head_set maybe; /* finds of which nobody said what they are */
    uint32_t first_scene; /* example of .set: those of a scene are kept for the next training */
    uint32_t recording;
    double begin_s;    /* of the file, within its day: windows of one recording are in order */
    uint32_t labelled; /* emissions that are the signal */
    const struct g20_head_finds *seen; /* of the recording that is being looked at */
    bool failed;
};

static bool add(struct job *j, struct g20_head_set *set, const struct g20_head_example *x)
{
    j->failed = j->failed || g20_head_set_add(set, x) < 0;
    return !j->failed && !g20_interrupted();
}

static void step(struct job *j)
{
    j->progress.done++;
    if (j->how->progress)
        j->how->progress(&j->progress, j->how->user);
}

/* Parts of one recording have one number, the same in every training. */
static int number_recording(struct job *j, int i, const char *file, struct g20_err *e)
{
    struct g20_sigmf *m = NULL;
    const int r = g20_sigmf_load(&m, file, e);
    uint32_t hash = 2166136261u;

    if (r < 0)
        return r;
    for (const char *c = m->recording; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    j->begin_s = (double)(m->captures[0].time_us % DAY_US) * 1e-6;
    j->recording = m->recording[0] ? hash % GENERATED : (uint32_t)i;
    g20_sigmf_destroy(m);
    return 0;
}

/* An annotation, or a variant of it. */
static bool take(const struct g20_recorded_look *l, void *user)
{
    struct job *j = user;
    const bool meant = strcmp(l->label, j->how->name) == 0;
    const bool lost = meant && l->variant == 0 && !j->seen->covered[l->annotation];
    struct g20_head_example x = {.meant = meant,
                                 .hard = strcmp(l->label, G20_BOX_OTHER) == 0,
                                 .piece = l->piece,
                                 .role = lost ? G20_HEAD_LOST : G20_HEAD_TEACHES,
                                 .recording = j->recording,
                                 .time_s = (float)(j->begin_s + l->time_s)};

    j->labelled += meant && l->variant == 0;
    g20_trunk_embed(j->trunk, l->look, x.features);
    return add(j, &j->set, &x);
}

/* A variant of a find that is the signal. */
static bool take_variant(const struct g20_recorded_look *l, void *user)
{
    struct job *j = user;
    struct g20_head_example x = {.meant = true,
                                 .piece = l->piece,
                                 .recording = j->recording,
                                 .time_s = (float)(j->begin_s + l->time_s)};

    g20_trunk_embed(j->trunk, l->look, x.features);
    return add(j, &j->set, &x);
}

static bool take_find(struct job *j, const struct g20_head_find *f, enum g20_head_role role,
                      double rate_hz)
{
    struct g20_head_example x = {.meant = f->verdict == G20_FIND_MEANT,
                                 .role = (uint8_t)role,
                                 .recording = j->recording,
                                 .time_s =
                                     (float)(j->begin_s + 0.5 * (f->start + f->stop) / rate_hz)};

    memcpy(x.features, f->features, sizeof(x.features));
    return f->verdict == G20_FIND_UNKNOWN ||
           add(j, f->verdict == G20_FIND_MAYBE ? &j->maybe : &j->set, &x);
}

/* Of the finds that nobody labelled in recordings that are not completely labelled, those that are
 * like no labelled one are something else; the others may be the signal and teach nothing. */
static void take_unlike(struct job *j)
{
    const size_t labelled = j->set.count;

    for (size_t i = 0; i < j->maybe.count && !j->failed; i++) {
        const float *a = j->maybe.item[i].features;
        float nearest = -1.0f;
        for (size_t k = 0; k < labelled; k++) {
            float sum = 0.0f;
            for (int f = 0; f < G20_TRUNK_PLACES && j->set.item[k].meant; f++)
                sum += a[f] * j->set.item[k].features[f];
            nearest = fmaxf(nearest, sum / 16.0f); /* places have length 4 */
        }
        if (nearest < (float)UNLIKE)
            j->failed = g20_head_set_add(&j->set, &j->maybe.item[i]) < 0;
    }
}

static int find_in(struct job *j, const char *what, bool is_scene, struct g20_head_finds *ret,
                   struct g20_err *e)
{
    struct g20_found f = {0};
    const struct g20_found_cfg how = {.command = "train",
                                      .model = j->how->model,
                                      .driver = is_scene ? "scene" : NULL,
                                      .rate_hz = is_scene ? SCENE_RATE : 0,
                                      .threshold = 0.5,
                                      .quiet = j->how->quiet,
                                      .prefer_int8 = true,
                                      .shape =
                                          !is_scene && j->shape.longest > 0.0 ? &j->shape : NULL,
                                      .look = g20_head_finds_take,
                                      .user = ret};
    int r = g20_found_run(&f, what, &how, e);

    g20_found_fini(&f);
    if (r >= 0 && g20_interrupted())
        r = g20_fail(e, -ECANCELED, "interrupted");
    g20_head_finds_judge(ret);
    return r >= 0 && ret->failed ? g20_fail(e, -ENOMEM, "out of memory") : r;
}

/* Variants of the finds that are the signal, as many in all as of annotations. */
static int vary_finds(struct job *j, const char *file, uint64_t seed,
                      const struct g20_head_finds *seen, struct g20_err *e)
{
    struct g20_edges *at = g20_calloc(seen->count + 1, sizeof(*at));
    uint32_t n = 0, boxes = 0;
    int r = 0;

    if (!at)
        return g20_fail(e, -ENOMEM, "out of memory");
    for (size_t i = 0; i < seen->truth->count; i++)
        boxes += !seen->truth->box[i].ignore && strcmp(seen->truth->box[i].kind, seen->label) == 0;
    for (size_t i = 0; i < seen->count; i++) {
        const struct g20_head_find *f = &seen->item[i];
        if (f->verdict == G20_FIND_MEANT)
            at[n++] = (struct g20_edges){f->start, f->stop, f->f_lo, f->f_hi};
    }
    if (n > 0)
        r = g20_recorded_extents(
            file, at, n,
            G20_CLAMP(j->how->preset->variants * boxes / n, 1, j->how->preset->variants), seed,
            take_variant, j, e);
    g20_free(at);
    return r;
}

/* One recording, as the detector sees it and as people labelled it. */
static int take_recording(struct job *j, int i, const char *file, struct g20_err *e)
{
    struct g20_head_finds seen = {.trunk = j->trunk, .label = j->how->name};
    struct g20_truth *t = NULL;
    const uint64_t seed = j->how->seed + (uint64_t)i;
    int r = number_recording(j, i, file, e);

    if (r < 0 || (r = g20_truth_load(&t, file, e)) < 0)
        return r;
    seen.truth = t;
    r = find_in(j, file, false, &seen, e);
    j->joined = j->joined || seen.joined;
    for (size_t k = 0; k < seen.count && r >= 0; k++)
        if (!take_find(j, &seen.item[k], G20_HEAD_FOUND, t->rate_hz))
            break;
    j->seen = &seen;
    if (r >= 0 && (r = g20_recorded_looks(file, j->how->preset->variants, seed, take, j, e)) >= 0)
        r = vary_finds(j, file, seed ^ VARIED, &seen, e);
    j->seen = NULL;
    g20_head_finds_fini(&seen);
    g20_truth_destroy(t);
    return r;
}

static int take_recordings(struct job *j, int count, char *const *files, struct g20_err *e)
{
    for (int i = 0; i < count; i++) {
        const int r = take_recording(j, i, files[i], e);
        if (r < 0)
            return r;
        if (g20_interrupted())
            return g20_fail(e, -ECANCELED, "interrupted");
        step(j);
    }
    take_unlike(j);
    if (j->shape.longest > 0.0)
        j->set.durations = j->joined ? G20_HEAD_OR_LONGER : G20_HEAD_OWN;
    if (j->failed)
        return g20_fail(e, -ENOMEM, "out of memory");
    if (j->labelled == 0)
        return g20_fail(e, -EINVAL, "no annotation in %d recording%s has the label \"%.40s\"",
                        count, count == 1 ? "" : "s", j->how->name);
    return 0;
}

/* Where the finds of scene @i are kept; they depend on nothing else. false: nowhere. */
static bool cache_path(const struct job *j, uint32_t i, char *buf, size_t size)
{
    const char *slash = strrchr(j->how->model, '/');

    if (!j->how->cache)
        return false;
    const int n =
        snprintf(buf, size, "%s/%016llx-%.40s-%.40s-%u.others", j->how->cache,
                 (unsigned long long)g20_trunk_hash(j->trunk), slash ? slash + 1 : j->how->model,
                 j->how->without ? j->how->without : "all", OTHERS_SEED + i);
    return n > 0 && (size_t)n < size;
}

static bool from_cache(struct job *j, const char *path)
{
    struct g20_head_example x = {.recording = j->recording, .role = G20_HEAD_MADE};
    char *data;
    size_t len;

    if (g20_file_read(path, 64 << 20, &data, &len, NULL) < 0)
        return false;
    const bool whole = len % sizeof(x.features) == 0;
    for (size_t at = 0; at < len && whole && !j->failed; at += sizeof(x.features)) {
        memcpy(x.features, data + at, sizeof(x.features));
        j->failed = g20_head_set_add(&j->set, &x) < 0;
    }
    g20_free(data);
    return whole;
}

/* A cache that cannot be written is none. */
static void to_cache(struct job *j, const char *path)
{
    const size_t n = j->set.count - j->first_scene;
    float *all = g20_calloc(n + 1, sizeof(j->set.item->features));

    for (size_t i = 0; i < n && all; i++)
        memcpy(all + i * G20_TRUNK_FEATURES, j->set.item[j->first_scene + i].features,
               sizeof(j->set.item->features));
    if (all && g20_file_write(path, all, n * sizeof(j->set.item->features), NULL) < 0)
        g20_log(G20_LOG_DEBUG, "train", "cannot keep examples", G20_F_STR("file", path));
    g20_free(all);
}

static int take_scene(struct job *j, uint32_t i, struct g20_err *e)
{
    struct g20_head_finds seen = {.trunk = j->trunk, .label = j->how->without};
    struct g20_truth *t = NULL;
    char args[64];
    int r = 0;

    snprintf(args, sizeof(args), "seed=%u,seconds=1,density=3,snr_min=0", OTHERS_SEED + i);
    if (j->how->without && (r = g20_truth_scene(&t, args, SCENE_RATE, e)) < 0)
        return r;
    seen.truth = t;
    r = find_in(j, args, true, &seen, e);
    for (size_t k = 0; k < seen.count && r >= 0; k++)
        if (seen.item[k].verdict == G20_FIND_OTHER &&
            !take_find(j, &seen.item[k], G20_HEAD_MADE, SCENE_RATE))
            r = g20_fail(e, j->failed ? -ENOMEM : -ECANCELED, "interrupted");
    g20_head_finds_fini(&seen);
    g20_truth_destroy(t);
    return r;
}

/* Signals that are not meant, of every kind that the generator knows but one. */
static int take_scenes(struct job *j, struct g20_err *e)
{
    char kept[2 * G20_CONFIG_PATH_MAX];
    int r = 0;

    for (uint32_t i = 0; i < j->how->preset->scenes && r >= 0; i++, step(j)) {
        const bool keep = cache_path(j, i, kept, sizeof(kept));
        j->recording = GENERATED + i;
        j->first_scene = (uint32_t)j->set.count;
        if (keep && from_cache(j, kept))
            continue;
        r = take_scene(j, i, e);
        if (r >= 0 && keep)
            to_cache(j, kept);
    }
    return r;
}

static int write_head(const struct job *j, struct g20_model *m, const struct g20_head_report *r,
                      struct g20_err *e)
{
    char text[64], shape[G20_SHAPE_TEXT];
    int rc = g20_head_describe(m, j->how->name, g20_trunk_hash(j->trunk), r->threshold, e);

    snprintf(text, sizeof(text), "%s, seed %llu", j->how->preset->name,
             (unsigned long long)j->how->seed);
    if (rc < 0 || (rc = g20_model_set(m, "g20.version", j->how->version, e)) < 0 ||
        (rc = g20_model_set(m, "g20.preset", text, e)) < 0)
        return rc;
    g20_shape_text(&j->shape, shape);
    if (j->shape.longest > 0.0 && (rc = g20_model_set(m, "g20.shape", shape, e)) < 0)
        return rc;
    snprintf(text, sizeof(text), "%.4f", r->f1);
    rc = g20_model_set(m, "g20.f1", text, e);
    return rc < 0 ? rc : g20_onnx_write(m, j->how->out, e);
}

static bool on_epoch(const struct g20_head_report *r, uint32_t epochs, void *user)
{
    struct job *j = user;

    j->progress.epoch = r->epochs;
    j->progress.epochs = epochs;
    j->progress.loss = r->loss;
    j->progress.f1 = r->f1;
    if (j->how->progress)
        j->how->progress(&j->progress, j->how->user);
    return !g20_interrupted();
}

void g20_head_result_text(const struct g20_head_result *x, char *buf, size_t size)
{
    const struct g20_head_report *r = &x->report;

    snprintf(
        buf, size,
        "\"labelled\":%u,\"meant\":%u,\"others\":%u,\"held_meant\":%u,"
        "\"held_others\":%u,\"f1_basis\":\"%s\",\"precision\":%.4f,\"recall\":%.4f,\"f1\":%.4f,"
        "\"threshold\":%.4f,\"loss\":%.5f,\"epochs\":%u,\"asked\":%u,\"kept\":%u,"
        "\"seconds\":%.2f",
        x->labelled, r->meant, r->others, r->held_meant, r->held_others,
        g20_head_basis_name(r->basis), r->precision, r->recall, r->f1, r->threshold, r->loss,
        r->epochs, x->asked, x->kept, x->seconds);
}

static int learn(struct job *j, int count, char *const *files, struct g20_head_result *ret,
                 struct g20_err *e)
{
    struct g20_model head = {.params = NULL};
    char trunk[2 * G20_CONFIG_PATH_MAX];
    int r = g20_head_describe(&head, j->how->name, 0, 0.5, e); /* a name that will not do: now */

    if (r < 0 || (r = g20_models_find(j->how->trunk, NULL, false, trunk, sizeof(trunk), e)) < 0 ||
        (r = g20_trunk_load(&j->trunk, trunk, e)) < 0 ||
        (r = g20_head_shape(j->how->name, count, files, &j->shape, e)) < 0 ||
        (r = take_recordings(j, count, files, e)) < 0 || (r = take_scenes(j, e)) < 0 ||
        (r = g20_head_train(&j->set, j->how->preset, j->how->seed, on_epoch, j, &head, &ret->report,
                            e)) < 0)
        return r;
    r = write_head(j, &head, &ret->report, e);
    g20_model_fini(&head);
    ret->labelled = j->labelled;
    if (r < 0)
        return r;
    return g20_head_views(trunk, j->how->out, j->how->name, count, files, &ret->asked, &ret->kept,
                          e);
}

int g20_head_job_run(const struct g20_head_job *job, int count, char *const *files,
                     struct g20_head_result *ret, struct g20_err *e)
{
    const uint64_t t0 = g20_clock_mono_ns();
    struct job j = {.how = job, .progress = {.total = (uint32_t)count + job->preset->scenes}};

    *ret = (struct g20_head_result){.labelled = 0};
    const int r = learn(&j, count, files, ret, e);
    ret->seconds = (double)(g20_clock_mono_ns() - t0) * 1e-9;
    g20_head_set_free(&j.set);
    g20_head_set_free(&j.maybe);
    g20_trunk_destroy(j.trunk);
    return r;
}
