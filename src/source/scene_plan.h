/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene_plan: what is on the air when: a Poisson stream of emissions over three times the band,
 * each placed where nothing else is, each a sequence of bursts. Deterministic; knows nothing of
 * tuning. */
#ifndef G20_SOURCE_SCENE_PLAN_H
#define G20_SOURCE_SCENE_PLAN_H

#include "source/scene.h"
#include "source/scene_kind.h"
#include "source/scene_voice.h"

#define G20_PLAN_MAX      96 /* emissions on the air at once */
#define G20_PLAN_CHANNELS 16
#define G20_PLAN_TILE     3145728.0 /* samples: 256 rows of 6 transforms at a hop of 2048 */

struct g20_emitter {
    const struct g20_scene_kind *kind; /* NULL: slot is free */
    uint64_t seed;                     /* of the waveform; bursts add their number */
    uint32_t number;                   /* burst that is on now or comes next */
    uint64_t begin, end;               /* of that burst, samples, edges included */
    uint32_t ramp;                     /* full length of an edge, samples */
    uint64_t period, last;             /* between begins of bursts; end of the last one */
    double freq;                       /* of that burst, cycles a sample from the nominal centre */
    double base, spacing;              /* channels */
    uint32_t channels;
    double lo, hi; /* 99 % bandwidth around freq, cycles a sample */
    double power;  /* of the waveform as it comes */
    double snr;    /* in band, ratio */
    double drift;  /* of the frequency, cycles a sample squared; lo and hi include it */
    struct g20_echo echo;
    double hull_lo, hull_hi;
    uint32_t d1, d2;     /* interpolation */
    uint64_t base_count; /* baseband samples of a burst */
    double base_bw;      /* wanted bandwidth at baseband */
    uint32_t slot;       /* for the player: index of its voice + 1 */
};

struct g20_plan {
    struct g20_rng rng;
    struct g20_obw *obw;
    const char *only;
    double snr_lo_db, snr_hi_db, overlap;
    bool channel;
    double mean_gap; /* samples between arrivals; 0: none ever */
    double next;     /* arrival, sample */
    struct g20_emitter on[G20_PLAN_MAX];
    uint64_t refused; /* arrivals that found no room */
};

/* Density, kind and SNR come from @cfg; quiet, or density 0: nothing. */
int g20_plan_init(struct g20_plan *p, uint64_t seed, const struct g20_scene_cfg *cfg);
void g20_plan_fini(struct g20_plan *p);
/* Let everything that begins before sample @until arrive. */
void g20_plan_advance(struct g20_plan *p, uint64_t until);
/* The burst of @e is over: step to the next, or free the slot. */
void g20_plan_step(struct g20_emitter *e);

#endif
