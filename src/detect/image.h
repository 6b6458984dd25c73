/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* image: a tile as the network sees it: dB above the noise, in bytes.
 *
 * Each pixel is a row's mean and its maximum in one bin, over the noise of that bin, 80 dB in 255
 * steps of 0.31 dB from 8 dB below the noise up: levels are gone, only what stands out is left. */
#ifndef G20_DETECT_IMAGE_H
#define G20_DETECT_IMAGE_H

#include "detect/floor.h"
#include "nn/crew.h"

enum {
    G20_IMAGE_BYTES = G20_TILE_ROWS * G20_TILE_BINS * 2,
    G20_IMAGE_NOISE = 26, /* the value of a power equal to the noise */
};

#define G20_IMAGE_RANGE_DB 80.0f
#define G20_IMAGE_BELOW_DB 8.0f

/* @image (ROWS, BINS, 2: mean, maximum), its rows from @from on, over @noise (BINS); rows that the
 * tile does not have yet are noise. */
void g20_image_make(const struct g20_tile *t, const float *noise, uint8_t *image, uint32_t from,
                    struct g20_crew *crew);

/* What an image was made of; zeroed: there is none. */
struct g20_image_past {
    struct g20_tile_row row[G20_TILE_ROWS];
    uint32_t rows;
    float noise[G20_TILE_BINS];
};

/* The same of all rows, but where fewer than half of them are new and the noise is near to what it
 * was, the others only move up, as they are, and the new ones are made over the same noise as they:
 * by how many rows. 0: all are new. */
uint32_t g20_image_renew(struct g20_image_past *past, const struct g20_tile *t, const float *noise,
                         uint8_t *image, struct g20_crew *crew);

#endif
