/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* stretch: the blocks of a stretch of time, wherever it is kept: in the ring, or in a recording on
 * the disk. One thread at a time. */
#ifndef G20_CAPTURE_STRETCH_H
#define G20_CAPTURE_STRETCH_H

#include "capture/ring.h"

struct g20_stretch;

/* From UTC @start_us (0: now). -ENODATA: not held any more. @ring must outlive it. */
G20_MUST_USE int g20_stretch_ring(struct g20_stretch **ret, struct g20_ring *ring,
                                  uint64_t start_us, struct g20_err *e);
/* From UTC @start_us (0: its beginning) of the recording @path. -ENODATA: it begins later. */
G20_MUST_USE int g20_stretch_file(struct g20_stretch **ret, const char *path, uint64_t start_us,
                                  struct g20_err *e);
void g20_stretch_destroy(struct g20_stretch *s); /* NULL is fine */

/* As g20_ring_read(); at the end of a recording -ENODATA too. */
G20_MUST_USE int g20_stretch_next(struct g20_stretch *s, uint64_t end_us, int timeout_ms,
                                  struct g20_block *ret, struct g20_err *e);

/* Complex samples of a stretch of time without a gap. */
struct g20_stretch_iq {
    float *iq; /* (samples) I and Q, full scale 1; the caller's, g20_free() */
    uint64_t samples;
    double rate_hz, center_hz;
    uint64_t time_us; /* UTC of the first */
};
/* What lies between now and UTC @end_us, at most @most samples. -ENODATA: it has an end before, or
 * a gap or retune within; -EFBIG; -ENOMEM. */
G20_MUST_USE int g20_stretch_fetch(struct g20_stretch *s, uint64_t end_us, uint64_t most,
                                   struct g20_stretch_iq *ret, struct g20_err *e);

#endif
