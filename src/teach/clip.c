/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/clip.h"

#include "base/alloc.h"
#include "base/text.h"
#include "source/convert.h"
#include "source/sigmf.h"
#include "source/source.h"
#include "teach/folder.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 65536, BLOCKS = 3, TIMEOUT_MS = 1000 };

void g20_clip_fini(struct g20_clip *c)
{
    g20_free(c->iq);
    c->iq = NULL;
    c->samples = 0;
}

void g20_clip_name(char *buf, size_t size, const char *file)
{
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
    const char *dot = strrchr(name, '.');
    const size_t n = dot && dot > name ? (size_t)(dot - name) : strlen(name);

    snprintf(buf, size, "%.*s", (int)G20_MIN(n, size - 1), name);
    if (!g20_text_is_clean(buf)) /* cut within a character, or no text */
        for (char *c = buf; *c; c++)
            if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
                *c = '_';
}

/* The samples of @b that belong to the clip. */
static void take(struct g20_clip *c, uint64_t at, const struct g20_block *b, uint64_t count)
{
    static const enum g20_scalar scalars[] = {
        [G20_CF32] = G20_F32, [G20_CI16] = G20_I16, [G20_CI8] = G20_I8, [G20_CU8] = G20_U8};
    const struct g20_datatype type = {.scalar = scalars[b->format], .is_complex = true};
    const uint64_t lo = G20_MAX(at, c->sample_start);
    const uint64_t hi = G20_MIN(at + b->len, c->sample_start + count);

    if (lo >= hi)
        return;
    const char *data = b->data;
    g20_convert(&type, c->iq + 2 * (lo - c->sample_start),
                data + (lo - at) * g20_sample_bytes(b->format), (size_t)(hi - lo) * 2);
    c->samples = hi - c->sample_start;
}

static int play(struct g20_clip *c, struct g20_source *s, struct g20_pool *blocks, uint64_t count,
                struct g20_err *e)
{
    uint64_t at = 0;

    while (at < c->sample_start + count) {
        struct g20_block *b = g20_pool_get(blocks, 0);
        if (!b)
            return g20_fail(e, -ENOMEM, "clip: out of blocks");
        const int n = g20_source_read(s, b, TIMEOUT_MS, e);
        if (n > 0)
            take(c, at, b, count);
        g20_block_unref(&b);
        if (n == 0)
            break;
        if (n < 0 && n != -ETIMEDOUT)
            return n;
        at += n > 0 ? (uint64_t)n : 0;
    }
    return c->samples > 0 ? 0 : g20_fail(e, -ENODATA, "clip: the recording ends before it");
}

/* Of the tuning that sample @start is in: centre, time, and where it ends. */
static uint64_t describe(struct g20_clip *c, const struct g20_sigmf *m, uint64_t start)
{
    const struct g20_sigmf_capture *x = &m->captures[0];
    uint64_t end = UINT64_MAX;

    for (size_t i = 0; i < m->ncaptures; i++) {
        if (m->captures[i].sample_start <= start)
            x = &m->captures[i];
        else
            end = G20_MIN(end, m->captures[i].sample_start);
    }
    c->rate_hz = m->rate_hz;
    c->center_hz = x->has_center ? x->center_hz : 0.0;
    c->time_us = x->time_us
                     ? x->time_us + (uint64_t)((double)(start - x->sample_start) / m->rate_hz * 1e6)
                     : 0;
    c->sample_start = start;
    return end;
}

int g20_clip_read(struct g20_clip *ret, const char *path, uint64_t start, uint64_t count,
                  struct g20_err *e)
{
    struct g20_clip c = {.iq = NULL};
    struct g20_sigmf *m = NULL;
    struct g20_source *s = NULL;
    struct g20_pool *blocks = NULL;
    char meta[G20_FOLDER_PATH], data[G20_FOLDER_PATH];
    int r = g20_sigmf_load(&m, path, e);

    if (r < 0)
        return r;
    const uint64_t end = describe(&c, m, start);
    g20_clip_name(c.recording, sizeof(c.recording), m->recording[0] ? m->recording : path);
    c.has_number = g20_sigmf_number(m, start, &c.number);
    g20_sigmf_destroy(m);
    count = G20_MIN(G20_MIN(count, end - start), (uint64_t)G20_CLIP_MOST);
    if ((r = g20_sigmf_paths(path, meta, data, sizeof(meta))) < 0)
        return g20_fail(e, r, "%.200s: name too long", path);
    const struct g20_source_cfg cfg = {.driver = "file", .args = meta};
    c.iq = g20_calloc((size_t)count + 1, 2 * sizeof(*c.iq));
    if (!c.iq || g20_pool_create(&blocks, BLOCKS, BLOCK) < 0)
        r = g20_fail(e, -ENOMEM, "clip: out of memory");
    else if ((r = g20_source_open(&s, &cfg, e)) >= 0)
        r = play(&c, s, blocks, count, e);
    g20_source_close(s);
    if (blocks)
        g20_pool_destroy(blocks);
    if (r < 0)
        g20_clip_fini(&c);
    else
        *ret = c;
    return r < 0 ? r : 0;
}

/* Does recording @m hold it? Where it begins into @start. */
static bool holds(const struct g20_sigmf *m, uint64_t time_us, double f_lo, double f_hi,
                  double *start)
{
    for (size_t i = m->ncaptures; i-- > 0;) {
        const struct g20_sigmf_capture *x = &m->captures[i];
        if (!x->time_us || x->time_us > time_us || !x->has_center)
            continue;
        *start = (double)x->sample_start + 1e-6 * (double)(time_us - x->time_us) * m->rate_hz;
        const bool ended =
            i + 1 < m->ncaptures && *start >= (double)m->captures[i + 1].sample_start;
        return !ended && fabs(f_lo - x->center_hz) < 0.5 * m->rate_hz &&
               fabs(f_hi - x->center_hz) < 0.5 * m->rate_hz;
    }
    return false;
}

int g20_clip_find(struct g20_clip *ret, const char *folder, uint64_t time_us, double duration_s,
                  double f_lo_hz, double f_hi_hz, double around_s, struct g20_err *e)
{
    struct g20_names names = {.item = NULL};
    char path[G20_FOLDER_PATH];
    int r = g20_folder_list(&names, folder, ".sigmf-meta", false, e), found = -ENODATA;

    for (size_t i = names.count; i-- > 0 && r >= 0 && found < 0;) {
        struct g20_sigmf *m = NULL;
        double start = 0.0;
        if (g20_folder_path(path, NULL, "%s/%s.sigmf-meta", folder, names.item[i]) < 0 ||
            g20_sigmf_load(&m, path, NULL) < 0)
            continue;
        const double rate = m->rate_hz, around = around_s * rate;
        const bool there = time_us && holds(m, time_us, f_lo_hz, f_hi_hz, &start);
        g20_sigmf_destroy(m);
        if (there)
            found = g20_clip_read(ret, path, (uint64_t)llround(fmax(start - around, 0.0)),
                                  (uint64_t)(duration_s * rate + 2.0 * around) + 1, NULL);
    }
    g20_names_free(&names);
    if (r < 0 || found >= 0)
        return r < 0 ? r : 0;
    return g20_fail(e, -ENODATA, "no recording has it");
}
