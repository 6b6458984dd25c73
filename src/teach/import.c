/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/import.h"

#include "base/alloc.h"
#include "base/file.h"
#include "detect/tile.h"
#include "source/convert.h"
#include "source/sigmf.h"
#include "source/source.h"
#include "teach/clip.h"
#include "teach/rfcap.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 65536,
    AROUND = G20_TILE_ROWS * G20_TILE_ROW_SAMPLES / 2, /* kept at each side of an annotation */
    LONGEST = 1 << 24,                                 /* of one sample: 128 MiB */
    TIMEOUT_MS = 1000,
};

/* A part of the recording that becomes a sample. */
struct window {
    uint64_t start, stop;
};

struct reading {
    const struct g20_import *how;
    const char *file, *label;
    struct g20_samples *samples;
    struct g20_sigmf *meta;
    struct g20_source *source;
    struct g20_pool *blocks;
    struct window *window; /* (windows) in order, apart from each other */
    size_t windows;
    float *iq; /* (of the longest window) complex */
    struct g20_teach_box *box;
    char recording[64];
    struct g20_import_report *report;
};

static double centre_at(const struct g20_sigmf *m, uint64_t sample)
{
    double centre = 0.0;

    for (size_t i = 0; i < m->ncaptures && m->captures[i].sample_start <= sample; i++)
        centre = m->captures[i].has_center ? m->captures[i].center_hz : 0.0;
    return centre;
}

/* UTC of @sample, 0 when it is not known. */
static uint64_t time_at(const struct g20_sigmf *m, uint64_t sample)
{
    const struct g20_sigmf_capture *c = &m->captures[0];

    for (size_t i = 0; i < m->ncaptures && m->captures[i].sample_start <= sample; i++)
        c = &m->captures[i];
    return c->time_us && sample >= c->sample_start
               ? c->time_us + (uint64_t)((double)(sample - c->sample_start) / m->rate_hz * 1e6)
               : 0;
}

static bool is_meant(const struct reading *x, const struct g20_sigmf_annotation *a)
{
    return !a->ignore && (!x->label || strcmp(a->label, x->label) == 0);
}

static void choose_label(struct reading *x)
{
    x->label = x->how->label;
    if (x->label)
        return;
    for (size_t i = 0; i < x->meta->nannotations; i++)
        if (strcmp(x->meta->annotations[i].label, x->how->signal) == 0)
            x->label = x->how->signal;
}

/* Start and stop of annotation @a, within @total samples and its capture's segment. */
static bool extent(const struct reading *x, const struct g20_sigmf_annotation *a, uint64_t total,
                   struct window *ret, struct window *ret_segment)
{
    struct window segment = {0, total};

    for (size_t i = 0; i < x->meta->ncaptures; i++) {
        const uint64_t start = x->meta->captures[i].sample_start;
        if (start <= a->sample_start)
            segment.start = start;
        else
            segment.stop = G20_MIN(segment.stop, start);
    }
    ret->start = a->sample_start;
    ret->stop = a->sample_count > segment.stop - G20_MIN(segment.stop, a->sample_start)
                    ? segment.stop
                    : a->sample_start + a->sample_count;
    ret->stop = G20_MIN(ret->stop, ret->start + LONGEST - 2 * AROUND);
    *ret_segment = segment;
    return ret->start < ret->stop;
}

static int by_start(const void *a, const void *b)
{
    const struct window *x = a, *y = b;

    return (x->start > y->start) - (x->start < y->start);
}

/* What is near annotations that are meant; what touches is one. */
static int choose_windows(struct reading *x, uint64_t total, struct g20_err *e)
{
    size_t n = 0, joined = 0;

    x->window = g20_calloc(x->meta->nannotations + 1, sizeof(*x->window));
    if (!x->window)
        return g20_fail(e, -ENOMEM, "%s: out of memory", x->file);
    for (size_t i = 0; i < x->meta->nannotations; i++) {
        struct window w, segment;
        if (!is_meant(x, &x->meta->annotations[i]) ||
            !extent(x, &x->meta->annotations[i], total, &w, &segment))
            continue;
        w.start = G20_MAX(segment.start, w.start > AROUND ? w.start - AROUND : 0);
        w.stop = G20_MIN(segment.stop, w.stop + AROUND);
        x->window[n++] = w;
    }
    if (n == 0)
        return g20_fail(e, -ENODATA, "%s: no annotation is labelled \"%.40s\"", x->file,
                        x->label ? x->label : x->how->signal);
    qsort(x->window, n, sizeof(*x->window), by_start);
    for (size_t i = 1; i < n; i++) {
        struct window *last = &x->window[joined], *w = &x->window[i];
        if (w->start < last->stop && w->stop - last->start <= LONGEST)
            last->stop = G20_MAX(last->stop, w->stop);
        else
            x->window[++joined] = *w;
    }
    x->windows = joined + 1;
    return 0;
}

