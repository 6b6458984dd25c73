/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/folder.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_BYTES = 64 << 20, DEPTH = 16 };

int g20_signal_check(const char *name, struct g20_err *e)
{
    if (strlen(name) >= G20_SIGNAL_NAME || !g20_text_is_name(name))
        return g20_fail(e, -EINVAL,
                        "signal_name: want 1 to %d bytes of plain text, no slash, no dot or blank "
                        "first",
                        G20_SIGNAL_NAME - 1);
    return 0;
}

int g20_folder_path(char *buf, struct g20_err *e, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    const int n = vsnprintf(buf, G20_FOLDER_PATH, fmt, ap);
    va_end(ap);
    return n < 0 || n >= G20_FOLDER_PATH ? g20_fail(e, -ENAMETOOLONG, "%.200s...: too long", buf)
                                         : 0;
}

int g20_folder_make(const char *path, struct g20_err *e)
{
    char part[G20_FOLDER_PATH];
    int r = g20_folder_path(part, e, "%s", path);

    for (char *at = part + 1; r >= 0; at++) {
        const char c = *at;
        if (c != '/' && c != '\0')
            continue;
        *at = '\0';
        if (mkdir(part, 0777) < 0 && errno != EEXIST)
            r = g20_fail(e, -errno, "%s: %s", part, g20_strerror(-errno));
        *at = c;
        if (c == '\0')
            break;
    }
    return r;
}

int g20_folder_sync(const char *path, struct g20_err *e)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 ? -errno : 0;

    if (r == 0 && fsync(fd) < 0 && errno != EINVAL) /* EINVAL: the file system has no such thing */
        r = -errno;
    if (fd >= 0)
        close(fd);
    return r < 0 ? g20_fail(e, r, "%s: %s", path, g20_strerror(r)) : 0;
}

static int sync_above(const char *path, struct g20_err *e)
{
    char folder[G20_FOLDER_PATH];
    const char *slash = strrchr(path, '/');
    const int r = slash ? g20_folder_path(folder, e, "%.*s", (int)(slash - path), path)
                        : g20_folder_path(folder, e, ".");

    return r < 0 ? r : g20_folder_sync(folder[0] ? folder : "/", e);
}

int g20_folder_move(const char *from, const char *to, struct g20_err *e)
{
    if (rename(from, to) < 0)
        return g20_fail(e, -errno, "%s: %s", to, g20_strerror(-errno));
    const int r = sync_above(to, e);
    return r < 0 ? r : sync_above(from, e);
}

bool g20_folder_has(const char *path)
{
    return access(path, F_OK) == 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path) < 0 && errno != ENOENT ? errno : 0;
}

int g20_folder_remove(const char *path, struct g20_err *e)
{
    const int r = nftw(path, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS);
    const int code = r < 0 ? -errno : -r;

    if (r == 0 || code == -ENOENT)
        return 0;
    return g20_fail(e, code, "%s: %s", path, g20_strerror(code));
}

int g20_folder_lock(const char *path, struct g20_err *e)
{
    char file[G20_FOLDER_PATH];
    int r = g20_folder_path(file, e, "%s/.lock", path);

    if (r < 0)
        return r;
    const int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return g20_fail(e, -errno, "%s: %s", file, g20_strerror(-errno));
    while ((r = flock(fd, LOCK_EX)) < 0 && errno == EINTR)
        continue;
    if (r == 0)
        return fd;
    r = g20_fail(e, -errno, "%s: %s", file, g20_strerror(-errno));
    close(fd);
    return r;
}

void g20_folder_unlock(int fd)
{
    if (fd >= 0)
        close(fd);
}

static int add_name(struct g20_names *n, const char *name, size_t len)
{
    if (n->count == n->cap) {
        const size_t cap = n->cap ? 2 * n->cap : 16;
        void *grown = g20_realloc(n->item, cap, sizeof(*n->item));
        if (!grown)
            return -ENOMEM;
        n->item = grown;
        n->cap = cap;
    }
    char *copy = g20_calloc(len + 1, 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, name, len);
    n->item[n->count++] = copy;
    return 0;
}

int g20_names_add(struct g20_names *n, const char *name)
{
    return add_name(n, name, strlen(name));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int g20_folder_list(struct g20_names *ret, const char *path, const char *end, bool hidden,
                    struct g20_err *e)
{
    const size_t tail = strlen(end);
    DIR *d = opendir(path);
    struct dirent *entry;
    int r = 0;

    if (!d)
        return errno == ENOENT ? 0 : g20_fail(e, -errno, "%s: %s", path, g20_strerror(-errno));
    while (r == 0 && (entry = readdir(d))) {
        const char *name = entry->d_name;
        const size_t n = strlen(name);
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (name[0] == '.') != hidden ||
            n <= tail || strcmp(name + n - tail, end) != 0)
            continue;
        r = add_name(ret, name, n - tail);
    }
    closedir(d);
    if (r < 0)
        return g20_fail(e, r, "%s: out of memory", path);
    if (ret->count > 1)
        qsort(ret->item, ret->count, sizeof(*ret->item), by_name);
    return 0;
}

void g20_names_free(struct g20_names *n)
{
    for (size_t i = 0; i < n->count; i++)
        g20_free(n->item[i]);
    g20_free(n->item);
    *n = (struct g20_names){.item = NULL};
}

int g20_json_write(const char *path, const json_t *o, struct g20_err *e)
{
    enum { FLAGS = JSON_INDENT(1) | JSON_PRESERVE_ORDER };
    const size_t len = o ? json_dumpb(o, NULL, 0, FLAGS) : 0;
    char *text = len ? g20_calloc(len + 1, 1) : NULL;

    if (!text)
        return g20_fail(e, -ENOMEM, "%s: out of memory", path);
    json_dumpb(o, text, len, FLAGS);
    text[len] = '\n';
    int r = g20_file_write(path, text, len + 1, e);
    g20_free(text);
    return r < 0 ? r : sync_above(path, e);
}

int g20_json_load(json_t **ret, const char *path, struct g20_err *e)
{
    char *text;
    size_t len;
    json_error_t why;
    const int r = g20_file_read(path, MOST_BYTES, &text, &len, e);

    if (r < 0)
        return r;
    json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    g20_free(text);
    if (!o)
        return g20_fail(e, G20_EFORMAT, "%s: no JSON: %.80s", path, why.text);
    if (!json_is_object(o)) {
        json_decref(o);
        return g20_fail(e, G20_EFORMAT, "%s: want a JSON object", path);
    }
    *ret = o;
    return 0;
}
