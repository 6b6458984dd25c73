/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/network.h"

#include "base/alloc.h"
#include "base/file.h"
#include "detect/foreign.h"
#include "detect/hydra_model.h"
#include "detect/hydra_ort.h"
#include "nn/qnet.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_BOXES = 1024, MOST_CORES = 4, MOST_BYTES = 512 << 20, NAME = 32 };

struct g20_network {
    struct g20_model model;
    struct g20_net_run *run;     /* exactly one of these four */
    struct g20_qnet *bytes;      /* a model in INT8 */
    struct g20_hydra_ort *ort;   /* by ONNX Runtime */
    struct g20_foreign *foreign; /* of another maker: its own boxes, no .model */
    struct g20_decoder *decoder;
    uint8_t *image; /* (ROWS, BINS, 2) */
    struct g20_image_past past;
    float stretch; /* power of its scores after which its own threshold reads 0.5 */
    char name[NAME], version[16];
    struct g20_err error; /* of the last look */
};

/* A model file as its bytes. */
struct file {
    const char *path;
    char *data; /* NULL: it could not be read */
    size_t len;
    struct g20_onnx_scan scan;
    bool is_foreign;
};

static void read_file(struct file *f, const char *path)
{
    *f = (struct file){.path = path};
    if (g20_file_read(path, MOST_BYTES, &f->data, &f->len, NULL) < 0)
        f->data = NULL;
    else
        f->is_foreign =
            g20_onnx_scan(&f->scan, f->data, f->len, path, NULL) >= 0 && g20_foreign_is(&f->scan);
}

static bool takes_ort(const struct file *f, const struct g20_provider *p)
{
    return f->is_foreign || (p && (p->on != G20_ORT_CPU || p->own_too));
}

bool g20_network_needs_ort(const char *path, const struct g20_provider *provider)
{
    struct file f;

    read_file(&f, path);
    g20_free(f.data);
    return takes_ort(&f, provider);
}

/* The file's name without folder and ending, or what the file says. */
static void name_foreign(struct g20_network *n, const struct file *f)
{
    const char *slash = strrchr(f->path, '/'), *name = slash ? slash + 1 : f->path;
    const size_t len = strlen(name), end = len > 5 ? len - 5 : len; /* .onnx */

    if (g20_onnx_scan_prop(&f->scan, "g20.name", n->name, sizeof(n->name)) < 0)
        snprintf(n->name, sizeof(n->name), "%.*s", (int)end, name);
    if (g20_onnx_scan_prop(&f->scan, "g20.version", n->version, sizeof(n->version)) < 0)
        snprintf(n->version, sizeof(n->version), "0");
}

static int fail_cancelled(const struct file *f, struct g20_err *e)
{
    return g20_fail(e, -ECANCELED, "%s: no longer wanted", f->path);
}

static int load_own(struct g20_network *n, const struct g20_network_cfg *cfg, const struct file *f,
                    uint32_t threads, struct g20_err *e)
{
    const int r = g20_hydra_load(&n->model, f->path, e);

    if (r < 0)
        return r;
    if (g20_cancelled(cfg->cancel))
        return fail_cancelled(f, e);
    const char *threshold = g20_model_prop(&n->model, "g20.score_threshold");
    const char *name = g20_model_prop(&n->model, "g20.name");
    const char *version = g20_model_prop(&n->model, "g20.version");
    const float t = threshold ? strtof(threshold, NULL) : 0.5f;
    n->stretch = t > 0.05f && t < 0.95f ? logf(0.5f) / logf(t) : 1.0f;
    snprintf(n->name, sizeof(n->name), "%.31s", name ? name : "hydra");
    snprintf(n->version, sizeof(n->version), "%.15s", version ? version : "0");
    if (g20_decoder_create(&n->decoder, MAX_BOXES, cfg->nms_threshold) < 0)
        return g20_fail(e, -ENOMEM, "%s: out of memory", f->path);
    if (takes_ort(f, cfg->provider))
        return g20_hydra_ort_create(&n->ort, &n->model, f->data, f->len, f->path, cfg->provider,
                                    threads, e);
    if (n->model.is_int8)
        return g20_qnet_create(&n->bytes, &n->model, cfg->is_beside ? (threads + 1) / 2 : threads,
                               NULL, e);
    return g20_net_run_create(&n->run, &n->model.net, n->model.height, n->model.width, false, e);
}

