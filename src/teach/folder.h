/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* folder: names, folders and JSON files of what was taught. A name of a signal is the name of its
 * folder. Thread-safe; paths fit G20_FOLDER_PATH bytes or are refused. */
#ifndef G20_TEACH_FOLDER_H
#define G20_TEACH_FOLDER_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>

enum { G20_FOLDER_PATH = 4096, G20_SIGNAL_NAME = 32 };

/* 1 to 31 bytes of clean text, no slash, no dot first, no blank first or last. */
G20_MUST_USE int g20_signal_check(const char *name, struct g20_err *e);

/* As snprintf() into @buf (G20_FOLDER_PATH); -ENAMETOOLONG. */
G20_MUST_USE int g20_folder_path(char *buf, struct g20_err *e, const char *fmt, ...)
    G20_PRINTF(3, 4);

/* The folder and those above it, where they are missing. */
G20_MUST_USE int g20_folder_make(const char *path, struct g20_err *e);

/* What was renamed into or out of @path stays so after a power cut. */
G20_MUST_USE int g20_folder_sync(const char *path, struct g20_err *e);

/* rename(2), both folders synced. */
G20_MUST_USE int g20_folder_move(const char *from, const char *to, struct g20_err *e);

bool g20_folder_has(const char *path);

/* All of a folder, links not followed; what is not there is fine. */
G20_MUST_USE int g20_folder_remove(const char *path, struct g20_err *e);

/* Others that take the lock of the same folder wait, other processes too. A descriptor for
 * g20_folder_unlock(). */
G20_MUST_USE int g20_folder_lock(const char *path, struct g20_err *e);
void g20_folder_unlock(int fd);

/* Entries of a folder in alphabetical order. */
struct g20_names {
    char **item; /* (count) */
    size_t count, cap;
};
/* Those that end in @end (""), without it; with @hidden those that begin with a dot, else those
 * that do not. A folder that is not there has none. @ret zeroed; g20_names_free() it always. */
G20_MUST_USE int g20_folder_list(struct g20_names *ret, const char *path, const char *end,
                                 bool hidden, struct g20_err *e);
G20_MUST_USE int g20_names_add(struct g20_names *n, const char *name); /* a copy; -ENOMEM */
void g20_names_free(struct g20_names *n);

/* Written aside, synced, renamed; indented. -ENOMEM: @o is NULL too. */
G20_MUST_USE int g20_json_write(const char *path, const json_t *o, struct g20_err *e);
/* An object of at most 64 MiB, for json_decref(). G20_EFORMAT: it is none. */
G20_MUST_USE int g20_json_load(json_t **ret, const char *path, struct g20_err *e);

#endif
