/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 train signal: a new version of a signal's head from its samples. The daemon starts it too. */
#include "app/head_job.h"
#include "app/models.h"
#include "app/review_run.h"
#include "app/train.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "teach/registry.h"
#include "teach/samples.h"

#include <errno.h>
#include <math.h>
#include <openssl/evp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_OTHERS = 200, IO_IDLE = 3 << 13, IO_PROCESS = 1 };

struct lesson {
    struct g20_head_job job;
    const char *dir, *captures, *job_id;
    bool progress;
    uint64_t start_ns;
};

/* The live pipeline comes first: this one gets what is left, and goes when its daemon does. */
static int step_back(uint64_t parent, struct g20_err *e)
{
    const struct sched_param none = {.sched_priority = 0};

    setpriority(PRIO_PROCESS, 0, 19);
    sched_setscheduler(0, SCHED_IDLE, &none);
    syscall(SYS_ioprio_set, IO_PROCESS, 0, IO_IDLE);
    if (parent == 0)
        return 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return (uint64_t)getppid() == parent ? 0 : g20_fail(e, -ECANCELED, "the daemon is gone");
}

/* A guess: looking takes nearly all of the time. */
static double eta_of(const struct lesson *l, const struct g20_head_progress *p)
{
    const double took = (double)(g20_clock_mono_ns() - l->start_ns) * 1e-9;
    const double all = (double)p->total + 2.0;
    const double done = p->epochs ? (double)p->total + 2.0 * p->epoch / p->epochs : (double)p->done;

    return done > 0.0 ? took * fmax(all - done, 0.0) / done : 60.0;
}

static void tell(const struct g20_head_progress *p, void *user)
{
    const struct lesson *l = user;

    if (!l->progress)
        return;
    printf("{\"type\":\"progress\",\"epoch\":%u,\"epochs\":%u,\"loss\":", p->epoch,
           p->epochs ? p->epochs : l->job.preset->epochs);
    if (p->epoch > 0 && isfinite(p->loss))
        printf("%.5f", p->loss);
    else
        fputs("null", stdout);
    printf(
        ",\"metrics\":{\"examples_done\":%u,\"examples_total\":%u,\"f1\":%.4f},\"eta_s\":%.1f}\n",
        p->done, p->total, p->f1, eta_of(l, p));
    fflush(stdout);
}

/* Which samples it was: a hash over their ids and whose they are. */
static void hash_files(const struct g20_names *files, size_t own, char hex[33])
{
    unsigned char sum[EVP_MAX_MD_SIZE] = {0};
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    hex[0] = '\0';
    if (!ctx || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(ctx);
        return;
    }
    for (size_t i = 0; i < files->count; i++) {
        const char *slash = strrchr(files->item[i], '/');
        EVP_DigestUpdate(ctx, i < own ? "+" : "-", 1);
        EVP_DigestUpdate(ctx, slash, strlen(slash));
    }
    if (EVP_DigestFinal_ex(ctx, sum, NULL) == 1)
        for (int i = 0; i < 16; i++)
            snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    EVP_MD_CTX_free(ctx);
}

static json_t *info_of(const struct lesson *l, const struct g20_head_result *result,
                       const struct g20_names *files, size_t own)
{
    char text[700] = "{", now[32], hash[33];
    const size_t n = strlen(text);

    g20_head_result_text(result, text + n, sizeof(text) - n - 1);
    memcpy(text + strlen(text), "}", 2);
    json_t *o = json_loads(text, 0, NULL);
    g20_clock_format(g20_clock_utc_us(), now, sizeof(now));
    hash_files(files, own, hash);
    json_object_set_new(o, "trained", json_string(now));
    json_object_set_new(o, "dataset", json_string(hash));
    json_object_set_new(o, "samples", json_integer((json_int_t)own));
    json_object_set_new(o, "preset", json_string(l->job.preset->name));
    json_object_set_new(o, "seed", json_integer((json_int_t)l->job.seed));
    json_object_set_new(o, "detector", json_string(l->job.model));
    json_object_set_new(o, "scenes", json_integer(l->job.preset->scenes));
    json_object_set_new(o, "g20", json_string(G20_VERSION));
    if (l->job_id)
        json_object_set_new(o, "job_id", json_string(l->job_id));
    return o;
}

static void tell_done(const json_t *info)
{
    printf("{\"type\":\"done\",\"version\":%u,\"promoted\":%s,\"f1\":%.4f,\"asked\":%d,\"kept\":%d,"
           "\"labelled\":%d,\"seconds\":%.1f,\"f1_basis\":\"%s\",\"promotion\":\"%s\"}\n",
           (unsigned)json_integer_value(json_object_get(info, "version")),
           json_is_true(json_object_get(info, "promoted")) ? "true" : "false",
           json_number_value(json_object_get(info, "f1")),
           (int)json_integer_value(json_object_get(info, "asked")),
           (int)json_integer_value(json_object_get(info, "kept")),
           (int)json_integer_value(json_object_get(info, "labelled")),
           json_number_value(json_object_get(info, "seconds")),
           json_string_value(json_object_get(info, "f1_basis")),
           json_string_value(json_object_get(info, "promotion")));
}

