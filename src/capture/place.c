/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/place.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST = 1000, LONGEST_NAME = 200 };

static int check(const char *path, struct g20_err *e)
{
    const size_t n = strlen(path);

    if (n == 0)
        return g20_fail(e, -EINVAL, "output_path: is empty");
    if (n > LONGEST)
        return g20_fail(e, -EINVAL, "output_path: longer than %d bytes", LONGEST);
    if (path[0] == '/')
        return g20_fail(e, -EINVAL, "output_path: is absolute; want one below the capture folder");
    if (!g20_text_is_clean(path))
        return g20_fail(e, -EINVAL, "output_path: control characters, or no UTF-8");
    for (const char *at = path; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
        const size_t len = strcspn(at, "/");
        if (len == 0)
            return g20_fail(e, -EINVAL, "output_path: an empty name in it");
        if (at[0] == '.')
            return g20_fail(e, -EINVAL, "output_path: \"%.*s\" begins with a dot", (int)len, at);
        if (len > LONGEST_NAME)
            return g20_fail(e, -EINVAL, "output_path: a name longer than %d bytes", LONGEST_NAME);
    }
    return 0;
}

static void cut_ending(char *base)
{
    static const char *const endings[] = {".sigmf-meta", ".sigmf-data", ".sigmf"};

    for (size_t i = 0; i < G20_COUNT_OF(endings); i++) {
        const size_t n = strlen(base), k = strlen(endings[i]);
        if (n > k && base[n - k - 1] != '/' && strcmp(base + n - k, endings[i]) == 0) {
            base[n - k] = '\0';
            return;
        }
    }
}

/* Opens each folder of @path below @fd in turn, which follows no link; returns the last one. */
static int walk(int fd, char *path, struct g20_err *e)
{
    for (char *slash; (slash = strchr(path, '/')); path = slash + 1) {
        *slash = '\0';
        if (mkdirat(fd, path, 0777) < 0 && errno != EEXIST) {
            const int r = g20_fail(e, -errno, "output_path: %.100s: %s", path, strerror(errno));
            close(fd);
            return r;
        }
        const int next = openat(fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        const int failed = errno;
        close(fd);
        if (next < 0 && (failed == ELOOP || failed == ENOTDIR))
            return g20_fail(e, -EINVAL, "output_path: %.100s is no folder, or a link", path);
        if (next < 0)
            return g20_fail(e, -failed, "output_path: %.100s: %s", path, strerror(failed));
        fd = next;
    }
    return fd;
}

static int is_free(int fd, const char *base, struct g20_err *e)
{
    static const char *const forms[][2] = {
        {"", ".sigmf-data"}, {"", ".sigmf-meta"}, {".", ".part"}, {".", ".open"}};
    char name[PATH_MAX];

    for (size_t i = 0; i < G20_COUNT_OF(forms); i++) {
        snprintf(name, sizeof(name), "%s%s%s", forms[i][0], base, forms[i][1]);
        if (faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        return *forms[i][0] /* hidden: not complete yet */
                   ? g20_fail(e, -EEXIST, "output_path: another capture writes %.100s", base)
                   : g20_fail(e, -EEXIST, "output_path: %.100s is there already", name);
    }
    return 0;
}

int g20_place_find(const char *folder, const char *path, char *buf, size_t size, struct g20_err *e)
{
    char base[LONGEST + 1], names[LONGEST + 1];
    int r = check(path, e);

    if (r < 0)
        return r;
    snprintf(base, sizeof(base), "%s", path);
    cut_ending(base);
    if ((size_t)snprintf(buf, size, "%s/%s", folder, base) + 16 > size)
        return g20_fail(e, -EINVAL, "output_path: too long");
    snprintf(names, sizeof(names), "%s", base);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return g20_fail(e, -errno, "%.200s: %s", folder, strerror(errno));
    fd = walk(fd, names, e);
    if (fd < 0)
        return fd;
    const char *last = strrchr(base, '/');
    r = is_free(fd, last ? last + 1 : base, e);
    close(fd);
    return r;
}

int g20_place_make(const char *folder, struct g20_err *e)
{
    char path[PATH_MAX];

    if ((size_t)snprintf(path, sizeof(path), "%s", folder) >= sizeof(path))
        return g20_fail(e, -ENAMETOOLONG, "%.200s: the name is too long", folder);
    for (char *at = path + 1;; at++) {
        const char was = *at;
        if (was != '/' && was != '\0')
            continue;
        *at = '\0';
        if (mkdir(path, 0777) < 0 && errno != EEXIST)
            return g20_fail(e, -errno, "%.200s: %s", path, strerror(errno));
        *at = was;
        if (was == '\0')
            return 0;
    }
}

void g20_place_name(const char *before, uint64_t start_us, double center_hz, unsigned n, char *buf,
                    size_t size)
{
    const time_t s = (time_t)(start_us / 1000000);
    struct tm tm;
    char when[32], where[32] = "", more[16] = "";

    gmtime_r(&s, &tm);
    strftime(when, sizeof(when), "%Y%m%dT%H%M%S", &tm);
    if (center_hz > 0)
        snprintf(where, sizeof(where), "-%.0fHz", center_hz);
    if (n > 0)
        snprintf(more, sizeof(more), "-%u", n);
    snprintf(buf, size, "%s%s.%03u%s%s", before, when, (unsigned)(start_us / 1000 % 1000), where,
             more);
}
