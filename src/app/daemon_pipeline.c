/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The part "pipeline": the source that the settings name, the detector and what it is given. */
#include "app/daemon.h"

#include "app/heads_load.h"
#include "app/inference.h"
#include "app/models.h"

#include <errno.h>
#include <string.h>

enum { WATERFALL_ROWS_PER_S = 60 };

void g20_daemon_source(const struct g20_config *c, struct g20_source_cfg *ret)
{
    const bool scene = strcmp(c->source.driver, "scene") == 0 ||
                       (strcmp(c->source.driver, "file") == 0 && !c->source.args[0]);

    *ret = (struct g20_source_cfg){
        .driver = scene ? "scene" : c->source.driver,
        .args = c->source.args,
        .rate_hz = c->source.sample_rate_hz,
        .center_hz = c->source.center_freq_hz,
        .bandwidth_hz = c->source.bandwidth_hz,
        .gain_db = c->source.gain_db,
        .antenna = c->source.antenna,
        .loop = c->source.loop,
        .realtime = c->source.realtime || scene,
    };
    if (scene && ret->rate_hz <= 0)
        ret->rate_hz = 20e6;
}

int g20_daemon_start_pipeline(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    char model[2 * G20_CONFIG_PATH_MAX];
    struct g20_provider provider;
    struct g20_pipeline_cfg p = {
        .model = model,
        .score_threshold = (float)d->cfg.inference.score_threshold,
        .nms_threshold = (float)d->cfg.inference.nms_threshold,
        .max_detections = (uint32_t)d->cfg.inference.max_detections,
        .threads = (uint32_t)d->cfg.inference.threads,
        .class_names = d->cfg.inference.class_names,
        .provider = &provider,
        .waterfall_nfft = (uint32_t)d->cfg.fft.waterfall_nfft,
        .waterfall_rows_per_s = WATERFALL_ROWS_PER_S,
        .wisdom_dir = d->cfg.paths.cache_dir,
    };

    g20_inference_provider(&d->cfg, &provider);
    int r = g20_models_find(d->cfg.inference.model, d->cfg.paths.models_dir,
                            d->cfg.inference.int8_quantization, model, sizeof(model), e);
    if (r < 0 || (r = g20_inference_check(&d->cfg, model, e)) < 0)
        return r;
    d->inference = g20_inference_json(&d->cfg);
    if (!d->inference)
        return g20_fail(e, -ENOMEM, "out of memory");
    g20_daemon_source(&d->cfg, &d->source);
    p.source = d->source;
    r = g20_heads_from_folder(&d->heads, d->cfg.paths.models_dir, e);
    if (r < 0)
        return r;
    p.heads = d->heads;
    if ((r = g20_memory_create(&d->memory)) < 0)
        return g20_fail(e, r, "memory of emissions: out of memory");
    p.memory = d->memory;
    r = g20_live_create(&d->live, &p, d->hub);
    if (r < 0)
        return g20_fail(e, r, "%s", g20_strerror(r));
    g20_live_control(d->live, &d->control);
    g20_live_number_from(d->live, g20_store_last_id(d->store));
    return 0;
}

void g20_daemon_stop_pipeline(void *user)
{
    struct g20_daemon *d = user;

    g20_live_destroy(d->live);
    g20_heads_destroy(d->heads);
    g20_memory_destroy(d->memory);
    d->heads = NULL;
    d->memory = NULL;
    json_decref(d->inference);
}
