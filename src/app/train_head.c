/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 train head */
#include "app/found.h"
#include "app/models.h"
#include "app/train.h"

#include "base/clock.h"
#include "detect/heads.h"
#include "detect/refine.h"
#include "eval/truth.h"
#include "nn/onnx.h"
#include "train/head.h"
#include "train/recorded.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GENERATED = 1 << 30 }; /* number of the "recording" that scenes are */

#define SCENE_RATE  20e6
#define OTHERS_SEED 8001u /* scenes that no recipe of ours trains or tests with */
#define MOSTLY      0.6   /* share of a find in a labelled box that makes it the signal, */
#define PART        0.3   /* and of the box's area that it must have at least */
#define HARDLY      0.2   /* share up to which it is something else */

struct job {
    const char *name, *out, *version, *without;
    const struct g20_head_preset *preset;
    uint64_t seed;
    bool quiet;
    struct g20_trunk *trunk;
    struct g20_head_set set;
    uint32_t recording;
    uint32_t labelled;             /* emissions that are the signal */
    const struct g20_truth *truth; /* of what is being looked at; NULL: nothing of it is meant */
    const char *label;             /* in .truth, of what is meant, or of a kind that is left out */
    bool others_only;              /* it is left out */
    const char *model;             /* the detector's */
    uint32_t finds;
    bool failed;
};

static bool add(struct job *j, const struct g20_look *look, bool meant, uint32_t origin)
{
    struct g20_head_example x = {.meant = meant, .origin = origin, .recording = j->recording};

    g20_trunk_embed(j->trunk, look, x.features);
    j->failed = j->failed || g20_head_set_add(&j->set, &x) < 0;
    return !j->failed && !g20_interrupted();
}

static bool take(const struct g20_recorded_look *l, void *user)
{
    struct job *j = user;
    const bool meant = strcmp(l->label, j->name) == 0;

    j->labelled += meant && l->variant == 0;
    return add(j, l->look, meant, l->annotation);
}

static int take_recordings(struct job *j, int count, char *const *files, struct g20_err *e)
{
    for (int i = 0; i < count; i++) {
        j->recording = (uint32_t)i;
        const int r =
            g20_recorded_looks(files[i], j->preset->variants, j->seed + (uint64_t)i, take, j, e);
        if (r < 0)
            return r;
        if (g20_interrupted())
            return g20_fail(e, -ECANCELED, "interrupted");
    }
    if (j->failed)
        return g20_fail(e, -ENOMEM, "out of memory");
    if (j->labelled == 0)
        return g20_fail(e, -EINVAL, "no annotation in %d recording%s has the label \"%.40s\"",
                        count, count == 1 ? "" : "s", j->name);
    return 0;
}

/* Share of the find in @b; *ret_part: of @b in the find. */
static double share_of(const struct g20_find *f, const struct g20_truth *t,
                       const struct g20_truth_box *b, double *ret_part)
{
    const double lo = f->f_lo * t->rate_hz, hi = f->f_hi * t->rate_hz;
    const double time = fmin((double)f->stop, b->stop) - fmax((double)f->start, b->start);
    const double band = fmin(hi, b->f_hi) - fmax(lo, b->f_lo);
    const double common = fmax(time, 0.0) * fmax(band, 0.0);

    *ret_part = common / fmax((b->stop - b->start) * (b->f_hi - b->f_lo), 1e-9);
    return common / fmax((double)(f->stop - f->start) * (hi - lo), 1e-9);
}

/* What the detector itself finds: the signal, something else, or neither for sure. */
static void take_find(const struct g20_find *f, const struct g20_look *look, void *user)
{
    struct job *j = user;
    double most = 0.0, part = 0.0, p = 0.0;

    for (size_t i = 0; j->truth && i < j->truth->count; i++) {
        const struct g20_truth_box *b = &j->truth->box[i];
        const double s = strcmp(b->kind, j->label) == 0 ? share_of(f, j->truth, b, &p) : 0.0;
        if (s > most) {
            most = s;
            part = p;
        }
    }
    const bool meant = most > MOSTLY && part > PART;
    if ((meant && !j->others_only) || most < HARDLY)
        add(j, look, meant, (1u << 20) + j->finds++);
}

