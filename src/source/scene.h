/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene: known signals in known noise, seeded, for machines with no radio, for tests and for
 * g20 eval. The driver "scene" plays it; the boxes are exact by construction. */
#ifndef G20_SOURCE_SCENE_H
#define G20_SOURCE_SCENE_H

#include "base/err.h"

#include <complex.h>
#include <stdbool.h>
#include <stdint.h>

struct g20_scene;

#define G20_SCENE_BLOCK 4000 /* samples made at a time */

struct g20_scene_cfg {
    uint64_t seed;
    double rate_hz;    /* 1e5 .. 100e6 */
    double center_hz;  /* nominal RF centre */
    double noise_dbfs; /* total noise power over the band relative to full scale, for example -40 */
    bool impairments;  /* DC spike, IQ imbalance, spurs, coloured noise; false: white and clean */
    bool quiet;        /* noise (and impairments) only, no signals: for false-alarm tests */
    double density;    /* 0 .. 20: emissions a second over those of the default scene */
    double snr_lo_db, snr_hi_db; /* in-band SNR is uniform between them; -20 .. 60 */
    double seconds;              /* 0 .. 1e5: the driver ends it then; 0: never */
    bool receiver;  /* a filter that rolls off, phase noise, gain steps, a converter (scene_rx.h) */
    bool channel;   /* two rays that fade, and drift of the transmitter */
    double overlap; /* 0 .. 1: share of emissions that do not care what is there */
    const char *only; /* one kind of signal, a name from g20_scene_kind_name(); NULL: all */
};

struct g20_scene_box {
    uint64_t sample_start, sample_count; /* exact; grows while a signal lasts */
    double f_lo_hz, f_hi_hz;             /* 99 % occupied bandwidth, offsets from the centre */
    float snr_db;     /* in-band: signal power over noise power in f_lo..f_hi, while on */
    const char *kind; /* static: "ook", "fsk", "ofdm", ...; docs/scene.md lists them */
    uint64_t emitter; /* the same for all bursts of one */
    bool ignore;      /* neither a find nor a false alarm: "spur" */
};

void g20_scene_cfg_default(struct g20_scene_cfg *cfg);
G20_MUST_USE int g20_scene_create(struct g20_scene **ret, const struct g20_scene_cfg *cfg,
                                  struct g20_err *e);
/* The next @n samples. Deterministic: independent of how a run is split into calls. */
void g20_scene_read(struct g20_scene *s, float complex *out, size_t n);

/* The same as 16-bit integers, interleaved: full scale 1.0 is 32768, what is beyond saturates. */
void g20_scene_read_ci16(struct g20_scene *s, int16_t *out, size_t n);

/* Lose the next @n samples, cheaply but for drawing what is on in them: what is on meanwhile
 * is missing, and its box says when it was really on. */
void g20_scene_skip(struct g20_scene *s, uint64_t n);

/* The static name of the kind called @name, NULL when there is none; of kind number @i, NULL after
 * the last. */
const char *g20_scene_kind_name(const char *name);
const char *g20_scene_kind_at(size_t i);

/* Every emission whose start lies before the samples read so far and whose end lies after
 * @since, in order of their starts; at most @cap are written, the number there are is returned.
 * The newest 65536 are remembered: ask more often than that many begin. */
size_t g20_scene_boxes(const struct g20_scene *s, uint64_t since, struct g20_scene_box *out,
                       size_t cap);

/* Move the band by @offset_hz from the nominal centre, after *ret_ahead more samples (less than
 * G20_SCENE_BLOCK, those that are made already; NULL: do not tell). Emissions stay where they are
 * in radio frequency: what leaves the band ends there, what enters begins there; there are some
 * for 1.5 times the rate to both sides of the nominal centre, and only noise beyond. Boxes are
 * offsets from the centre that was tuned when they began. Impairments are the receiver's own and
 * stay. */
void g20_scene_tune(struct g20_scene *s, double offset_hz, uint64_t *ret_ahead);
void g20_scene_destroy(struct g20_scene *s); /* NULL is fine */

#endif
