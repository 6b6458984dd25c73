/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/memory.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { GOES_ON = 128 /* of the latest, that a part of the same emission is looked for among */ };

#define NEAR     0.85f /* cosine to a cluster's middle: as a head's gate (train/head_gate.c) */
#define WIDTH    0.4f  /* log10 of the bandwidths' ratio, at most */
#define DURATION 0.7f

struct g20_memory {
    pthread_mutex_t lock;        /* of all below */
    struct g20_seen *seen;       /* (G20_MEMORY_SEEN) ring: .id % G20_MEMORY_SEEN */
    uint64_t last;               /* id */
    struct g20_cluster *cluster; /* (clusters) */
    size_t clusters;
    uint64_t last_cluster, unknown;
};

int g20_memory_create(struct g20_memory **ret)
{
    struct g20_memory *m = g20_calloc(1, sizeof(*m));

    if (!m)
        return -ENOMEM;
    pthread_mutex_init(&m->lock, NULL);
    m->seen = g20_calloc(G20_MEMORY_SEEN, sizeof(*m->seen));
    m->cluster = g20_calloc(G20_MEMORY_CLUSTERS, sizeof(*m->cluster));
    if (!m->seen || !m->cluster) {
        g20_memory_destroy(m);
        return -ENOMEM;
    }
    *ret = m;
    return 0;
}

void g20_memory_destroy(struct g20_memory *m)
{
    if (!m)
        return;
    g20_free(m->seen);
    g20_free(m->cluster);
    pthread_mutex_destroy(&m->lock);
    g20_free(m);
}

static float cosine(const float *a, const float *b)
{
    float ab = 0.0f, aa = 1e-12f, bb = 1e-12f;

    for (int i = 0; i < G20_TRUNK_PLACES; i++) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return ab / sqrtf(aa * bb);
}

/* Time in common in seconds, times the share of the narrower band that both have. */
static double common(const struct g20_seen *x, uint64_t time_us, double duration_s, double f_lo,
                     double f_hi)
{
    const double later = 1e-6 * ((double)time_us - (double)x->time_us);
    const double time = fmin(x->duration_s, later + duration_s) - fmax(0.0, later);
    const double band = fmin(x->f_hi_hz, f_hi) - fmax(x->f_lo_hz, f_lo);
    const double narrow = fmin(x->f_hi_hz - x->f_lo_hz, f_hi - f_lo);

    return fmax(time, 0.0) * fmax(band, 0.0) / fmax(narrow, 1e-9);
}

/* Is @x a part of an emission that is here already? Then that lasts longer. */
static bool goes_on(struct g20_memory *m, const struct g20_seen *x)
{
    const uint64_t n = G20_MIN(m->last, (uint64_t)GOES_ON);

    for (uint64_t id = m->last; id > m->last - n && x->time_us; id--) {
        struct g20_seen *s = &m->seen[id % G20_MEMORY_SEEN];
        const double both = common(s, x->time_us, x->duration_s, x->f_lo_hz, x->f_hi_hz);
        const double later = 1e-6 * ((double)x->time_us - (double)s->time_us);
        if (both <= 0.3 * fmin(x->duration_s, s->duration_s))
            continue;
        s->duration_s = fmax(s->duration_s, later + x->duration_s);
        return true;
    }
    return false;
}

static bool is_like(const struct g20_cluster *c, const struct g20_seen *x)
{
    const float *a = c->example[0].features + G20_TRUNK_PLACES;
    const float *b = x->features + G20_TRUNK_PLACES;

    return fabsf(a[G20_LOOK_BANDWIDTH] - b[G20_LOOK_BANDWIDTH]) < WIDTH &&
           fabsf(a[G20_LOOK_DURATION] - b[G20_LOOK_DURATION]) < DURATION;
}

static struct g20_cluster *nearest(struct g20_memory *m, const struct g20_seen *x)
{
    struct g20_cluster *best = NULL;
    float most = NEAR;

    for (size_t i = 0; i < m->clusters; i++) {
        const float near = cosine(m->cluster[i].centre, x->features);
        if (near >= most && is_like(&m->cluster[i], x)) {
            most = near;
            best = &m->cluster[i];
        }
    }
    return best;
}

static struct g20_cluster *begin(struct g20_memory *m)
{
    struct g20_cluster *c = &m->cluster[0];

    if (m->clusters < G20_MEMORY_CLUSTERS)
        c = &m->cluster[m->clusters++];
    else
        for (size_t i = 1; i < m->clusters; i++) {
            const struct g20_cluster *o = &m->cluster[i];
            if (o->count < c->count || (o->count == c->count && o->id < c->id))
                c = &m->cluster[i];
        }
    *c = (struct g20_cluster){.id = ++m->last_cluster};
    return c;
}

