/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/mission_account.h"

static json_t *band_json(const struct g20_mission_band *b)
{
    return json_pack("{s:f, s:f, s:I, s:I, s:f, s:f, s:f, s:f, s:{s:f, s:f, s:f}}", "f_lo_hz",
                     b->band.lo, "f_hi_hz", b->band.hi, "steps", (json_int_t)b->steps, "visits",
                     (json_int_t)b->visits, "watched_s", b->watched_s, "share", b->share, "dwell_s",
                     b->dwell_s, "revisit_s", b->revisit_s, "intercept", "1ms", b->intercept[0],
                     "10ms", b->intercept[1], "100ms", b->intercept[2]);
}

json_t *g20_mission_account(const struct g20_mission_state *st)
{
    json_t *bands = json_array();

    for (size_t i = 0; i < st->nbands; i++)
        json_array_append_new(bands, band_json(&st->bands[i]));
    return json_pack("{s:I, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:o}", "started_us",
                     (json_int_t)st->started_us, "seconds", st->seconds, "rounds",
                     (json_int_t)st->rounds, "visits", (json_int_t)st->visits, "tune_failures",
                     (json_int_t)st->tune_failures, "step", (json_int_t)st->step, "steps",
                     (json_int_t)st->steps, "visited_steps", (json_int_t)st->visited, "coverage",
                     st->steps > 0 ? (double)st->visited / (double)st->steps : 0, "center_hz",
                     st->center_hz, "speed_hz_per_s", st->speed_hz_per_s, "bands", bands);
}

json_t *g20_mission_collected(const struct g20_collect_state *st)
{
    return json_pack("{s:b, s:I, s:f, s:f, s:I, s:I, s:I, s:s}", "collecting", st->collecting,
                     "emission_id", (json_int_t)st->emission_id, "f_lo_hz", st->f_lo_hz, "f_hi_hz",
                     st->f_hi_hz, "collected", (json_int_t)st->collected, "failed",
                     (json_int_t)st->failed, "passed", (json_int_t)st->passed, "why", st->why);
}
