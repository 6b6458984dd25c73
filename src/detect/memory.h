/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* memory: what the second look saw lately, and what of it looks alike.
 *
 * The last G20_MEMORY_SEEN emissions with the places that the trunk gave them. Those that no head
 * claims are put into clusters as they come: into the nearest one that is near enough (leader
 * clustering; Hartigan, "Clustering algorithms", 1975) and of about the same width and duration,
 * else into a new one, which takes the place of the smallest when all are taken. The same
 * emissions in the same order give the same clusters. Takes all its memory (6 MB) in create();
 * thread-safe. */
#ifndef G20_DETECT_MEMORY_H
#define G20_DETECT_MEMORY_H

#include "detect/trunk.h"

enum {
    G20_MEMORY_SEEN = 1024,
    G20_MEMORY_CLUSTERS = 64,
    G20_CLUSTER_EXAMPLES = 4,
    G20_MEMORY_PICTURE = G20_LOOK_SIDE * G20_LOOK_SIDE,
};

struct g20_seen {
    uint64_t id;      /* counts up from 1 */
    uint64_t time_us; /* UTC; 0: not known */
    double duration_s, f_lo_hz, f_hi_hz;
    float snr_db;
    char name[32]; /* of the head that claims it; "": none does */
    float score;
    float features[G20_TRUNK_FEATURES];
    uint8_t picture[G20_MEMORY_PICTURE]; /* look_bytes.h */
};

struct g20_memory;
G20_MUST_USE int g20_memory_create(struct g20_memory **ret);
void g20_memory_destroy(struct g20_memory *m);

/* A copy; its id is given here. One that goes on from another tile is the same emission still. */
void g20_memory_add(struct g20_memory *m, const struct g20_seen *x);

bool g20_memory_get(struct g20_memory *m, uint64_t id, struct g20_seen *ret);
/* The one that has most in common with a time and a band. */
bool g20_memory_at(struct g20_memory *m, uint64_t time_us, double duration_s, double f_lo_hz,
                   double f_hi_hz, struct g20_seen *ret);

struct g20_similar {
    struct g20_seen seen;
    float similarity; /* cosine of the places, -1..1 */
};
/* The nearest to @features but for number @but (0: all), nearest first; how many of @cap. */
size_t g20_memory_similar(struct g20_memory *m, const float *features, uint64_t but,
                          struct g20_similar *ret, size_t cap);

struct g20_cluster {
    uint64_t id; /* counts up from 1, never used again */
    uint64_t count, first_us, last_us;
    uint32_t examples; /* the first that came, and the latest */
    struct g20_seen example[G20_CLUSTER_EXAMPLES];
    float centre[G20_TRUNK_PLACES]; /* sum of the places */
};

struct g20_memory_totals {
    uint64_t looked, unknown; /* emissions since the start; of them nobody's */
};
/* The biggest first; how many of @cap. */
size_t g20_memory_clusters(struct g20_memory *m, struct g20_cluster *ret, size_t cap,
                           struct g20_memory_totals *totals);
/* One of them; it is forgotten when @forget, as its emissions have a name from now on. */
bool g20_memory_cluster(struct g20_memory *m, uint64_t id, bool forget, struct g20_cluster *ret);

#endif
