/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/file_io.h"
#include "source/recording.h"
#include "source/sigmf.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* All header bytes together; they are checked against the size of the file here, so that the sums
 * below cannot overflow. */
static int sum_headers(const struct g20_sigmf *m, uint64_t size, const char *meta, const char *data,
                       uint64_t *ret, struct g20_err *e)
{
    uint64_t used = m->trailing_bytes;

    if (used > size)
        return g20_fail(e, G20_EFORMAT,
                        "%s: global.core:trailing_bytes: %llu is more than the %llu bytes of %s",
                        meta, (unsigned long long)used, (unsigned long long)size, data);
    for (size_t i = 0; i < m->ncaptures; i++) {
        if (m->captures[i].header_bytes > size - used)
            return g20_fail(
                e, G20_EFORMAT,
                "%s: captures[%zu].core:header_bytes: %llu is more than the %llu bytes of %s", meta,
                i, (unsigned long long)m->captures[i].header_bytes, (unsigned long long)size, data);
        used += m->captures[i].header_bytes;
    }
    *ret = used;
    return 0;
}

/* Samples before the first capture belong to a segment about which nothing is known. */
static void lay_out(struct g20_recording *r, const struct g20_sigmf *m)
{
    const uint64_t frame = g20_recording_frame(r);
    uint64_t headers = 0;
    size_t n = 0;

    if (m->captures[0].sample_start > 0)
        r->segments[n++] = (struct g20_segment){.count = m->captures[0].sample_start};
    for (size_t i = 0; i < m->ncaptures; i++) {
        const struct g20_sigmf_capture *c = &m->captures[i];
        const uint64_t end = i + 1 < m->ncaptures ? m->captures[i + 1].sample_start : r->total;
        headers += c->header_bytes;
        if (c->sample_start == r->total)
            break; /* announced, but recording stopped before its first sample */
        r->segments[n++] = (struct g20_segment){.first = c->sample_start,
                                                .count = end - c->sample_start,
                                                .byte = headers + c->sample_start * frame,
                                                .center_hz = c->has_center ? c->center_hz : 0,
                                                .time_us = c->time_us};
    }
    r->nsegments = n;
}

static int fill(struct g20_recording *r, const struct g20_sigmf *m, uint64_t size, const char *meta,
                const char *data, const struct g20_file_args *args, struct g20_err *e)
{
    uint64_t other = 0;
    int err;

    if (g20_datatype_parse(&r->type, m->datatype, true) < 0)
        return g20_fail(e, G20_EFORMAT, "%s: global.core:datatype: %s", meta, m->datatype);
    r->rate_hz = m->rate_hz;
    r->channels = m->channels;
    if (args->channel >= m->channels)
        return g20_fail(e, -EINVAL, "%s: option channel: %u, but global.core:num_channels is %u",
                        meta, args->channel, m->channels);
    r->channel = args->channel;
    if ((err = sum_headers(m, size, meta, data, &other, e)) < 0 ||
        (err = g20_recording_count(r, size - other, args->truncated, data, &r->total, e)) < 0)
        return err;
    const uint64_t last = m->captures[m->ncaptures - 1].sample_start;
    if (last > r->total)
        return g20_fail(e, G20_EFORMAT,
                        "%s: captures[%zu].core:sample_start: %llu lies beyond the %llu samples "
                        "of %s",
                        meta, m->ncaptures - 1, (unsigned long long)last,
                        (unsigned long long)r->total, data);
    lay_out(r, m);
    return 0;
}

/* verify=true: the data must be what core:sha512 says. */
static int verify(const struct g20_recording *r, const struct g20_sigmf *m, uint64_t size,
                  const char *meta, const char *data, struct g20_err *e)
{
    char sum[129];

    if (m->sha512[0] == '\0')
        return g20_fail(e, G20_EFORMAT, "%s: global.core:sha512: want a hash to verify, found none",
                        meta);
    const int err = g20_file_sha512(r->fd, 0, size, sum, data, e);
    if (err < 0)
        return err;
    if (strcasecmp(sum, m->sha512) != 0)
        return g20_fail(e, G20_EFORMAT,
                        "%s: global.core:sha512: %.16s... does not match the data's %.16s... (%s)",
                        meta, m->sha512, sum, data);
    return 0;
}

/* The data file, named by core:dataset or beside the metadata under the same name. */
static int data_path(const struct g20_sigmf *m, const char *meta, char *data, size_t size,
                     struct g20_err *e)
{
    const char *slash = strrchr(meta, '/');

    if (m->metadata_only)
        return g20_fail(e, G20_EFORMAT,
                        "%s: global.core:metadata_only: is true, so there are no samples to play",
                        meta);
    if (m->dataset[0] == '\0')
        return 0;
    const int n =
        snprintf(data, size, "%.*s%s", slash ? (int)(slash - meta) + 1 : 0, meta, m->dataset);
    if (n < 0 || (size_t)n >= size)
        return g20_fail(e, -ENAMETOOLONG, "%s: global.core:dataset: path too long", meta);
    return 0;
}

int g20_rec_open_sigmf(struct g20_recording **ret, const struct g20_file_args *args,
                       struct g20_err *e)
{
    char meta[PATH_MAX], data[PATH_MAX];
    struct g20_recording *r = NULL;
    struct g20_sigmf *m = NULL;
    uint64_t size;
    int err;

    if (args->has_type || args->header_bytes > 0)
        return g20_fail(e, -EINVAL,
                        "%s: options format and header_bytes are not for SigMF, which states both",
                        args->path);
    if ((err = g20_sigmf_load(&m, args->path, e)) < 0)
        return err;
    if ((err = g20_sigmf_paths(args->path, meta, data, sizeof(meta))) < 0 ||
        (err = data_path(m, meta, data, sizeof(data), e)) < 0 ||
        (err = g20_recording_create(&r, m->ncaptures + 1, meta, e)) < 0)
        goto fail;
    if ((err = r->fd = g20_file_open(data, &size, e)) < 0) {
        err = g20_fail_at(e, err, "%s: its data", meta);
        goto fail;
    }
    if ((err = fill(r, m, size, meta, data, args, e)) < 0 ||
        (args->verify && (err = verify(r, m, size, meta, data, e)) < 0))
        goto fail;
    g20_sigmf_destroy(m);
    *ret = r;
    return 0;

fail:
    g20_recording_destroy(r);
    g20_sigmf_destroy(m);
    return err;
}