/* The version is there: what hinders the look through recordings is told, and is no failure. */
static int review(const struct lesson *l, uint32_t version, struct g20_err *e)
{
    const struct g20_review_run run = {.training_dir = l->dir,
                                       .capture_dir = l->captures,
                                       .signal = l->job.name,
                                       .model = l->job.model,
                                       .trunk = l->job.trunk,
                                       .version = version};
    uint32_t items = 0;
    const int r = g20_review_run(&run, &items, e);

    if (r == -ECANCELED)
        return r;
    if (r < 0)
        g20_log(G20_LOG_WARNING, "train", "no review", G20_F_STR("why", e->msg));
    else
        printf("{\"type\":\"review\",\"version\":%u,\"items\":%u}\n", version, items);
    return 0;
}

static int train(struct lesson *l, struct g20_names *files, struct g20_err *e)
{
    char work[G20_FOLDER_PATH], out[G20_FOLDER_PATH], cache[G20_FOLDER_PATH];
    struct g20_head_result result;
    struct g20_samples *s = NULL;
    uint32_t version = 0;
    int r = g20_samples_open(&s, l->dir, e);

    if (r >= 0)
        r = g20_samples_paths(s, l->job.name, false, files, e);
    const size_t own = files->count;
    if (r >= 0 && own == 0)
        r = g20_fail(e, -ENOENT, "there is no sample of \"%s\"", l->job.name);
    if (r >= 0)
        r = g20_samples_paths(s, l->job.name, true, files, e);
    g20_samples_close(s);
    if (r >= 0 && l->job_id &&
        (r = g20_version_of_job(l->dir, l->job.name, l->job_id, &version, e)) >= 0 && version)
        return 0; /* it was done when the daemon went */
    if (r < 0 || (r = g20_version_begin(l->dir, l->job.name, work, e)) < 0 ||
        (r = g20_folder_path(out, e, "%s/head.onnx", work)) < 0 ||
        (r = g20_folder_path(cache, e, "%s/cache", l->dir)) < 0 ||
        (r = g20_folder_make(cache, e)) < 0)
        return r;
    l->job.out = out;
    l->job.own = (int)own;
    l->job.cache = cache;
    l->job.progress = tell;
    l->job.user = l;
    r = g20_head_job_run(&l->job, (int)G20_MIN(files->count, own + MOST_OTHERS), files->item,
                         &result, e);
    if (r < 0)
        return r;
    json_t *info = info_of(l, &result, files, own);
    r = g20_version_commit(l->dir, l->job.name, work, info, e);
    if (r >= 0)
        tell_done(info);
    version = (uint32_t)json_integer_value(json_object_get(info, "version"));
    json_decref(info);
    return r < 0 ? r : review(l, version, e);
}

int g20_train_signal(int argc, char **argv)
{
    struct lesson l = {
        .job = {.version = "0", .seed = 1, .model = "hydra", .trunk = G20_MODELS_TRUNK},
        .start_ns = g20_clock_mono_ns()};
    struct g20_config *cfg = g20_calloc(1, sizeof(*cfg));
    struct g20_names files = {.item = NULL};
    const char *preset = "quick";
    uint64_t parent = 0;
    bool gentle = false;
    struct g20_err e = {0};
    int first;
    const struct g20_cli_opt opts[] = {
        {"preset", 0, G20_CLI_WORD, &preset, "PRESET", .words = "quick|balanced|quality",
         .help = "how long and how varied it learns"},
        {"seed", 0, G20_CLI_U64, &l.job.seed, "N", .help = "(1)"},
        {"without", 0, G20_CLI_STR, &l.job.without, "KIND",
         .help = "leave a kind of the generator out of what is not meant"},
        {"progress", 0, G20_CLI_NONE, &l.progress, .help = "a line of JSON after each step"},
        {"gentle", 0, G20_CLI_NONE, &gentle, .help = "leave processor and disk to others"},
        {"parent", 0, G20_CLI_U64, &parent, "PID",
         .help = "end when this process, its parent, does"},
        {"job", 0, G20_CLI_STR, &l.job_id, "ID",
         .help = "of the training: what made a version already does nothing again"},
    };
    const struct g20_cli cli = {
        .name = "train signal",
        .args = "NAME",
        .summary = "Train a new version of a signal's head from its samples.",
        .about = "Samples come from 'g20 train import' or are drawn in the browser; they lie in\n"
                 "paths.training_dir. The samples of other signals are what NAME is not. The new\n"
                 "version becomes active when its F1 is better by two points (or no worse, from\n"
                 "0.95 on) and it names shifted, later, weaker and stronger emissions too.\n"
                 "'g20 train --signal NAME' is the same.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 1,
        .max_args = 1,
        .config = cfg,
        .quiet = &l.job.quiet,
    };

    if (!cfg)
        return g20_cli_fail("train", G20_EXIT_FAILED, "signal: out of memory");
    int code = g20_cli_parse(&cli, argc, argv, &first);
    if (code == G20_CLI_RUN) {
        g20_interrupt_install();
        l.job.name = argv[first];
        l.job.preset = g20_head_preset(preset);
        l.dir = cfg->paths.training_dir;
        l.captures = cfg->paths.capture_dir;
        l.job.quiet = l.job.quiet || l.progress;
        int r = gentle || parent ? step_back(parent, &e) : 0;
        if (r >= 0 && (r = g20_signal_check(l.job.name, &e)) >= 0)
            r = train(&l, &files, &e);
        code = r < 0 ? (int)g20_cli_fail("train", g20_exit_of(r), "signal: %s", e.msg)
                     : (int)G20_EXIT_DONE;
    }
    g20_names_free(&files);
    g20_free(cfg);
    return code;
}
