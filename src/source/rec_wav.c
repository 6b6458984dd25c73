/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/file_io.h"
#include "source/recording.h"
#include "source/wav.h"

#include <errno.h>

static int64_t read_fd(void *user, void *buf, size_t n, uint64_t at)
{
    return g20_file_pread(*(const int *)user, buf, n, at);
}

int g20_rec_open_wav(struct g20_recording **ret, const struct g20_file_args *args,
                     struct g20_err *e)
{
    struct g20_recording *r = NULL;
    struct g20_wav wav;
    uint64_t size = 0;
    int err;

    if (args->verify)
        return g20_fail(e, -EINVAL, "%s: option verify: there is no core:sha512 to compare",
                        args->path);
    if (args->channel > 0 || args->header_bytes > 0)
        return g20_fail(e, -EINVAL, "%s: options channel and header_bytes are not for WAV files",
                        args->path);
    if ((err = g20_recording_create(&r, 1, args->path, e)) < 0)
        return err;
    if ((err = r->fd = g20_file_open(args->path, &size, e)) < 0 ||
        (err = g20_wav_parse(&wav, read_fd, &r->fd, size, args->truncated, args->path, e)) < 0)
        goto fail;
    r->type = wav.type;
    r->rate_hz = wav.rate_hz;
    err = g20_recording_count(r, wav.data_bytes, args->truncated, args->path, &r->total, e);
    if (err < 0)
        goto fail;
    r->segments[0] = (struct g20_segment){
        .count = r->total, .byte = wav.data_at, .center_hz = wav.center_hz, .time_us = wav.time_us};
    *ret = r;
    return 0;

fail:
    g20_recording_destroy(r);
    return err;
}
