/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/static.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct g20_static {
    struct g20_static_file file[G20_STATIC_MAX_FILES]; /* sorted by name once loaded */
    size_t count;
    size_t bytes;
};

static const struct {
    const char *suffix, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
};

static bool ends_with(const char *name, const char *suffix)
{
    const size_t n = strlen(name), m = strlen(suffix);

    return n >= m && strcmp(name + n - m, suffix) == 0;
}

static const char *type_of(const char *name)
{
    for (size_t i = 0; i < G20_COUNT_OF(types); i++)
        if (ends_with(name, types[i].suffix))
            return types[i].type;
    return "application/octet-stream";
}

/* FNV-1a, 64 bits: tells one build of a file from the next, nothing more. */
static uint64_t hash(const uint8_t *data, size_t len)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ data[i]) * 0x100000001b3u;
    return h;
}

static int read_all(struct g20_static *s, int dir_fd, const char *name, uint8_t **ret,
                    size_t *ret_len)
{
    struct stat st;
    int r = 0;

    const int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ELOOP ? -ENOENT : -errno; /* a symbolic link is no regular file */
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return -ENOENT;
    }
    if (st.st_size < 0 || (uint64_t)st.st_size > G20_STATIC_MAX_BYTES - s->bytes) {
        close(fd);
        return -EFBIG;
    }
    const size_t len = (size_t)st.st_size;
    uint8_t *data = g20_calloc(1, len + 1);
    if (!data)
        r = -ENOMEM;
    for (size_t at = 0; r == 0 && at < len;) {
        const ssize_t n = read(fd, data + at, len - at);

        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || errno != EINTR)
            r = n == 0 ? -EIO : -errno;
    }
    close(fd);
    if (r < 0) {
        g20_free(data);
        return r;
    }
    s->bytes += len;
    *ret = data;
    *ret_len = len;
    return 0;
}

/* Vite puts files whose names hold a hash of their content into assets/. */
static bool is_immutable(const char *name)
{
    return strncmp(name, "/assets/", 8) == 0;
}

static int add_file(struct g20_static *s, int dir_fd, const char *leaf, const char *name)
{
    if (s->count == G20_STATIC_MAX_FILES)
        return -EFBIG;
    struct g20_static_file *f = &s->file[s->count++];

    f->type = type_of(name);
    f->immutable = is_immutable(name);
    f->name = g20_strdup(name);
    if (!f->name)
        return -ENOMEM;
    int r = read_all(s, dir_fd, leaf, &f->data, &f->len);
    if (r == -ENOENT) { /* no regular file: forget it */
        g20_free(f->name);
        *f = (struct g20_static_file){0};
        s->count--;
        return 0;
    }
    if (r < 0)
        return r;
    snprintf(f->etag, sizeof(f->etag), "\"%016llx\"", (unsigned long long)hash(f->data, f->len));

    char gz[NAME_MAX + 4];
    snprintf(gz, sizeof(gz), "%s.gz", leaf);
    r = read_all(s, dir_fd, gz, &f->gz, &f->gz_len);
    return r == -ENOENT ? 0 : r;
}

static int add_folder(struct g20_static *s, int fd, const char *prefix, int depth)
{
    int r = 0;

    if (depth > G20_STATIC_MAX_DEPTH) {
        close(fd);
        return -EFBIG;
    }
    DIR *dir = fdopendir(fd);
    if (!dir) {
        r = -errno;
        close(fd);
        return r;
    }
    for (struct dirent *ent; r == 0 && (ent = readdir(dir));) {
        char name[1024];

        if (ent->d_name[0] == '.')
            continue;
        if (snprintf(name, sizeof(name), "%s/%s", prefix, ent->d_name) >= (int)sizeof(name)) {
            r = -ENAMETOOLONG;
            break;
        }
        const int sub =
            openat(dirfd(dir), ent->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (sub >= 0)
            r = add_folder(s, sub, name, depth + 1);
        else if (!ends_with(ent->d_name, ".gz"))
            r = add_file(s, dirfd(dir), ent->d_name, name);
    }
    closedir(dir);
    return r;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct g20_static_file *)a)->name,
                  ((const struct g20_static_file *)b)->name);
}

int g20_static_load(struct g20_static **ret, const char *dir, struct g20_err *e)
{
    int r;

    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return g20_fail(e, -errno, "web folder %s: %s", dir, g20_strerror(-errno));
    struct g20_static *s = g20_calloc(1, sizeof(*s));
    if (!s) {
        close(fd);
        return g20_fail(e, -ENOMEM, "web folder %s: out of memory", dir);
    }
    r = add_folder(s, fd, "", 0);
    if (r == 0) {
        qsort(s->file, s->count, sizeof(s->file[0]), by_name);
        r = g20_static_find(s, "/") ? 0 : -ENOENT;
    }
    if (r < 0) {
        g20_static_destroy(s);
        return g20_fail(e, r, "web folder %s: %s", dir,
                        r == -ENOENT ? "has no index.html" : g20_strerror(r));
    }
    *ret = s;
    return 0;
}

void g20_static_destroy(struct g20_static *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++) {
        g20_free(s->file[i].name);
        g20_free(s->file[i].data);
        g20_free(s->file[i].gz);
    }
    g20_free(s);
}

const struct g20_static_file *g20_static_find(const struct g20_static *s, const char *path)
{
    if (!s)
        return NULL;
    char *name = (char *)(uintptr_t)(strcmp(path, "/") == 0 ? "/index.html" : path);
    const struct g20_static_file key = {.name = name};
    return bsearch(&key, s->file, s->count, sizeof(s->file[0]), by_name);
}
