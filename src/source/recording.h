/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* recording: where the samples of a file lie and what is known about them, whatever the container.
 * Private to the folder: source_file.c plays one; rec_*.c make one from SigMF, raw and WAV. */
#ifndef G20_SOURCE_RECORDING_H
#define G20_SOURCE_RECORDING_H

#include "source/file_args.h"

/* A run of samples taken at one frequency without a break. */
struct g20_segment {
    uint64_t first, count; /* samples of the recording */
    uint64_t byte;         /* where they begin in the file */
    double center_hz;      /* 0 when unknown */
    uint64_t time_us;      /* UTC of the first sample; 0: follows on from the segment before */
};

struct g20_recording {
    int fd;         /* owned */
    bool truncated; /* an incomplete last sample is no error */
    bool is_stream; /* a pipe: read in order, length unknown (one segment, count 0) */
    char name[256]; /* for messages */
    struct g20_datatype type;
    uint32_t channels; /* interleaved sample by sample */
    uint32_t channel;  /* the one to play */
    double rate_hz;
    uint64_t total;               /* samples a channel; 0 for a stream */
    struct g20_segment *segments; /* (nsegments >= 1) */
    size_t nsegments;
};

/* Looks at the name, then at the contents, to choose the container. @rate_hz and @center_hz are
 * used where neither recording nor arguments state one; 0 is none. */
G20_MUST_USE int g20_recording_open(struct g20_recording **ret, const struct g20_file_args *args,
                                    double rate_hz, double center_hz, struct g20_err *e);
void g20_recording_destroy(struct g20_recording *r);

/* Bytes of one sample of all channels. */
size_t g20_recording_frame(const struct g20_recording *r);

/* For rec_*.c. */
G20_MUST_USE int g20_recording_create(struct g20_recording **ret, size_t nsegments,
                                      const char *name, struct g20_err *e);
/* How many whole frames @bytes of data hold; a broken last one is an error unless @truncated. */
G20_MUST_USE int g20_recording_count(const struct g20_recording *r, uint64_t bytes, bool truncated,
                                     const char *file, uint64_t *ret, struct g20_err *e);
G20_MUST_USE int g20_rec_open_sigmf(struct g20_recording **ret, const struct g20_file_args *args,
                                    struct g20_err *e);
G20_MUST_USE int g20_rec_open_raw(struct g20_recording **ret, const struct g20_file_args *args,
                                  struct g20_err *e);
G20_MUST_USE int g20_rec_open_wav(struct g20_recording **ret, const struct g20_file_args *args,
                                  struct g20_err *e);

#endif