/* The annotations within a window, in its own terms. Those that it holds less than half of are left
 * out. */
static size_t boxes_in(struct reading *x, const struct window *w, uint64_t total)
{
    const double n = (double)(w->stop - w->start), centre = centre_at(x->meta, w->start);
    size_t count = 0;

    for (size_t i = 0; i < x->meta->nannotations && count < G20_BOXES_MOST; i++) {
        const struct g20_sigmf_annotation *a = &x->meta->annotations[i];
        struct window at, segment;
        if (!extent(x, a, total, &at, &segment))
            continue;
        const double start = fmax((double)at.start - (double)w->start, 0.0);
        const double stop = fmin((double)at.stop - (double)w->start, n);
        const double lo = a->has_freq ? (a->f_lo_hz - centre) / x->meta->rate_hz + 0.5 : 0.0;
        const double hi = a->has_freq ? (a->f_hi_hz - centre) / x->meta->rate_hz + 0.5 : 1.0;
        struct g20_teach_box b = {
            .x_min = fmax(lo, 0.0), .x_max = fmin(hi, 1.0), .y_min = start / n, .y_max = stop / n};
        if (stop - start < 0.5 * (double)(at.stop - at.start))
            continue;
        if (!is_meant(x, a))
            snprintf(b.label, sizeof(b.label), "%.31s",
                     a->ignore   ? G20_BOX_IGNORE
                     : *a->label ? a->label
                                 : G20_BOX_OTHER);
        if (b.label[0] && !g20_text_is_clean(b.label))
            snprintf(b.label, sizeof(b.label), G20_BOX_OTHER);
        if (g20_box_check(&b, i, w->stop - w->start, NULL) >= 0)
            x->box[count++] = b;
    }
    return count;
}

static int save(struct reading *x, const struct window *w, uint64_t total, struct g20_err *e)
{
    char id[G20_SAMPLE_ID];
    bool is_new = false;
    uint32_t meant = 0;
    uint64_t number;
    const bool has_number = g20_sigmf_number(x->meta, w->start, &number);
    const struct g20_sample sample = {.signal = x->how->signal,
                                      .iq = x->iq,
                                      .samples = w->stop - w->start,
                                      .rate_hz = x->meta->rate_hz,
                                      .center_hz = centre_at(x->meta, w->start),
                                      .time_us = time_at(x->meta, w->start),
                                      .box = x->box,
                                      .boxes = boxes_in(x, w, total),
                                      .complete = x->how->complete,
                                      .recording = x->recording,
                                      .has_number = has_number,
                                      .number = number};

    for (size_t i = 0; i < sample.boxes; i++)
        meant += x->box[i].label[0] == '\0';
    if (meant == 0)
        return 0; /* too short, or cut: nothing to learn from */
    const int r = g20_samples_save(x->samples, &sample, id, &is_new, e);
    if (r < 0)
        return g20_fail_at(e, r, "%.120s", x->file);
    x->report->samples++;
    x->report->known += !is_new;
    x->report->boxes += meant;
    return 0;
}

static void convert(const struct g20_block *b, uint64_t from, uint64_t n, float *out)
{
    static const enum g20_scalar scalars[] = {
        [G20_CF32] = G20_F32, [G20_CI16] = G20_I16, [G20_CI8] = G20_I8, [G20_CU8] = G20_U8};
    const struct g20_datatype type = {.scalar = scalars[b->format], .is_complex = true};
    const char *data = b->data;

    g20_convert(&type, out, data + from * g20_sample_bytes(b->format), (size_t)n * 2);
}

static int read_windows(struct reading *x, uint64_t total, struct g20_err *e)
{
    uint64_t at = 0;
    int r = 0;

    for (size_t i = 0; i < x->windows && r >= 0;) {
        const struct window *w = &x->window[i];
        struct g20_block *b = g20_pool_get(x->blocks, 0);
        if (!b)
            return g20_fail(e, -ENOMEM, "%s: out of blocks", x->file);
        const int n = g20_source_read(x->source, b, TIMEOUT_MS, e);
        /* A block may end one window and begin the next ones. */
        for (; n > 0 && i < x->windows && r >= 0; w = &x->window[i]) {
            const uint64_t lo = G20_MAX(at, w->start), hi = G20_MIN(at + (uint64_t)n, w->stop);
            if (lo < hi)
                convert(b, lo - at, hi - lo, x->iq + 2 * (lo - w->start));
            if (at + (uint64_t)n < w->stop)
                break;
            r = save(x, w, total, e);
            i++;
        }
        g20_block_unref(&b);
        if (n < 0 && n != -ETIMEDOUT)
            return n;
        if (n == 0)
            return i < x->windows ? g20_fail(e, -ENODATA, "%s: it ends too early", x->file) : r;
        at += n > 0 ? (uint64_t)n : 0;
    }
    return r;
}

