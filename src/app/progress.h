/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* progress: how far long work is: a bar on a terminal, a line of the log once a second otherwise.
 * One thread at a time; nothing is shown of work that takes less than half a second. */
#ifndef G20_APP_PROGRESS_H
#define G20_APP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct g20_progress {
    const char *module; /* for the log: "detect" */
    const char *name;   /* what is worked on, for people; borrowed */
    const char *unit;   /* of what is done; NULL: millions of samples */
    uint64_t first;     /* what was done before this began; 0 unless set */
    bool is_terminal, quiet;
    bool drawn;
    uint64_t start_ns, next_ns;
};

/* @name and @module are borrowed until the end. */
void g20_progress_begin(struct g20_progress *p, const char *module, const char *name, bool quiet);

/* @total 0: unknown. Cheap: most calls only look at the clock. */
void g20_progress_show(struct g20_progress *p, uint64_t done, uint64_t total);

/* Takes the bar away, before anything else is written. */
void g20_progress_end(struct g20_progress *p);

#endif
