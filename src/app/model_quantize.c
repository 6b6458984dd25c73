/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/model_quantize.h"

#include "app/found.h"
#include "app/models.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "detect/hydra_model.h"
#include "detect/hydra_quantize.h"
#include "detect/image.h"
#include "nn/onnx.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A sample of all images that come along: each of them is in it with the same chance, and the
 * same ones in every run (Vitter, "Random sampling with a reservoir", 1985). */
struct sample {
    uint8_t **image; /* (most) */
    size_t most, held, seen;
    struct g20_rng rng;
    bool failed;
};

static void keep(const uint8_t *image, void *user)
{
    struct sample *s = user;
    size_t at = s->held;

    s->seen++;
    if (s->held == s->most) {
        at = g20_rng_below(&s->rng, s->seen);
        if (at >= s->most)
            return;
    } else {
        s->image[at] = g20_calloc_aligned(G20_IMAGE_BYTES, 1);
        if (!s->image[at]) {
            s->failed = true;
            return;
        }
        s->held++;
    }
    memcpy(s->image[at], image, G20_IMAGE_BYTES);
}

static int look(const struct g20_model_quantize *o, const char *model, const char *what,
                bool is_scene, struct sample *s, struct g20_err *e)
{
    struct g20_found f = {0};
    const struct g20_found_cfg how = {.command = "model",
                                      .model = model,
                                      .driver = is_scene ? "scene" : NULL,
                                      .rate_hz = is_scene ? o->rate_hz : 0,
                                      .threshold = 0.5,
                                      .quiet = o->quiet,
                                      .image = keep,
                                      .user = s};
    const int r = g20_found_run(&f, what, &how, e);

    g20_found_fini(&f);
    if (r >= 0 && g20_interrupted())
        return g20_fail(e, -ECANCELED, "interrupted");
    return r >= 0 && s->failed ? g20_fail(e, -ENOMEM, "%s: out of memory", what) : r;
}

/* Seeds that no recipe of ours trains or tests with. */
static const char *const usual[] = {"seed=7001,seconds=1", "seed=7002,seconds=1,density=2",
                                    "seed=7003,seconds=1,snr_min=-5,snr_max=10"};

static int look_at_all(const struct g20_model_quantize *o, const char *model, struct sample *s,
                       struct g20_err *e)
{
    int r = 0;

    for (int i = 0; i < o->count && r >= 0; i++)
        r = look(o, model, o->files[i], false, s, e);
    for (size_t i = 0; i < o->scenes->count && r >= 0; i++)
        r = look(o, model, o->scenes->item[i], true, s, e);
    for (size_t i = 0; i < G20_COUNT_OF(usual) && r >= 0 && !o->count && !o->scenes->count; i++)
        r = look(o, model, usual[i], true, s, e);
    return r;
}

static uint32_t ways_of(const struct g20_model_quantize *o, struct g20_quant_way *way)
{
    static const double shares[] = {0.999, 0.9999, 0.99999, 1.0};
    uint32_t n = 0;

    if (strcmp(o->method, "percentile") == 0) {
        way[n++] = (struct g20_quant_way){G20_QUANT_PERCENTILE, o->share};
        return n;
    }
    way[n++] = (struct g20_quant_way){.method = G20_QUANT_ENTROPY};
    for (size_t i = 0; i < G20_COUNT_OF(shares) && strcmp(o->method, "best") == 0; i++)
        way[n++] = (struct g20_quant_way){G20_QUANT_PERCENTILE, shares[i]};
    return n;
}

static void name_of(const struct g20_quantize_try *t, char *buf, size_t size)
{
    if (t->way.method == G20_QUANT_ENTROPY)
        snprintf(buf, size, "entropy");
    else
        snprintf(buf, size, "percentile %g", t->way.share);
}

static double ratio_db(double power, double wrong)
{
    return wrong > 0.0 ? 10.0 * log10(power / wrong) : INFINITY;
}

