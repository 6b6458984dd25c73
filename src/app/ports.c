/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/ports.h"

#include "base/file.h"
#include "config/config.h"

#include <errno.h>
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

int g20_ports_folder(const char *dir, struct g20_err *e)
{
    const int r = make_folders(dir);

    return r < 0 ? g20_fail(e, r, "folder %s: %s", dir, g20_strerror(r)) : 0;
}

int g20_ports_write(const char *dir, int http_port, int grpc_port, struct g20_err *e)
{
    char path[PATH_BYTES], text[96];
    const int r = g20_ports_folder(dir, e);

    if (r < 0)
        return r;
    snprintf(path, sizeof(path), "%s/ports.json", dir);
    const int n = snprintf(text, sizeof(text), "{\"http\":%d,\"grpc\":%d,\"pid\":%d}\n", http_port,
                           grpc_port, (int)getpid());
    return g20_file_write(path, text, (size_t)n, e);
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
