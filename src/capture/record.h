/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* record: a SigMF recording while it grows.
 *
 * Samples go to .NAME.part and the metadata so far to .NAME.open, before the samples it tells of.
 * finish() makes NAME.sigmf-data and NAME.sigmf-meta of them, each by one rename; what a killed
 * process left is made a recording by recover(), with "g20:recovered" in its metadata.
 * One thread at a time. */
#ifndef G20_CAPTURE_RECORD_H
#define G20_CAPTURE_RECORD_H

#include "base/block.h"
#include "source/sigmf.h"

struct g20_record;

/* @base: path of the recording without its endings (capture/place.h). */
G20_MUST_USE int g20_record_open(struct g20_record **ret, const char *base, struct g20_err *e);

struct g20_record_segment {
    uint64_t sample_start; /* in the file */
    uint64_t time_us;      /* UTC; 0 unknown */
    double center_hz;      /* 0 unknown */
};

/* What the samples are; once, before the first. */
void g20_record_describe(struct g20_record *r, enum g20_sample_format format, double rate_hz);
/* The segments so far, all of them: to the disk. At most 65536. */
G20_MUST_USE int g20_record_segments(struct g20_record *r, const struct g20_record_segment *seg,
                                     size_t n, struct g20_err *e);
/* -ENOSPC, -EFBIG, -EDQUOT: what fitted stays. */
G20_MUST_USE int g20_record_write(struct g20_record *r, const void *data, size_t bytes,
                                  struct g20_err *e);
/* Gives the disk's last @bytes back, so that the metadata has room; whole samples. */
void g20_record_shorten(struct g20_record *r, uint64_t bytes);
uint64_t g20_record_bytes(const struct g20_record *r); /* on the disk, whole samples */

/* Syncs and names both files. Without a sample: nothing stays behind, -ENODATA. On another failure
 * the hidden files stay for recover(). */
G20_MUST_USE int g20_record_finish(struct g20_record *r, const struct g20_sigmf_annotation *notes,
                                   size_t n, struct g20_err *e);
void g20_record_destroy(struct g20_record *r); /* NULL is fine; files stay as they are */

/* Everything unfinished below @folder. Returns how many recordings were made of it; one that cannot
 * be saved is left alone and told of by @failed (may be NULL). Nobody may be recording there. */
int g20_record_recover(const char *folder,
                       void (*failed)(const char *path, const struct g20_err *e, void *user),
                       void *user);

#endif
