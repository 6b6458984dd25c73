/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/app.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/pidfd.h>
#include <unistd.h>

/* A signal handler has no other way to reach the program than variables like these, which are read
 * by every thread: lock-free atomics, as C17 5.1.2.3 allows it. */
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler must not wait for a lock");
static atomic_int interrupted, hung_up;

static void on_signal(int signo)
{
    if (atomic_exchange(&interrupted, 1))
        _exit(128 + signo);
}

static void on_hangup(int signo)
{
    (void)signo;
    atomic_store(&hung_up, 1);
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
    return atomic_load(&interrupted);
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
    if (!g20_interrupted() && !atomic_load(&hung_up))
        r = ppoll(&parent, 1, timeout_ms < 0 ? NULL : &limit, &old);
    const bool reload = atomic_exchange(&hung_up, 0);
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (g20_interrupted())
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
