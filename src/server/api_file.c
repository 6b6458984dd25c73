/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The files of a capture over HTTP, a piece at a time, on the worker of the API. */
#include "server/api.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_PIECE = 1 << 18 };

/* A path that the store has, below the folder: no part of it leads out. */
static bool is_below(const char *path)
{
    for (const char *at = path; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
        if (*at == '.' || *at == '/' || *at == '\0')
            return false;
    }
    return true;
}

static int open_capture(struct g20_api_job *job, const char *folder, const json_t *record,
                        struct g20_err *e)
{
    const char *path = json_string_value(json_object_get(record, "path"));
    const char *state = json_string_value(json_object_get(record, "state"));
    const bool data = job->action == G20_API_DATA;
    char name[PATH_MAX];
    struct stat st;

    if (state && strcmp(state, "recording") == 0)
        return g20_fail(e, -EBUSY, "the capture is still being recorded");
    if (!path || !is_below(path) ||
        (size_t)snprintf(name, sizeof(name), "%s/%s.sigmf-%s", folder, path,
                         data ? "data" : "meta") >= sizeof(name))
        return g20_fail(e, -ENOENT, "the capture has no file");
    job->fd = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (job->fd < 0 || fstat(job->fd, &st) < 0 || !S_ISREG(st.st_mode))
        return g20_fail(e, -ENOENT, "its file cannot be read: %s",
                        job->fd < 0 ? strerror(errno) : "it is none");
    const char *last = strrchr(path, '/');
    snprintf(job->file_name, sizeof(job->file_name), "%.200s.sigmf-%s", last ? last + 1 : path,
             data ? "data" : "meta");
    job->length = (int64_t)st.st_size;
    job->has_length = true;
    return 0;
}

static int begin(struct g20_api_job *job, const char *folder, struct g20_store_reader *reader,
                 struct g20_err *e)
{
    json_t *o = NULL;
    int r = g20_query_only(&job->query, NULL, 0, e);

    if (r >= 0 && !folder)
        r = g20_fail(e, G20_EUNSUPPORTED, "files of captures are not handed out here");
    if (r >= 0)
        r = g20_store_reader_get(reader, G20_CAPTURES, job->id, &o, e);
    if (r >= 0)
        r = open_capture(job, folder, o, e);
    json_decref(o);
    return r;
}

int g20_api_file(struct g20_api_job *job, const char *folder, struct g20_store_reader *reader,
                 struct g20_err *e)
{
    if (!job->started) {
        const int r = begin(job, folder, reader, e);
        if (r < 0)
            return r;
        job->status = 200;
        job->type = job->action == G20_API_DATA ? "application/octet-stream" : "application/json";
    }
    const size_t want = (size_t)G20_MIN((int64_t)FILE_PIECE, job->length - job->done);
    char *buf = g20_calloc(1, G20_MAX(want, (size_t)1));
    if (!buf)
        return g20_fail(e, -ENOMEM, "out of memory");
    const ssize_t n = want > 0 ? pread(job->fd, buf, want, (off_t)job->done) : 0;
    if (n > 0)
        g20_text_put(&job->out, buf, (size_t)n);
    g20_free(buf);
    if (want > 0 && n <= 0) {
        job->close = job->started; /* shorter than it was: the client must not take it for whole */
        return g20_fail(e, -ENOENT, "its file cannot be read");
    }
    job->started = true;
    job->done += n;
    job->last = job->done >= job->length;
    return 0;
}
