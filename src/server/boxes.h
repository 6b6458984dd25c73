/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* boxes: one tile's detections as messages: DT01, and the JSON of /ws/inference.
 *
 * Boxes are normalised to the tile: x is frequency, 0 its lowest, 1 its highest; y is time, 0 its
 * first sample, 1 its end. What reaches over an edge is cut there. Pure but for the allocation;
 * any thread. */
#ifndef G20_SERVER_BOXES_H
#define G20_SERVER_BOXES_H

#include "engine/hub.h"
#include "server/outbox.h"

/* NULL when out of memory. */
struct g20_msg *g20_boxes_dt01(const struct g20_hub_tile *t);

/* @names (@nnames) by class_id; a class without a name is "class <number>". */
struct g20_msg *g20_boxes_json(const struct g20_hub_tile *t, const char *const *names,
                               size_t nnames);

#endif
