/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* In front of write() (LD_PRELOAD): captures that are being written (files *.part) go to a slow
 * disk, to a full one or to one that does not answer, as the file named by SLOW_DISK says:
 * "1000000" bytes a second, "full", "hold" (until it says something else), or nothing. In front of
 * statvfs(): every disk has SLOW_DISK_ROOM bytes left. For tests/app/slow_disk.py; not part of
 * G20. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

__attribute__((visibility("default"))) extern ssize_t write(int fd, const void *data, size_t n);

__attribute__((visibility("default"))) extern int statvfs(const char *path, struct statvfs *ret);

static int is_part(int fd)
{
    char link[64], name[4096];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    const ssize_t n = readlink(link, name, sizeof(name));
    return n > 5 && memcmp(name + n - 5, ".part", 5) == 0;
}

static void what(const char *path, char *ret, int size)
{
    FILE *f = fopen(path, "re");

    if (!f || !fgets(ret, size, f))
        ret[0] = '\0';
    if (f)
        fclose(f);
}

ssize_t write(int fd, const void *data, size_t n)
{
    static ssize_t (*real)(int, const void *, size_t);
    const char *path = getenv("SLOW_DISK");
    char text[32] = "";

    if (!real) /* every thread would find the same */
        *(void **)&real = dlsym(RTLD_NEXT, "write");
    if (path && n > 0 && is_part(fd))
        for (what(path, text, sizeof(text)); strncmp(text, "hold", 4) == 0;) {
            usleep(10000);
            what(path, text, sizeof(text));
        }
    if (strncmp(text, "full", 4) == 0) {
        errno = ENOSPC;
        return -1;
    }
    const double rate = strtod(text, NULL);
    if (rate > 0)
        usleep((useconds_t)(1e6 * (double)n / rate));
    return real(fd, data, n);
}

int statvfs(const char *path, struct statvfs *ret)
{
    const char *room = getenv("SLOW_DISK_ROOM");
    int (*real_statvfs)(const char *, struct statvfs *);

    *(void **)&real_statvfs = dlsym(RTLD_NEXT, "statvfs");
    const int r = real_statvfs(path, ret);
    if (r == 0 && room)
        ret->f_bavail = strtoull(room, NULL, 10) / ret->f_frsize;
    return r;
}
