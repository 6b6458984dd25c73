/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* thread: named threads with a joinable handle. */
#ifndef G20_BASE_THREAD_H
#define G20_BASE_THREAD_H

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>

typedef void *g20_thread_fn(void *arg);

struct g20_thread {
    pthread_t id;
    bool running;
};

/* Start @fn(@arg) in a thread called @name (at most 15 bytes are shown by the system). All signals
 * are blocked in it: only the main thread handles them. */
G20_MUST_USE int g20_thread_start(struct g20_thread *t, const char *name, g20_thread_fn *fn,
                                  void *arg, struct g20_err *e);

/* Wait for the end. A thread that was never started, or was joined before, is fine. */
void g20_thread_join(struct g20_thread *t);

/* From now on the calling thread gives way to those of the process that have not called this: it is
 * @steps nicer than the process was started (nice(2): each step is about a fifth less of a
 * processor that both want). Where the system refuses, nothing changes. */
void g20_thread_give_way(int steps);

#endif
