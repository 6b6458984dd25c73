/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* head_fit: one network of a head, fitted to some of a set's examples; private to head.c. */
#ifndef G20_TRAIN_HEAD_FIT_H
#define G20_TRAIN_HEAD_FIT_H

#include "train/head.h"

struct g20_head_fit;
/* For up to @most examples. */
G20_MUST_USE int g20_head_fit_create(struct g20_head_fit **ret, size_t most, struct g20_err *e);
void g20_head_fit_destroy(struct g20_head_fit *t);

/* After each epoch, with its mean loss; false: stop. */
typedef bool g20_head_epoch_fn(double loss, void *user);

/* Learns from @learn (count) anew; @count may be 0. -EINVAL: no example of one side, -ECANCELED. */
G20_MUST_USE int g20_head_fit(struct g20_head_fit *t, const struct g20_head_example *const *learn,
                              size_t count, const struct g20_head_preset *preset, uint64_t seed,
                              g20_head_epoch_fn *fn, void *user, struct g20_err *e);

float g20_head_fit_logit(struct g20_head_fit *t, const struct g20_head_example *x);
const struct g20_net *g20_head_fit_net(const struct g20_head_fit *t);
const float *g20_head_fit_params(const struct g20_head_fit *t);

#endif
