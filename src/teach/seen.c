/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Commands about emissions that were looked at: reviews, what is alike, what nobody knows. */
#include "teach/service_own.h"

#include "base/alloc.h"
#include "teach/base64.h"
#include "teach/jobs.h"
#include "teach/review.h"
#include "train/recorded.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AROUND_S 0.02 /* of IQ kept before and behind an example of a cluster */

enum { EDGE = 8 }; /* this part of an example may be missing at either end */

typedef const struct g20_teach_request request_t;

int g20_seen_review(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    json_t *o = NULL, *item;
    size_t i;
    const int r = g20_review_load(t->training_dir, q->signal, q->version, &o, e);

    if (r < 0)
        return r;
    json_array_foreach(json_object_get(o, "items"), i, item)
    {
        json_object_del(item, "path");
    }
    json_object_set_new(o, "type", json_string("review"));
    json_object_set_new(o, "signal_name", json_string(q->signal));
    *ret = o;
    return 0;
}

int g20_seen_answer(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    struct g20_review_answered a = {.left = 0};
    const int r =
        g20_review_answer(t->samples, q->signal, q->version, q->item_id, q->accept, &a, e);

    if (r >= 0)
        *ret = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:i}", "type", "review_answered",
                         "signal_name", q->signal, "version", (int)a.version, "item_id", q->item_id,
                         "answer", q->accept ? "accept" : "reject", "sample_id", a.sample_id,
                         "left", (int)a.left);
    return r;
}

static json_t *item_of(const struct g20_seen *s)
{
    char id[G20_ITEM_ID];
    char *picture = g20_base64_encode(s->picture, sizeof(s->picture));

    snprintf(id, sizeof(id), "e%llu", (unsigned long long)s->id);
    json_t *o =
        json_pack("{s:s, s:I, s:f, s:f, s:f, s:f, s:s, s:f, s:s}", "item_id", id, "time_us",
                  (json_int_t)s->time_us, "duration_s", s->duration_s, "f_lo_hz", s->f_lo_hz,
                  "f_hi_hz", s->f_hi_hz, "snr_db", (double)s->snr_db, "signal_name", s->name,
                  "score", (double)s->score, "picture", picture ? picture : "");
    g20_free(picture);
    return o;
}

static int check_memory(const struct g20_teach *t, struct g20_err *e)
{
    return t->cfg.memory && t->cfg.heads
               ? 0
               : g20_fail(e, G20_EUNSUPPORTED, "there is no second look: nothing is kept in mind");
}

struct first_look {
    struct g20_heads *heads;
    struct g20_seen *seen;
    bool found;
};

static bool take_first(const struct g20_recorded_look *l, void *user)
{
    struct first_look *f = user;

    g20_heads_embed(f->heads, l->look, f->seen->features);
    f->found = true;
    return false;
}

/* What the first box of a sample looks like. */
static int look_at_sample(struct g20_teach *t, const char *id, struct g20_seen *ret,
                          struct g20_err *e)
{
    struct first_look f = {.heads = t->cfg.heads, .seen = ret};
    char path[G20_FOLDER_PATH];
    json_t *o = NULL;
    int r = g20_samples_get(t->samples, id, NULL, &o, e);

    if (r < 0)
        return r;
    const char *signal = json_string_value(json_object_get(o, "signal_name"));
    r = g20_folder_path(path, e, "%s/signals/%s/samples/%s.sigmf-meta", t->training_dir, signal,
                        id);
    if (r >= 0)
        r = g20_recorded_looks(path, 0, 0, take_first, &f, e);
    if (r >= 0 && !f.found)
        r = g20_fail(e, -ENOENT, "sample %s has no box that can be looked at", id);
    snprintf(ret->name, sizeof(ret->name), "%.31s", signal ? signal : "");
    json_decref(o);
    return r;
}

static int choose(struct g20_teach *t, request_t *q, struct g20_seen *of, struct g20_err *e)
{
    char *end = NULL;

    if (q->sample_id[0])
        return look_at_sample(t, q->sample_id, of, e);
    if (q->has_place)
        return g20_memory_at(t->cfg.memory, q->time_us, q->duration_s, q->f_lo_hz, q->f_hi_hz, of)
                   ? 0
                   : g20_fail(e, -ENOENT, "nothing was looked at there, or too long ago");
    const uint64_t id = q->item_id[0] == 'e' ? strtoull(q->item_id + 1, &end, 10) : 0;
    return end && *end == '\0' && g20_memory_get(t->cfg.memory, id, of)
               ? 0
               : g20_fail(e, -ENOENT, "there is no item \"%s\", or not any more", q->item_id);
}

