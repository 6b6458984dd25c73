/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/stft.h"

#include "base/alloc.h"
#include "dsp/fft.h"
#include "dsp/kernels.h"

#include <errno.h>
#include <math.h>

struct g20_stft {
    struct g20_stft_cfg cfg;
    const struct g20_kernels *k;
    struct g20_fft *fft;
    float *window;              /* (2 nfft) each value twice, signs alternating by sample */
    float complex *time, *freq; /* (nfft) input and output of the transform */
    float *power;               /* (nfft) */
    float inv_gain2;            /* 1 / sum(window)^2 */

    /* The blocks that hold samples of the next frame, oldest first: a ring of (cap) references.
     * Each holds at least one sample, so nfft of them are enough for a frame. */
    struct g20_block **held;
    uint32_t cap, head, count;
    uint32_t offset;  /* of the next frame in the oldest block */
    uint64_t samples; /* held from there on; below nfft between two pushes */
    bool restarted;   /* the next frame is the first of a run */

    /* What the next block must continue. */
    bool running;
    uint64_t next_sample;
    double center_hz, rate_hz;
    enum g20_sample_format format;
    uint64_t bad_samples;
};

static void init_window(struct g20_stft *s)
{
    const uint32_t n = s->cfg.nfft;
    float *w = s->power; /* scratch until the first frame */
    double sum = 0;

    g20_window_fill(s->cfg.window, w, n);
    for (uint32_t i = 0; i < n; i++)
        sum += (double)w[i];
    s->inv_gain2 = (float)(1 / (sum * sum));

    /* x[i] (-1)^i has its spectrum turned by half: the transform of it comes out lowest frequency
     * first, and nothing has to be moved afterwards. */
    for (uint32_t i = 0; i < n; i++)
        s->window[2 * i] = s->window[2 * i + 1] = i % 2 ? -w[i] : w[i];
}

int g20_stft_create(struct g20_stft **ret, const struct g20_stft_cfg *cfg, struct g20_err *e)
{
    const uint32_t n = cfg->nfft;
    int r = -ENOMEM;

    if (n < 64 || n > 65536 || (n & (n - 1)) != 0)
        return g20_fail(e, -EINVAL, "nfft %u is not a power of two in 64..65536", n);
    if (cfg->hop < 1 || cfg->hop > n)
        return g20_fail(e, -EINVAL, "hop %u is not in 1..%u", cfg->hop, n);
    if (cfg->window < G20_WINDOW_RECT || cfg->window > G20_WINDOW_FLATTOP)
        return g20_fail(e, -EINVAL, "window %d does not exist", (int)cfg->window);

    struct g20_stft *s = g20_calloc(1, sizeof(*s));
    if (!s)
        goto fail;
    s->cfg = *cfg;
    s->cfg.wisdom_dir = NULL; /* borrowed for this call only */
    s->cfg.cancel = NULL;
    s->k = g20_kernels();
    s->cap = n + 1;
    s->restarted = true;
    s->window = g20_calloc_aligned((size_t)2 * n, sizeof(*s->window));
    s->time = g20_calloc_aligned(n, sizeof(*s->time));
    s->freq = g20_calloc_aligned(n, sizeof(*s->freq));
    s->power = g20_calloc_aligned(n, sizeof(*s->power));
    s->held = g20_calloc(s->cap, sizeof(struct g20_block *));
    if (!s->window || !s->time || !s->freq || !s->power || !s->held)
        goto fail;
    r = g20_fft_create_unless(&s->fft, n, G20_FFT_FORWARD, cfg->wisdom_dir, cfg->cancel, e);
    if (r < 0)
        goto fail;
    init_window(s);

    *ret = s;
    return 0;

fail:
    g20_stft_destroy(s);
    return g20_fail(e, r, "spectra of %u bins: %s", n, g20_strerror(r));
}

static struct g20_block *held_at(const struct g20_stft *s, uint32_t i)
{
    return s->held[(s->head + i) % s->cap];
}

static void drop_oldest(struct g20_stft *s)
{
    g20_block_unref(&s->held[s->head]);
    s->head = (s->head + 1) % s->cap;
    s->count--;
}

