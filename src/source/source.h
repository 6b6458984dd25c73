/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* source: where IQ comes from. A driver is one .c file that exports one of these tables, plus one
 * line in source.c. Only source_*.c files may include a vendor's SDK header.
 *
 * A source is used by one thread at a time, except tune(), which any thread may call. */
#ifndef G20_SOURCE_SOURCE_H
#define G20_SOURCE_SOURCE_H

#include "base/block.h"
#include "base/err.h"

struct g20_source;

/* What to open. Strings are borrowed for the call of open(). */
struct g20_source_cfg {
    const char *driver; /* "file", "scene" */
    const char *args;   /* file: the path ("-" is stdin; options as in docs/sources.md, for
                           example "x.iq,format=ci16_le,rate=2e6"); scene: "seed=20,..." */
    double rate_hz;     /* file: used where the recording does not state one ("rate=" in args
                           wins over both); 0: the recording's own */
    double center_hz;   /* file: likewise, "center=" */
    double bandwidth_hz, gain_db;
    const char *antenna;
    bool loop;     /* start again at the end of a recording */
    bool realtime; /* pace the samples by the clock; otherwise as fast as they are read */
};

struct g20_source_info {
    const char *driver;
    char name[256];                /* for people: path or device */
    double rate_hz, center_hz;     /* of the first sample; a block carries its own */
    bool center_known;             /* false: frequencies are baseband offsets */
    enum g20_sample_format format; /* of the blocks to come */
    uint64_t total_samples;        /* of a finite recording played once; 0 unknown or endless */
    uint64_t bad_samples;          /* NaN, Inf and absurd float samples so far, played as 0; grows
                                      while the source is read, for the reading thread only */
    bool is_live;                  /* cannot wait for a slow reader: drop and count instead */
};

struct g20_source_ops {
    const char *name;
    /* @ret_info comes with driver and format set to defaults and stays valid until close(). */
    int (*open)(void **ret_dev, const struct g20_source_cfg *cfg, struct g20_source_info *ret_info,
                struct g20_err *e);
    /* Fill b->data with up to b->cap samples and set every public field of @b. Returns the count,
     * 0 at the end, -ETIMEDOUT after @timeout_ms, another negative code with *e on failure.
     * Never blocks longer. */
    int (*read)(void *dev, struct g20_block *b, int timeout_ms, struct g20_err *e);
    /* NULL: cannot be tuned. The value the device really took goes to *ret_actual_hz. */
    int (*tune)(void *dev, double center_hz, double *ret_actual_hz, struct g20_err *e);
    void (*close)(void *dev); /* NULL dev is fine */
};

G20_MUST_USE int g20_source_open(struct g20_source **ret, const struct g20_source_cfg *cfg,
                                 struct g20_err *e);
const struct g20_source_info *g20_source_info(const struct g20_source *s);
G20_MUST_USE int g20_source_read(struct g20_source *s, struct g20_block *b, int timeout_ms,
                                 struct g20_err *e);
G20_MUST_USE int g20_source_tune(struct g20_source *s, double center_hz, double *ret_actual_hz,
                                 struct g20_err *e); /* -EOPNOTSUPP when it cannot */
void g20_source_close(struct g20_source *s);

#endif
