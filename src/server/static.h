/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* static: the files of the web UI, read once at start and served from memory.
 *
 * A request is looked up in a table of names, it never becomes a path of the file system: there is
 * nothing to escape from, no descriptor to run out of, and a UI that is being rebuilt is never seen
 * half written. Names starting with a dot and anything but regular files are left out. A file
 * NAME.gz beside NAME is its compressed form. Read-only after load, so thread-safe. */
#ifndef G20_SERVER_STATIC_H
#define G20_SERVER_STATIC_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { G20_STATIC_MAX_FILES = 512, G20_STATIC_MAX_DEPTH = 6, G20_STATIC_MAX_BYTES = 64 << 20 };

struct g20_static_file {
    char *name; /* "/assets/index-1a2b.js" */
    uint8_t *data;
    size_t len;
    uint8_t *gz; /* NULL: there is no compressed form */
    size_t gz_len;
    const char *type; /* Content-Type */
    char etag[20];    /* quoted hash of the content */
    bool immutable;   /* the name holds a hash of the content: may be kept for ever */
};

struct g20_static;

/* -ENOENT when @dir has no index.html; -EFBIG over one of the limits above. */
G20_MUST_USE int g20_static_load(struct g20_static **ret, const char *dir, struct g20_err *e);
void g20_static_destroy(struct g20_static *s); /* NULL is fine */

/* "/" is "/index.html". NULL when there is no such file (or @s is NULL). */
const struct g20_static_file *g20_static_find(const struct g20_static *s, const char *path);

#endif
