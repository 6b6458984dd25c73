/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* source_soapy: a radio through SoapySDR, private to source_soapy*.c.
 *
 * Only the reading thread talks to the device: tune() leaves a request and waits for the answer, so
 * that it is known which samples came before it, and so that a device that hangs holds up nobody
 * for longer than TUNE_MS. After a change, samples that may be of before are dropped: what the
 * driver and the system had queued, one transfer more, and the time that the device needs to
 * settle. */
#ifndef G20_SOURCE_SOURCE_SOAPY_H
#define G20_SOURCE_SOURCE_SOAPY_H

#include "source/convert.h"
#include "source/source.h"
#include "source/stream_clock.h"

#include <SoapySDR/Device.h>
#include <pthread.h>

enum {
    G20_SOAPY_CHUNK = 32768, /* samples of one read at most */
    G20_SOAPY_TUNE_MS = 300,
};

/* Keys of the argument string that are ours: "g20:settle_ms=5,g20:channel=1". Those with "stream:"
 * go to the stream, those with "setting:" are settings of the device, all others choose it. */
struct g20_soapy_args {
    SoapySDRKwargs device, stream, settings; /* memory of SoapySDR */
    size_t channel;
    double settle_s, stall_s;
    bool direct;     /* read from the driver's own buffers */
    bool stamps;     /* believe its time stamps */
    bool agc;        /* gain is the device's own business */
    char format[16]; /* "" the best one */
};

G20_MUST_USE int g20_soapy_args_parse(struct g20_soapy_args *ret, const char *text,
                                      struct g20_err *e);
void g20_soapy_args_fini(struct g20_soapy_args *a);

enum g20_soapy_ask { G20_SOAPY_NOTHING, G20_SOAPY_ASKED, G20_SOAPY_AT_IT, G20_SOAPY_ANSWERED };

struct g20_soapy {
    struct g20_soapy_args args;
    SoapySDRDevice *dev;
    SoapySDRStream *stream;
    struct g20_source_info *info; /* the source's */
    struct g20_datatype type;     /* of what is read */
    bool converts;                /* .type is not that of a block */
    float scale;                  /* that brings full scale to that of a block; 1: is there */
    struct g20_tune now;          /* what the device does, as it says; NAN: it has no such thing */
    uint32_t mtu;
    bool has_time;
    struct g20_stream_clock clock;

    void *scratch;       /* a chunk to convert */
    uint8_t *carry;      /* a chunk that belongs to the next block, in the block's format */
    uint32_t ncarry;     /* samples in it */
    uint32_t next_flags; /* of the block to come */
    uint64_t next_lost;
    bool overflowed;     /* reported since the last samples */
    uint64_t silent_ns;  /* monotonic: since when nothing came */
    const uint8_t *held; /* the driver's buffer that is being read, with .direct */
    size_t held_handle;
    uint32_t held_left; /* samples */
    int64_t held_ns;
    bool held_stamped;

    bool settling, drained, timed;
    int64_t settled_ns; /* by the device's clock, when .timed */
    uint64_t to_drop;   /* samples, once drained or at that time */
    uint64_t draining;  /* samples that may still be dropped while draining */

    pthread_mutex_t lock; /* of what is below */
    pthread_cond_t changed;
    enum g20_soapy_ask ask;
    bool abandoned, gone;
    struct g20_tune wanted, actual;
    int answer;
    struct g20_err error;
};

/* source_soapy_open.c: find, set up and describe the device; nothing streams yet. */
G20_MUST_USE int g20_soapy_setup(struct g20_soapy *s, const struct g20_source_cfg *cfg,
                                 struct g20_err *e);
size_t g20_soapy_list(struct g20_source_device *ret, size_t cap);
void g20_soapy_log(void); /* what SoapySDR and its modules say goes to our log, from now on */

/* source_soapy_tune.c */
G20_MUST_USE int g20_soapy_tune(void *dev, const struct g20_tune *wanted,
                                struct g20_tune *ret_actual, struct g20_err *e);
bool g20_soapy_asked(struct g20_soapy *s);
void g20_soapy_serve(struct g20_soapy *s); /* reading thread: do what is asked for */
/* Reading thread: .now, and the source's .frontend, as the device says. */
void g20_soapy_look(struct g20_soapy *s);
void g20_soapy_gone(struct g20_soapy *s); /* whoever waits is told */

/* "@what: " and what SoapySDR says about it. */
int g20_soapy_fail(struct g20_err *e, int code, const char *what);

#endif
