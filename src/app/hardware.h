/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* hardware: what the open device can do, for /api/capabilities, and which devices are there, for
 * /api/devices. Looking for devices takes seconds, so a thread does it and answers come from the
 * last look. */
#ifndef G20_APP_HARDWARE_H
#define G20_APP_HARDWARE_H

#include "config/config.h"
#include "engine/control.h"

#include <jansson.h>

/* The object "hardware"; the roadmap's ranges where no device is open. NULL: out of memory. */
json_t *g20_hardware_json(const struct g20_config *cfg, const struct g20_control_state *st);

struct g20_devices;
G20_MUST_USE int g20_devices_create(struct g20_devices **ret);
void g20_devices_destroy(struct g20_devices *d); /* waits for a look that is under way */

/* {"devices": [...], "looking", "looked_us"}: at once, from any thread. Begins a new look when the
 * last one is older than 10 s. */
json_t *g20_devices_json(struct g20_devices *d);

#endif
