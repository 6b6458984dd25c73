/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* checkpoint: the state of a training, written aside, synced and renamed (base/file.h), so that it
 * is whole whenever the process dies. Layout, little-endian: "G20TRAIN", u32 version, u32 worse,
 * u64 settings (a hash; another one is refused), u64 step, u64 params, f64 best loss, f32 x params
 * weights, f32 x 2 x params moments of the optimiser, u64 FNV-1a of all before. */
#ifndef G20_NN_CHECKPOINT_H
#define G20_NN_CHECKPOINT_H

#include "base/err.h"

#include <stdint.h>

struct g20_checkpoint {
    uint64_t settings, step, params;
    float *weights; /* (params) owned by the caller, as are the moments */
    float *moments; /* (2, params) */
    double best;    /* loss of the best validation so far */
    uint32_t worse; /* validations since that one */
};

uint64_t g20_checkpoint_hash(const void *data, size_t len);

G20_MUST_USE int g20_checkpoint_write(const struct g20_checkpoint *c, const char *path,
                                      struct g20_err *e);

/* .settings (0: any) and .params are what is expected; .step, .best, .worse and the arrays (moments
 * NULL: not wanted) are filled, nothing is on failure: -ENOENT there is none, -EBADMSG what differs
 * is named.
 */
G20_MUST_USE int g20_checkpoint_read(struct g20_checkpoint *c, const char *path, struct g20_err *e);

/* How many parameters the checkpoint @path holds; nothing else of it is checked yet. */
G20_MUST_USE int g20_checkpoint_params(const char *path, uint64_t *ret, struct g20_err *e);

#endif
