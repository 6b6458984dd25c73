/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* lifecycle: parts of a daemon, started in one visible order and stopped in the reverse order
 * within a bounded time.
 *
 *     static const struct g20_part parts[] = {{"hub", start_hub, stop_hub}, ...};
 *     struct g20_lifecycle life = {.parts = parts, .count = G20_COUNT_OF(parts), .user = daemon};
 *     r = g20_lifecycle_start(&life, &e);
 *     ...
 *     g20_lifecycle_stop(&life, 5000, on_late); // also when the start failed
 *
 * One thread starts and stops; not thread-safe. */
#ifndef G20_BASE_LIFECYCLE_H
#define G20_BASE_LIFECYCLE_H

#include "base/err.h"

struct g20_part {
    const char *name;
    int (*start)(void *user, struct g20_err *e); /* NULL: nothing to start */
    void (*stop)(void *user); /* also after a start that failed half-way; NULL: nothing to stop */
};

struct g20_lifecycle {
    const struct g20_part *parts; /* (count) borrowed */
    size_t count;
    void *user;     /* passed to each part */
    size_t started; /* parts that stop has to stop, the one whose start failed included */
};

/* Start the parts in order, up to the first that fails; its name stands in front of the message.
 * What was started stays so: call g20_lifecycle_stop() in either case. */
G20_MUST_USE int g20_lifecycle_start(struct g20_lifecycle *l, struct g20_err *e);

/* Called from a thread of its own when the time is up while @part is being stopped. It decides what
 * happens to a process that cannot be stopped in an orderly way; when it returns, the stop goes
 * on. */
typedef void g20_late_fn(const struct g20_part *part, void *user);

/* Stop what was started, last first. After @budget_ms @on_late is called, once. When no thread can
 * be had to watch the time, the parts are stopped all the same. */
void g20_lifecycle_stop(struct g20_lifecycle *l, int budget_ms, g20_late_fn *on_late);

#endif
