/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* missions: the stored plans that are enabled, and the one of them that has the radio.
 *
 * A thread looks once a second, and whenever a record changed, which plan is on by its schedule.
 * The one that runs keeps the radio until its time is over, it is disabled, changed or deleted;
 * then the oldest that is on gets it. A plan that cannot run is failed until somebody changes it; a
 * radio that is away is waited for. What becomes of a plan is written to the store ("state",
 * "progress") and told as news. Thread-safe. */
#ifndef G20_APP_MISSIONS_H
#define G20_APP_MISSIONS_H

#include "capture/capture.h"
#include "capture/trigger.h"
#include "detect/heads.h"
#include "engine/mission.h"
#include "store/store.h"

struct g20_missions;

struct g20_missions_cfg { /* all borrowed; must outlive it */
    struct g20_hub *hub;
    const struct g20_control *control;
    struct g20_store *store;
    struct g20_heads *heads; /* NULL: there is no trunk */
    const char *models_dir;
    const struct g20_source_cfg *source; /* the radio's, for its second receiver */
    struct g20_captures *captures;       /* of what the first receiver hears */
    uint64_t capture_bytes;              /* one of them at most */
    struct g20_triggers *triggers;       /* likewise, those that emissions start */
    const char *capture_dir;             /* what that records goes into its folder collected */
    void (*begun)(struct g20_capture_info *info, void *user); /* as of g20_captures_cfg */
    void (*done)(const struct g20_capture_info *info, void *user);
    /* {"type": "mission", ...} (docs/websocket.md) on the thread of missions; takes it over. */
    void (*news)(json_t *o, void *user);
    void *user;
};

G20_MUST_USE int g20_missions_create(struct g20_missions **ret, const struct g20_missions_cfg *cfg,
                                     struct g20_err *e);
G20_MUST_USE int g20_missions_start(struct g20_missions *m, struct g20_err *e); /* its thread */
void g20_missions_stop(struct g20_missions *m);    /* the radio is free, heads are as before */
void g20_missions_destroy(struct g20_missions *m); /* stops first; NULL is fine */

/* Records were made, changed or deleted. */
void g20_missions_changed(struct g20_missions *m);

/* Enables or disables the plan @id of the store, and waits until that is done. -ENOENT; -EBUSY:
 * another one has the radio now; what it cannot run for, then it is not enabled. */
G20_MUST_USE int g20_missions_enable(struct g20_missions *m, const char *id, bool enabled,
                                     struct g20_err *e);
/* A plan that is in no store, until it is disabled (@plan NULL) or the program ends. */
G20_MUST_USE int g20_missions_run(struct g20_missions *m, const struct g20_mission_plan *plan,
                                  struct g20_err *e);

/* "state", "why" and "progress" of the record @o as they are now. */
void g20_missions_fill(struct g20_missions *m, json_t *o);
/* The one that has the radio, or had it last: "id" ("": of no store), and all of fill(). */
json_t *g20_missions_status(struct g20_missions *m);
/* Its id in @ret: true: one has the radio. */
bool g20_missions_current(struct g20_missions *m, char ret[72]);

#endif
