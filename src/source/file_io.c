/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/file_io.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int g20_file_open(const char *path, uint64_t *ret_size, struct g20_err *e)
{
    struct stat st;
    /* Without O_NONBLOCK the open of a named pipe would wait for its writer. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st) < 0) {
        const int r = -errno;
        if (fd >= 0)
            close(fd);
        return g20_fail(e, r, "%s: %s", path, g20_strerror(r));
    }
    if (!S_ISREG(st.st_mode)) {
        close(fd);
        return g20_fail(e, S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL, "%s: is a %s, want a file",
                        path, S_ISDIR(st.st_mode) ? "folder" : "pipe or device");
    }
    *ret_size = (uint64_t)st.st_size;
    return fd;
}

int64_t g20_file_pread(int fd, void *buf, size_t n, uint64_t at)
{
    size_t done = 0;

    while (done < n) {
        const ssize_t r = pread(fd, (char *)buf + done, n - done, (off_t)(at + done));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -errno;
        if (r == 0)
            break;
        done += (size_t)r;
    }
    return (int64_t)done;
}

int g20_file_load(char **ret, size_t *ret_len, const char *path, size_t max, struct g20_err *e)
{
    uint64_t size = 0;
    const int fd = g20_file_open(path, &size, e);
    char *text = NULL;
    int r;

    if (fd < 0)
        return fd;
    if (size > max) {
        r = g20_fail(e, -EFBIG, "%s: %llu bytes, more than the limit of %zu", path,
                     (unsigned long long)size, max);
        goto out;
    }
    text = g20_calloc(size + 1, 1);
    if (!text) {
        r = g20_fail(e, -ENOMEM, "%s: out of memory", path);
        goto out;
    }
    const int64_t got = g20_file_pread(fd, text, size, 0);
    if (got < 0) {
        r = g20_fail(e, (int)got, "%s: %s", path, g20_strerror((int)got));
        goto out;
    }
    *ret = text;
    *ret_len = (size_t)got;
    text = NULL;
    r = 0;
out:
    g20_free(text);
    close(fd);
    return r;
}
