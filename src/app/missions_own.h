/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* missions_own: what missions.c (the thread, and what runs), missions_list.c (the plans that
 * are enabled), missions_record.c (what is recorded) and missions_ask.c (those who ask) share. */
#ifndef G20_APP_MISSIONS_OWN_H
#define G20_APP_MISSIONS_OWN_H

#include "app/collect.h"
#include "app/mission_heads.h"
#include "app/missions.h"
#include "base/thread.h"
#include "store/reader.h"

enum { G20_MISSIONS_ENABLED = 64, G20_MISSION_ID = 72 };

enum g20_mission_word { /* of g20_mission_words */
                        G20_PLAN_IDLE,
                        G20_PLAN_WAITING,
                        G20_PLAN_RUNNING,
                        G20_PLAN_DONE,
                        G20_PLAN_FAILED,
                        G20_PLAN_WORDS
};
extern const char *const g20_mission_words[G20_PLAN_WORDS];

struct g20_mission_entry { /* a plan that is enabled */
    char id[G20_MISSION_ID];
    struct g20_mission_plan plan;
    json_t *text; /* as stored; the thread's own */
    bool there, seen, failed;
    bool blocked; /* it is on, and another one has the radio */
    enum g20_mission_word word, written;
    char why[320];
};

struct g20_missions {
    struct g20_missions_cfg cfg;
    struct g20_store_reader *reader;
    struct g20_mission *runner;
    struct g20_thread thread;
    struct g20_mission_heads heads;
    char recording[64];           /* session of the whole band's capture; "": none */
    char trigger[G20_MISSION_ID]; /* owner of the rule that is set; "": none */

    pthread_mutex_t lock; /* of the rest; what only the thread changes it reads without */
    pthread_cond_t changed;
    bool stopping, stale;
    uint64_t asked, looked; /* looks that were asked for; those of them that are over */
    bool has_current;
    struct g20_collect *collect; /* NULL: nothing is handed over */
    bool hands_over;             /* it does, or did: */
    struct g20_collect_state handed;
    char current[G20_MISSION_ID];    /* has the radio, or had it last; "": of no store */
    enum g20_mission_word last_word; /* and what became of it */
    char last_name[64], last_why[320];
    struct {
        bool run, stop;
        struct g20_mission_plan plan;
    } order; /* for entry 0, the plan of no store */
    struct g20_mission_entry entry[G20_MISSIONS_ENABLED + 1];
};

struct g20_mission_entry *g20_missions_find(struct g20_missions *m, const char *id); /* or NULL */
/* The account of the one that has the radio, or had it last. */
json_t *g20_missions_progress(struct g20_missions *m, const char *why);

/* The thread's. All plans that are enabled now, from the store. */
void g20_missions_reload(struct g20_missions *m);
/* Changes the record @id; takes @fields over, NULL: there was no memory for them. */
void g20_missions_note(struct g20_missions *m, const char *id, json_t *fields);
/* @en is not enabled any more, or deleted, or changed. */
void g20_missions_forget(struct g20_missions *m, struct g20_mission_entry *en);

/* The thread's, for the plan that gets the radio or had it. An error says which part of the plan.
 */
G20_MUST_USE int g20_missions_collect(struct g20_missions *m, const struct g20_mission_entry *en,
                                      uint64_t since_us, struct g20_err *e);
void g20_missions_collect_stop(struct g20_missions *m);
/* The whole band from now on. */
G20_MUST_USE int g20_missions_record(struct g20_missions *m, const struct g20_mission_entry *en,
                                     struct g20_err *e);
/* Emissions of the plan's rule. */
G20_MUST_USE int g20_missions_trigger(struct g20_missions *m, const struct g20_mission_entry *en,
                                      struct g20_err *e);
void g20_missions_record_stop(struct g20_missions *m); /* both */

#endif
