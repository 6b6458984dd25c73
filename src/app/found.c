/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/found.h"

#include "app/app.h"
#include "app/inference.h"
#include "app/models.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "source/file_args.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_EMISSIONS = 1 << 20 }; /* of one file: more is an error, not silence */

static void keep(enum g20_emission_event event, const struct g20_emission *em, void *user)
{
    struct g20_found *f = user;

    if (event != G20_EMISSION_CLOSE || f->failed)
        return;
    if (f->count == f->cap) {
        const size_t cap = f->cap ? 2 * f->cap : 256;
        void *grown = cap <= MAX_EMISSIONS ? g20_realloc(f->item, cap, sizeof(*f->item)) : NULL;
        if (!grown) {
            f->failed = true;
            return;
        }
        f->item = grown;
        f->cap = cap;
    }
    f->item[f->count++] = *em;
}

static void show_image(const uint8_t *image, void *user)
{
    const struct g20_found *f = user;

    f->how->image(image, f->how->user);
}

static void show_look(const struct g20_find *find, const struct g20_look *look, void *user)
{
    const struct g20_found *f = user;

    f->how->look(find, look, f->how->user);
}

static void watch(uint64_t samples_done, void *user)
{
    struct g20_found *f = user;

    g20_progress_show(&f->progress, samples_done, g20_pipeline_source(f->pipeline)->total_samples);
    if (g20_interrupted())
        g20_pipeline_stop(f->pipeline);
}

static int by_start(const void *a, const void *b)
{
    const struct g20_emission *x = a, *y = b;

    if (x->sample_start != y->sample_start)
        return x->sample_start < y->sample_start ? -1 : 1;
    return (x->f_lo_hz > y->f_lo_hz) - (x->f_lo_hz < y->f_lo_hz);
}

int g20_found_run(struct g20_found *f, const char *file, const struct g20_found_cfg *how,
                  struct g20_err *e)
{
    char args[2 * PATH_MAX], model[2 * PATH_MAX];
    struct g20_config defaults;
    struct g20_provider provider;

    g20_config_default(&defaults);
    int r = g20_config_read_env(&defaults, (const char *const *)environ, e);
    if (r < 0)
        return r;
    g20_inference_provider(&defaults, &provider);
    const struct g20_pipeline_cfg cfg = {.source = {.driver = how->driver ? how->driver : "file",
                                                    .args = how->driver ? file : args,
                                                    .rate_hz = how->rate_hz},
                                         .model = model,
                                         .provider = &provider,
                                         .score_threshold = (float)how->threshold,
                                         .nms_threshold = (float)defaults.inference.nms_threshold,
                                         .max_detections = 4096,
                                         .heads = how->heads,
                                         .shape = how->shape};
    const struct g20_pipeline_sinks sinks = {.emission = keep,
                                             .progress = watch,
                                             .look = how->look ? show_look : NULL,
                                             .image = how->image ? show_image : NULL,
                                             .user = f};

    r = g20_models_find(how->model, NULL, how->prefer_int8, model, sizeof(model), e);

    if (r < 0)
        return r;
    r = g20_file_args_for(file, args, sizeof(args));

    if (r < 0)
        return g20_fail(e, r, "%.200s...: file name too long", file);
    f->how = how;
    r = g20_pipeline_create(&f->pipeline, &cfg, &sinks, e);

    if (r < 0)
        return r;
    const uint64_t t0 = g20_clock_mono_ns();
    g20_progress_begin(&f->progress, how->command, file, how->quiet);
    r = g20_pipeline_start(f->pipeline, e);
    if (r >= 0)
        r = g20_pipeline_wait(f->pipeline, e);
    g20_pipeline_stats(f->pipeline, &f->stats);
    g20_progress_end(&f->progress);
    f->took_ns = g20_clock_mono_ns() - t0;
    g20_pipeline_destroy(f->pipeline);
    f->pipeline = NULL;
    if (r < 0)
        return r;
    if (f->failed)
        return g20_fail(e, -ENOMEM, "%s: more emissions than memory holds", file);
    if (f->count > 0)
        qsort(f->item, f->count, sizeof(*f->item), by_start);
    return 0;
}

void g20_found_fini(struct g20_found *f)
{
    g20_free(f->item);
    *f = (struct g20_found){0};
}
