/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* hydra_ort: this program's own tile network run by ONNX Runtime, for its providers. One thread. */
#ifndef G20_DETECT_HYDRA_ORT_H
#define G20_DETECT_HYDRA_ORT_H

#include "nn/model.h"
#include "nn/ort.h"

struct g20_hydra_ort;

/* @m: of the ONNX file whose bytes are @data (@len). */
G20_MUST_USE int g20_hydra_ort_create(struct g20_hydra_ort **ret, const struct g20_model *m,
                                      const void *data, size_t len, const char *name,
                                      const struct g20_provider *provider, uint32_t threads,
                                      struct g20_err *e);
void g20_hydra_ort_destroy(struct g20_hydra_ort *h);

/* What the network says to @image (image.h), borrowed until the next call; NULL: the run failed. */
const struct g20_image *g20_hydra_ort_forward(struct g20_hydra_ort *h, const uint8_t *image,
                                              struct g20_err *e);

#endif
