/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/live.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "detect/class_list.h"
#include "detect/energy.h"
#include "nn/ort.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { RETRY_FIRST_MS = 500, RETRY_MOST_MS = 30000 };

/* A pipeline that ran this long was well: the next pause starts from the shortest again. */
static const uint64_t WELL_NS = 10000000000u;

struct g20_live {
    struct g20_pipeline_cfg cfg;
    char *driver, *args, *antenna, *model, *wisdom_dir; /* cfg's strings, owned */
    char model_name[64];                                /* of the file, without folder and .onnx */
    struct g20_provider provider;
    char *library; /* its string, owned */
    char class_text[2][32];
    const char *class_names[2];
    struct g20_hub *hub;
    struct g20_thread thread;
    struct g20_cancel cancel;      /* of building a pipeline */
    enum g20_pipeline_part failed; /* live thread */
    uint64_t id_base, id_last;     /* of emissions: every pipeline counts from 1 */

    pthread_mutex_t lock; /* never held while a pipeline is built, joined or destroyed */
    pthread_cond_t changed;
    struct g20_pipeline *running;  /* NULL between two */
    unsigned tuning;               /* calls that use it outside the lock */
    struct g20_control_state last; /* what is known when nothing runs */
    uint64_t retry_at_ns;
    bool stopping;
    struct g20_class_list *own_classes; /* that the model names itself; set once. NULL: none */
    const char *own_names[G20_CLASSES_MOST + 1];
};

static void name_model(struct g20_live *l)
{
    const char *slash = strrchr(l->model, '/');
    const char *name = slash ? slash + 1 : l->model;
    const size_t n = strlen(name), end = n > 5 && strcmp(name + n - 5, ".onnx") == 0 ? n - 5 : n;

    snprintf(l->model_name, sizeof(l->model_name), "%.*s", (int)end, name);
}

/* "energy" has no names of its own. */
static void name_classes(struct g20_live *l, const char *names)
{
    for (size_t i = 0; i < 2; i++) {
        l->class_names[i] = g20_energy_class_names[i];
        if (!names || strcmp(l->model, "energy") != 0)
            continue;
        names += strspn(names, " ");
        snprintf(l->class_text[i], sizeof(l->class_text[i]), "%.*s", (int)strcspn(names, " "),
                 names);
        l->class_names[i] = l->class_text[i];
        names += strcspn(names, " ");
    }
}

static int copy(char **to, const char *from)
{
    *to = g20_strdup(from ? from : "");
    return *to ? 0 : -ENOMEM;
}

int g20_live_create(struct g20_live **ret, const struct g20_pipeline_cfg *cfg, struct g20_hub *hub)
{
    struct g20_live *l = g20_calloc(1, sizeof(*l));
    pthread_condattr_t attr;

    if (!l)
        return -ENOMEM;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->changed, &attr);
    pthread_condattr_destroy(&attr);
    l->cfg = *cfg;
    l->cfg.failed = &l->failed;
    l->hub = hub;
    if (copy(&l->driver, cfg->source.driver) < 0 || copy(&l->args, cfg->source.args) < 0 ||
        copy(&l->antenna, cfg->source.antenna) < 0 || copy(&l->model, cfg->model) < 0 ||
        copy(&l->wisdom_dir, cfg->wisdom_dir) < 0 ||
        copy(&l->library, cfg->provider ? cfg->provider->library : NULL) < 0) {
        g20_live_destroy(l);
        return -ENOMEM;
    }
    l->cfg.source.driver = l->driver;
    l->cfg.source.args = l->args;
    l->cfg.source.antenna = l->antenna;
    l->cfg.model = cfg->model ? l->model : NULL;
    if (cfg->provider) {
        l->provider = *cfg->provider;
        l->provider.library = l->library;
        l->cfg.provider = &l->provider;
    }
    l->cfg.tap_blocks = G20_LIVE_TAP;
    l->cfg.cancel = &l->cancel;
    name_model(l);
    name_classes(l, cfg->class_names);
    l->cfg.class_names = NULL;
    l->cfg.wisdom_dir = l->wisdom_dir[0] ? l->wisdom_dir : NULL;
    l->last.run = G20_RUN_STARTING;
    l->last.retry_in_s = -1;
    *ret = l;
    return 0;
}

