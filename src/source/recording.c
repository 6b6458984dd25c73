/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/recording.h"

#include "base/alloc.h"
#include "source/file_io.h"
#include "source/sigmf.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int g20_recording_create(struct g20_recording **ret, size_t nsegments, const char *name,
                         struct g20_err *e)
{
    struct g20_recording *r = g20_calloc(1, sizeof(*r));

    if (!r)
        return g20_fail(e, -ENOMEM, "%s: out of memory", name);
    r->fd = -1;
    r->channels = 1;
    r->segments = g20_calloc(nsegments, sizeof(*r->segments));
    if (!r->segments) {
        g20_recording_destroy(r);
        return g20_fail(e, -ENOMEM, "%s: out of memory", name);
    }
    r->nsegments = nsegments;
    snprintf(r->name, sizeof(r->name), "%s", name);
    *ret = r;
    return 0;
}

void g20_recording_destroy(struct g20_recording *r)
{
    if (!r)
        return;
    if (r->fd > STDIN_FILENO)
        close(r->fd);
    g20_free(r->segments);
    g20_free(r);
}

size_t g20_recording_frame(const struct g20_recording *r)
{
    return g20_datatype_bytes(&r->type) * r->channels;
}

int g20_recording_count(const struct g20_recording *r, uint64_t bytes, bool truncated,
                        const char *file, uint64_t *ret, struct g20_err *e)
{
    const size_t frame = g20_recording_frame(r);
    char type[16];

    g20_datatype_name(&r->type, type, sizeof(type));
    if (bytes % frame != 0 && !truncated)
        return g20_fail(e, G20_EFORMAT,
                        "%s: %llu bytes of samples are not a multiple of %zu (%u x %s); "
                        "truncated=true plays the whole ones",
                        file, (unsigned long long)bytes, frame, r->channels, type);
    if (bytes / frame == 0)
        return g20_fail(e, G20_EFORMAT, "%s: holds no samples", file);
    *ret = bytes / frame;
    return 0;
}

static bool ends_with(const char *s, const char *end)
{
    const size_t n = strlen(s), k = strlen(end);

    return n >= k && strcasecmp(s + n - k, end) == 0;
}

static bool is_readable(const char *path)
{
    return access(path, R_OK) == 0;
}

/* True when the file begins like a WAV file. */
static bool looks_like_wav(const char *path)
{
    char b[12] = "";
    uint64_t size;
    const int fd = g20_file_open(path, &size, NULL);

    if (fd < 0)
        return false;
    const int64_t got = g20_file_pread(fd, b, sizeof(b), 0);
    close(fd);
    return got == (int64_t)sizeof(b) &&
           (memcmp(b, "RIFF", 4) == 0 || memcmp(b, "RF64", 4) == 0 || memcmp(b, "BW64", 4) == 0) &&
           memcmp(b + 8, "WAVE", 4) == 0;
}

static int open_container(struct g20_recording **ret, struct g20_file_args *args, struct g20_err *e)
{
    char meta[PATH_MAX], data[PATH_MAX];
    const char *path = args->path;

    if (ends_with(path, ".sigmf"))
        return g20_fail(e, G20_EUNSUPPORTED,
                        "%s: SigMF archives are not implemented: unpack it with tar and play the "
                        ".sigmf-meta",
                        path);
    if (ends_with(path, ".sigmf-meta") || (ends_with(path, ".sigmf-data") && !args->has_type))
        return g20_rec_open_sigmf(ret, args, e);
    const bool given = args->has_type;
    g20_file_args_from_name(args);
    if (given || strcmp(path, "-") == 0)
        return g20_rec_open_raw(ret, args, e);
    if (ends_with(path, ".wav") || looks_like_wav(path))
        return g20_rec_open_wav(ret, args, e);
    if (args->has_type)
        return g20_rec_open_raw(ret, args, e);
    if (g20_sigmf_paths(path, meta, data, sizeof(meta)) == 0 &&
        (is_readable(meta) || !is_readable(path)))
        return g20_rec_open_sigmf(ret, args, e);
    return g20_rec_open_raw(ret, args, e); /* which says that the format is missing */
}

int g20_recording_open(struct g20_recording **ret, const struct g20_file_args *args, double rate_hz,
                       double center_hz, struct g20_err *e)
{
    struct g20_file_args named = *args; /* with what the name adds */
    struct g20_recording *r = NULL;
    const int err = open_container(&r, &named, e);

    if (err < 0 || !r)
        return err < 0 ? err : -EINVAL;
    /* What was said on purpose, then what the file holds, then its name, then the settings. */
    if (args->rate_hz > 0)
        r->rate_hz = args->rate_hz;
    else if (r->rate_hz <= 0)
        r->rate_hz = named.rate_hz > 0 ? named.rate_hz : rate_hz;
    if (args->time_us > 0 || r->segments[0].time_us == 0)
        r->segments[0].time_us = named.time_us;
    for (size_t i = 0; i < r->nsegments; i++) {
        struct g20_segment *s = &r->segments[i];
        if (args->has_center)
            s->center_hz = args->center_hz;
        else if (s->center_hz == 0)
            s->center_hz = named.has_center ? named.center_hz : center_hz;
    }
    if (r->rate_hz <= 0) {
        g20_recording_destroy(r);
        return g20_fail(e, -EINVAL, "%s: the sample rate is not known: add ,rate=HZ", args->path);
    }
    *ret = r;
    return 0;
}
