/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* network: a trained tile network, loaded and ready to look at tiles.
 *
 * One thread at a time; nothing is allocated after load(). */
#ifndef G20_DETECT_NETWORK_H
#define G20_DETECT_NETWORK_H

#include "detect/decode.h"

struct g20_network;

/* As g20_hydra_load() says of @path. @threads: that look together (of a model in INT8; one in
 * float32 is looked with by the caller alone); 0: as many as there are cores. */
G20_MUST_USE int g20_network_load(struct g20_network **ret, const char *path, uint32_t threads,
                                  struct g20_err *e);
void g20_network_destroy(struct g20_network *n);

/* A property of the model; NULL: it has none of that key. */
const char *g20_network_prop(const struct g20_network *n, const char *key);

/* Boxes of tile @t, surest first, their scores stretched so that the threshold that the model was
 * calibrated for (its property g20.score_threshold) reads 0.5; *ret_boxes is borrowed until the
 * next call. */
size_t g20_network_look(struct g20_network *n, const struct g20_tile *t, const struct g20_floor *f,
                        float threshold, struct g20_hydra_box **ret_boxes);

/* The image that the last look was at, as image.h says. */
const uint8_t *g20_network_image(const struct g20_network *n);

#endif