static void on_row(struct g20_wf_row *row, void *user)
{
    g20_hub_row(((struct g20_live *)user)->hub, row);
}

static void on_block(struct g20_block *b, void *user)
{
    g20_hub_block(((struct g20_live *)user)->hub, b);
}

static void on_detections(const struct g20_detections *d, void *user)
{
    g20_hub_detections(((struct g20_live *)user)->hub, d);
}

static void on_emission(enum g20_emission_event ev, const struct g20_emission *em, void *user)
{
    struct g20_live *l = user;
    struct g20_emission own = *em;

    own.id += l->id_base;
    l->id_last = G20_MAX(l->id_last, own.id);
    g20_hub_emission(l->hub, ev, &own);
}

/* A model's own names, from the first pipeline: whoever has them may keep them. */
static void take_classes(struct g20_live *l, const struct g20_pipeline *p)
{
    const char *const *names;
    const size_t n = g20_pipeline_classes(p, &names);

    if (l->own_classes || names[1] == g20_energy_class_names[1])
        return;
    struct g20_class_list *own = g20_calloc(1, sizeof(*own));
    if (!own)
        return;
    own->count = (uint32_t)n - 1;
    l->own_names[0] = names[0];
    for (size_t i = 1; i < n; i++) {
        snprintf(own->name[i - 1], sizeof(own->name[0]), "%s", names[i]);
        l->own_names[i] = own->name[i - 1];
    }
    pthread_mutex_lock(&l->lock);
    l->own_classes = own;
    pthread_mutex_unlock(&l->lock);
}

/* One pipeline from building to its end: 0 for a recording that is over, or why it failed. */
static int run_once(struct g20_live *l, struct g20_err *e)
{
    const struct g20_pipeline_sinks sinks = {.row = l->cfg.model ? on_row : NULL,
                                             .block = on_block,
                                             .detections = on_detections,
                                             .emission = on_emission,
                                             .user = l};
    struct g20_pipeline *p = NULL;

    l->id_base = l->id_last;
    int r = g20_pipeline_create(&p, &l->cfg, &sinks, e);
    if (r < 0)
        return r;
    take_classes(l, p);
    const struct g20_source_info source = *g20_pipeline_source(p); /* its reader changes it */
    r = g20_pipeline_start(p, e);
    pthread_mutex_lock(&l->lock);
    if (r >= 0 && l->stopping)
        g20_pipeline_stop(p);
    if (r >= 0) {
        l->running = p;
        l->last.run = G20_RUN_RUNNING;
        l->last.error[0] = '\0';
        l->last.retry_in_s = -1;
        l->last.has_source = true;
        l->last.source = source;
    }
    pthread_mutex_unlock(&l->lock);
    if (r >= 0) {
        g20_log(G20_LOG_INFO, "live", "running", G20_F_STR("source", l->last.source.name),
                G20_F_NUM("rate_hz", l->last.source.rate_hz),
                G20_F_NUM("center_hz", l->last.source.center_hz));
        r = g20_pipeline_wait(p, e);
    }

    pthread_mutex_lock(&l->lock);
    l->running = NULL;
    while (l->tuning > 0)
        pthread_cond_wait(&l->changed, &l->lock);
    g20_pipeline_stats(p, &l->last.stats);
    pthread_mutex_unlock(&l->lock);
    g20_pipeline_destroy(p);
    return r;
}

/* A device that simply ends has gone away; a recording that ends was played. */
static bool is_over(const struct g20_live *l, int r)
{
    return r >= 0 && !l->last.source.is_live;
}

