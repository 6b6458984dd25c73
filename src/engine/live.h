/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* live: keeps a pipeline running for a daemon.
 *
 * A thread of its own builds the pipeline, waits for its end and, when it failed, builds it again
 * with growing pauses (0.5 s to 30 s). A recording played once that is over stays over. What the
 * pipelines produce goes to the hub; what they are doing is answered through the control. */
#ifndef G20_ENGINE_LIVE_H
#define G20_ENGINE_LIVE_H

#include "engine/control.h"
#include "engine/hub.h"

struct g20_live;

enum { G20_LIVE_TAP = 128 }; /* blocks that the hub's subscribers may hold, all together */

/* @cfg is copied with its strings; @hub is borrowed and must outlive it. Opens nothing yet. */
G20_MUST_USE int g20_live_create(struct g20_live **ret, const struct g20_pipeline_cfg *cfg,
                                 struct g20_hub *hub);
/* Emissions get ids above @last_id, and no id twice however often the pipeline is built again.
 * Before start. */
void g20_live_number_from(struct g20_live *l, uint64_t last_id);
G20_MUST_USE int g20_live_start(struct g20_live *l, struct g20_err *e);
void g20_live_stop(struct g20_live *l);    /* ends the pipeline and the thread */
void g20_live_destroy(struct g20_live *l); /* stops first; NULL is fine */

/* Valid until destroy. */
void g20_live_control(struct g20_live *l, struct g20_control *ret);

#endif
