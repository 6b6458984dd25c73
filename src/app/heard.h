/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* heard: what was received lately, kept as a recording: a review plays it (review_run.h), and an
 * answer finds its samples when the ring has long gone on.
 *
 *     FOLDER/20261129T171253.852.sigmf-data, .sigmf-meta */
#ifndef G20_APP_HEARD_H
#define G20_APP_HEARD_H

#include "capture/ring.h"

enum { G20_HEARD_KEPT = 2 }; /* recordings that stay: of this training and of the one before */

/* The newest of @ring in one tuning, at most 64 MiB and 20 s of it. Older recordings and what a
 * kill left go. -ENODATA: it holds nothing; errors of the system: nothing is left behind. One
 * thread. */
G20_MUST_USE int g20_heard_keep(struct g20_ring *ring, const char *folder, struct g20_err *e);

#endif
