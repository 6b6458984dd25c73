/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/file_io.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
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

int64_t g20_file_read_until(int fd, void *buf, size_t n, uint64_t until_ns)
{
    for (;;) {
        const uint64_t now = g20_clock_mono_ns();
        const uint64_t left_ms = until_ns > now ? (until_ns - now + 999999) / 1000000 : 0;
        struct pollfd p = {.fd = fd, .events = POLLIN};
        const int ready = poll(&p, 1, (int)G20_MIN(left_ms, 60000));
        if (ready < 0 && errno != EINTR)
            return -errno;
        if (ready > 0) {
            const ssize_t got = read(fd, buf, n);
            if (got >= 0)
                return got;
            if (errno != EINTR && errno != EAGAIN)
                return -errno;
        }
        if (g20_clock_mono_ns() >= until_ns)
            return -ETIMEDOUT;
    }
}

int g20_file_sha512(int fd, uint64_t at, uint64_t size, char ret_hex[129], const char *name,
                    struct g20_err *e)
{
    enum { CHUNK = 1 << 18 };
    unsigned char sum[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    char *buf = g20_calloc(CHUNK, 1);
    int r = g20_fail(e, -ENOMEM, "%s: out of memory", name);

    if (!ctx || !buf || EVP_DigestInit_ex(ctx, EVP_sha512(), NULL) != 1)
        goto out;
    while (size > 0) {
        const size_t want = (size_t)G20_MIN(size, (uint64_t)CHUNK);
        const int64_t got = g20_file_pread(fd, buf, want, at);
        if (got != (int64_t)want) {
            r = got < 0 ? (int)got : -EIO;
            g20_fail(e, r, "%s: cannot read: %s", name, g20_strerror(r));
            goto out;
        }
        if (EVP_DigestUpdate(ctx, buf, want) != 1)
            goto out;
        at += want;
        size -= want;
    }
    if (EVP_DigestFinal_ex(ctx, sum, NULL) != 1)
        goto out;
    for (int i = 0; i < 64; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", sum[i]);
    r = 0;
out:
    g20_free(buf);
    EVP_MD_CTX_free(ctx);
    return r;
}
