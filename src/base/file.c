/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/file.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

int g20_file_read(const char *path, size_t max, char **ret, size_t *ret_len, struct g20_err *e)
{
    FILE *f = fopen(path, "re");
    char *text = NULL;
    size_t len = 0, cap = 0;
    int r = 0;

    if (!f)
        return g20_fail(e, -errno, "%s: %s", path, g20_strerror(-errno));
    do {
        cap = cap ? G20_MIN(2 * cap, max + 1) : G20_MIN((size_t)65536, max + 1);
        char *grown = g20_realloc(text, cap + 1, 1);
        if (!grown) {
            r = -ENOMEM;
            break;
        }
        text = grown;
        errno = 0;
        len += fread(text + len, 1, cap - len, f);
        if (ferror(f))
            r = errno ? -errno : -EIO;
        else if (len > max)
            r = -EFBIG;
    } while (r == 0 && len == cap);
    fclose(f);
    if (r < 0) {
        g20_free(text);
        return g20_fail(e, r, "%s: %s", path, g20_strerror(r));
    }
    text[len] = 0;
    *ret = text;
    *ret_len = len;
    return 0;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* A device or a pipe: a file that takes its place would be the end of it. */
static int write_through(const char *path, const void *data, size_t len, struct g20_err *e)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    int r = fd < 0 ? -errno : write_all(fd, data, len);

    if (fd >= 0 && close(fd) < 0 && r == 0)
        r = -errno;
    return r < 0 ? g20_fail(e, r, "%s: %s", path, g20_strerror(r)) : 0;
}

/* Bytes of @path up to and with its last slash. */
static int folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (int)(slash - path) + 1 : 0;
}

/* The folder of @path, for a system call. */
static int name_folder(const char *path, char ret[PATH_MAX])
{
    const int n = folder_of(path);

    if (n >= PATH_MAX)
        return -ENAMETOOLONG;
    snprintf(ret, PATH_MAX, "%.*s", n ? n : 1, n ? path : ".");
    return 0;
}

int g20_file_can_write(const char *path, struct g20_err *e)
{
    char folder[PATH_MAX];
    struct stat st;
    int r = 0;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        r = S_ISDIR(st.st_mode) ? -EISDIR : access(path, W_OK) < 0 ? -errno : 0;
    else if ((r = name_folder(path, folder)) == 0 && access(folder, W_OK | X_OK) < 0)
        r = -errno;
    return r < 0 ? g20_fail(e, r, "%.200s: %s", path, g20_strerror(r)) : 0;
}

int g20_file_room(const char *path, uint64_t *ret, struct g20_err *e)
{
    char folder[PATH_MAX];
    struct statvfs fs;
    int r = name_folder(path, folder);

    if (r == 0 && statvfs(folder, &fs) < 0)
        r = -errno;
    if (r < 0)
        return g20_fail(e, r, "%.200s: %s", path, g20_strerror(r));
    *ret = (uint64_t)fs.f_bavail * fs.f_frsize;
    return 0;
}

int g20_file_write(const char *path, const void *data, size_t len, struct g20_err *e)
{
    char aside[PATH_MAX], real[PATH_MAX];
    struct stat st;
    const bool is_there = stat(path, &st) == 0;

    if (is_there && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return write_through(path, data, len, e);
    const char *to = is_there && realpath(path, real) ? real : path; /* a link stays one */
    const int dir = folder_of(to);
    const int n = snprintf(aside, sizeof(aside), "%.*s.%s.XXXXXX", dir, to, to + dir);

    if (n < 0 || (size_t)n >= sizeof(aside))
        return g20_fail(e, -ENAMETOOLONG, "%.200s: %s", path, g20_strerror(-ENAMETOOLONG));
    const int fd = mkstemp(aside);
    if (fd < 0)
        return g20_fail(e, -errno, "%s: %s", path, g20_strerror(-errno));

    const mode_t mask = umask(0); /* mkstemp is 0600; a result is readable as any new file is */
    umask(mask);
    int r = write_all(fd, data, len);
    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    if (r == 0 && fchmod(fd, 0666 & ~mask) < 0)
        r = -errno;
    if (close(fd) < 0 && r == 0)
        r = -errno;
    if (r == 0 && rename(aside, to) < 0)
        r = -errno;
    if (r < 0) {
        unlink(aside);
        return g20_fail(e, r, "%s: %s", path, g20_strerror(r));
    }
    return 0;
}
