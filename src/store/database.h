/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* database: one file, opened for writing, whatever state it is in. */
#ifndef G20_STORE_DATABASE_H
#define G20_STORE_DATABASE_H

#include "store/sql.h"

#include <stdbool.h>

/* Open @path, bring it up to date and check it. A damaged one, or one of another program, is
 * renamed to "<path>.damaged-<UTC>" (with its journal; nothing is deleted), a new one is made, and
 * @ret_aside (>= 512 bytes; "" otherwise) says what happened, for the log. A newer one:
 * G20_EVERSION. */
G20_MUST_USE int g20_database_open(sqlite3 **ret, const char *path, char *ret_aside,
                                   struct g20_err *e);

/* Rename @path and its journal files; the new name goes to @ret_name (@size bytes). No connection
 * may be open. */
G20_MUST_USE int g20_database_set_aside(const char *path, char *ret_name, size_t size,
                                        struct g20_err *e);

/* Read all pages by a connection of its own: one that is open may still hold good copies of bad
 * pages. */
bool g20_database_is_damaged(const char *path);

#endif