static int find_in(struct job *j, const char *what, bool is_scene, struct g20_err *e)
{
    struct g20_found f = {0};
    const struct g20_found_cfg how = {.command = "train",
                                      .model = j->model,
                                      .driver = is_scene ? "scene" : NULL,
                                      .rate_hz = is_scene ? SCENE_RATE : 0,
                                      .threshold = 0.5,
                                      .quiet = j->quiet,
                                      .prefer_int8 = true,
                                      .look = take_find,
                                      .user = j};
    int r = g20_found_run(&f, what, &how, e);

    g20_found_fini(&f);
    if (r >= 0 && g20_interrupted())
        r = g20_fail(e, -ECANCELED, "interrupted");
    return r >= 0 && j->failed ? g20_fail(e, -ENOMEM, "out of memory") : r;
}

/* The recordings as the detector sees them: what nobody labelled is not meant. */
static int take_finds(struct job *j, int count, char *const *files, struct g20_err *e)
{
    int r = 0;

    j->label = j->name;
    for (int i = 0; i < count && r >= 0; i++) {
        struct g20_truth *t;
        if ((r = g20_truth_load(&t, files[i], e)) < 0)
            break;
        j->truth = t;
        j->recording = (uint32_t)i;
        r = find_in(j, files[i], false, e);
        j->truth = NULL;
        g20_truth_destroy(t);
    }
    return r;
}

/* Signals that are not meant, of every kind that the generator knows but one. */
static int take_scenes(struct job *j, struct g20_err *e)
{
    char args[64];
    int r = 0;

    j->label = j->without;
    j->others_only = true;
    for (uint32_t i = 0; i < j->preset->scenes && r >= 0; i++) {
        struct g20_truth *t = NULL;
        snprintf(args, sizeof(args), "seed=%u,seconds=1,density=3,snr_min=0", OTHERS_SEED + i);
        if (j->without && (r = g20_truth_scene(&t, args, SCENE_RATE, e)) < 0)
            break;
        j->truth = t;
        j->recording = GENERATED + i;
        r = find_in(j, args, true, e);
        j->truth = NULL;
        g20_truth_destroy(t);
    }
    return r;
}

static int write_head(const struct job *j, struct g20_model *m, const struct g20_head_report *r,
                      struct g20_err *e)
{
    char text[64];
    int rc = g20_head_describe(m, j->name, g20_trunk_hash(j->trunk), r->threshold, e);

    snprintf(text, sizeof(text), "%s, seed %llu", j->preset->name, (unsigned long long)j->seed);
    if (rc < 0 || (rc = g20_model_set(m, "g20.version", j->version, e)) < 0 ||
        (rc = g20_model_set(m, "g20.preset", text, e)) < 0)
        return rc;
    snprintf(text, sizeof(text), "%.4f", r->f1);
    rc = g20_model_set(m, "g20.f1", text, e);
    return rc < 0 ? rc : g20_onnx_write(m, j->out, e);
}

static void tell(const struct job *j, const struct g20_head_report *r, double seconds)
{
    printf("{\"head\":\"%s\",\"labelled\":%u,\"meant\":%u,\"others\":%u,\"held_meant\":%u,"
           "\"held_others\":%u,\"split\":\"%s\",\"precision\":%.4f,\"recall\":%.4f,\"f1\":%.4f,"
           "\"threshold\":%.4f,\"loss\":%.5f,\"epochs\":%u,\"seconds\":%.2f}\n",
           j->name, j->labelled, r->meant, r->others, r->held_meant, r->held_others,
           r->by_recording ? "recordings" : "emissions", r->precision, r->recall, r->f1,
           r->threshold, r->loss, r->epochs, seconds);
}

