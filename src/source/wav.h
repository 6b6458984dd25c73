/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* wav: the header of a WAV recording (RIFF, RF64 or BW64), private to the folder.
 *
 * PCM of 8, 16, 24 and 32 bits and floats of 32 and 64 are read; two channels are I and Q, one is
 * a real signal. The "auxi" chunk of SDR#, HDSDR and SpectraVue gives frequency and time. */
#ifndef G20_SOURCE_WAV_H
#define G20_SOURCE_WAV_H

#include "source/convert.h"

/* Bytes to parse: up to @n of them from @at to @buf; fewer at the end, < 0 -errno. */
typedef int64_t g20_wav_read_fn(void *user, void *buf, size_t n, uint64_t at);

struct g20_wav {
    struct g20_datatype type;
    double rate_hz;
    double center_hz;             /* 0 when the file does not say */
    uint64_t time_us;             /* 0 likewise */
    uint64_t data_at, data_bytes; /* inside the file */
};

/* @size: bytes of the file. @name is for messages. A data chunk that claims more than the file has
 * is an error unless @truncated; one of length 0 or unknown at the end goes to the end. */
G20_MUST_USE int g20_wav_parse(struct g20_wav *ret, g20_wav_read_fn *read, void *user,
                               uint64_t size, bool truncated, const char *name, struct g20_err *e);

#endif
