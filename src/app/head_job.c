/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/head_job.h"

#include "app/head_finds.h"
#include "app/head_scenes.h"
#include "app/head_shape.h"
#include "app/head_views.h"
#include "app/models.h"

#include "base/alloc.h"
#include "base/clock.h"
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

enum {
    NUMBERS = 1 << 30, /* of recordings: those of scenes follow (head_scenes.h) */
    GATE_VARIANTS = 8, /* of an emission, that the gate is made from */
};

#define VARIED UINT64_C(0x5eed) /* of the seed: variants of finds */

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
    uint32_t recording;
    double begin_s;    /* of the file, within its day: windows of one recording are in order */
    uint32_t labelled; /* emissions that are the signal */
    const struct g20_head_finds *seen; /* of the recording that is being looked at, */
    bool own;                          /* which is one of the signal */
    bool failed;
};

static bool add(struct job *j, struct g20_head_set *set, const struct g20_head_example *x)
{
    j->failed = j->failed || g20_head_set_add(set, x) < 0;
    return !j->failed && !g20_interrupted();
}

static void step(void *user)
{
    struct job *j = user;

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
    j->recording = m->recording[0] ? hash % NUMBERS : (uint32_t)i;
    g20_sigmf_destroy(m);
    return 0;
}

/* A gate opens as far as the farthest of what it is shown: pieces are no emissions, and of variants
 * it sees as many with each preset. */
static bool is_loose(const struct g20_recorded_look *l)
{
    return l->piece || l->variant > GATE_VARIANTS;
}

/* An annotation, or a variant of it. */
static bool take(const struct g20_recorded_look *l, void *user)
{
    struct job *j = user;
    const bool meant = strcmp(l->label, j->how->name) == 0;
    const bool other = strcmp(l->label, G20_BOX_OTHER) == 0;
    const bool lost = meant && l->variant == 0 && !j->seen->covered[l->annotation];
    struct g20_head_example x = {.meant = meant,
                                 .hard = other,
                                 .loose = is_loose(l),
                                 .role = lost ? G20_HEAD_LOST : G20_HEAD_TEACHES,
                                 .recording = j->recording,
                                 .time_s = (float)(j->begin_s + l->time_s)};

    if (other && !j->own)
        return !g20_interrupted();
    j->labelled += meant && l->variant == 0;
    g20_trunk_embed(j->trunk, l->look, x.features);
    return add(j, &j->set, &x);
}

/* A variant of a find that is the signal. */
static bool take_variant(const struct g20_recorded_look *l, void *user)
{
    struct job *j = user;
    struct g20_head_example x = {.meant = true,
                                 .loose = is_loose(l),
                                 .recording = j->recording,
                                 .time_s = (float)(j->begin_s + l->time_s)};

    g20_trunk_embed(j->trunk, l->look, x.features);
    return add(j, &j->set, &x);
}

static bool take_find(struct job *j, const struct g20_head_find *f, double rate_hz)
{
    struct g20_head_example x = {.meant = f->verdict == G20_FIND_MEANT,
                                 .role = G20_HEAD_FOUND,
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
    const struct g20_head_search search = {.model = j->how->model,
                                           .shape = j->shape.longest > 0.0 ? &j->shape : NULL,
                                           .quiet = j->how->quiet};
    struct g20_head_finds seen = {.trunk = j->trunk, .label = j->how->name};
    struct g20_truth *t = NULL;
    const uint64_t seed = j->how->seed + (uint64_t)i;
    int r = number_recording(j, i, file, e);

    if (r < 0 || (r = g20_truth_load(&t, file, e)) < 0)
        return r;
    j->own = i < j->how->own;
    for (size_t k = 0; k < t->count && !j->own; k++)
        t->box[k].ignore = t->box[k].ignore || strcmp(t->box[k].kind, G20_BOX_OTHER) == 0;
    seen.truth = t;
    r = g20_head_finds_search(&seen, file, &search, e);
    j->joined = j->joined || seen.joined;
    for (size_t k = 0; k < seen.count && r >= 0; k++)
        if (!take_find(j, &seen.item[k], t->rate_hz))
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

/* Signals that are not meant, of every kind that the generator knows but one. */
static int take_scenes(struct job *j, struct g20_err *e)
{
    const struct g20_head_scenes how = {.trunk = j->trunk,
                                        .model = j->how->model,
                                        .without = j->how->without,
                                        .cache = j->how->cache,
                                        .count = j->how->preset->scenes,
                                        .seed = j->how->seed,
                                        .quiet = j->how->quiet,
                                        .step = step,
                                        .user = j};

    return g20_head_scenes_take(&how, &j->set, e);
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

    snprintf(buf, size,
             "\"labelled\":%u,\"meant\":%u,\"others\":%u,\"held_meant\":%u,"
             "\"held_lost\":%u,\"held_others\":%u,\"f1_basis\":\"%s\",\"precision\":%.4f,"
             "\"recall\":%.4f,\"f1\":%.4f,"
             "\"threshold\":%.4f,\"loss\":%.5f,\"epochs\":%u,\"asked\":%u,\"kept\":%u,"
             "\"seconds\":%.2f",
             x->labelled, r->meant, r->others, r->held_meant, r->held_lost, r->held_others,
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
