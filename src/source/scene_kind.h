/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene_kind: what a kind of signal is: one row of a table and two functions that make its complex
 * baseband at a low rate. Everything scales with bandwidth, so a kind is the same thing at any
 * sample rate: bandwidths are in cycles a sample, durations are products with the bandwidth. */
#ifndef G20_SOURCE_SCENE_KIND_H
#define G20_SOURCE_SCENE_KIND_H

#include "base/base.h"
#include "base/rng.h"

#include <stdbool.h>
#include <stdint.h>

#define G20_GEN_TABLE 2048 /* floats a generator may keep: filter taps, a block, a packet */

/* One waveform being made. Samples have unit mean power while the signal is on. */
struct g20_gen {
    struct g20_rng rng;
    double bw;      /* wanted bandwidth, cycles a baseband sample */
    uint64_t count; /* baseband samples wanted; a keyed kind's init() sets what it will make */
    uint32_t edge;  /* rise time in baseband samples; init() may set it */
    /* Below: the kind's own. */
    uint32_t phase, step; /* fractions of a turn, 2^32 a turn */
    double t, dt;         /* position within a symbol, and its advance a sample */
    double level[8];
    uint32_t at, len, span;
    float re[G20_GEN_TABLE], im[G20_GEN_TABLE];
};

typedef void g20_gen_init_fn(struct g20_gen *g);
typedef void g20_gen_fill_fn(struct g20_gen *g, float *re, float *im, uint32_t n);

enum g20_scene_pattern {
    G20_PATTERN_ONE,   /* one burst */
    G20_PATTERN_TRAIN, /* equal bursts, equally spaced */
    G20_PATTERN_HOP,   /* back-to-back bursts, each on another channel */
};

struct g20_scene_kind {
    const char *name;
    g20_gen_init_fn *init;
    g20_gen_fill_fn *fill; /* the next n samples */
    double bw_lo, bw_hi;   /* nominal bandwidth as a share of the rate, log-uniform */
    double tb_lo, tb_hi;   /* duration of a burst x nominal bandwidth, log-uniform */
    double over;           /* baseband samples in 1 / bandwidth, at least */
    float weight;          /* relative frequency of occurrence */
    bool keyed;            /* makes its own edges: starts and ends at amplitude zero */
    enum g20_scene_pattern pattern;
};

extern const struct g20_scene_kind g20_scene_kinds[];
extern const size_t g20_scene_kind_count;

/* Start @g for kind @k: @bw in cycles a baseband sample, @count baseband samples. What an emitter
 * is (deviation, roll-off, a remote control's code) comes from @seed, what it sends from
 * @data_seed. */
void g20_gen_start(struct g20_gen *g, const struct g20_scene_kind *k, uint64_t seed,
                   uint64_t data_seed, double bw, uint64_t count);

/* Exact 99 % occupied bandwidth (ITU-R SM.328: 0.5 % of the power lies below and 0.5 % above) of
 * the waveform that (@k, @seed, @bw, @count) makes, from its own noiseless samples: a periodogram
 * of the whole of it when short, an average of Hann-windowed ones over its first 32768 samples
 * otherwise. @gate: samples of raised-cosine edge at its ends. In cycles a baseband sample.
 * *ret_power: mean power of what was looked at, without the edges. */
struct g20_obw;
int g20_obw_create(struct g20_obw **ret);
void g20_obw_measure(struct g20_obw *o, const struct g20_scene_kind *k, uint64_t seed, double bw,
                     uint64_t count, uint32_t gate, double *ret_lo, double *ret_hi,
                     double *ret_power);
void g20_obw_destroy(struct g20_obw *o);

/* In-place forward DFT with every @step-th factor of a table: of @n = 2^k <= 65536 points; plain,
 * for set-up and OFDM symbols. */
void g20_scene_fft(float *re, float *im, uint32_t n, const float *wr, const float *wi,
                   uint32_t step);
/* The @n / 2 factors that it wants. */
void g20_scene_fft_factors(float *wr, float *wi, uint32_t n);

/* The functions behind the table's rows. */
g20_gen_init_fn g20_gen_init_ook, g20_gen_init_ppm, g20_gen_init_morse, g20_gen_init_pulse;
g20_gen_fill_fn g20_gen_fill_keyed;
g20_gen_init_fn g20_gen_init_fsk, g20_gen_init_gfsk, g20_gen_init_msk, g20_gen_init_gmsk;
g20_gen_fill_fn g20_gen_fill_fsk;
g20_gen_init_fn g20_gen_init_carrier, g20_gen_init_chirp, g20_gen_init_fmcw, g20_gen_init_lora;
g20_gen_fill_fn g20_gen_fill_carrier, g20_gen_fill_chirp, g20_gen_fill_lora;
g20_gen_init_fn g20_gen_init_video;
g20_gen_fill_fn g20_gen_fill_video;
g20_gen_init_fn g20_gen_init_bpsk, g20_gen_init_qpsk, g20_gen_init_psk8, g20_gen_init_qam16;
g20_gen_init_fn g20_gen_init_qam64, g20_gen_init_ofdm, g20_gen_init_scfdma;
g20_gen_fill_fn g20_gen_fill_linear, g20_gen_fill_ofdm;
g20_gen_init_fn g20_gen_init_nbfm, g20_gen_init_wbfm, g20_gen_init_am, g20_gen_init_ssb;
g20_gen_fill_fn g20_gen_fill_fm, g20_gen_fill_am, g20_gen_fill_ssb;

#endif
