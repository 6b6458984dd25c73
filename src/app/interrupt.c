/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/app.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

/* A signal handler has no other way to reach the program than a variable of this kind. */
static volatile sig_atomic_t interrupted, hung_up;

static void on_signal(int signo)
{
    if (interrupted)
        _exit(128 + signo);
    interrupted = 1;
}

static void on_hangup(int signo)
{
    (void)signo;
    hung_up = 1;
}

static void handle(int signo, void (*handler)(int))
{
    struct sigaction sa = {.sa_handler = handler};

    sigemptyset(&sa.sa_mask);
    sigaction(signo, &sa, NULL);
}

void g20_interrupt_install(void)
{
    handle(SIGINT, on_signal);
    handle(SIGTERM, on_signal);
    handle(SIGPIPE, SIG_IGN); /* a closed pipe shows as a failed write */
    handle(SIGXFSZ, SIG_IGN); /* so does a limit on the size of files */
}

bool g20_interrupted(void)
{
    return interrupted;
}

void g20_wait_install(void)
{
    g20_interrupt_install();
    handle(SIGHUP, on_hangup);
}

enum g20_wake g20_wait(int parent_fd, int timeout_ms)
{
    const struct timespec limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
    struct pollfd parent = {.fd = parent_fd, .events = POLLIN};
    sigset_t mine, old;
    int r = 0;

    /* Let in only while waiting: a signal between the test and the wait is not missed. */
    sigemptyset(&mine);
    sigaddset(&mine, SIGINT);
    sigaddset(&mine, SIGTERM);
    sigaddset(&mine, SIGHUP);
    sigprocmask(SIG_BLOCK, &mine, &old);
    if (!interrupted && !hung_up)
        r = ppoll(&parent, 1, timeout_ms < 0 ? NULL : &limit, &old);
    const bool reload = hung_up;
    hung_up = 0;
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (interrupted)
        return G20_WAKE_STOP;
    if (r > 0)
        return G20_WAKE_PARENT;
    return reload ? G20_WAKE_RELOAD : G20_WAKE_TIME;
}

int g20_wait_parent(int64_t pid, struct g20_err *e)
{
    const int fd = pidfd_open((pid_t)pid, 0);

    if (fd < 0 && errno == ESRCH)
        return g20_fail(e, -ESRCH, "server.parent_pid: no process %lld runs", (long long)pid);
    if (fd < 0)
        return g20_fail(e, -errno, "server.parent_pid: process %lld: %s", (long long)pid,
                        g20_strerror(-errno));
    return fd;
}
