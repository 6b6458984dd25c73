/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* heads: small classifiers on the places that looks come to (trunk.h), one for each signal that
 * somebody taught; loaded and unloaded while detectors run.
 *
 * A head is a model file of its own (docs/models.md) and belongs to the trunk it was trained on.
 * Thread-safe; all heads cost one pass of the trunk. */
#ifndef G20_DETECT_HEADS_H
#define G20_DETECT_HEADS_H

#include "detect/shape.h"
#include "detect/trunk.h"

enum { G20_HEADS_MOST = 64, G20_HEAD_NAME = 32, G20_HEAD_HIDDEN = 32 };

/* The layers of a head, over one pixel of G20_TRUNK_FEATURES channels; its logit is output 0. */
G20_MUST_USE int g20_head_net(struct g20_net *net, struct g20_err *e);

/* Properties of a head called @name on trunk number @trunk (g20_trunk_hash). @threshold: the score
 * that is to read as 0.5. -EINVAL: the name is empty, too long or no plain text. */
G20_MUST_USE int g20_head_describe(struct g20_model *m, const char *name, uint64_t trunk,
                                   double threshold, struct g20_err *e);

struct g20_heads;
/* @trunk: a model file; errors as of g20_trunk_load(). */
G20_MUST_USE int g20_heads_create(struct g20_heads **ret, const char *trunk, struct g20_err *e);
void g20_heads_destroy(struct g20_heads *h);

/* -EEXIST one of that name is loaded; -ENOSPC there are G20_HEADS_MOST; G20_ELOCKED it was trained
 * on another trunk; others as of g20_trunk_load(). */
G20_MUST_USE int g20_heads_add(struct g20_heads *h, const char *path, struct g20_err *e);
/* The same, called @name (NULL: its own), in place of one of that name: no tile is without it. */
G20_MUST_USE int g20_heads_put(struct g20_heads *h, const char *path, const char *name,
                               struct g20_err *e);
G20_MUST_USE int g20_heads_remove(struct g20_heads *h, const char *name, struct g20_err *e);

struct g20_head_info {
    char name[G20_HEAD_NAME], version[16];
    struct g20_shape shape; /* .longest 0: nobody drew one */
};

/* The score from which @name says yes, 0..1; 0.5 unless somebody sets it. NAN only asks; the one
 * of before goes to *ret_before (may be NULL). -ENOENT: none of that name is loaded. */
G20_MUST_USE int g20_heads_threshold(struct g20_heads *h, const char *name, double threshold,
                                     double *ret_before);

/* Those loaded, in the order they came; at most @cap are written, their number is returned. */
size_t g20_heads_list(struct g20_heads *h, struct g20_head_info *ret, size_t cap);

struct g20_naming {
    char name[G20_HEAD_NAME];
    float score; /* its threshold .. 1 */
};

/* What the trunk makes of a look. */
void g20_heads_embed(struct g20_heads *h, const struct g20_look *look,
                     float features[G20_TRUNK_FEATURES]);
/* The surest head that says yes to those; false: none does. */
bool g20_heads_judge(struct g20_heads *h, const float *features, struct g20_naming *ret);

/* Both; the surest head that says yes; false: none does. */
bool g20_heads_name(struct g20_heads *h, const struct g20_look *look, struct g20_naming *ret);

#endif
