/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* mission_account: what a mission has done, as JSON (docs/missions.md). */
#ifndef G20_APP_MISSION_ACCOUNT_H
#define G20_APP_MISSION_ACCOUNT_H

#include "app/collect.h"
#include "engine/mission.h"

#include <jansson.h>

/* NULL: out of memory. */
json_t *g20_mission_account(const struct g20_mission_state *st);
json_t *g20_mission_collected(const struct g20_collect_state *st);

#endif
