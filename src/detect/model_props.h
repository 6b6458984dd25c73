/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* model_props: properties that a model file must have, and the only value that this program can do;
 * shared by all kinds of models. */
#ifndef G20_DETECT_MODEL_PROPS_H
#define G20_DETECT_MODEL_PROPS_H

#include "nn/model.h"

struct g20_model_lock {
    const char *key;
    double value;
    const char *word; /* instead of a value; NULL: the value, as %g */
};

G20_MUST_USE int g20_model_describe(struct g20_model *m, const struct g20_model_lock *locks,
                                    size_t n, struct g20_err *e);

/* G20_EUNSUPPORTED: one is missing; G20_ELOCKED: it has another value; the message names both. */
G20_MUST_USE int g20_model_check(const struct g20_model *m, const struct g20_model_lock *locks,
                                 size_t n, const char *name, struct g20_err *e);

#endif