static void put(struct g20_memory *m, const struct g20_seen *x)
{
    struct g20_cluster *c = nearest(m, x);
    uint32_t at;

    if (!c) {
        c = begin(m);
        c->first_us = x->time_us;
    }
    at = (uint32_t)(c->count < G20_CLUSTER_EXAMPLES
                        ? c->count
                        : 1 + (c->count - 1) % (G20_CLUSTER_EXAMPLES - 1));
    c->example[at] = *x;
    c->examples = G20_MAX(c->examples, at + 1);
    c->count++;
    c->last_us = x->time_us;
    for (int i = 0; i < G20_TRUNK_PLACES; i++)
        c->centre[i] += x->features[i];
    m->unknown++;
}

void g20_memory_add(struct g20_memory *m, const struct g20_seen *x)
{
    pthread_mutex_lock(&m->lock);
    if (!goes_on(m, x)) {
        struct g20_seen *s = &m->seen[++m->last % G20_MEMORY_SEEN];
        *s = *x;
        s->id = m->last;
        if (!s->name[0])
            put(m, s);
    }
    pthread_mutex_unlock(&m->lock);
}

static uint64_t oldest(const struct g20_memory *m)
{
    return m->last > G20_MEMORY_SEEN ? m->last - G20_MEMORY_SEEN + 1 : 1;
}

bool g20_memory_get(struct g20_memory *m, uint64_t id, struct g20_seen *ret)
{
    pthread_mutex_lock(&m->lock);
    const bool there = id >= oldest(m) && id <= m->last;
    if (there)
        *ret = m->seen[id % G20_MEMORY_SEEN];
    pthread_mutex_unlock(&m->lock);
    return there;
}

bool g20_memory_at(struct g20_memory *m, uint64_t time_us, double duration_s, double f_lo_hz,
                   double f_hi_hz, struct g20_seen *ret)
{
    double most = 0.0;

    pthread_mutex_lock(&m->lock);
    for (uint64_t id = oldest(m); id <= m->last; id++) {
        const struct g20_seen *s = &m->seen[id % G20_MEMORY_SEEN];
        const double both = common(s, time_us, duration_s, f_lo_hz, f_hi_hz) /
                            fmax(s->duration_s + duration_s, 1e-9);
        if (both > most) {
            most = both;
            *ret = *s;
        }
    }
    pthread_mutex_unlock(&m->lock);
    return most > 0.0;
}

size_t g20_memory_similar(struct g20_memory *m, const float *features, uint64_t but,
                          struct g20_similar *ret, size_t cap)
{
    size_t n = 0;

    pthread_mutex_lock(&m->lock);
    for (uint64_t id = oldest(m); id <= m->last && cap > 0; id++) {
        const struct g20_seen *s = &m->seen[id % G20_MEMORY_SEEN];
        const float near = cosine(s->features, features);
        size_t at;
        if (id == but || (n == cap && near <= ret[n - 1].similarity))
            continue;
        at = n < cap ? n++ : n - 1;
        for (; at > 0 && ret[at - 1].similarity < near; at--)
            ret[at] = ret[at - 1];
        ret[at].seen = *s;
        ret[at].similarity = near;
    }
    pthread_mutex_unlock(&m->lock);
    return n;
}

static int bigger_first(const void *a, const void *b)
{
    const struct g20_cluster *x = a, *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

size_t g20_memory_clusters(struct g20_memory *m, struct g20_cluster *ret, size_t cap,
                           struct g20_memory_totals *totals)
{
    pthread_mutex_lock(&m->lock);
    /* In their place: which one is where means nothing. */
    qsort(m->cluster, m->clusters, sizeof(*m->cluster), bigger_first);
    const size_t n = G20_MIN(m->clusters, cap);
    if (n > 0)
        memcpy(ret, m->cluster, n * sizeof(*ret));
    *totals = (struct g20_memory_totals){.looked = m->last, .unknown = m->unknown};
    pthread_mutex_unlock(&m->lock);
    return n;
}

bool g20_memory_cluster(struct g20_memory *m, uint64_t id, bool forget, struct g20_cluster *ret)
{
    bool found = false;

    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->clusters && !found; i++) {
        found = m->cluster[i].id == id;
        if (found)
            *ret = m->cluster[i];
        if (found && forget)
            m->cluster[i] = m->cluster[--m->clusters];
    }
    pthread_mutex_unlock(&m->lock);
    return found;
}
