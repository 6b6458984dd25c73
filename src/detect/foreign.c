/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/foreign.h"

#include "base/alloc.h"
#include "detect/yolo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_CHANNELS = 3,
    LEAST_SIDE = 16,
    MOST_SIDE = 4096,
    SIDE = 640, /* of one that takes any size and names none */
    TEXT = 8192,
    B = G20_TILE_BINS,
    R = G20_TILE_ROWS,
};

struct g20_foreign {
    struct g20_ort *ort;
    struct g20_ort_session *session;
    struct g20_yolo *yolo;
    struct g20_yolo_shape shape;
    struct g20_class_list classes;
    struct g20_ort_shape in, out;
    uint32_t which[MOST_CHANNELS]; /* of the image's two: 0 mean, 1 maximum */
    float *input;                  /* (channels, height, width) */
    uint8_t line[B];
    char name[128];
};

bool g20_foreign_is(const struct g20_onnx_scan *scan)
{
    char kind[2];

    return g20_onnx_scan_prop(scan, "g20.kind", kind, sizeof(kind)) == -1;
}

/* Property @key into @text: 1, 0 there is none, -EINVAL it is too long. */
static int prop(const struct g20_onnx_scan *scan, const char *key, char text[TEXT],
                const char *name, struct g20_err *e)
{
    const int r = g20_onnx_scan_prop(scan, key, text, TEXT);

    if (r == -EOVERFLOW)
        return g20_fail(e, -EINVAL, "%s: %s is longer than %d bytes", name, key, TEXT - 1);
    return r >= 0;
}

/* "[height, width]" */
static bool read_size(const char *text, int64_t side[2])
{
    for (int i = 0; i < 2; i++) {
        char *end;
        if (*text != (i ? ',' : '['))
            return false;
        side[i] = strtol(text + 1, &end, 10);
        if (end == text + 1)
            return false;
        text = end;
    }
    return strcmp(text, "]") == 0;
}

/* .in, with a size where any will do. */
static int choose_size(struct g20_foreign *f, const struct g20_onnx_scan *scan, char text[TEXT],
                       struct g20_err *e)
{
    const struct g20_ort_shape *in = g20_ort_input(f->session);
    int64_t side[2] = {SIDE, SIDE};
    char shown[96];

    g20_ort_show(in, shown, sizeof(shown));
    if (in->dims != 4 || (in->dim[0] != 1 && in->dim[0] >= 0) ||
        (in->dim[1] != 1 && in->dim[1] != MOST_CHANNELS))
        return g20_fail(e, G20_ESHAPE, "%s: an input of %s, want 1 x 1 or 3 x height x width",
                        f->name, shown);
    const int has = prop(scan, "imgsz", text, f->name, e);
    if (has < 0)
        return has;
    if (has && !read_size(text, side))
        return g20_fail(e, -EINVAL, "%s: imgsz is %.40s, want [height, width]", f->name, text);
    f->in = *in;
    f->in.dim[0] = 1;
    for (int i = 2; i < 4; i++)
        f->in.dim[i] = in->dim[i] < 0 ? side[i - 2] : in->dim[i];
    for (int i = 2; i < 4; i++)
        if (f->in.dim[i] < LEAST_SIDE || f->in.dim[i] > MOST_SIDE)
            return g20_fail(e, G20_ESHAPE, "%s: an input of %lld x %lld pixels, want %d to %d",
                            f->name, (long long)f->in.dim[2], (long long)f->in.dim[3], LEAST_SIDE,
                            MOST_SIDE);
    return 0;
}

static int choose_channels(struct g20_foreign *f, const struct g20_onnx_scan *scan, char text[TEXT],
                           struct g20_err *e)
{
    const int has = prop(scan, "g20.channels", text, f->name, e);
    int64_t n = 0;

