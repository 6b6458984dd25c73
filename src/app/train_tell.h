/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* train_tell: what a training shows: a bar while it works, lines of JSON when it took stock. */
#ifndef G20_APP_TRAIN_TELL_H
#define G20_APP_TRAIN_TELL_H

#include "app/progress.h"

#include <stdbool.h>
#include <stdint.h>

struct g20_train_tell {
    struct g20_progress progress;
    const char *path;
    bool quiet;
};

void g20_train_tell_begin(struct g20_train_tell *t);

/* After a step: false when interrupted. */
bool g20_train_tell_step(struct g20_train_tell *t, uint64_t step, uint64_t steps);

/* One line, the members of an object without its braces: "\"step\":3"; false when interrupted. */
bool g20_train_tell_line(struct g20_train_tell *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
