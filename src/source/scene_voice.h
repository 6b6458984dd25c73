/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene_voice: one burst on its way to the sample rate: generator -> interpolation by D1 (8-tap
 * polyphase, images below -80 dB) and D2 (linear, at 8 times and more oversampling only) -> edges
 * -> oscillator -> added to the scene. */
#ifndef G20_SOURCE_SCENE_VOICE_H
#define G20_SOURCE_SCENE_VOICE_H

#include "source/scene_kind.h"

#define G20_VOICE_TAPS   8
#define G20_VOICE_MAX_D1 128 /* the largest that is not split into D1 x D2 */
#define G20_VOICE_MID    2048
#define G20_VOICE_TABLE  256

struct g20_voice_bank; /* interpolation filters, read-only once made */
int g20_voice_bank_create(struct g20_voice_bank **ret);
void g20_voice_bank_destroy(struct g20_voice_bank *b);

#define G20_ECHO_MAX 64 /* samples */

struct g20_echo {       /* a second ray */
    uint32_t delay;     /* samples behind the first; 0: there is none */
    double strength;    /* amplitude over that of the first */
    double phase, step; /* turns, and turns a sample */
};

/* Mean power of both rays over that of the first, of a signal that fills @lo .. @hi (cycles a
 * sample) for @samples. */
double g20_echo_power(const struct g20_echo *e, uint64_t samples, double lo, double hi);

struct g20_voice {
    struct g20_gen gen;
    const struct g20_scene_kind *kind;
    const float *taps; /* (G20_VOICE_TAPS, d1) */
    uint32_t d1, d2;
    uint64_t begin, end; /* samples of the scene, edges included: end exclusive */
    uint64_t next;       /* first sample not yet made */
    uint32_t ramp;       /* samples of raised-cosine edge at both ends; 0 for keyed kinds */
    bool late;           /* began before it could be seen: no edge at the start */
    double freq, phase;  /* cycles a sample; turns at .next */
    double drift;        /* cycles a sample squared */
    struct g20_echo echo;
    float past_re[G20_ECHO_MAX], past_im[G20_ECHO_MAX]; /* for the echo */
    float amp;
    uint32_t mid_at, mid_len, sub;
    float hist_re[G20_VOICE_TAPS - 1], hist_im[G20_VOICE_TAPS - 1];
    float mid_re[G20_VOICE_MID + 1], mid_im[G20_VOICE_MID + 1]; /* at rate / D2 */
    float osc_re[G20_VOICE_TABLE], osc_im[G20_VOICE_TABLE];
};

/* Split an interpolation factor; returns D1 x D2, the nearest that is possible. */
uint32_t g20_voice_split(uint32_t d, uint32_t *ret_d1, uint32_t *ret_d2);

/* The caller has set kind, d1, d2, begin, end, ramp, late, freq, drift, echo, amp and started gen.
 */
void g20_voice_start(struct g20_voice *v, const struct g20_voice_bank *bank);

/* Add samples @first .. @first + @n of the scene to @re/@im (n <= G20_SCENE_BLOCK). */
void g20_voice_add(struct g20_voice *v, uint64_t first, uint32_t n, float *re, float *im);

#endif
