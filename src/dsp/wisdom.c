/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/wisdom.h"

#include "base/err.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char MAGIC[] = "G20 FFT plan v1 ";
enum { HEX = 16 };

void g20_wisdom_name(char *buf, size_t size, uint32_t n, int dir)
{
    snprintf(buf, size, "fft-%" PRIu32 "-%s.wisdom", n, dir < 0 ? "forward" : "inverse");
}

static uint64_t fnv1a(uint64_t h, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return h;
}

static uint64_t checksum(const char *version, const char *wisdom)
{
    uint64_t h = fnv1a(UINT64_C(0xcbf29ce484222325), version, strlen(version));

    h = fnv1a(h, "\n", 1);
    return fnv1a(h, wisdom, strlen(wisdom));
}

/* 0, or -ENAMETOOLONG. */
static int join(char *path, size_t size, const char *dir, const char *name, const char *suffix)
{
    const int n = snprintf(path, size, "%s/%s%s", dir, name, suffix);

    return n > 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

/* Split the file's text in place and move the wisdom to its front. */
static int take_apart(char *text, const char *version)
{
    const size_t magic = sizeof(MAGIC) - 1, vlen = strlen(version);
    char *end;

    if (strncmp(text, MAGIC, magic) != 0 || strlen(text) < magic + HEX + 1 ||
        text[magic + HEX] != '\n')
        return G20_EFORMAT;
    const uint64_t want = strtoull(text + magic, &end, 16);
    if (end != text + magic + HEX)
        return G20_EFORMAT;
    char *body = text + magic + HEX + 1;
    if (strncmp(body, version, vlen) != 0 || body[vlen] != '\n')
        return G20_EVERSION;
    char *wisdom = body + vlen + 1;
    if (checksum(version, wisdom) != want)
        return G20_EFORMAT;
    memmove(text, wisdom, strlen(wisdom) + 1);
    return 0;
}

int g20_wisdom_load(const char *dir, const char *name, const char *version, char *text, size_t cap)
{
    char path[PATH_MAX];
    int r = join(path, sizeof(path), dir, name, "");

    if (r < 0)
        return r;
    FILE *f = fopen(path, "re");
    if (!f)
        return -errno;
    const size_t got = fread(text, 1, cap, f);
    if (ferror(f))
        r = -EIO;
    else if (got >= cap || memchr(text, '\0', got))
        r = G20_EFORMAT;
    fclose(f);
    if (r < 0)
        return r;
    text[got] = '\0';
    return take_apart(text, version);
}

static int make_folders(const char *dir)
{
    char path[PATH_MAX];

    if (strlen(dir) >= sizeof(path))
        return -ENAMETOOLONG;
    memcpy(path, dir, strlen(dir) + 1);
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(path, 0777) < 0 && errno != EEXIST)
            return -errno;
        *p = '/';
    }
    return mkdir(path, 0777) < 0 && errno != EEXIST ? -errno : 0;
}

int g20_wisdom_save(const char *dir, const char *name, const char *version, const char *text)
{
    char path[PATH_MAX], aside[PATH_MAX];
    int r = make_folders(dir);

    if (r < 0)
        return r;
    r = join(path, sizeof(path), dir, name, "");
    if (r == 0)
        r = join(aside, sizeof(aside), dir, name, ".XXXXXX");
    if (r < 0)
        return r;
    const int fd = mkstemp(aside); /* two daemons may start at once */
    if (fd < 0)
        return -errno;
    FILE *f = fdopen(fd, "w");
    if (!f) {
        r = -errno;
        close(fd);
        goto fail;
    }
    fprintf(f, "%s%016" PRIx64 "\n%s\n%s", MAGIC, checksum(version, text), version, text);
    r = ferror(f) ? -EIO : 0;
    if (fclose(f) != 0 && r == 0)
        r = -errno;
    if (r == 0 && rename(aside, path) < 0)
        r = -errno;
    if (r == 0)
        return 0;
fail:
    unlink(aside);
    return r;
}