static int load(struct g20_network *n, const struct g20_network_cfg *cfg, const struct file *f,
                struct g20_err *e)
{
    static const struct g20_provider cpu = {.on = G20_ORT_CPU};
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const uint32_t threads =
        cfg->threads ? cfg->threads : (uint32_t)G20_CLAMP(cores, 1L, (long)MOST_CORES);

    if (g20_cancelled(cfg->cancel))
        return fail_cancelled(f, e);
    n->image = g20_calloc_aligned(G20_IMAGE_BYTES, 1);
    if (!n->image)
        return g20_fail(e, -ENOMEM, "%s: out of memory", f->path);
    if (!f->is_foreign)
        return load_own(n, cfg, f, threads, e);
    name_foreign(n, f);
    return g20_foreign_create(&n->foreign, f->data, f->len, &f->scan, f->path,
                              cfg->provider ? cfg->provider : &cpu, threads, MAX_BOXES,
                              cfg->nms_threshold, e);
}

int g20_network_load(struct g20_network **ret, const struct g20_network_cfg *cfg, struct g20_err *e)
{
    struct g20_network *n = g20_calloc(1, sizeof(*n));
    struct file f;

    if (!n)
        return g20_fail(e, -ENOMEM, "%s: out of memory", cfg->path);
    read_file(&f, cfg->path);
    const int r = load(n, cfg, &f, e);
    g20_free(f.data);
    if (r < 0)
        g20_network_destroy(n);
    else
        *ret = n;
    return r;
}

void g20_network_destroy(struct g20_network *n)
{
    if (!n)
        return;
    g20_net_run_destroy(n->run);
    g20_qnet_destroy(n->bytes);
    g20_hydra_ort_destroy(n->ort);
    g20_foreign_destroy(n->foreign);
    g20_decoder_destroy(n->decoder);
    g20_free(n->image);
    g20_model_fini(&n->model);
    g20_free(n);
}

const char *g20_network_name(const struct g20_network *n)
{
    return n->name;
}

const char *g20_network_version(const struct g20_network *n)
{
    return n->version;
}

const struct g20_class_list *g20_network_classes(const struct g20_network *n)
{
    return n->foreign ? g20_foreign_classes(n->foreign) : NULL;
}

void g20_network_show(const struct g20_network *n, char *buf, size_t size)
{
    buf[0] = '\0';
    if (n->foreign)
        g20_foreign_show(n->foreign, buf, size);
}

const uint8_t *g20_network_image(const struct g20_network *n)
{
    return n->image;
}

const char *g20_network_error(const struct g20_network *n)
{
    return n->error.code < 0 ? n->error.msg : NULL;
}

/* The output's rows of cells from @from on; the image went up by @up rows. */
static const struct g20_image *forward(struct g20_network *n, uint32_t from, uint32_t up)
{
    const uint32_t first = from / G20_HYDRA_CELLS; /* of the output */

    if (n->ort)
        return g20_hydra_ort_forward(n->ort, n->image, &n->error);
    if (n->bytes) {
        uint32_t y = 0;
        if (up > 0 && up % G20_HYDRA_PIXEL_ROWS == 0)
            y = g20_qnet_scroll(n->bytes, up / G20_HYDRA_PIXEL_ROWS, first);
        for (; y < n->model.height; y++)
            g20_hydra_input_bytes(n->image, y, g20_qnet_row(n->bytes, 0, y));
        g20_qnet_forward(n->bytes, first);
        return g20_qnet_output(n->bytes);
    }
    g20_hydra_input(n->image, 0, 0, g20_net_input(n->run));
    g20_net_forward(n->run, n->model.params);
    return g20_net_output(n->run);
}

size_t g20_network_look(struct g20_network *n, const struct g20_tile *t, const struct g20_floor *f,
                        float threshold, struct g20_crew *crew, struct g20_hydra_box **ret_boxes)
{
    const uint32_t rows = G20_MIN(t->rows, (uint32_t)G20_TILE_ROWS), from = g20_tile_from(t);
    size_t count = 0;

    const uint32_t up = g20_image_renew(&n->past, t, f->noise, n->image, crew);
    n->error.code = 0;
    if (n->foreign)
        return g20_foreign_look(n->foreign, n->image, rows, threshold, &count, ret_boxes,
                                &n->error) < 0
                   ? 0
                   : count;
    const struct g20_image *out = forward(n, from, up);
    if (!out)
        return 0;
    count = g20_decode(n->decoder, out, from, rows, powf(threshold, 1.0f / n->stretch), ret_boxes);
    for (size_t i = 0; i < count; i++)
        (*ret_boxes)[i].score = powf((*ret_boxes)[i].score, n->stretch);
    return count;
}