static int open_recording(struct reading *x, struct g20_err *e)
{
    char meta[4096], data[4096];
    uint64_t longest = 0;
    int r = g20_sigmf_load(&x->meta, x->file, e);

    if (r < 0)
        return r;
    if ((r = g20_sigmf_paths(x->file, meta, data, sizeof(meta))) < 0)
        return g20_fail(e, r, "%.200s: name too long", x->file);
    const struct g20_source_cfg cfg = {.driver = "file", .args = meta};
    choose_label(x);
    if ((r = g20_source_open(&x->source, &cfg, e)) < 0 ||
        (r = choose_windows(x, g20_source_info(x->source)->total_samples, e)) < 0)
        return r;
    for (size_t i = 0; i < x->windows; i++)
        longest = G20_MAX(longest, x->window[i].stop - x->window[i].start);
    x->iq = g20_calloc((size_t)longest, 2 * sizeof(*x->iq));
    x->box = g20_calloc(G20_BOXES_MOST, sizeof(*x->box));
    if (!x->iq || !x->box || g20_pool_create(&x->blocks, 3, BLOCK) < 0)
        return g20_fail(e, -ENOMEM, "%s: out of memory", x->file);
    return 0;
}

static int import_sigmf(struct g20_samples *s, const char *file, const struct g20_import *how,
                        struct g20_import_report *ret, struct g20_err *e)
{
    struct reading x = {.samples = s, .file = file, .how = how, .report = ret};

    g20_clip_name(x.recording, sizeof(x.recording), file);
    int r = open_recording(&x, e);
    if (r >= 0)
        r = read_windows(&x, g20_source_info(x.source)->total_samples, e);
    g20_source_close(x.source);
    if (x.blocks)
        g20_pool_destroy(x.blocks);
    g20_sigmf_destroy(x.meta);
    g20_free(x.window);
    g20_free(x.iq);
    g20_free(x.box);
    return r;
}

/* A capture of the prototype has no boxes: all of it, as wide as it says, is the signal. */
static int import_rfcap(struct g20_samples *s, const char *file, const struct g20_import *how,
                        struct g20_import_report *ret, struct g20_err *e)
{
    struct g20_rfcap c;
    char recording[64], id[G20_SAMPLE_ID], *data;
    bool is_new = false;
    size_t len;
    int r = g20_file_read(file, G20_RFCAP_HEADER + (size_t)LONGEST * 8, &data, &len, e);

    if (r < 0)
        return r;
    r = g20_rfcap_parse(data, len, &c, e);
    if (r >= 0 && (len - G20_RFCAP_HEADER) / 8 < c.samples)
        r = g20_fail(e, G20_EFORMAT, "%llu samples of the %llu that its header says",
                     (unsigned long long)(len - G20_RFCAP_HEADER) / 8,
                     (unsigned long long)c.samples);
    g20_clip_name(recording, sizeof(recording), file);
    if (r >= 0) {
        const struct g20_teach_box box = {.x_min = 0.5 - 0.5 * c.bandwidth_hz / c.rate_hz,
                                          .x_max = 0.5 + 0.5 * c.bandwidth_hz / c.rate_hz,
                                          .y_max = 1.0};
        const struct g20_sample x = {.signal = how->signal ? how->signal : c.name,
                                     .iq = (const float *)(const void *)(data + G20_RFCAP_HEADER),
                                     .samples = c.samples,
                                     .rate_hz = c.rate_hz,
                                     .center_hz = c.center_hz,
                                     .time_us = c.start_us,
                                     .box = &box,
                                     .boxes = 1,
                                     .complete = how->complete,
                                     .recording = recording};
        r = g20_samples_save(s, &x, id, &is_new, e);
    }
    g20_free(data);
    if (r < 0)
        return g20_fail_at(e, r, "%.120s", file);
    ret->samples++;
    ret->known += !is_new;
    ret->boxes++;
    return 0;
}

int g20_import_file(struct g20_samples *s, const char *file, const struct g20_import *how,
                    struct g20_import_report *ret, struct g20_err *e)
{
    char magic[4] = "";
    FILE *f = fopen(file, "re");

    if (f) {
        const bool is_rfcap = fread(magic, 1, 4, f) == 4 && memcmp(magic, "G20", 4) == 0;
        fclose(f);
        if (is_rfcap)
            return import_rfcap(s, file, how, ret, e);
    }
    if (!how->signal)
        return g20_fail(e, -EINVAL, "%.200s: signal_name required", file);
    return import_sigmf(s, file, how, ret, e);
}
