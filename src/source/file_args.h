/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* file_args: what a person says about a recording: path, options, and hints in the file's name.
 *
 *     PATH[,KEY=VALUE...]     x.iq,format=ci16_le,rate=2e6,center=433.92M
 *
 * The path ends at the first comma that is followed by `word=`; a comma of the name that is, is
 * written `\,` and a backslash before a comma or a backslash `\\`. */
#ifndef G20_SOURCE_FILE_ARGS_H
#define G20_SOURCE_FILE_ARGS_H

#include "source/convert.h"

struct g20_file_args {
    char path[4096]; /* "-" is standard input */
    bool has_type;
    struct g20_datatype type; /* format= */
    double rate_hz;           /* rate=, 0 when not given */
    bool has_center;
    double center_hz;      /* center= */
    uint64_t time_us;      /* time=, of the first sample; 0 when not given */
    uint64_t header_bytes; /* header_bytes=, skipped at the start of a raw file */
    uint32_t channel;      /* channel=, the one of several to play */
    bool verify;           /* verify=true: compare core:sha512 */
    bool truncated;        /* truncated=true: ignore an incomplete sample at the end */
};

G20_MUST_USE int g20_file_args_parse(struct g20_file_args *ret, const char *text,
                                     struct g20_err *e);

/* @path as the path part of an argument string, into @buf; -ENAMETOOLONG when it does not fit. */
G20_MUST_USE int g20_file_args_escape(const char *path, char *buf, size_t size);

/* The argument string of what a person named on a command line: a file that exists under exactly
 * this name is a path, commas and all; anything else is taken as an argument string already. */
G20_MUST_USE int g20_file_args_for(const char *name, char *buf, size_t size);

/* Fill what @args does not say yet from the name of the file: format from the extension (.cu8 .cs8
 * .cs16 .cf32 .c64 and others), rate and frequency from parts such as 433.92M, 250k, 1M6,
 * 433920000Hz, 2.4Msps, and the time from 20200101_120000Z. Never fails: what it cannot read it
 * leaves. */
void g20_file_args_from_name(struct g20_file_args *args);

/* "433.92M", "250k", "2e6", "1.5G", without spaces; finite. -EINVAL otherwise. */
G20_MUST_USE int g20_file_args_number(const char *text, size_t len, double *ret);

#endif
