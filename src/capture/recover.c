/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What a killed process left, made into recordings. Whatever step it died in: the .open file is
 * there until both final files are. */
#include "base/alloc.h"
#include "base/file.h"
#include "capture/record.h"
#include "capture/record_meta.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_META = 64 << 20 };

/* Bytes of a sample; 0: not one that a capture has. */
static uint64_t sample_bytes(const char *datatype)
{
    if (strncmp(datatype, "cf32", 4) == 0)
        return 8;
    if (strncmp(datatype, "ci16", 4) == 0)
        return 4;
    return strcmp(datatype, "ci8") == 0 || strcmp(datatype, "cu8") == 0 ? 2 : 0;
}

/* Segments that begin after the last sample go; the first one stays. */
static void cut_segments(json_t *doc, uint64_t samples)
{
    json_t *list = json_object_get(doc, "captures");

    for (size_t i = json_array_size(list); i-- > 1;) {
        const json_t *start = json_object_get(json_array_get(list, i), "core:sample_start");
        if ((uint64_t)json_integer_value(start) >= samples)
            json_array_remove(list, i);
    }
}

/* The samples on the disk, cut to whole ones; 0 for none. */
static int whole_samples(int fd, uint64_t each, uint64_t *ret, struct g20_err *e)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return g20_fail(e, -errno, "%s", strerror(errno));
    const uint64_t bytes = (uint64_t)st.st_size;
    if (bytes % each != 0 && ftruncate(fd, (off_t)(bytes - bytes % each)) < 0)
        return g20_fail(e, -errno, "%s", strerror(errno));
    *ret = bytes / each;
    return 0;
}

struct left {
    char base[PATH_MAX], open[PATH_MAX], part[PATH_MAX], data[PATH_MAX], meta[PATH_MAX];
    json_t *doc;
    int fd;
};

/* 1: a recording was made; 0: nothing was in it. */
static int save(struct left *l, struct g20_err *e)
{
    struct g20_sigmf *m = NULL;
    char sha512[129] = "", *text = NULL;
    size_t len = 0;
    uint64_t samples = 0;

    int r = g20_file_read(l->open, MOST_META, &text, &len, e);
    if (r < 0)
        return r;
    r = g20_sigmf_parse(&m, text, len, l->open, e);
    l->doc = r >= 0 ? json_loadb(text, len, 0, NULL) : NULL;
    const uint64_t each = r >= 0 ? sample_bytes(m->datatype) : 0;
    g20_sigmf_destroy(m);
    g20_free(text);
    if (r < 0)
        return r;
    if (!l->doc || each == 0)
        return g20_fail(e, -EINVAL, "%s: not what a capture leaves", l->open);
    const bool is_named = access(l->part, F_OK) != 0;
    l->fd = open(is_named ? l->data : l->part, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (l->fd < 0 && errno == ENOENT)
        return 0;
    if (l->fd < 0)
        return g20_fail(e, -errno, "%s: %s", l->data, strerror(errno));
    r = whole_samples(l->fd, each, &samples, e);
    if (r < 0 || samples == 0)
        return r;
    cut_segments(l->doc, samples);
    json_object_set_new(json_object_get(l->doc, "global"), "g20:recovered", json_true());
    r = g20_record_sum(l->fd, sha512, e);
    if (r >= 0 && fsync(l->fd) < 0)
        r = g20_fail(e, -errno, "%s: %s", l->data, strerror(errno));
    if (r >= 0 && !is_named && rename(l->part, l->data) < 0)
        r = g20_fail(e, -errno, "%s: %s", l->data, strerror(errno));
    if (r >= 0)
        r = g20_record_write_meta(l->doc, l->meta, sha512, NULL, 0, e);
    return r < 0 ? r : 1;
}

/* @folder with its slash, and @name as in .name.open */
static int recover_one(const char *folder, int folder_len, const char *name, int name_len,
                       struct g20_err *e)
{
    struct left *l = g20_calloc(1, sizeof(*l));
    int r = 0;

    if (!l)
        return g20_fail(e, -ENOMEM, "out of memory");
    l->fd = -1;
    const int n =
        snprintf(l->base, sizeof(l->base), "%.*s%.*s", folder_len, folder, name_len, name);
    if (n < 0 || (size_t)n >= sizeof(l->base) ||
        g20_record_name(l->open, sizeof(l->open), l->base, ".", ".open") < 0 ||
        g20_record_name(l->part, sizeof(l->part), l->base, ".", ".part") < 0 ||
        g20_record_name(l->data, sizeof(l->data), l->base, "", ".sigmf-data") < 0 ||
        g20_record_name(l->meta, sizeof(l->meta), l->base, "", ".sigmf-meta") < 0) {
        g20_free(l);
        return g20_fail(e, -ENAMETOOLONG, "the name is too long");
    }
    if (access(l->open, F_OK) != 0)
        unlink(l->part); /* died before the first sample */
    else if (access(l->meta, F_OK) == 0)
        unlink(l->open); /* all was done but this */
    else if ((r = save(l, e)) >= 0) {
        if (r == 0)
            unlink(l->part);
        unlink(l->open);
    }
    if (l->fd >= 0)
        close(l->fd);
    json_decref(l->doc);
    g20_free(l);
    return r;
}

/* Of g20_file_write(), which was about to give it its name: whatever it holds is written again. */
static bool is_aside(const char *name, size_t len)
{
    static const char *const ends[] = {".sigmf-meta.", ".open."};
    enum { RANDOM = 6 };

    for (size_t i = 0; i < G20_COUNT_OF(ends); i++) {
        const size_t end = strlen(ends[i]);
        if (name[0] == '.' && len > end + RANDOM &&
            strncmp(name + len - RANDOM - end, ends[i], end) == 0)
            return true;
    }
    return false;
}

int g20_record_recover(const char *folder,
                       void (*failed)(const char *path, const struct g20_err *e, void *user),
                       void *user)
{
    char root[PATH_MAX], *const roots[] = {root, NULL};
    int count = 0;

    if ((size_t)snprintf(root, sizeof(root), "%s", folder) >= sizeof(root))
        return 0;
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
    for (FTSENT *f; tree && (f = fts_read(tree));) {
        const size_t len = f->fts_namelen;
        const char *end = len > 6 ? f->fts_name + len - 5 : "";
        struct g20_err e = {0};

        if (f->fts_info == FTS_F && is_aside(f->fts_name, len))
            (void)unlink(f->fts_path);
        if (f->fts_info != FTS_F || f->fts_name[0] != '.' ||
            (strcmp(end, ".open") != 0 && strcmp(end, ".part") != 0))
            continue;
        const int r = recover_one(f->fts_path, (int)(f->fts_pathlen - len), f->fts_name + 1,
                                  (int)len - 6, &e);
        if (r < 0 && failed)
            failed(f->fts_path, &e, user);
        count += r > 0;
    }
    if (tree)
        fts_close(tree);
    return count;
}