static json_t *report_json(const struct g20_quantize_report *r, uint32_t ways, uint32_t layers,
                           size_t tiles)
{
    json_t *tried = json_array(), *layer = json_array();
    char name[48];

    for (uint32_t i = 0; i < ways; i++) {
        name_of(&r->tried[i], name, sizeof(name));
        json_array_append_new(tried,
                              json_pack("{s:s, s:f, s:f, s:b}", "method", name, "score_error",
                                        sqrt(r->tried[i].scores), "edge_error",
                                        sqrt(r->tried[i].edges), "chosen", i == r->best));
    }
    for (uint32_t i = 1; i < layers; i++) {
        const double db = ratio_db(r->layer.power[i], r->layer.wrong[i]);
        if (r->layer.there[i] && isfinite(db))
            json_array_append_new(layer, json_pack("{s:i, s:f}", "layer", (int)i, "sqnr_db", db));
    }
    return json_pack("{s:I, s:o, s:o}", "tiles", (json_int_t)tiles, "tried", tried, "layers",
                     layer);
}

static void report_text(const struct g20_quantize_report *r, uint32_t ways, uint32_t layers,
                        size_t tiles)
{
    char name[48];

    printf("calibrated with %zu tiles\n%-20s %12s %12s\n", tiles, "method", "score error",
           "edge error");
    for (uint32_t i = 0; i < ways; i++) {
        name_of(&r->tried[i], name, sizeof(name));
        printf("%-20s %12.4f %12.4f%s\n", name, sqrt(r->tried[i].scores), sqrt(r->tried[i].edges),
               i == r->best ? "  chosen" : "");
    }
    printf("\nlayer  signal to quantization noise\n");
    for (uint32_t i = 1; i < layers; i++)
        if (r->layer.there[i])
            printf("%5u  %6.1f dB\n", i, ratio_db(r->layer.power[i], r->layer.wrong[i]));
}

static int make(const struct g20_model_quantize *o, const struct g20_model *m,
                const struct sample *s, struct g20_err *e)
{
    struct g20_quant_way way[G20_QUANTIZE_WAYS];
    struct g20_quantize_report report;
    struct g20_model made;
    char name[48];
    const uint32_t n = ways_of(o, way);
    int r =
        g20_hydra_quantize(m, (const uint8_t *const *)s->image, s->held, way, n, &made, &report, e);

    if (r < 0)
        return r;
    name_of(&report.tried[report.best], name, sizeof(name));
    if ((r = g20_model_set(&made, "g20.calibration", name, e)) >= 0)
        r = g20_onnx_write(&made, o->out, e);
    if (r >= 0 && o->json) {
        json_t *all = report_json(&report, n, made.net.count, s->held);
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(all);
    } else if (r >= 0) {
        report_text(&report, n, made.net.count, s->held);
    }
    g20_model_fini(&made);
    return r;
}

int g20_model_quantize(const struct g20_model_quantize *o)
{
    struct sample s = {.most = o->tiles};
    char path[2 * G20_CONFIG_PATH_MAX];
    struct g20_model m = {.params = NULL};
    struct g20_err e;

    if (!o->out)
        return g20_cli_fail("model", G20_EXIT_INPUT, "quantize: --out FILE is missing");
    int r = g20_models_find(o->model, NULL, false, path, sizeof(path), &e);
    if (r < 0 || (r = g20_hydra_load(&m, path, &e)) < 0)
        return g20_cli_fail("model", g20_exit_of(r), "%s", e.msg);
    g20_interrupt_install();
    g20_rng_init(&s.rng, 1);
    s.image = g20_calloc(s.most, sizeof(*s.image));
    r = s.image ? look_at_all(o, path, &s, &e) : g20_fail(&e, -ENOMEM, "out of memory");
    if (r >= 0)
        r = make(o, &m, &s, &e);
    if (r < 0)
        g20_cli_fail("model", g20_exit_of(r), "quantize: %s", e.msg);
    for (size_t i = 0; s.image && i < s.held; i++)
        g20_free(s.image[i]);
    g20_free(s.image);
    g20_model_fini(&m);
    return g20_exit_of(r);
}
