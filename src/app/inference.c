/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/inference.h"

#include "base/log.h"
#include "detect/network.h"
#include "nn/conv.h"
#include "nn/qconv.h"

#include <string.h>

static const struct {
    const char *name;
    enum g20_ort_provider on;
} gpus[] = {{"cuda", G20_ORT_CUDA}, {"tensorrt", G20_ORT_TENSORRT}};

void g20_inference_provider(const struct g20_config *cfg, struct g20_provider *ret)
{
    *ret = (struct g20_provider){.on = G20_ORT_CPU,
                                 .library = cfg->inference.onnxruntime,
                                 .int8 = cfg->inference.int8_quantization,
                                 .use_dla = cfg->inference.use_dla,
                                 .dla_core = (uint32_t)cfg->inference.dla_core};
    for (size_t i = 0; i < G20_COUNT_OF(gpus); i++)
        if (strcmp(cfg->inference.provider, gpus[i].name) == 0)
            ret->on = gpus[i].on;
}

int g20_inference_check(const struct g20_config *cfg, const char *model, struct g20_err *e)
{
    struct g20_provider p;
    struct g20_ort *ort = NULL;

    g20_inference_provider(cfg, &p);
    if (!g20_network_needs_ort(model, &p)) {
        g20_log(G20_LOG_INFO, "inference", "provider", G20_F_STR("provider", "cpu"),
                G20_F_STR("int8", g20_qconv()->name), G20_F_STR("float32", g20_conv()->name));
        return 0;
    }
    int r = g20_ort_open(&ort, p.library, e);
    if (r >= 0)
        r = g20_ort_try(ort, p.on, e);
    if (r < 0)
        return p.on == G20_ORT_CPU
                   ? g20_fail_at(e, r,
                                 "%s: no g20.kind: not a model of G20, and others need ONNX "
                                 "Runtime",
                                 model)
                   : g20_fail_at(e, r, "inference.provider");
    g20_log(G20_LOG_INFO, "inference", "provider",
            G20_F_STR("provider", p.on == G20_ORT_CPU ? "cpu" : cfg->inference.provider),
            G20_F_STR("onnxruntime", g20_ort_version(ort)),
            G20_F_STR("offers", g20_ort_offers(ort)));
    g20_ort_close(ort);
    return 0;
}

json_t *g20_inference_json(const struct g20_config *cfg)
{
    json_t *providers = json_pack("[s]", "cpu");
    struct g20_ort *ort = NULL;

    if (g20_ort_open(&ort, cfg->inference.onnxruntime, NULL) < 0)
        return json_pack("{s:o, s:n}", "providers", providers, "onnxruntime");
    for (size_t i = 0; i < G20_COUNT_OF(gpus); i++)
        if (g20_ort_try(ort, gpus[i].on, NULL) >= 0)
            json_array_append_new(providers, json_string(gpus[i].name));
    json_t *o =
        json_pack("{s:o, s:s}", "providers", providers, "onnxruntime", g20_ort_version(ort));
    g20_ort_close(ort);
    return o;
}
