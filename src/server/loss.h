/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* loss: whether a stream has lost samples lately. Old losses are forgotten: the counters that it is
 * given never fall, so two of their readings, 5 to 10 seconds old, are kept. Not thread-safe. */
#ifndef G20_SERVER_LOSS_H
#define G20_SERVER_LOSS_H

#include <stdint.h>

struct g20_loss_mark {
    uint64_t ns, in, lost;
};

/* All zero at first. */
struct g20_loss {
    struct g20_loss_mark older, newer, now;
};

/* Notes that at @ns (any clock that only rises) @in samples had come and @lost had not. Counters
 * that fell are a new stream's: what was before is forgotten. */
void g20_loss_note(struct g20_loss *l, uint64_t ns, uint64_t in, uint64_t lost);

/* Share of the samples of the last 5 to 10 seconds that was lost, 0..1; 0 while less is known.
 * *ret_s (may be NULL) gets how many seconds. */
double g20_loss_share(const struct g20_loss *l, double *ret_s);

#endif