/* NaN and the like among the frame's samples that no earlier frame held. */
static uint64_t count_bad(const float *x, size_t n)
{
    uint64_t bad = 0;

    for (size_t i = 0; i < n; i++)
        bad += !(fabsf(x[2 * i]) <= G20_SAMPLE_LIMIT && fabsf(x[2 * i + 1]) <= G20_SAMPLE_LIMIT);
    return bad;
}

/* Convert and window the next frame straight from the blocks' memory into the transform's input.*/
static void fill_frame(struct g20_stft *s)
{
    const uint32_t n = s->cfg.nfft, seen = s->restarted ? 0 : n - s->cfg.hop;
    const size_t bytes = g20_sample_bytes(s->format);
    uint32_t at = s->offset, done = 0;

    for (uint32_t i = 0; done < n; i++, at = 0) {
        const struct g20_block *b = held_at(s, i);
        const uint32_t len = G20_MIN(b->len - at, n - done);
        const char *in = (const char *)b->data + at * bytes;

        if (s->k->window[s->format]((float *)(s->time + done), in, s->window + 2 * done, len) &&
            done + len > seen) {
            const uint32_t skip = done < seen ? seen - done : 0;
            s->bad_samples += count_bad((const float *)in + 2 * skip, len - skip);
        }
        done += len;
    }
}

static void emit_frame(struct g20_stft *s, g20_stft_frame_fn *on_frame, void *user)
{
    const struct g20_block *first = held_at(s, 0);
    const float scale = g20_kernels_scale((int)s->format);

    fill_frame(s);
    g20_fft_execute(s->fft, s->time, s->freq);
    s->k->power(s->power, (const float *)s->freq, s->cfg.nfft, s->inv_gain2 * scale * scale);

    const struct g20_frame frame = {
        .power = s->power,
        .first_sample = first->first_sample + s->offset,
        .time_us = first->time_us + (uint64_t)(s->offset * 1e6 / s->rate_hz + 0.5),
        .center_hz = s->center_hz,
        .rate_hz = s->rate_hz,
        .restarted = s->restarted,
    };
    s->restarted = false;
    on_frame(&frame, user);
}

static void advance(struct g20_stft *s)
{
    s->offset += s->cfg.hop;
    s->samples -= s->cfg.hop;
    while (s->count > 0 && s->offset >= held_at(s, 0)->len) {
        s->offset -= held_at(s, 0)->len;
        drop_oldest(s);
    }
}

static bool continues(const struct g20_stft *s, const struct g20_block *b)
{
    return s->running && b->flags == 0 && b->first_sample == s->next_sample &&
           b->format == s->format && b->rate_hz == s->rate_hz && b->center_hz == s->center_hz;
}

size_t g20_stft_push(struct g20_stft *s, struct g20_block *b, g20_stft_frame_fn *on_frame,
                     void *user)
{
    size_t frames = 0;

    if (!continues(s, b)) {
        g20_stft_reset(s);
        s->running = true;
        s->format = b->format;
        s->rate_hz = b->rate_hz;
        s->center_hz = b->center_hz;
    }
    s->next_sample = b->first_sample + b->len;
    if (b->len == 0)
        return 0;

    s->held[(s->head + s->count++) % s->cap] = g20_block_ref(b);
    s->samples += b->len;
    while (s->samples >= s->cfg.nfft) {
        emit_frame(s, on_frame, user);
        advance(s);
        frames++;
    }
    return frames;
}

void g20_stft_set_hop(struct g20_stft *s, uint32_t hop)
{
    g20_stft_reset(s);
    s->cfg.hop = G20_CLAMP(hop, 1, s->cfg.nfft);
}

void g20_stft_reset(struct g20_stft *s)
{
    while (s->count > 0)
        drop_oldest(s);
    s->offset = 0;
    s->samples = 0;
    s->restarted = true;
    s->running = false;
}

uint64_t g20_stft_bad_samples(const struct g20_stft *s)
{
    return s->bad_samples;
}

void g20_stft_destroy(struct g20_stft *s)
{
    if (!s)
        return;
    if (s->held)
        g20_stft_reset(s);
    g20_fft_destroy(s->fft);
    g20_free(s->held);
    g20_free(s->power);
    g20_free(s->freq);
    g20_free(s->time);
    g20_free(s->window);
    g20_free(s);
}
