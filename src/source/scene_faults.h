/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene_faults: what a direct-conversion receiver adds: a wandering DC level, an image of the band
 * mirrored about its middle, and a few spurious lines at fractions of the sampling clock. */
#ifndef G20_SOURCE_SCENE_FAULTS_H
#define G20_SOURCE_SCENE_FAULTS_H

#include "source/scene_boxes.h"
#include "source/scene_noise.h"

#define G20_SCENE_SPURS 4

struct g20_scene_faults;

/* Levels are relative to the noise @z. */
int g20_scene_faults_create(struct g20_scene_faults **ret, uint64_t seed,
                            const struct g20_scene_noise *z);
void g20_scene_faults_destroy(struct g20_scene_faults *f);

/* Boxes of the spurs, without an end and marked to be ignored. */
void g20_scene_faults_boxes(const struct g20_scene_faults *f, struct g20_scene_boxes *b,
                            double rate_hz);

/* One block, G20_SCENE_BLOCK samples; @f NULL: only interleaves. */
void g20_scene_faults_apply(struct g20_scene_faults *f, const float *re, const float *im,
                            float complex *out);

struct g20_scene_fault_levels {
    double image_dbc;                       /* power of the image over that of the signal */
    double dc_power, spur[G20_SCENE_SPURS]; /* mean powers, full scale 1 */
    double spur_freq[G20_SCENE_SPURS];      /* cycles a sample */
};
void g20_scene_faults_levels(const struct g20_scene_faults *f, struct g20_scene_fault_levels *ret);

#endif
