/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/app.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

/* A signal handler has no other way to reach the program than a variable of this kind. */
static volatile sig_atomic_t interrupted;

static void on_signal(int signo)
{
    if (interrupted)
        _exit(128 + signo);
    interrupted = 1;
}

void g20_interrupt_install(void)
{
    struct sigaction sa = {.sa_handler = on_signal};

    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe shows as a failed write */
}

bool g20_interrupted(void)
{
    return interrupted;
}

bool g20_interrupt_wait(int timeout_ms)
{
    /* A signal ends the wait; one that came just before it costs no more than the time-out. */
    if (!interrupted)
        poll(NULL, 0, timeout_ms);
    return interrupted;
}
