/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/reader.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "source/file_io.h"
#include "source/hilbert.h"

#include <errno.h>
#include <string.h>

enum { STAGING_BYTES = 1 << 18 };

struct g20_reader {
    const struct g20_recording *rec;
    enum g20_sample_format format;
    bool native;
    size_t frame, one; /* bytes of a sample of all channels, of one */
    uint64_t byte;     /* next to read */
    uint64_t left;     /* frames left in the segment; UINT64_MAX in a stream */
    uint64_t bad;
    char *raw;    /* (STAGING_BYTES) as in the file; NULL when nothing passes through it */
    size_t carry; /* bytes of an incomplete frame at the start of raw (streams) */
    float *real;  /* (STAGING_BYTES / one) real samples on their way to the filter */
    struct g20_hilbert *hilbert; /* NULL for complex samples */
};

int g20_reader_create(struct g20_reader **ret, const struct g20_recording *rec, struct g20_err *e)
{
    struct g20_reader *r = g20_calloc(1, sizeof(*r));

    if (!r)
        goto fail;
    r->rec = rec;
    r->native = g20_datatype_is_native(&rec->type, &r->format);
    r->frame = g20_recording_frame(rec);
    r->one = g20_datatype_bytes(&rec->type);
    if (!r->native || rec->channels > 1 || rec->is_stream) {
        r->raw = g20_calloc_aligned(STAGING_BYTES, 1);
        if (!r->raw)
            goto fail;
    }
    if (!rec->type.is_complex) {
        const size_t chunk = STAGING_BYTES / r->one;
        r->real = g20_calloc_aligned(chunk, sizeof(*r->real));
        if (!r->real || g20_hilbert_create(&r->hilbert, chunk) < 0)
            goto fail;
    }
    g20_reader_seek(r, 0);
    *ret = r;
    return 0;

fail:
    g20_reader_destroy(r);
    return g20_fail(e, -ENOMEM, "%s: out of memory", rec->name);
}

void g20_reader_destroy(struct g20_reader *r)
{
    if (!r)
        return;
    g20_hilbert_destroy(r->hilbert);
    g20_free(r->real);
    g20_free(r->raw);
    g20_free(r);
}

enum g20_sample_format g20_reader_format(const struct g20_reader *r)
{
    return r->format;
}

uint64_t g20_reader_bad(const struct g20_reader *r)
{
    return r->bad;
}

void g20_reader_seek(struct g20_reader *r, size_t segment)
{
    const struct g20_segment *s = &r->rec->segments[segment];

    r->byte = s->byte;
    r->left = r->rec->is_stream ? UINT64_MAX : s->count;
    if (r->hilbert)
        g20_hilbert_reset(r->hilbert);
}

static int cannot_read(const struct g20_reader *r, int code, struct g20_err *e)
{
    return g20_fail(e, code, "%s: cannot read: %s", r->rec->name, g20_strerror(code));
}

/* @n frames of a file to @to. */
static int read_file(struct g20_reader *r, void *to, size_t n, struct g20_err *e)
{
    const int64_t got = g20_file_pread(r->rec->fd, to, n * r->frame, r->byte);

    if (got < 0)
        return cannot_read(r, (int)got, e);
    if ((size_t)got < n * r->frame)
        return g20_fail(e, G20_EFORMAT, "%s: became shorter while it was played", r->rec->name);
    r->byte += n * r->frame;
    r->left -= n;
    return (int)n;
}

/* Up to @n frames of a stream into raw, after what is left of the last call's. 0 at its end. */
static int read_stream(struct g20_reader *r, size_t n, uint64_t deadline_ns, struct g20_err *e)
{
    while (r->carry < r->frame) {
        const int64_t got = g20_file_read_until(r->rec->fd, r->raw + r->carry,
                                                n * r->frame - r->carry, deadline_ns);
        if (got == -ETIMEDOUT)
            return -ETIMEDOUT;
        if (got < 0)
            return cannot_read(r, (int)got, e);
        if (got == 0) {
            r->left = 0;
            if (r->carry == 0 || r->rec->truncated)
                return 0;
            return g20_fail(e, G20_EFORMAT, "%s: ends %zu bytes into a sample of %zu", r->rec->name,
                            r->carry, r->frame);
        }
        r->carry += (size_t)got;
    }
    return (int)(r->carry / r->frame);
}

