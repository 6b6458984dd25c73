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
    const char *driver; /* "file", "scene", "soapy" */
    const char *args;   /* file: the path ("-" is stdin; options as in docs/sources.md, for
                           example "x.iq,format=ci16_le,rate=2e6"); scene: "seed=20,..."; soapy:
                           the device, "driver=rtlsdr,serial=1" (docs/radios.md) */
    double rate_hz;     /* file: used where the recording does not state one ("rate=" in args
                           wins over both); 0: the recording's own */
    double center_hz;   /* file: likewise, "center=" */
    double bandwidth_hz, gain_db; /* soapy; bandwidth 0: what the device chooses */
    const char *antenna;          /* soapy; NULL or "": what the device chooses */
    bool loop;                    /* start again at the end of a recording */
    bool realtime; /* pace the samples by the clock; otherwise as fast as they are read */
};

struct g20_span { /* from lo to hi; equal: one value */
    double lo, hi;
};

enum { G20_CAPS_SPANS = 16 };

/* What a device can do, in its own words; all 0 for a recording. Lists are cut at their ends. */
struct g20_source_caps {
    bool can_tune, has_gain;
    uint32_t channels;               /* receivers of the device, >= 1 for a device */
    double min_hz, max_hz;           /* of the centre; both 0: the device does not say */
    double min_gain_db, max_gain_db; /* with has_gain */
    struct g20_span
        centers_hz[G20_CAPS_SPANS]; /* (ncenters), with min_hz and max_hz as outer edges */
    uint32_t ncenters;
    struct g20_span rates_hz[G20_CAPS_SPANS]; /* (nrates) */
    uint32_t nrates;
    struct g20_span
        bandwidths_hz[G20_CAPS_SPANS]; /* (nbandwidths) none: there is no filter to set */
    uint32_t nbandwidths;
    char antennas[8][32]; /* (nantennas) */
    uint32_t nantennas;
};

/* What to change, and what the device does now. NAN: leave it as it is, or: there is none. */
struct g20_tune {
    uint32_t channel; /* receiver, from 0 */
    double center_hz, bandwidth_hz, gain_db;
};

struct g20_frontend {    /* of a radio, as it is now */
    double bandwidth_hz; /* of its filter; NAN: it has none to set */
    double gain_db;      /* NAN: it has none to set, or .agc */
    bool agc;            /* it chooses its gain by itself */
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
    uint64_t stale_samples; /* dropped after retunes, because they may be of before; likewise */
    uint64_t overflows;     /* times that the device lost samples; likewise */
    struct g20_frontend frontend; /* after each tune too; likewise */
    bool is_live;                 /* cannot wait for a slow reader: drop and count instead */
    struct g20_source_caps caps;
};

/* A device that could be opened: .driver and .args are those of struct g20_source_cfg. */
struct g20_source_device {
    const char *driver; /* static */
    char args[512];
    char label[128]; /* for people */
    char hardware[64], serial[64];
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
    /* NULL: cannot be tuned. All of @wanted or nothing; see g20_source_tune(). */
    int (*tune)(void *dev, const struct g20_tune *wanted, struct g20_tune *ret_actual,
                struct g20_err *e);
    void (*close)(void *dev); /* NULL dev is fine */
    /* Devices that are there into @ret, at most @cap; their number. NULL: the driver has none. */
    size_t (*list)(struct g20_source_device *ret, size_t cap);
};

G20_MUST_USE int g20_source_open(struct g20_source **ret, const struct g20_source_cfg *cfg,
                                 struct g20_err *e);
const struct g20_source_info *g20_source_info(const struct g20_source *s);
G20_MUST_USE int g20_source_read(struct g20_source *s, struct g20_block *b, int timeout_ms,
                                 struct g20_err *e);
/* What the device really does afterwards goes to *ret_actual, all of it. -EOPNOTSUPP: this source
 * cannot (*e names the part), -ERANGE: a value out of the range that *e names, -ENODEV: the device
 * is gone, -ETIMEDOUT and -EBUSY: it does not answer. Nothing is changed then, except that after
 * -ETIMEDOUT the device may still do it; blocks tell. */
G20_MUST_USE int g20_source_tune(struct g20_source *s, const struct g20_tune *wanted,
                                 struct g20_tune *ret_actual, struct g20_err *e);
void g20_source_close(struct g20_source *s);

/* What all drivers can find, at most @cap; returns how many. Slow, up to several seconds: it asks
 * each bus, and the network. From any thread, also while a device is open. */
size_t g20_source_list(struct g20_source_device *ret, size_t cap);

/* True when @v lies in one of @n spans, give or take a part in 10^9. */
bool g20_spans_have(const struct g20_span *span, size_t n, double v);
/* "1 to 2, 5" into @buf, cut when it does not fit. */
void g20_spans_text(const struct g20_span *span, size_t n, char *buf, size_t size);

#endif
