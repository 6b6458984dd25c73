/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/crew.h"

#include "base/alloc.h"
#include "base/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

/* A pause takes 40 to 140 cycles, so some ten microseconds: what a member is behind with when it
 * has a core. One that has none is not worth waiting for. */
enum { SPINS = 500 };

struct worker {
    struct g20_crew *crew;
    uint32_t member;
    struct g20_thread thread;
};

struct g20_crew {
    uint32_t members, started;
    g20_crew_fn *fn; /* NULL: the end */
    void *user;
    atomic_uint job;                  /* counts up */
    atomic_uint arrived, met, asleep; /* asleep: at a meeting */
    pthread_mutex_t lock;
    pthread_cond_t wake, all_here;
    struct worker worker[G20_CREW_MAX];
};

static void pause_a_moment(void)
{
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
}

void g20_crew_meet(struct g20_crew *c)
{
    const unsigned round = atomic_load_explicit(&c->met, memory_order_relaxed);

    if (atomic_fetch_add_explicit(&c->arrived, 1, memory_order_acq_rel) + 1 == c->members) {
        atomic_store_explicit(&c->arrived, 0, memory_order_relaxed);
        /* In one order with the sleepers' count: either they see this, or we see them. */
        atomic_store(&c->met, round + 1);
        if (atomic_load(&c->asleep) > 0) {
            pthread_mutex_lock(&c->lock);
            pthread_cond_broadcast(&c->all_here);
            pthread_mutex_unlock(&c->lock);
        }
        return;
    }
    for (uint32_t i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&c->met, memory_order_acquire) != round)
            return;
        pause_a_moment();
    }
    pthread_mutex_lock(&c->lock);
    atomic_fetch_add(&c->asleep, 1);
    while (atomic_load(&c->met) == round)
        pthread_cond_wait(&c->all_here, &c->lock);
    atomic_fetch_sub(&c->asleep, 1);
    pthread_mutex_unlock(&c->lock);
}

/* Until there is a job other than number @seen. */
static unsigned wait_for_job(struct g20_crew *c, unsigned seen)
{
    for (uint32_t i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&c->job, memory_order_acquire) != seen)
            return seen + 1;
        pause_a_moment();
    }
    pthread_mutex_lock(&c->lock);
    while (atomic_load_explicit(&c->job, memory_order_acquire) == seen)
        pthread_cond_wait(&c->wake, &c->lock);
    pthread_mutex_unlock(&c->lock);
    return seen + 1;
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct g20_crew *c = w->crew;

    for (unsigned seen = 0;;) {
        seen = wait_for_job(c, seen);
        if (!c->fn)
            return NULL;
        c->fn(c, w->member, c->members, c->user);
        g20_crew_meet(c);
    }
}

static void start_job(struct g20_crew *c, g20_crew_fn *fn, void *user)
{
    c->fn = fn;
    c->user = user;
    pthread_mutex_lock(&c->lock);
    atomic_fetch_add_explicit(&c->job, 1, memory_order_release);
    pthread_cond_broadcast(&c->wake);
    pthread_mutex_unlock(&c->lock);
}

void g20_crew_run(struct g20_crew *c, g20_crew_fn *fn, void *user)
{
    if (!c) {
        fn(NULL, 0, 1, user);
        return;
    }
    if (c->members > 1)
        start_job(c, fn, user);
    fn(c, 0, c->members, user);
    g20_crew_meet(c);
}

uint32_t g20_crew_members(const struct g20_crew *c)
{
    return c->members;
}

void g20_crew_share(uint32_t n, uint32_t member, uint32_t members, uint32_t *ret_from,
                    uint32_t *ret_to)
{
    *ret_from = (uint32_t)((uint64_t)n * member / members);
    *ret_to = (uint32_t)((uint64_t)n * (member + 1) / members);
}

int g20_crew_create(struct g20_crew **ret, uint32_t members, struct g20_err *e)
{
    struct g20_crew *c = g20_calloc(1, sizeof(*c));

    if (!c)
        return g20_fail(e, -ENOMEM, "threads: out of memory");
    c->members = G20_CLAMP(members, 1u, (uint32_t)G20_CREW_MAX);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, NULL);
    pthread_cond_init(&c->all_here, NULL);
    for (c->started = 1; c->started < c->members; c->started++) {
        struct worker *w = &c->worker[c->started];
        *w = (struct worker){.crew = c, .member = c->started};
        const int r = g20_thread_start(&w->thread, "g20-nn", work, w, e);
        if (r < 0) {
            g20_crew_destroy(c);
            return r;
        }
    }
    *ret = c;
    return 0;
}

void g20_crew_destroy(struct g20_crew *c)
{
    if (!c)
        return;
    if (c->started > 1)
        start_job(c, NULL, NULL);
    for (uint32_t i = 1; i < c->started; i++)
        g20_thread_join(&c->worker[i].thread);
    pthread_cond_destroy(&c->all_here);
    pthread_cond_destroy(&c->wake);
    pthread_mutex_destroy(&c->lock);
    g20_free(c);
}
