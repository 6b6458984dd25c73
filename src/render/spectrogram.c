/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "render/spectrogram.h"

#include "base/alloc.h"
#include "dsp/colormap.h"
#include "dsp/stft.h"
#include "render/canvas.h"
#include "render/font.h"
#include "source/file_args.h"
#include "source/source.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    X = G20_SPECTROGRAM_X,
    Y = G20_SPECTROGRAM_Y,
    W = G20_SPECTROGRAM_W,
    H = G20_SPECTROGRAM_H,
    BLOCK = 16384,
    GREY = 0xc0c0c0,
    BOX = 0xff4040,
};

struct picture {
    float *power; /* (H, W) linear, maximum of what falls into the pixel */
    uint64_t samples;
    uint32_t nfft;
    double rate_hz, center_hz; /* of the picture: the first block's */
    bool center_known;
};

/* About as many rows as columns: short recordings get short transforms, long ones 4096. */
static uint32_t choose_nfft(uint64_t samples)
{
    uint32_t n = 128;

    while (n < 4096 && (double)n * n < 2.0 * (double)samples)
        n *= 2;
    return n;
}

static void on_frame(const struct g20_frame *f, void *user)
{
    struct picture *p = user;
    const uint64_t middle = f->first_sample + p->nfft / 2;
    const uint64_t row = G20_MIN(middle * H / G20_MAX(p->samples, (uint64_t)1), (uint64_t)H - 1);
    const double shift = (f->center_hz - p->center_hz) / p->rate_hz; /* of a later segment */
    float *out = p->power + row * W;

    for (int x = 0; x < W; x++) {
        /* Bins whose share of the band touches this pixel. Bin i is centred on i / nfft. */
        const double lo = ((double)x / W - shift) * p->nfft, hi = lo + (double)p->nfft / W;
        const long first = lround(lo), last = G20_MAX(lround(hi) - 1, first);
        for (long i = first; i <= last; i++)
            if (i >= 0 && i < (long)p->nfft)
                out[x] = fmaxf(out[x], f->power[i]);
    }
}

static int read_all(struct picture *p, struct g20_source *src, struct g20_err *e)
{
    struct g20_stft *stft = NULL;
    struct g20_pool *pool = NULL;
    const uint64_t hop = G20_CLAMP(p->samples / H, (uint64_t)1, (uint64_t)p->nfft / 2);
    const struct g20_stft_cfg cfg = {
        .nfft = p->nfft, .hop = (uint32_t)hop, .window = G20_WINDOW_HANN};
    int r = g20_stft_create(&stft, &cfg, e);

    if (r >= 0)
        r = g20_pool_create(&pool, 6, BLOCK);
    while (r >= 0) {
        struct g20_block *b = g20_pool_get(pool, 0);
        if (!b) {
            r = g20_fail(e, -ENOBUFS, "no free block");
            break;
        }
        r = g20_source_read(src, b, 1000, e);
        if (r > 0)
            g20_stft_push(stft, b, on_frame, p);
        g20_block_unref(&b);
        if (r == 0)
            break;
        if (r == -ETIMEDOUT)
            r = 0;
    }
    g20_stft_destroy(stft);
    if (pool)
        g20_pool_destroy(pool);
    return r;
}