    for (int i = 0; i < MOST_CHANNELS; i++)
        f->which[i] = 1;
    if (has <= 0)
        return has;
    for (const char *at = text; *(at += strspn(at, " ")); at += strcspn(at, " "), n++) {
        const size_t len = strcspn(at, " ");
        const bool mean = len == 4 && memcmp(at, "mean", 4) == 0;
        if ((!mean && (len != 3 || memcmp(at, "max", 3) != 0)) || n == f->in.dim[1])
            break;
        f->which[n] = !mean;
        if (!at[len] && n + 1 == f->in.dim[1])
            return 0;
    }
    return g20_fail(e, -EINVAL, "%s: g20.channels is %.40s, want %lld times mean or max", f->name,
                    text, (long long)f->in.dim[1]);
}

/* .classes.count stays 0 when the file names none. */
static int read_classes(struct g20_foreign *f, const struct g20_onnx_scan *scan, char text[TEXT],
                        struct g20_err *e)
{
    int has = prop(scan, "g20.class_names", text, f->name, e);

    if (has == 0)
        has = prop(scan, "names", text, f->name, e);
    if (has <= 0)
        return has;
    const int r = g20_class_list_parse(&f->classes, text, e);
    return r < 0 ? g20_fail_at(e, r, "%s: class names", f->name) : 0;
}

static int read_layout(struct g20_foreign *f, const struct g20_onnx_scan *scan, char text[TEXT],
                       struct g20_err *e)
{
    int has = prop(scan, "end2end", text, f->name, e);

    if (has > 0 && strcmp(text, "True") == 0)
        return g20_fail(e, G20_ESHAPE,
                        "%s: it ends in its own suppression of boxes (end2end), a layout that is "
                        "not known here",
                        f->name);
    if (has < 0 || (has = prop(scan, "g20.layout", text, f->name, e)) < 0)
        return has;
    const int r = g20_yolo_recognise(&f->shape, &f->out, f->classes.count, has ? text : NULL, e);
    if (r < 0)
        return g20_fail_at(e, r, "%s", f->name);
    f->shape.height = (uint32_t)f->in.dim[2];
    f->shape.width = (uint32_t)f->in.dim[3];
    for (uint32_t i = f->classes.count; i < f->shape.classes; i++)
        snprintf(f->classes.name[i], sizeof(f->classes.name[i]), "class %u", i);
    f->classes.count = f->shape.classes;
    return 0;
}

static int set_up(struct g20_foreign *f, const struct g20_onnx_scan *scan, char text[TEXT],
                  uint32_t max_boxes, float nms_threshold, struct g20_err *e)
{
    const float *out;
    int r;

    if ((r = choose_size(f, scan, text, e)) < 0 || (r = choose_channels(f, scan, text, e)) < 0 ||
        (r = read_classes(f, scan, text, e)) < 0)
        return r;
    f->input =
        g20_calloc_aligned((size_t)(f->in.dim[1] * f->in.dim[2] * f->in.dim[3]), sizeof(*f->input));
    if (!f->input)
        return g20_fail(e, -ENOMEM, "%s: out of memory", f->name);
    if ((r = g20_ort_run(f->session, f->input, &f->in, &out, &f->out, e)) < 0 ||
        (r = read_layout(f, scan, text, e)) < 0)
        return r;
    r = g20_yolo_create(&f->yolo, &f->shape, max_boxes, nms_threshold);
    return r < 0 ? g20_fail(e, r, "%s: out of memory", f->name) : 0;
}