static void *live_main(void *arg)
{
    struct g20_live *l = arg;
    int pause_ms = RETRY_FIRST_MS;

    for (;;) {
        struct g20_err e = {0};
        const uint64_t start_ns = g20_clock_mono_ns();
        const int r = run_once(l, &e);

        pthread_mutex_lock(&l->lock);
        if (!l->stopping && is_over(l, r)) {
            l->last.run = G20_RUN_ENDED;
            g20_log(G20_LOG_WARNING, "live", "the recording is over; set source.loop to go on");
            while (!l->stopping)
                pthread_cond_wait(&l->changed, &l->lock);
        }
        if (l->stopping) {
            pthread_mutex_unlock(&l->lock);
            return NULL;
        }
        if (g20_clock_mono_ns() - start_ns > WELL_NS)
            pause_ms = RETRY_FIRST_MS;
        l->last.run = G20_RUN_FAILED;
        l->last.failed = l->failed;
        l->last.restarts++;
        snprintf(l->last.error, sizeof(l->last.error), "%s",
                 r >= 0     ? "the source ended"
                 : e.msg[0] ? e.msg
                            : g20_strerror(r));
        l->retry_at_ns = g20_clock_mono_ns() + (uint64_t)pause_ms * 1000000u;
        g20_log(G20_LOG_ERROR, "live", "the pipeline stopped", G20_F_STR("why", l->last.error),
                G20_F_INT("retry_in_ms", pause_ms));
        const struct timespec until = g20_clock_deadline(pause_ms);
        while (!l->stopping && pthread_cond_timedwait(&l->changed, &l->lock, &until) != ETIMEDOUT)
            ;
        pthread_mutex_unlock(&l->lock);
        pause_ms = G20_MIN(2 * pause_ms, (int)RETRY_MOST_MS);
    }
}

void g20_live_number_from(struct g20_live *l, uint64_t last_id)
{
    l->id_last = last_id;
}

int g20_live_start(struct g20_live *l, struct g20_err *e)
{
    return g20_thread_start(&l->thread, "g20-live", live_main, l, e);
}

void g20_live_stop(struct g20_live *l)
{
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    g20_cancel(&l->cancel);
    if (l->running)
        g20_pipeline_stop(l->running);
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    g20_thread_join(&l->thread);
}

void g20_live_destroy(struct g20_live *l)
{
    if (!l)
        return;
    g20_live_stop(l);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
    g20_free(l->own_classes);
    g20_free(l->library);
    g20_free(l->wisdom_dir);
    g20_free(l->model);
    g20_free(l->antenna);
    g20_free(l->args);
    g20_free(l->driver);
    g20_free(l);
}

static void state(struct g20_control_state *ret, void *user)
{
    struct g20_live *l = user;

    pthread_mutex_lock(&l->lock);
    *ret = l->last;
    if (l->running)
        g20_pipeline_stats(l->running, &ret->stats);
    if (ret->run == G20_RUN_FAILED) {
        const uint64_t now_ns = g20_clock_mono_ns();
        ret->retry_in_s = l->retry_at_ns > now_ns ? (double)(l->retry_at_ns - now_ns) * 1e-9 : 0;
    }
    ret->class_names = l->own_classes ? l->own_names : l->class_names;
    ret->nclasses = l->own_classes ? l->own_classes->count + 1u : G20_COUNT_OF(l->class_names);
    pthread_mutex_unlock(&l->lock);
    ret->model = l->model_name;
}

/* A device takes its time: nobody who only asks for the state waits for it. */
static int tune(const struct g20_tune *wanted, struct g20_tune *ret_actual, struct g20_err *e,
                void *user)
{
    struct g20_live *l = user;

    pthread_mutex_lock(&l->lock);
    struct g20_pipeline *p = l->running;
    l->tuning += p != NULL;
    pthread_mutex_unlock(&l->lock);
    if (!p)
        return g20_fail(e, -ENODEV, "no source is running");
    const int r = g20_pipeline_tune(p, wanted, ret_actual, e);
    pthread_mutex_lock(&l->lock);
    l->tuning--;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    return r;
}

void g20_live_control(struct g20_live *l, struct g20_control *ret)
{
    *ret = (struct g20_control){.state = state, .tune = tune, .user = l};
}
