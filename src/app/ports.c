/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/ports.h"

#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = G20_CONFIG_PATH_MAX + 64 };

static int make_folders(const char *dir)
{
    char path[PATH_BYTES];

    if (snprintf(path, sizeof(path), "%s", dir) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            return -errno;
        *p = '/';
    }
    return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int g20_ports_write(const char *dir, int http_port, struct g20_err *e)
{
    char path[PATH_BYTES], aside[PATH_BYTES + 16], text[96];
    int r = make_folders(dir);

    if (r < 0)
        return g20_fail(e, r, "runtime folder %s: %s", dir, g20_strerror(r));
    snprintf(path, sizeof(path), "%s/ports.json", dir);
    snprintf(aside, sizeof(aside), "%s.%d", path, (int)getpid());
    const int n = snprintf(text, sizeof(text), "{\"http\":%d,\"grpc\":0,\"pid\":%d}\n", http_port,
                           (int)getpid());
    const int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return g20_fail(e, -errno, "%s: %s", aside, g20_strerror(-errno));
    r = write(fd, text, (size_t)n) == n && fsync(fd) == 0 ? 0 : -EIO;
    close(fd);
    if (r == 0 && rename(aside, path) < 0)
        r = -errno;
    if (r < 0) {
        unlink(aside);
        return g20_fail(e, r, "%s: %s", path, g20_strerror(r));
    }
    return 0;
}

void g20_ports_remove(const char *dir)
{
    char path[PATH_BYTES];

    snprintf(path, sizeof(path), "%s/ports.json", dir);
    json_t *o = json_load_file(path, 0, NULL);
    if (o && json_integer_value(json_object_get(o, "pid")) == (json_int_t)getpid())
        unlink(path);
    json_decref(o);
}
