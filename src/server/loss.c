/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/loss.h"

static const uint64_t STEP_NS = 5000000000u;

void g20_loss_note(struct g20_loss *l, uint64_t ns, uint64_t in, uint64_t lost)
{
    const struct g20_loss_mark now = {ns, in, lost};

    if (l->now.ns == 0 || in < l->now.in || lost < l->now.lost)
        l->older = l->newer = now;
    else if (ns - l->newer.ns >= STEP_NS) {
        l->older = l->newer;
        l->newer = now;
    }
    l->now = now;
}

double g20_loss_share(const struct g20_loss *l, double *ret_s)
{
    const uint64_t ns = l->now.ns - l->older.ns;
    const uint64_t lost = l->now.lost - l->older.lost;
    const uint64_t all = l->now.in - l->older.in + lost;

    if (ret_s)
        *ret_s = (double)ns * 1e-9;
    return ns < STEP_NS || all == 0 ? 0 : (double)lost / (double)all;
}
