/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/record.h"

#include "base/alloc.h"
#include "base/file.h"
#include "capture/record_meta.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FLUSH_BYTES = 32 << 20 }; /* handed to the disk at a time, so that the end is not long */

struct g20_record {
    char part[PATH_MAX], open[PATH_MAX], data[PATH_MAX], meta[PATH_MAX];
    int fd;
    EVP_MD_CTX *sum;
    bool sum_stale; /* what was summed up is not what is on the disk */
    enum g20_sample_format format;
    double rate_hz;
    struct g20_record_segment *seg; /* (nseg) as told last */
    size_t nseg;
    uint64_t bytes, flushed;
};

void g20_record_destroy(struct g20_record *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    EVP_MD_CTX_free(r->sum);
    g20_free(r->seg);
    g20_free(r);
}

int g20_record_open(struct g20_record **ret, const char *base, struct g20_err *e)
{
    struct g20_record *r = g20_calloc(1, sizeof(*r));

    if (!r)
        return g20_fail(e, -ENOMEM, "out of memory");
    r->fd = -1;
    if (g20_record_name(r->part, sizeof(r->part), base, ".", ".part") < 0 ||
        g20_record_name(r->open, sizeof(r->open), base, ".", ".open") < 0 ||
        g20_record_name(r->data, sizeof(r->data), base, "", ".sigmf-data") < 0 ||
        g20_record_name(r->meta, sizeof(r->meta), base, "", ".sigmf-meta") < 0) {
        g20_record_destroy(r);
        return g20_fail(e, -ENAMETOOLONG, "%.200s: the name is too long", base);
    }
    r->sum = EVP_MD_CTX_new();
    if (!r->sum || EVP_DigestInit_ex(r->sum, EVP_sha512(), NULL) != 1) {
        g20_record_destroy(r);
        return g20_fail(e, -ENOMEM, "out of memory");
    }
    r->fd = open(r->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (r->fd < 0) {
        const int failed = errno;
        g20_record_destroy(r);
        return g20_fail(e, -failed, "%.200s: %s", base, strerror(failed));
    }
    *ret = r;
    return 0;
}

void g20_record_describe(struct g20_record *r, enum g20_sample_format format, double rate_hz)
{
    r->format = format;
    r->rate_hz = rate_hz;
}

int g20_record_segments(struct g20_record *r, const struct g20_record_segment *seg, size_t n,
                        struct g20_err *e)
{
    struct g20_record_segment *copy = g20_calloc(G20_MAX(n, (size_t)1), sizeof(*copy));
    json_t *doc = g20_record_meta(r->format, r->rate_hz, seg, n);
    char *text = doc ? g20_record_text(doc) : NULL;
    int failed = -ENOMEM;

    json_decref(doc);
    if (copy && text)
        failed = g20_file_write(r->open, text, strlen(text), e);
    else
        g20_fail(e, failed, "%s: out of memory", r->meta);
    g20_free(text);
    if (failed < 0) {
        g20_free(copy);
        return failed;
    }
    if (n > 0)
        memcpy(copy, seg, n * sizeof(*copy));
    g20_free(r->seg);
    r->seg = copy;
    r->nseg = n;
    return 0;
}

int g20_record_write(struct g20_record *r, const void *data, size_t bytes, struct g20_err *e)
{
    const char *at = data;

    while (bytes > 0) {
        const ssize_t n = write(r->fd, at, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return g20_fail(e, -errno, "%s: %s", r->data, strerror(errno));
        if (EVP_DigestUpdate(r->sum, at, (size_t)n) != 1)
            r->sum_stale = true;
        at += n;
        bytes -= (size_t)n;
        r->bytes += (uint64_t)n;
    }
    if (r->bytes - r->flushed >= FLUSH_BYTES) {
        /* An advice only: that it fails on some file systems does not matter. */
        (void)sync_file_range(r->fd, (off_t)r->flushed, (off_t)(r->bytes - r->flushed),
                              SYNC_FILE_RANGE_WRITE);
        r->flushed = r->bytes;
    }
    return 0;
}

uint64_t g20_record_bytes(const struct g20_record *r)
{
    return r->bytes - r->bytes % g20_sample_bytes(r->format);
}

void g20_record_shorten(struct g20_record *r, uint64_t bytes)
{
    const uint64_t left = r->bytes - G20_MIN(bytes, r->bytes);
    const uint64_t whole = left - left % g20_sample_bytes(r->format);

    if (whole == r->bytes || ftruncate(r->fd, (off_t)whole) < 0)
        return;
    r->bytes = whole;
    r->sum_stale = true;
}

static int sum_of(struct g20_record *r, char *hex, struct g20_err *e)
{
    unsigned char sum[EVP_MAX_MD_SIZE] = {0};

    if (!r->sum_stale && EVP_DigestFinal_ex(r->sum, sum, NULL) == 1) {
        g20_record_hex(sum, hex);
        return 0;
    }
    const int fd = open(r->part, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return g20_fail(e, -errno, "%s: %s", r->data, strerror(errno));
    const int failed = g20_record_sum(fd, hex, e);
    close(fd);
    return failed;
}

int g20_record_finish(struct g20_record *r, const struct g20_sigmf_annotation *notes, size_t n,
                      struct g20_err *e)
{
    const size_t each = g20_sample_bytes(r->format);
    char sha512[129] = "";
    size_t nseg = r->nseg;

    if (r->bytes % each != 0)
        g20_record_shorten(r, r->bytes % each);
    if (r->bytes == 0) {
        unlink(r->part);
        unlink(r->open);
        return g20_fail(e, -ENODATA, "%s: no sample came", r->data);
    }
    while (nseg > 1 && r->seg[nseg - 1].sample_start >= r->bytes / each)
        nseg--;
    if (fsync(r->fd) < 0)
        return g20_fail(e, -errno, "%s: %s", r->data, strerror(errno));
    int failed = sum_of(r, sha512, e);
    json_t *doc = g20_record_meta(r->format, r->rate_hz, r->seg, nseg);
    if (failed >= 0 && !doc)
        failed = g20_fail(e, -ENOMEM, "%s: out of memory", r->meta);
    if (failed >= 0 && rename(r->part, r->data) < 0)
        failed = g20_fail(e, -errno, "%s: %s", r->data, strerror(errno));
    if (failed >= 0)
        failed = g20_record_write_meta(doc, r->meta, sha512, notes, n, e);
    if (failed >= 0)
        unlink(r->open);
    json_decref(doc);
    return failed;
}
