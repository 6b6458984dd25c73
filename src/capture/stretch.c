/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/stretch.h"

#include "base/alloc.h"
#include "source/convert.h"
#include "source/file_args.h"
#include "source/source.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { BLOCKS = 3, READ_MS = 1000, WAIT_MS = 2000 };

struct g20_stretch {
    struct g20_ring_reader *reader; /* NULL: a recording */
    struct g20_source *source;
    struct g20_pool *pool;
    struct g20_block *block; /* the one given out last */
    uint64_t start_us;
    bool begun;
};

void g20_stretch_destroy(struct g20_stretch *s)
{
    if (!s)
        return;
    g20_ring_reader_destroy(s->reader);
    g20_block_unref(&s->block);
    g20_source_close(s->source);
    g20_pool_destroy(s->pool);
    g20_free(s);
}

int g20_stretch_ring(struct g20_stretch **ret, struct g20_ring *ring, uint64_t start_us,
                     struct g20_err *e)
{
    struct g20_stretch *s = g20_calloc(1, sizeof(*s));
    int r = s ? g20_ring_reader_create(&s->reader, ring, start_us, e)
              : g20_fail(e, -ENOMEM, "out of memory");

    if (r < 0)
        g20_stretch_destroy(s);
    else
        *ret = s;
    return r;
}

int g20_stretch_file(struct g20_stretch **ret, const char *path, uint64_t start_us,
                     struct g20_err *e)
{
    struct g20_stretch *s = g20_calloc(1, sizeof(*s));
    char args[4400];
    const struct g20_source_cfg cfg = {.driver = "file", .args = args};

    if (!s)
        return g20_fail(e, -ENOMEM, "out of memory");
    s->start_us = start_us;
    int r = g20_file_args_escape(path, args, sizeof(args));
    if (r < 0)
        g20_fail(e, r, "%.200s: %s", path, g20_strerror(r));
    if (r >= 0)
        r = g20_source_open(&s->source, &cfg, e);
    if (r >= 0 && (r = g20_pool_create(&s->pool, BLOCKS, G20_RING_PIECE)) < 0)
        g20_fail(e, r, "out of memory");
    if (r < 0)
        g20_stretch_destroy(s);
    else
        *ret = s;
    return r;
}

/* Samples of @b before UTC @us. */
static uint32_t before(const struct g20_block *b, uint64_t us)
{
    const double n = us > b->time_us ? round((double)(us - b->time_us) * b->rate_hz * 1e-6) : 0;

    return (uint32_t)G20_MIN(n, (double)b->len);
}

/* The next block of the recording that is not all before the start. */
static int next_of_file(struct g20_stretch *s, uint64_t end_us, struct g20_block *ret,
                        struct g20_err *e)
{
    for (;;) {
        g20_block_unref(&s->block);
        s->block = g20_pool_get(s->pool, 0);
        if (!s->block)
            return g20_fail(e, -ENOMEM, "no block is free");
        const int r = g20_source_read(s->source, s->block, READ_MS, e);
        if (r <= 0)
            return r == 0 ? -ENODATA : r;
        *ret = *s->block;
        const uint32_t skip = s->begun ? 0 : before(ret, s->start_us);
        const uint32_t end = end_us > 0 ? before(ret, end_us) : ret->len;
        if (!s->begun && skip == 0 && s->start_us > 0 && ret->time_us > s->start_us + 1)
            return g20_fail(e, -ENODATA, "start_us: the recording begins later");
        if (end == 0)
            return -ENODATA;
        if (skip >= ret->len)
            continue;
        s->begun = true;
        if (end <= skip)
            return -ENODATA;
        ret->data = (char *)ret->data + skip * g20_sample_bytes(ret->format);
        ret->first_sample += skip;
        ret->time_us += (uint64_t)llround((double)skip * 1e6 / ret->rate_hz);
        ret->len = end - skip;
        return 1;
    }
}

int g20_stretch_next(struct g20_stretch *s, uint64_t end_us, int timeout_ms, struct g20_block *ret,
                     struct g20_err *e)
{
    return s->reader ? g20_ring_read(s->reader, end_us, timeout_ms, ret, e)
                     : next_of_file(s, end_us, ret, e);
}

/* ---- all of it as numbers ---- */

static void to_floats(const struct g20_block *b, float *out)
{
    static const enum g20_scalar scalars[] = {
        [G20_CF32] = G20_F32, [G20_CI16] = G20_I16, [G20_CI8] = G20_I8, [G20_CU8] = G20_U8};
    const struct g20_datatype t = {.scalar = scalars[b->format], .is_complex = true};

    g20_convert(&t, out, b->data, (size_t)b->len * 2);
    g20_clear_bad(out, b->len, 2);
}

/* Whether @b goes on where the last one ended. */
static bool follows(const struct g20_stretch_iq *x, const struct g20_block *b, uint64_t next)
{
    return x->samples == 0 || (b->first_sample == next && b->rate_hz == x->rate_hz &&
                               b->center_hz == x->center_hz && b->flags == 0);
}

static int add(struct g20_stretch_iq *x, const struct g20_block *b, uint64_t end_us, uint64_t room,
               struct g20_err *e)
{
    if (x->samples == 0) {
        const double n = (double)(end_us - G20_MIN(b->time_us, end_us)) * b->rate_hz * 1e-6;
        if (n > (double)room)
            return g20_fail(e, -EFBIG, "duration_us: %.0f samples, at most %llu", n,
                            (unsigned long long)room);
        x->iq = g20_calloc_aligned((size_t)n + 2, 2 * sizeof(float));
        if (!x->iq)
            return g20_fail(e, -ENOMEM, "duration_us: no memory for %.0f samples", n);
        x->rate_hz = b->rate_hz;
        x->center_hz = b->center_hz;
        x->time_us = b->time_us;
        x->samples = 0;
    }
    const double most = (double)(end_us - x->time_us) * x->rate_hz * 1e-6 + 1;
    if ((double)(x->samples + b->len) > most)
        return 0; /* the clock was set meanwhile */
    to_floats(b, x->iq + 2 * x->samples);
    x->samples += b->len;
    return 0;
}

int g20_stretch_fetch(struct g20_stretch *s, uint64_t end_us, uint64_t most,
                      struct g20_stretch_iq *ret, struct g20_err *e)
{
    struct g20_stretch_iq x = {.iq = NULL};
    struct g20_block b = {.data = NULL};
    uint64_t next = 0;
    int r;

    while ((r = g20_stretch_next(s, end_us, WAIT_MS, &b, e)) == 1) {
        if (!follows(&x, &b, next))
            r = g20_fail(e, -ENODATA,
                         "duration_us: samples are missing %.6f s after its start, or the radio "
                         "was tuned",
                         (double)x.samples / x.rate_hz);
        else
            r = add(&x, &b, end_us, most, e);
        if (r < 0)
            break;
        next = b.first_sample + b.len;
    }
    if (r == 0)
        r = g20_fail(e, -ENODATA, "duration_us: the stream ends before");
    else if (r == -ENODATA && x.samples > 0 &&
             (double)x.samples + 2 >= (double)(end_us - x.time_us) * x.rate_hz * 1e-6)
        r = 0;
    else if (r == -ENODATA && (!e || !e->msg[0]))
        r = g20_fail(e, -ENODATA, "duration_us: that time is not all there");
    if (r < 0)
        g20_free(x.iq);
    else
        *ret = x;
    return r;
}
