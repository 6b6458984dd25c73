/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* trigger_run: the captures that triggers have started, which emissions they are of and until when
 * they go on. Of the triggers' thread alone. */
#ifndef G20_CAPTURE_TRIGGER_RUN_H
#define G20_CAPTURE_TRIGGER_RUN_H

#include "capture/capture.h"
#include "engine/record_rule.h"

enum {
    G20_TRIGGER_ACTIVE = 32, /* captures of triggers at a time */
    G20_TRIGGER_OPEN = 32,   /* emissions that are on, of one capture */
    G20_TRIGGER_DONE = 256,  /* emissions that were recorded, not to be recorded again */
};

struct g20_trigger_run { /* a capture that runs; session "" is a free place */
    char session[64], owner[72];
    bool whole;
    double f_lo_hz, f_hi_hz; /* what it records, if not the whole band */
    double post_s;
    uint64_t most_us;                /* it ends then at the latest */
    uint64_t last_us;                /* end of its last emission that has ended */
    uint64_t open[G20_TRIGGER_OPEN]; /* (opens) ids of those that are on */
    size_t opens;
};

/* All zero at first, but for @captures and @max_bytes. */
struct g20_trigger_runs {
    struct g20_captures *captures; /* borrowed */
    uint64_t max_bytes;            /* of one capture */
    struct g20_trigger_run run[G20_TRIGGER_ACTIVE];
    struct {
        uint64_t id;
        char owner[72];
    } done[G20_TRIGGER_DONE];
    size_t next_done;
};

/* An emission that is being recorded for @owner, whatever it is called now: its capture goes on
 * with it. false: it is not. */
bool g20_trigger_goes_on(struct g20_trigger_runs *t, const char *owner,
                         const struct g20_hub_event *ev);
/* A capture of @owner has the emission's band and is still on when it begins: it is prolonged. */
bool g20_trigger_join(struct g20_trigger_runs *t, const char *owner,
                      const struct g20_record_rule *r, const struct g20_hub_event *ev);
/* Emission @id was recorded for @owner. */
bool g20_trigger_knows(const struct g20_trigger_runs *t, const char *owner, uint64_t id);
void g20_trigger_remember(struct g20_trigger_runs *t, const char *owner, uint64_t id);

/* As @r says, or as much of it as there is: a shorter pre-roll, no margin at the stream's edge.
 * -EUSERS: too many run. A failure is logged. */
G20_MUST_USE int g20_trigger_start(struct g20_trigger_runs *t, const char *owner,
                                   const struct g20_record_rule *r, const struct g20_hub_event *ev);
/* Those that have ended by themselves leave their places; how many run. */
uint32_t g20_trigger_look_after(struct g20_trigger_runs *t);
void g20_trigger_runs_stop(struct g20_trigger_runs *t);

#endif