int g20_seen_similar(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    struct g20_similar *near = g20_calloc(q->limit + 1, sizeof(*near));
    struct g20_seen of = {.id = 0};
    json_t *items = json_array();
    int r = near && items ? check_memory(t, e) : g20_fail(e, -ENOMEM, "similar: out of memory");

    if (r >= 0 && (r = choose(t, q, &of, e)) >= 0 && near) {
        const size_t n = g20_memory_similar(t->cfg.memory, of.features, of.id, near, q->limit);
        for (size_t i = 0; i < n; i++) {
            json_t *o = item_of(&near[i].seen);
            json_object_set_new(o, "similarity", json_real((double)near[i].similarity));
            json_array_append_new(items, o);
        }
        *ret = json_pack("{s:s, s:o, s:O}", "type", "similar", "of", item_of(&of), "items", items);
    }
    json_decref(items);
    g20_free(near);
    return r;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static json_t *describe(const struct g20_cluster *c)
{
    double width[G20_CLUSTER_EXAMPLES], duration[G20_CLUSTER_EXAMPLES];
    json_t *examples = json_array();

    for (uint32_t i = 0; i < c->examples; i++) {
        width[i] = c->example[i].f_hi_hz - c->example[i].f_lo_hz;
        duration[i] = c->example[i].duration_s;
        json_array_append_new(examples, item_of(&c->example[i]));
    }
    qsort(width, c->examples, sizeof(width[0]), ascending);
    qsort(duration, c->examples, sizeof(duration[0]), ascending);
    return json_pack("{s:I, s:I, s:I, s:I, s:f, s:f, s:o}", "cluster_id", (json_int_t)c->id,
                     "count", (json_int_t)c->count, "first_us", (json_int_t)c->first_us, "last_us",
                     (json_int_t)c->last_us, "bandwidth_hz", width[c->examples / 2], "duration_s",
                     duration[c->examples / 2], "examples", examples);
}

int g20_seen_clusters(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    struct g20_cluster *all = g20_calloc(q->limit, sizeof(*all));
    struct g20_memory_totals totals;
    int r = all ? check_memory(t, e) : g20_fail(e, -ENOMEM, "clusters: out of memory");

    if (r >= 0 && all) {
        const size_t n = g20_memory_clusters(t->cfg.memory, all, q->limit, &totals);
        json_t *list = json_array();
        for (size_t i = 0; i < n; i++)
            json_array_append_new(list, describe(&all[i]));
        *ret = json_pack("{s:s, s:I, s:I, s:o}", "type", "clusters", "looked",
                         (json_int_t)totals.looked, "unknown", (json_int_t)totals.unknown,
                         "clusters", list);
    }
    g20_free(all);
    return r;
}

/* The samples of @s as the daemon still has them, where they hold its band: with what lies around
 * it, if nothing was lost there, or else on one side, or neither, or without its edges, which were
 * found to within a row. */
static int recent(struct g20_teach *t, const struct g20_seen *s, struct g20_clip *c)
{
    const uint64_t around = (uint64_t)(AROUND_S * 1e6);
    const uint64_t length = (uint64_t)(s->duration_s * 1e6), end = s->time_us + length;
    struct g20_teach_iq iq;
    int r = -ENODATA;

    for (unsigned i = 0; i < 4 && t->cfg.fetch && r == -ENODATA; i++) {
        const uint64_t from = s->time_us - (i & 1 ? 0 : around), to = end + (i & 2 ? 0 : around);
        r = t->cfg.fetch(from, to - from, G20_CLIP_MOST, &iq, NULL, t->cfg.fetch_user);
    }
    if (r == -ENODATA && t->cfg.fetch)
        r = t->cfg.fetch(s->time_us + length / EDGE, length - 2 * (length / EDGE), G20_CLIP_MOST,
                         &iq, NULL, t->cfg.fetch_user);
    if (r < 0)
        return -ENODATA;
    if (fabs(s->f_lo_hz - iq.center_hz) > 0.5 * iq.rate_hz ||
        fabs(s->f_hi_hz - iq.center_hz) > 0.5 * iq.rate_hz) {
        g20_free(iq.iq);
        return -ENODATA;
    }
    *c = (struct g20_clip){.iq = iq.iq,
                           .samples = iq.samples,
                           .rate_hz = iq.rate_hz,
                           .center_hz = iq.center_hz,
                           .time_us = iq.time_us,
                           .recording = "received"};
    return 0;
}

/* The samples of @s, from the recent past or from a capture. */
static int fetch(struct g20_teach *t, const struct g20_seen *s, struct g20_clip *c,
                 struct g20_err *e)
{
    if ((double)s->time_us <= AROUND_S * 1e6)
        return g20_fail(e, -ENODATA, "nobody knows when that was");
    if (recent(t, s, c) >= 0)
        return 0;
    return g20_clip_find(c, t->capture_dir, s->time_us, s->duration_s, s->f_lo_hz, s->f_hi_hz,
                         AROUND_S, e);
}

/* An example becomes a sample: 1, or 0 when the same is one already. -ENODATA: its IQ is not there
 * any more, or not all of it. */
static int keep(struct g20_teach *t, const char *signal, const struct g20_seen *s,
                struct g20_err *e)
{
    struct g20_clip c = {.iq = NULL};
    char id[G20_SAMPLE_ID];
    bool is_new = false;
    int r = fetch(t, s, &c, e);

    if (r < 0)
        return r;
    const double n = (double)c.samples, later = 1e-6 * ((double)s->time_us - (double)c.time_us);
    const struct g20_teach_box box = {
        .x_min = fmax((s->f_lo_hz - c.center_hz) / c.rate_hz + 0.5, 0.0),
        .x_max = fmin((s->f_hi_hz - c.center_hz) / c.rate_hz + 0.5, 1.0),
        .y_min = fmax(later * c.rate_hz / n, 0.0),
        .y_max = fmin((later + s->duration_s) * c.rate_hz / n, 1.0)};
    const struct g20_sample x = {.signal = signal,
                                 .iq = c.iq,
                                 .samples = c.samples,
                                 .rate_hz = c.rate_hz,
                                 .center_hz = c.center_hz,
                                 .time_us = c.time_us,
                                 .box = &box,
                                 .boxes = 1,
                                 .recording = c.recording,
                                 .has_number = c.has_number,
                                 .number = c.number,
                                 .comment = "from a cluster of unknowns"};
    r = g20_box_check(&box, 0, c.samples, NULL) < 0
            ? -ENODATA
            : g20_samples_save(t->samples, &x, id, &is_new, e);
    g20_clip_fini(&c);
    return r < 0 ? r : is_new;
}

int g20_seen_teach_cluster(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    struct g20_cluster *c = g20_calloc(1, sizeof(*c));
    char id[G20_JOB_ID] = "";
    int there = 0, samples = 0;
    int r = c ? check_memory(t, e) : g20_fail(e, -ENOMEM, "cluster: out of memory");

    if (r >= 0 && !g20_memory_cluster(t->cfg.memory, q->cluster_id, false, c))
        r = g20_fail(e, -ENOENT, "there is no cluster %llu, or not any more",
                     (unsigned long long)q->cluster_id);
    for (uint32_t i = 0; r >= 0 && c && i < c->examples; i++) {
        const int kept = keep(t, q->signal, &c->example[i], e);
        there += kept >= 0;
        samples += kept > 0;
        r = kept == -ENODATA ? r : G20_MIN(kept, 0);
    }
    if (r >= 0 && there == 0)
        r = g20_fail(e, -ESTALE, "the samples of its examples are not there any more");
    if (r >= 0 && (r = g20_jobs_add(t, q, id, e)) >= 0 && c) {
        g20_memory_cluster(t->cfg.memory, q->cluster_id, true, c);
        *ret = json_pack("{s:s, s:s, s:i, s:s}", "type", "cluster_taught", "signal_name", q->signal,
                         "samples", samples, "job_id", id);
    }
    g20_free(c);
    return r;
}
