/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/thread.h"

#include "base/alloc.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

struct start_arg {
    g20_thread_fn *fn;
    void *arg;
    char name[16];
};

static void *start_main(void *ptr)
{
    struct start_arg s = *(struct start_arg *)ptr;

    g20_free(ptr);
    pthread_setname_np(pthread_self(), s.name);
    return s.fn(s.arg);
}

int g20_thread_start(struct g20_thread *t, const char *name, g20_thread_fn *fn, void *arg,
                     struct g20_err *e)
{
    struct start_arg *s = g20_calloc(1, sizeof(*s));
    sigset_t all, old;

    if (!s)
        return g20_fail(e, -ENOMEM, "thread %s: out of memory", name);
    s->fn = fn;
    s->arg = arg;
    snprintf(s->name, sizeof(s->name), "%s", name);

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int r = pthread_create(&t->id, NULL, start_main, s);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (r != 0) {
        g20_free(s);
        return g20_fail(e, -r, "thread %s: %s", name, g20_strerror(-r));
    }
    t->running = true;
    return 0;
}

void g20_thread_join(struct g20_thread *t)
{
    if (!t->running)
        return;
    pthread_join(t->id, NULL);
    t->running = false;
}

/* In Linux a niceness is that of a thread, whatever POSIX says of processes. */
void g20_thread_give_way(int steps)
{
    const id_t self = (id_t)gettid();

    errno = 0;
    const int now = getpriority(PRIO_PROCESS, self);
    if (now != -1 || errno == 0)
        (void)setpriority(PRIO_PROCESS, self, now + steps);
}
