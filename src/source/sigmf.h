/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* sigmf: SigMF metadata (sigmf.org, 1.x), read strictly and written back without loss.
 *
 * Every field that is used is checked, and an error names the file and the field, for example
 * "x.sigmf-meta: global.core:sample_rate: want a number > 0, found \"fast\"". Metadata of more
 * than 64 MiB or 2 million objects and arrays is refused before it is parsed. A struct g20_sigmf
 * does not change after it is made; several threads may read one. */
#ifndef G20_SOURCE_SIGMF_H
#define G20_SOURCE_SIGMF_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct g20_sigmf_capture {
    uint64_t sample_start; /* in the data file: core:offset is already taken off */
    double center_hz;      /* core:frequency; has_center false when the key is missing */
    bool has_center;
    uint64_t time_us; /* core:datetime as UTC microseconds; 0 when missing */
    uint64_t header_bytes;
    uint64_t global_index; /* core:global_index: number of its first sample in the stream or the
                              recording that this was cut from */
    bool has_index;
};

struct g20_sigmf_annotation {
    /* In the data file, core:offset taken off; count UINT64_MAX: to the end. Not compared with
     * the length of the data: clip before use. Their sum fits unless the count is UINT64_MAX. */
    uint64_t sample_start, sample_count;
    double f_lo_hz, f_hi_hz;             /* absolute, as in the file */
    bool has_freq;                       /* false: no edges given, the whole band */
    double visible_lo_hz, visible_hi_hz; /* g20:visible_*_edge, else equal to f_lo / f_hi */
    bool ignore;                         /* g20:ignore */
    char label[64];
    char comment[128];
};

struct g20_sigmf {
    char datatype[16]; /* as in the file, for example "ci16_le" */
    double rate_hz;
    uint32_t channels;                  /* core:num_channels, 1 when missing */
    bool truth_partial;                 /* g20:truth is "partial" */
    char recording[64];                 /* g20:recording, what it was cut from; "" if none */
    struct g20_sigmf_capture *captures; /* (ncaptures >= 1) sorted by start */
    size_t ncaptures;
    struct g20_sigmf_annotation *annotations; /* (nannotations) in file order */
    size_t nannotations;
    uint64_t offset;         /* core:offset: number of the data file's first sample, 0 if missing */
    uint64_t trailing_bytes; /* core:trailing_bytes */
    bool metadata_only;      /* core:metadata_only: there is no data file */
    char dataset[256];       /* core:dataset, a plain file name beside the metadata; "" if none */
    char sha512[129];        /* core:sha512, 128 hexadecimal digits; "" if none */
    void *json; /* private: the whole document, so that nothing unknown is lost when written */
};

/* @path: the .sigmf-meta, the .sigmf-data or the base name. */
G20_MUST_USE int g20_sigmf_load(struct g20_sigmf **ret, const char *path, struct g20_err *e);
/* The same from memory; @name is for messages. This is the parser's fuzz target. */
G20_MUST_USE int g20_sigmf_parse(struct g20_sigmf **ret, const char *text, size_t len,
                                 const char *name, struct g20_err *e);
void g20_sigmf_destroy(struct g20_sigmf *m);

/* The number of sample @sample in the recording that @m was cut from (g20:recording; its own when
 * it was not). false: nobody wrote it down. */
bool g20_sigmf_number(const struct g20_sigmf *m, uint64_t sample, uint64_t *ret);

/* Both paths for any of the three names; each buffer >= 4096 bytes. */
G20_MUST_USE int g20_sigmf_paths(const char *any, char *meta, char *data, size_t size);

/* Write @m's document to @path with its annotations replaced by, or (when @keep) extended with,
 * @add; atomically (aside, fsync, rename). All other fields stay as they were. */
G20_MUST_USE int g20_sigmf_write_annotations(const struct g20_sigmf *m, const char *path,
                                             const struct g20_sigmf_annotation *add, size_t n,
                                             bool keep, struct g20_err *e);

#endif
