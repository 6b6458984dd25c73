/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/recording.h"

#include "base/alloc.h"

#include <errno.h>
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

static int open_container(struct g20_recording **ret, const struct g20_file_args *args,
                          struct g20_err *e)
{
    (void)ends_with;
    return g20_rec_open_sigmf(ret, args, e);
}

int g20_recording_open(struct g20_recording **ret, const struct g20_file_args *args, double rate_hz,
                       double center_hz, struct g20_err *e)
{
    struct g20_recording *r;
    const int err = open_container(&r, args, e);

    if (err < 0)
        return err;
    if (args->rate_hz > 0)
        r->rate_hz = args->rate_hz;
    else if (r->rate_hz <= 0)
        r->rate_hz = rate_hz;
    if (args->time_us > 0)
        r->segments[0].time_us = args->time_us;
    for (size_t i = 0; i < r->nsegments; i++) {
        if (args->has_center)
            r->segments[i].center_hz = args->center_hz;
        else if (r->segments[i].center_hz == 0)
            r->segments[i].center_hz = center_hz;
    }
    if (r->rate_hz <= 0) {
        g20_recording_destroy(r);
        return g20_fail(e, -EINVAL, "%s: the sample rate is not known: add ,rate=HZ", args->path);
    }
    *ret = r;
    return 0;
}
