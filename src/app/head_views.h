/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* head_views: the invariance check of a head: is an emission that it names named still when it is
 * elsewhere in the band, later, weaker or stronger? */
#ifndef G20_APP_HEAD_VIEWS_H
#define G20_APP_HEAD_VIEWS_H

#include "base/err.h"

#include <stdint.h>

/* @head: the file of head @name on @trunk; @files (count) hold annotations labelled so, the first
 * of them are looked at, up to some seconds' worth. *ret_asked: views of emissions named as
 * recorded; *ret_kept: those of them that are named. */
G20_MUST_USE int g20_head_views(const char *trunk, const char *head, const char *name, int count,
                                char *const *files, uint32_t *ret_asked, uint32_t *ret_kept,
                                struct g20_err *e);

#endif