static int by_level(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* Turns power into dB in place; empty rows repeat the row above. The scale runs from the
 * twentieth part of the pixels to the strongest one. */
static int scale(struct picture *p, float *ret_lo, float *ret_hi)
{
    float *sorted = g20_calloc((size_t)W * H, sizeof(*sorted));

    if (!sorted)
        return -ENOMEM;
    for (int y = 0; y < H; y++) {
        float *row = p->power + (size_t)y * W, sum = 0;
        for (int x = 0; x < W; x++)
            sum += row[x];
        if (sum > 0)
            for (int x = 0; x < W; x++)
                row[x] = 10 * log10f(row[x] + 1e-16f);
        else if (y > 0)
            memcpy(row, row - W, W * sizeof(*row));
        else
            for (int x = 0; x < W; x++)
                row[x] = -160;
    }
    memcpy(sorted, p->power, (size_t)W * H * sizeof(*sorted));
    qsort(sorted, (size_t)W * H, sizeof(*sorted), by_level);
    *ret_lo = sorted[W * H / 20];
    *ret_hi = G20_MAX(sorted[W * H - 1], *ret_lo + 30);
    g20_free(sorted);
    return 0;
}

static uint32_t colour_of(float share)
{
    const uint8_t *c =
        g20_colormap_rgb[G20_COLORMAP_VIRIDIS][(int)(G20_CLAMP(share, 0.0f, 1.0f) * 255)];

    return (uint32_t)c[0] << 16 | (uint32_t)c[1] << 8 | c[2];
}

static void draw_axes(struct g20_canvas *c, const struct picture *p, const char *file, float lo,
                      float hi)
{
    char text[128];
    const double seconds = (double)p->samples / p->rate_hz;

    g20_canvas_text(c, X, 4, file, 0xffffff);
    for (int i = 0; i <= 8; i++) {
        const int x = X + i * (W - 1) / 8;
        const double hz = p->center_hz * p->center_known + p->rate_hz * (i / 8.0 - 0.5);
        g20_canvas_fill(c, x, Y + H, x, Y + H + 4, GREY);
        const int n = snprintf(text, sizeof(text), "%.4f", hz * 1e-6);
        g20_canvas_text(c, x - n * G20_FONT_W / 2, Y + H + 6, text, GREY);
    }
    g20_canvas_text(c, X + W / 2 - 100, Y + H + 22,
                    p->center_known ? "MHz" : "MHz from the centre (centre frequency unknown)",
                    GREY);
    for (int i = 0; i <= 8; i++) {
        const int y = Y + i * (H - 1) / 8;
        g20_canvas_fill(c, X - 5, y, X - 1, y, GREY);
        snprintf(text, sizeof(text), seconds < 1 ? "%.2f ms" : "%.3f s",
                 seconds * i / 8 * (seconds < 1 ? 1e3 : 1));
        g20_canvas_text(c, 2, G20_CLAMP(y - 6, 0, c->height - G20_FONT_H), text, GREY);
    }
    for (int y = 0; y < H; y++) {
        const float share = 1 - (float)y / (H - 1);
        g20_canvas_fill(c, X + W + 12, Y + y, X + W + 26, Y + y, colour_of(share));
        if (y % ((H - 1) / 4) == 0) {
            snprintf(text, sizeof(text), "%.0f dB", (double)(lo + share * (hi - lo)));
            g20_canvas_text(c, X + W + 30, Y + y - 6 * (y > 0), text, GREY);
        }
    }
}

static int column(const struct picture *p, const struct g20_emission *em, double hz)
{
    const double offset = em->center_known ? hz - p->center_hz : hz;

    return X + (int)G20_CLAMP(floor((offset / p->rate_hz + 0.5) * W), 0.0, W - 1.0);
}

static int row_of(const struct picture *p, uint64_t sample)
{
    return Y + (int)G20_CLAMP((double)sample / (double)p->samples * H, 0.0, H - 1.0);
}

static void draw_boxes(struct g20_canvas *c, const struct picture *p, const struct g20_emission *em,
                       size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int x0 = column(p, &em[i], em[i].f_lo_hz), x1 = column(p, &em[i], em[i].f_hi_hz);
        const int y0 = row_of(p, em[i].sample_start);
        const int y1 = row_of(p, em[i].sample_start + em[i].sample_count);
        char text[64];

        g20_canvas_frame(c, x0 - 1, y0 - 1, x1 + 1, y1 + 1, BOX);
        if (n > 60)
            continue; /* labels would hide the picture; the table has them */
        snprintf(text, sizeof(text), "%.31s %.0f dB", em[i].class_name, (double)em[i].snr_db);
        g20_canvas_text(c, G20_MIN(x0, X + W - 90), G20_MAX(y0 - G20_FONT_H - 1, Y), text,
                        0xffffff);
    }
}

static int draw(struct picture *p, const char *file, const struct g20_emission *em, size_t n,
                const char *path, struct g20_err *e)
{
    struct g20_canvas *c = NULL;
    float lo = 0, hi = 0;
    int r = scale(p, &lo, &hi);

    if (r >= 0)
        r = g20_canvas_create(&c, X + W + 90, Y + H + 40);
    if (r < 0)
        return g20_fail(e, r, "%s: %s", path, g20_strerror(r));
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            g20_canvas_fill(c, X + x, Y + y, X + x, Y + y,
                            colour_of((p->power[(size_t)y * W + (size_t)x] - lo) / (hi - lo)));
    draw_axes(c, p, file, lo, hi);
    draw_boxes(c, p, em, n);
    r = g20_canvas_write_png(c, path, e);
    g20_canvas_destroy(c);
    return r;
}

int g20_spectrogram_write(const char *file, const struct g20_emission *em, size_t n,
                          const char *path, struct g20_err *e)
{
    char args[2 * PATH_MAX];
    const struct g20_source_cfg cfg = {.driver = "file", .args = args};
    struct g20_source *src = NULL;
    int r = g20_file_args_for(file, args, sizeof(args));

    if (r < 0)
        return g20_fail(e, r, "%.200s...: file name too long", file);
    r = g20_source_open(&src, &cfg, e);
    if (r < 0)
        return r;
    const struct g20_source_info *info = g20_source_info(src);
    struct picture p = {.samples = info->total_samples,
                        .nfft = choose_nfft(info->total_samples),
                        .rate_hz = info->rate_hz,
                        .center_hz = info->center_hz,
                        .center_known = info->center_known};
    p.power = g20_calloc((size_t)W * H, sizeof(*p.power));
    if (!p.power)
        r = g20_fail(e, -ENOMEM, "%s: %s", path, g20_strerror(-ENOMEM));
    else if (p.samples == 0)
        r = g20_fail(e, -EINVAL, "%s: its length is not known, so there is no picture", file);
    if (r >= 0)
        r = read_all(&p, src, e);
    g20_source_close(src);
    if (r >= 0)
        r = draw(&p, file, em, n, path, e);
    g20_free(p.power);
    return r;
}
