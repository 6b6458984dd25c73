/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/head_scenes.h"

#include "app/head_finds.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "config/config.h"
#include "train/head_scale.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { GENERATED = 1 << 30 }; /* number of the "recording" that scenes are */

#define SCENE_RATE  20e6
#define SCALED      UINT64_C(0x5ca1ed) /* of the seed: rates */
#define OTHERS_SEED 8001u              /* scenes that no recipe of ours trains or tests with */

/* Where the finds of scene @i are kept; they depend on nothing else. false: nowhere. */
static bool cache_path(const struct g20_head_scenes *how, uint32_t i, char *buf, size_t size)
{
    const char *slash = strrchr(how->model, '/');

    if (!how->cache)
        return false;
    const int n =
        snprintf(buf, size, "%s/%016llx-%.40s-%.40s-%u.others", how->cache,
                 (unsigned long long)g20_trunk_hash(how->trunk), slash ? slash + 1 : how->model,
                 how->without ? how->without : "all", OTHERS_SEED + i);
    return n > 0 && (size_t)n < size;
}

/* false: nothing is kept there. */
static bool from_cache(struct g20_head_set *set, uint32_t recording, const char *path, int *r)
{
    struct g20_head_example x = {.recording = recording, .role = G20_HEAD_MADE};
    char *data;
    size_t len;

    if (g20_file_read(path, 64 << 20, &data, &len, NULL) < 0)
        return false;
    const bool whole = len % sizeof(x.features) == 0;
    for (size_t at = 0; at < len && whole && *r >= 0; at += sizeof(x.features)) {
        memcpy(x.features, data + at, sizeof(x.features));
        *r = g20_head_set_add(set, &x);
    }
    g20_free(data);
    return whole;
}

/* Examples from number @first on. A cache that cannot be written is none. */
static void to_cache(const struct g20_head_set *set, size_t first, const char *path)
{
    const size_t n = set->count - first;
    float *all = g20_calloc(n + 1, sizeof(set->item->features));

    for (size_t i = 0; i < n && all; i++)
        memcpy(all + i * G20_TRUNK_FEATURES, set->item[first + i].features,
               sizeof(set->item->features));
    if (all && g20_file_write(path, all, n * sizeof(set->item->features), NULL) < 0)
        g20_log(G20_LOG_DEBUG, "train", "cannot keep examples", G20_F_STR("file", path));
    g20_free(all);
}

static int take(const struct g20_head_scenes *how, uint32_t i, struct g20_head_set *set,
                struct g20_err *e)
{
    const struct g20_head_search search = {
        .model = how->model, .scene_rate_hz = SCENE_RATE, .quiet = how->quiet};
    struct g20_head_finds seen = {.trunk = how->trunk, .label = how->without};
    struct g20_head_example x = {.recording = GENERATED + i, .role = G20_HEAD_MADE};
    struct g20_truth *t = NULL;
    char args[64];
    int r = 0;

    snprintf(args, sizeof(args), "seed=%u,seconds=1,density=3,snr_min=0", OTHERS_SEED + i);
    if (how->without && (r = g20_truth_scene(&t, args, SCENE_RATE, e)) < 0)
        return r;
    seen.truth = t;
    r = g20_head_finds_search(&seen, args, &search, e);
    for (size_t k = 0; k < seen.count && r >= 0; k++) {
        if (seen.item[k].verdict != G20_FIND_OTHER)
            continue;
        memcpy(x.features, seen.item[k].features, sizeof(x.features));
        if (g20_head_set_add(set, &x) < 0)
            r = g20_fail(e, -ENOMEM, "out of memory");
    }
    g20_head_finds_fini(&seen);
    g20_truth_destroy(t);
    return r;
}

int g20_head_scenes_take(const struct g20_head_scenes *how, struct g20_head_set *set,
                         struct g20_err *e)
{
    char kept[2 * G20_CONFIG_PATH_MAX];
    const size_t before = set->count;
    int r = 0;

    for (uint32_t i = 0; i < how->count && r >= 0; i++) {
        const bool keep = cache_path(how, i, kept, sizeof(kept));
        const size_t first = set->count;
        if (keep && from_cache(set, GENERATED + i, kept, &r)) {
            if (r < 0)
                g20_fail(e, r, "out of memory");
        } else if ((r = take(how, i, set, e)) >= 0 && keep) {
            to_cache(set, first, kept);
        }
        how->step(how->user);
    }
    if (r >= 0 && (r = g20_head_scale(set, before, how->seed ^ SCALED)) < 0)
        g20_fail(e, r, "out of memory");
    return r;
}
