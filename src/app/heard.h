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

#define G20_HEARD_MOST (UINT64_C(256) << 20) /* bytes of one, on the disk */

/* The newest of @ring in one tuning, at most @most_bytes and 60 s of it. Older recordings and what
 * a kill left go. -ENODATA: it holds nothing; errors of the system: nothing is left behind. One
 * thread. */
G20_MUST_USE int g20_heard_keep(struct g20_ring *ring, const char *folder, uint64_t most_bytes,
                                struct g20_err *e);

#endif