/* Keep the channel that is played, at the start of raw. */
static void pick_channel(struct g20_reader *r, size_t n)
{
    const char *from = r->raw + r->rec->channel * r->one;

    for (size_t i = 0; r->rec->channels > 1 && i < n; i++)
        memmove(r->raw + i * r->one, from + i * r->frame, r->one);
}

/* Up to @n samples of one channel, as they are in the file, to raw. */
static int stage(struct g20_reader *r, size_t n, uint64_t deadline_ns, struct g20_err *e)
{
    n = G20_MIN(n, STAGING_BYTES / r->frame);
    if (r->rec->is_stream)
        return read_stream(r, n, deadline_ns, e);
    return read_file(r, r->raw, (size_t)G20_MIN(n, r->left), e);
}

/* Streams: the frames just used leave raw. @tail is where they ended and pick_channel() never
 * writes, since it only moves samples forward. */
static void unstage(struct g20_reader *r, size_t n)
{
    if (!r->rec->is_stream)
        return;
    r->carry -= n * r->frame;
    memmove(r->raw, r->raw + n * r->frame, r->carry);
}

static int read_complex(struct g20_reader *r, char *out, uint32_t max, uint64_t deadline_ns,
                        struct g20_err *e)
{
    int n;

    if (!r->raw)
        n = read_file(r, out, (size_t)G20_MIN(max, r->left), e);
    else
        n = stage(r, max, deadline_ns, e);
    if (n <= 0)
        return n;
    if (r->raw) {
        pick_channel(r, (size_t)n);
        if (r->native)
            memcpy(out, r->raw, (size_t)n * r->one);
        else
            g20_convert(&r->rec->type, (float *)(void *)out, r->raw, (size_t)n * 2);
        unstage(r, (size_t)n);
    }
    if (r->format == G20_CF32 && (r->rec->type.scalar == G20_F32 || r->rec->type.scalar == G20_F64))
        r->bad += g20_clear_bad((float *)(void *)out, (size_t)n, 2);
    return n;
}

/* Push until outputs come: a filter that is empty swallows the first inputs. */
static int read_real(struct g20_reader *r, void *out, uint32_t max, uint64_t deadline_ns,
                     struct g20_err *e)
{
    for (;;) {
        const size_t got = g20_hilbert_pull(r->hilbert, out, max);
        if (got > 0)
            return (int)got;
        if (r->left == 0 && g20_hilbert_room(r->hilbert) == 0)
            return 0; /* flushed and drained */
        if (r->left == 0) {
            g20_hilbert_flush(r->hilbert);
            continue;
        }
        const int n = stage(r, G20_MIN(max, g20_hilbert_room(r->hilbert)), deadline_ns, e);
        if (n < 0)
            return n;
        pick_channel(r, (size_t)n);
        g20_convert(&r->rec->type, r->real, r->raw, (size_t)n);
        unstage(r, (size_t)n);
        r->bad += g20_clear_bad(r->real, (size_t)n, 1);
        g20_hilbert_push(r->hilbert, r->real, (size_t)n);
    }
}

int g20_reader_read(struct g20_reader *r, void *out, uint32_t max, int timeout_ms,
                    struct g20_err *e)
{
    const size_t each = g20_sample_bytes(r->format);
    const uint64_t deadline_ns =
        timeout_ms < 0 ? UINT64_MAX : g20_clock_mono_ns() + (uint64_t)timeout_ms * 1000000u;
    uint32_t done = 0;

    while (done < max) {
        char *to = (char *)out + done * each;
        int n = 0;
        if (r->hilbert)
            n = read_real(r, to, max - done, deadline_ns, e);
        else if (r->left > 0)
            n = read_complex(r, to, max - done, deadline_ns, e);
        if (n < 0 && !(n == -ETIMEDOUT && done > 0))
            return n;
        if (n <= 0)
            break;
        done += (uint32_t)n;
    }
    return (int)done;
}
