/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* intake: what a capture takes its samples from: what is received now, the ring's past or a
 * recording. */
#ifndef G20_CAPTURE_INTAKE_H
#define G20_CAPTURE_INTAKE_H

#include "capture/capture.h"
#include "capture/stretch.h"

struct g20_intake {
    struct g20_stretch *stretch;     /* NULL: the tap. The caller's */
    double rate_hz, center_hz, each; /* of its first samples; bytes of one */
    uint64_t start_us;               /* 0: now */
};

/* All of it is somebody else's. */
struct g20_intake_from {
    const char *folder;    /* of recordings */
    struct g20_ring *ring; /* NULL: nothing of the past is kept */
    const struct g20_control *control;
};

/* What can be said of a request before anything is looked at: -EINVAL, -ENODATA. */
G20_MUST_USE int g20_intake_check(const struct g20_capture_request *q, bool has_ring,
                                  struct g20_err *e);

/* Where the samples will come from, and whether they have the band. -ENODEV: nothing is received;
 * -ENODATA: that time is not held. */
G20_MUST_USE int g20_intake_find(const struct g20_intake_from *from,
                                 const struct g20_capture_request *q, struct g20_intake *ret,
                                 struct g20_err *e);

#endif
