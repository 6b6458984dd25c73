/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* file_io: opening and reading files of unknown origin, with errors that name them. */
#ifndef G20_SOURCE_FILE_IO_H
#define G20_SOURCE_FILE_IO_H

#include "base/err.h"

#include <stdint.h>

/* A regular file, read only. Returns the descriptor; directories, pipes and devices are refused
 * (opening never blocks), and *ret_size gets the length. */
G20_MUST_USE int g20_file_open(const char *path, uint64_t *ret_size, struct g20_err *e);

/* All of a file of at most @max bytes, with a NUL after the end; the caller frees *ret. */
G20_MUST_USE int g20_file_load(char **ret, size_t *ret_len, const char *path, size_t max,
                               struct g20_err *e);

/* Up to @n bytes from @at; fewer only at the end of the file. < 0: -errno. */
G20_MUST_USE int64_t g20_file_pread(int fd, void *buf, size_t n, uint64_t at);

/* One read of up to @n bytes from a pipe, waiting for data until the monotonic time @until_ns at
 * most. 0 at the end, -ETIMEDOUT, -errno. */
G20_MUST_USE int64_t g20_file_read_until(int fd, void *buf, size_t n, uint64_t until_ns);

/* SHA-512 of @size bytes from @at, as 128 hexadecimal digits. */
G20_MUST_USE int g20_file_sha512(int fd, uint64_t at, uint64_t size, char ret_hex[129],
                                 const char *name, struct g20_err *e);

#endif