int g20_foreign_create(struct g20_foreign **ret, const void *data, size_t len,
                       const struct g20_onnx_scan *scan, const char *name,
                       const struct g20_provider *provider, uint32_t threads, uint32_t max_boxes,
                       float nms_threshold, struct g20_err *e)
{
    struct g20_foreign *f = g20_calloc(1, sizeof(*f));
    char *text = g20_calloc(TEXT, 1);
    int r = -ENOMEM;

    if (!f || !text) {
        g20_fail(e, r, "%s: out of memory", name);
        goto out;
    }
    snprintf(f->name, sizeof(f->name), "%s", name);
    if ((r = g20_ort_open(&f->ort, provider->library, e)) < 0) {
        g20_fail_at(e, r, "%s: no g20.kind: not a model of G20, and others need ONNX Runtime",
                    name);
        goto out;
    }
    const struct g20_ort_cfg cfg = {.provider = provider->on,
                                    .threads = threads,
                                    .int8 = provider->int8 && scan->is_quantized,
                                    .use_dla = provider->use_dla,
                                    .dla_core = provider->dla_core};
    if ((r = g20_ort_session_create(&f->session, f->ort, data, len, &cfg, name, e)) >= 0)
        r = set_up(f, scan, text, max_boxes, nms_threshold, e);
out:
    g20_free(text);
    if (r < 0)
        g20_foreign_destroy(f);
    else
        *ret = f;
    return r;
}

void g20_foreign_destroy(struct g20_foreign *f)
{
    if (!f)
        return;
    g20_yolo_destroy(f->yolo);
    g20_ort_session_destroy(f->session);
    g20_ort_close(f->ort);
    g20_free(f->input);
    g20_free(f);
}

const struct g20_class_list *g20_foreign_classes(const struct g20_foreign *f)
{
    return &f->classes;
}

void g20_foreign_show(const struct g20_foreign *f, char *buf, size_t size)
{
    char in[96], out[96];

    g20_ort_show(&f->in, in, sizeof(in));
    g20_ort_show(&f->out, out, sizeof(out));
    snprintf(buf, size, "%s -> %s, %s, ONNX Runtime %s", in, out,
             f->shape.layout == G20_YOLO_V8 ? "yolov8" : "yolov5", g20_ort_version(f->ort));
}

/* Part @i of @n of @whole: from *ret to the value returned, at least one. */
static uint32_t part(uint32_t i, uint32_t n, uint32_t whole, uint32_t *ret)
{
    *ret = (uint32_t)((uint64_t)i * whole / n);
    const uint32_t end = (uint32_t)((uint64_t)(i + 1) * whole / n);

    return G20_MAX(end, *ret + 1);
}

/* The highest level of each bin of channel @c in rows @row .. @end - 1 into .line. */
static void fold_rows(struct g20_foreign *f, const uint8_t *image, uint32_t c, uint32_t row,
                      uint32_t end)
{
    memset(f->line, 0, sizeof(f->line));
    for (; row < end; row++)
        for (uint32_t b = 0; b < B; b++) {
            const uint8_t v = image[((size_t)row * B + b) * 2 + c];
            f->line[b] = G20_MAX(f->line[b], v);
        }
}

static void fill(struct g20_foreign *f, const uint8_t *image)
{
    const uint32_t height = f->shape.height, width = f->shape.width;
    float *to = f->input;

    for (int64_t c = 0; c < f->in.dim[1]; c++)
        for (uint32_t y = 0; y < height; y++) {
            uint32_t row, bin;
            const uint32_t end = part(y, height, R, &row);
            fold_rows(f, image, f->which[c], row, end);
            for (uint32_t x = 0; x < width; x++) {
                const uint32_t stop = part(x, width, B, &bin);
                uint8_t most = 0;
                for (; bin < stop; bin++)
                    most = G20_MAX(most, f->line[bin]);
                *to++ = (float)most * (1.0f / 255.0f);
            }
        }
}

int g20_foreign_look(struct g20_foreign *f, const uint8_t *image, uint32_t rows, float threshold,
                     size_t *ret_count, struct g20_hydra_box **ret_boxes, struct g20_err *e)
{
    struct g20_ort_shape shape;
    const float *out;

    fill(f, image);
    const int r = g20_ort_run(f->session, f->input, &f->in, &out, &shape, e);
    if (r < 0)
        return r;
    if (memcmp(shape.dim, f->out.dim, 3 * sizeof(shape.dim[0])) != 0 || shape.dims != 3)
        return g20_fail(e, -EIO, "%s: the shape of its output changes", f->name);
    *ret_count = g20_yolo_decode(f->yolo, out, rows, threshold, ret_boxes);
    return 0;
}
