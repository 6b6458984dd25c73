/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/scene_write.h"

#include "base/alloc.h"
#include "source/sigmf.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 10 * G20_SCENE_BLOCK, MOST_BOXES = 65536 };

struct job {
    const struct g20_scene_write *how;
    struct g20_scene *scene;
    uint64_t samples;
    FILE *file;
    char aside[PATH_MAX], data[PATH_MAX], meta[PATH_MAX];
    int16_t *ints;         /* (BLOCK, 2) */
    float complex *floats; /* (BLOCK) */
    struct g20_scene_box *box;
    struct g20_sigmf_annotation *add;
    size_t boxes;
};

static size_t sample_bytes(bool floats)
{
    return floats ? sizeof(float complex) : 2 * sizeof(int16_t);
}

static uint64_t samples_of(const struct g20_scene_cfg *scene)
{
    return (uint64_t)llround(scene->seconds * scene->rate_hz);
}

uint64_t g20_scene_write_bytes(const struct g20_scene_cfg *scene, bool floats)
{
    return samples_of(scene) * sample_bytes(floats);
}

static int name_files(struct job *j, struct g20_err *e)
{
    const char *base = j->how->base, *slash = strrchr(base, '/');
    const int folder = slash ? (int)(slash + 1 - base) : 0;
    const size_t size = PATH_MAX;

    if (snprintf(j->data, size, "%s.sigmf-data", base) >= PATH_MAX ||
        snprintf(j->meta, size, "%s.sigmf-meta", base) >= PATH_MAX ||
        snprintf(j->aside, size, "%.*s.%s.part", folder, base, base + folder) >= PATH_MAX)
        return g20_fail(e, -ENAMETOOLONG, "%.80s...: the name is too long", base);
    return 0;
}

static int write_samples(struct job *j, struct g20_err *e)
{
    const struct g20_scene_write *w = j->how;

    j->file = fopen(j->aside, "wbe");
    if (!j->file)
        return g20_fail(e, -errno, "%s: %s", j->data, strerror(errno));
    for (uint64_t at = 0; at < j->samples;) {
        const size_t n = (size_t)G20_MIN(j->samples - at, (uint64_t)BLOCK);
        const size_t size = sample_bytes(w->floats);

        if (w->floats)
            g20_scene_read(j->scene, j->floats, n);
        else
            g20_scene_read_ci16(j->scene, j->ints, n);
        if (fwrite(w->floats ? (void *)j->floats : (void *)j->ints, size, n, j->file) != n)
            return g20_fail(e, -errno, "%s: %s", j->data, strerror(errno));
        at += n;
        if (w->progress && !w->progress(at, j->samples, w->user))
            return g20_fail(e, -ECANCELED, "%s: stopped", j->data);
    }
    const bool ok = fflush(j->file) == 0 && fsync(fileno(j->file)) == 0;
    return ok ? 0 : g20_fail(e, -errno, "%s: %s", j->data, strerror(errno));
}

static void annotate(struct job *j)
{
    const double center = j->how->scene.center_hz;

    for (size_t i = 0; i < j->boxes; i++) {
        const struct g20_scene_box *b = &j->box[i];
        struct g20_sigmf_annotation *a = &j->add[i];

        *a = (struct g20_sigmf_annotation){
            .sample_start = b->sample_start,
            .sample_count = b->sample_count,
            .f_lo_hz = center + b->f_lo_hz,
            .f_hi_hz = center + b->f_hi_hz,
            .has_freq = true,
            .visible_lo_hz = center + b->f_lo_hz,
            .visible_hi_hz = center + b->f_hi_hz,
            .ignore = b->ignore,
        };
        snprintf(a->label, sizeof(a->label), "%s", b->kind);
        if (!b->ignore)
            snprintf(a->comment, sizeof(a->comment), "SNR %.2f dB, emitter %016llx",
                     (double)b->snr_db, (unsigned long long)b->emitter);
    }
}

static int write_meta(struct job *j, struct g20_err *e)
{
    const struct g20_scene_cfg *c = &j->how->scene;
    struct g20_sigmf *m = NULL;
    char text[1024];

    const int n = snprintf(
        text, sizeof(text),
        "{\"global\":{\"core:version\":\"1.0.0\",\"core:datatype\":\"%s\","
        "\"core:sample_rate\":%.17g,\"core:recorder\":\"g20 synth\","
        "\"core:description\":\"synthetic scene, seed %llu\",\"g20:truth\":\"complete\"},"
        "\"captures\":[{\"core:sample_start\":0,\"core:frequency\":%.17g}],\"annotations\":[]}",
        j->how->floats ? "cf32_le" : "ci16_le", c->rate_hz, (unsigned long long)c->seed,
        c->center_hz);
    int r = g20_sigmf_parse(&m, text, (size_t)n, j->meta, e);
    if (r >= 0)
        r = g20_sigmf_write_annotations(m, j->meta, j->add, j->boxes, false, e);
    g20_sigmf_destroy(m);
    return r;
}

static int make(struct job *j, struct g20_err *e)
{
    int r = g20_scene_create(&j->scene, &j->how->scene, e);

    if (r < 0 || (r = name_files(j, e)) < 0)
        return r;
    j->ints = g20_calloc((size_t)BLOCK * 2, sizeof(*j->ints));
    j->floats = g20_calloc(BLOCK, sizeof(*j->floats));
    j->box = g20_calloc(MOST_BOXES, sizeof(*j->box));
    j->add = g20_calloc(MOST_BOXES, sizeof(*j->add));
    if (!j->ints || !j->floats || !j->box || !j->add)
        return g20_fail(e, -ENOMEM, "%s: out of memory", j->how->base);
    if ((r = write_samples(j, e)) < 0)
        return r;
    j->boxes = g20_scene_boxes(j->scene, 0, j->box, MOST_BOXES);
    if (j->boxes >= MOST_BOXES)
        return g20_fail(e, -EFBIG, "%s: more than %d emissions: fewer seconds", j->how->base,
                        MOST_BOXES);
    annotate(j);
    if (rename(j->aside, j->data) < 0)
        return g20_fail(e, -errno, "%s: %s", j->data, strerror(errno));
    r = write_meta(j, e);
    if (r < 0)
        unlink(j->data);
    return r;
}

int g20_scene_write(const struct g20_scene_write *w, size_t *ret_boxes, struct g20_err *e)
{
    struct job *j = g20_calloc(1, sizeof(*j));

    if (!j)
        return g20_fail(e, -ENOMEM, "%s: out of memory", w->base);
    j->how = w;
    j->samples = samples_of(&w->scene);
    const int r =
        j->samples > 0 ? make(j, e) : g20_fail(e, -EINVAL, "%s: wants seconds=N", w->base);
    if (ret_boxes)
        *ret_boxes = j->boxes;
    if (j->file)
        fclose(j->file);
    if (r < 0 && j->aside[0])
        unlink(j->aside);
    g20_scene_destroy(j->scene);
    g20_free(j->ints);
    g20_free(j->floats);
    g20_free(j->box);
    g20_free(j->add);
    g20_free(j);
    return r < 0 ? r : 0;
}