static int run(struct job *j, const char *trunk, int count, char *const *files, struct g20_err *e)
{
    const uint64_t t0 = g20_clock_mono_ns();
    struct g20_head_report report;
    struct g20_model head = {.params = NULL};
    char path[2 * G20_CONFIG_PATH_MAX];
    int r = g20_head_describe(&head, j->name, 0, 0.5, e); /* a name that will not do: told now */

    if (r < 0 || (r = g20_models_find(trunk, NULL, false, path, sizeof(path), e)) < 0 ||
        (r = g20_trunk_load(&j->trunk, path, e)) < 0 ||
        (r = take_recordings(j, count, files, e)) < 0 || (r = take_finds(j, count, files, e)) < 0 ||
        (r = take_scenes(j, e)) < 0 ||
        (r = g20_head_train(&j->set, j->preset, j->seed, g20_interrupted, &head, &report, e)) < 0)
        return r;
    r = write_head(j, &head, &report, e);
    g20_model_fini(&head);
    if (r >= 0)
        tell(j, &report, (double)(g20_clock_mono_ns() - t0) * 1e-9);
    return r;
}

int g20_train_head(int argc, char **argv)
{
    struct job j = {.version = "1", .seed = 1, .model = "hydra"};
    const char *preset = "quick", *trunk = G20_MODELS_TRUNK;
    uint64_t scenes = UINT64_MAX;
    struct g20_err e = {0};
    int first;
    const struct g20_cli_opt opts[] = {
        {"out", 'o', G20_CLI_STR, &j.out, "FILE", .help = "the ONNX file to write"},
        {"preset", 0, G20_CLI_WORD, &preset, .words = "quick|balanced|quality",
         .help = "how long and how varied it learns"},
        {"trunk", 0, G20_CLI_STR, &trunk, "NAME",
         .help = "the second look's network, a name or a file (hydra-look)"},
        {"detector", 0, G20_CLI_STR, &j.model, "NAME",
         .help = "the model whose finds the head is to name (hydra)"},
        {"scenes", 0, G20_CLI_U64, &scenes, "N", 0, 10000,
         .help = "of a second, for signals that are not meant (by preset: 12, 40, 120)"},
        {"without", 0, G20_CLI_STR, &j.without, "KIND",
         .help = "leave a kind of the generator out of what is not meant"},
        {"model-version", 0, G20_CLI_STR, &j.version, "TEXT", .help = "of the head (1)"},
        {"seed", 0, G20_CLI_U64, &j.seed, "N", .help = "(1)"},
    };
    const struct g20_cli cli = {
        .name = "train head",
        .args = "NAME META...",
        .summary = "Teach a signal from labelled recordings.",
        .about =
            "META is a SigMF recording; its annotations labelled NAME are the signal, all others\n"
            "are not. Prints a line of JSON with what it scores on examples that it was not\n"
            "shown: whole recordings where there are three with the signal, else single emissions.\n"
            "g20 detect --head FILE then names what it finds.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 2,
        .max_args = 100000,
        .quiet = &j.quiet,
    };
    int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    if (!j.out)
        return g20_cli_fail("train", G20_EXIT_INPUT, "head: --out FILE is missing");
    j.name = argv[first];
    struct g20_head_preset chosen = *g20_head_preset(preset);
    if (scenes != UINT64_MAX)
        chosen.scenes = (uint32_t)scenes;
    j.preset = &chosen;
    g20_interrupt_install();
    r = run(&j, trunk, argc - first - 1, argv + first + 1, &e);
    g20_head_set_free(&j.set);
    g20_trunk_destroy(j.trunk);
    return r < 0 ? g20_cli_fail("train", g20_exit_of(r), "head: %s", e.msg) : G20_EXIT_DONE;
}
