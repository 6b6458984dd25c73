/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Files of nothing but samples, and the same from standard input. */
#include "source/file_io.h"
#include "source/recording.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int g20_rec_open_raw(struct g20_recording **ret, const struct g20_file_args *args,
                     struct g20_err *e)
{
    const bool is_stream = strcmp(args->path, "-") == 0;
    const char *name = is_stream ? "standard input" : args->path;
    struct g20_recording *r = NULL;
    uint64_t size = 0;
    int err;

    if (!args->has_type)
        return g20_fail(e, -EINVAL,
                        "%s: the sample format is not known: add ,format=ci16_le or another", name);
    if (args->verify)
        return g20_fail(e, -EINVAL, "%s: option verify: there is no core:sha512 to compare", name);
    if (args->channel > 0)
        return g20_fail(e, -EINVAL, "%s: option channel: a raw file has one channel", name);
    if ((err = g20_recording_create(&r, 1, name, e)) < 0)
        return err;
    r->type = args->type;
    r->is_stream = is_stream;
    r->truncated = args->truncated;
    if (is_stream) {
        r->fd = STDIN_FILENO;
        if (args->header_bytes > 0) {
            err = g20_fail(e, -EINVAL, "%s: option header_bytes: only for files", name);
            goto fail;
        }
        *ret = r;
        return 0;
    }
    if ((err = r->fd = g20_file_open(args->path, &size, e)) < 0)
        goto fail;
    if (args->header_bytes > size) {
        err = g20_fail(e, -EINVAL, "%s: option header_bytes: more than the %llu bytes of the file",
                       name, (unsigned long long)size);
        goto fail;
    }
    err = g20_recording_count(r, size - args->header_bytes, args->truncated, name, &r->total, e);
    if (err < 0)
        goto fail;
    r->segments[0] =
        (struct g20_segment){.count = r->total, .byte = args->header_bytes, .center_hz = 0};
    *ret = r;
    return 0;

fail:
    g20_recording_destroy(r);
    return err;
}
