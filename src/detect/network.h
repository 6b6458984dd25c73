/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* network: a detector from a model file, loaded and ready to look at tiles: this program's tile
 * network, on the CPU by its own code or by ONNX Runtime, or one of another maker (foreign.h).
 *
 * One thread at a time; nothing of this program's memory is allocated after load(). */
#ifndef G20_DETECT_NETWORK_H
#define G20_DETECT_NETWORK_H

#include "base/cancel.h"
#include "detect/class_list.h"
#include "detect/decode.h"
#include "nn/ort.h"

struct g20_network;

struct g20_network_cfg {
    const char *path;
    /* That look together (of a model in INT8, or by ONNX Runtime; one in float32 is looked with by
     * the caller alone); 0: as many as there are cores. */
    uint32_t threads;
    bool is_beside; /* others work while it looks: this program's own take half of the threads */
    float nms_threshold;                 /* as decode.h and yolo.h have it */
    const struct g20_provider *provider; /* NULL: the CPU */
    const struct g20_cancel *cancel;     /* of load(), borrowed for it; NULL: none */
};

/* As g20_hydra_load() and g20_foreign_create() fail; -ECANCELED: before the weights were read, or
 * between that and their making ready. */
G20_MUST_USE int g20_network_load(struct g20_network **ret, const struct g20_network_cfg *cfg,
                                  struct g20_err *e);
void g20_network_destroy(struct g20_network *n);

/* Would load() of @path need ONNX Runtime? Damaged files do not. */
bool g20_network_needs_ort(const char *path, const struct g20_provider *provider);

/* Of the model, for emissions. */
const char *g20_network_name(const struct g20_network *n);
const char *g20_network_version(const struct g20_network *n);

/* Classes that its boxes are of, class_id 1 being the first; NULL: it only says 'a signal', and the
 * search by energy is to be weighed against it (judge.h). */
const struct g20_class_list *g20_network_classes(const struct g20_network *n);

/* What it is, in a line: of a detector of another maker, "" of others. */
void g20_network_show(const struct g20_network *n, char *buf, size_t size);

/* Boxes of what is new in tile @t (g20_tile_from()), surest first; the scores of own models
 * stretched so that the threshold that the model was calibrated for (its property
 * g20.score_threshold) reads 0.5; *ret_boxes is borrowed until the next call. @crew makes the image
 * together; NULL: the caller alone. */
size_t g20_network_look(struct g20_network *n, const struct g20_tile *t, const struct g20_floor *f,
                        float threshold, struct g20_crew *crew, struct g20_hydra_box **ret_boxes);

/* The image that the last look was at, as image.h says. */
const uint8_t *g20_network_image(const struct g20_network *n);

/* Why the last look failed, and found nothing; NULL: it did not. */
const char *g20_network_error(const struct g20_network *n);

#endif
