/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/train_tell.h"

#include "app/app.h"

#include <stdarg.h>
#include <stdio.h>

void g20_train_tell_begin(struct g20_train_tell *t)
{
    g20_progress_begin(&t->progress, "train", t->path, t->quiet);
    t->progress.unit = "steps";
}

bool g20_train_tell_step(struct g20_train_tell *t, uint64_t step, uint64_t steps)
{
    if (t->progress.first == 0)
        t->progress.first = step;
    g20_progress_show(&t->progress, step, steps);
    return !g20_interrupted();
}

bool g20_train_tell_line(struct g20_train_tell *t, const char *format, ...)
{
    va_list args;

    g20_progress_end(&t->progress);
    va_start(args, format);
    putchar('{');
    vprintf(format, args);
    puts("}");
    va_end(args);
    fflush(stdout);
    g20_train_tell_begin(t);
    return !g20_interrupted();
}
