/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* file: whole files, bounded when read, never half-written. Thread-safe. */
#ifndef G20_BASE_FILE_H
#define G20_BASE_FILE_H

#include "base/err.h"

#include <stdint.h>

/* All of @path (NUL added after *ret_len bytes; the caller frees with g20_free). -EFBIG when it is
 * longer than @max bytes. */
G20_MUST_USE int g20_file_read(const char *path, size_t max, char **ret, size_t *ret_len,
                               struct g20_err *e);

/* Write @len bytes aside (same folder, hidden name), sync, rename over @path. On any failure
 * @path is as it was and nothing else stays behind. A symbolic link to a file stays one: what it
 * points at is replaced. A device or a pipe is written to as it is. */
G20_MUST_USE int g20_file_write(const char *path, const void *data, size_t len, struct g20_err *e);

/* Does g20_file_write() find a folder to write @path into? For long work to ask before it begins:
 * a full disk shows only when it is over. */
G20_MUST_USE int g20_file_can_write(const char *path, struct g20_err *e);

/* Bytes that its disk has left, for anybody, for a new file @path in a folder that is there. */
G20_MUST_USE int g20_file_room(const char *path, uint64_t *ret, struct g20_err *e);

#endif
