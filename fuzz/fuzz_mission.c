/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/mission_plan.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is accepted can be cut into steps that lie in its ranges, and its schedule comes round.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct g20_mission_step step[G20_MISSION_STEPS];
    struct g20_mission_plan p;
    struct g20_err e = {0};

    if (g20_mission_plan_parse(&p, (const char *)data, size, &e) < 0) {
        if (!e.msg[0])
            abort();
        return 0;
    }
    const double wait_s = g20_mission_plan_wait(&p, 1700000000000000u);
    if (p.nranges < 1 || !p.name[0] || !(wait_s >= 0 && wait_s <= 8 * 86400.0))
        abort();
    const int n = g20_mission_plan_steps(&p, 20e6, step, &e);
    for (int i = 0; i < n; i++)
        if (!(step[i].lo_hz < step[i].hi_hz && step[i].range < p.nranges))
            abort();
    return 0;
}
