/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* hydra_quantize: the tile network in INT8, ranges chosen by what comes out. */
#ifndef G20_DETECT_HYDRA_QUANTIZE_H
#define G20_DETECT_HYDRA_QUANTIZE_H

#include "nn/quantize.h"

enum { G20_QUANTIZE_WAYS = 8 };

struct g20_quantize_try { /* one way, and how its outputs differ from those of float32 */
    struct g20_quant_way way;
    double scores; /* mean square of the difference, over cells where either says 0.1 or more */
    double edges;  /* the same of the four edges (log2), over cells that say 0.5 or more */
};

struct g20_quantize_report {
    struct g20_quantize_try tried[G20_QUANTIZE_WAYS]; /* (ways) */
    uint32_t best;                                    /* of .tried */
    struct g20_quant_error layer;                     /* of the best */
};

/* @m: float. @image (count) as image.h says, what it is to work on. Of the @n ways (up to
 * G20_QUANTIZE_WAYS) the one with the least scores + edges becomes *ret, which the caller gives to
 * g20_model_fini(). -EINVAL: no image, or @m is INT8 already. */
G20_MUST_USE int g20_hydra_quantize(const struct g20_model *m, const uint8_t *const *image,
                                    size_t count, const struct g20_quant_way *way, uint32_t n,
                                    struct g20_model *ret, struct g20_quantize_report *report,
                                    struct g20_err *e);

#endif
