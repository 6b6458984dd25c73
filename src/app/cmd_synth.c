/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 synth: labelled scenes as SigMF recordings. */
#include "app/app.h"
#include "app/progress.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "source/scene_args.h"
#include "source/scene_write.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_RECIPE = 1 << 20, NAME = 64 };

struct options {
    const char *out, *recipe;
    struct g20_cli_list scenes;
    double rate_hz;
    uint64_t copies;
    bool floats, quiet;
    char *text; /* of the recipe: read once, it may be a pipe */
};

static bool on_samples(uint64_t done, uint64_t total, void *user)
{
    g20_progress_show(user, done, total);
    return !g20_interrupted();
}

/* One recording that is to be made. */
struct one {
    struct g20_scene_cfg scene;
    char base[PATH_MAX];
};

/* @copy is added to the seed and, when there are several, to the name. */
static int prepare(struct one *ret, const struct options *o, const char *name, const char *args,
                   uint64_t copy, struct g20_err *e)
{
    g20_scene_cfg_default(&ret->scene);
    ret->scene.rate_hz = o->rate_hz;
    const int r = g20_scene_parse_args(&ret->scene, args, e);
    if (r < 0)
        return g20_fail_at(e, r, "%s", name);
    ret->scene.seed += copy;
    const int n = o->copies > 1 ? snprintf(ret->base, sizeof(ret->base), "%s/%s-%04llu", o->out,
                                           name, (unsigned long long)copy)
                                : snprintf(ret->base, sizeof(ret->base), "%s/%s", o->out, name);
    if (n >= (int)sizeof(ret->base))
        return g20_fail(e, -ENAMETOOLONG, "%s: the name is too long", name);
    return 0;
}

/* What is done with each recording. */
typedef int one_fn(const struct options *o, const struct one *one, void *user, struct g20_err *e);

static int write_one(const struct options *o, const struct one *one, void *user, struct g20_err *e)
{
    struct g20_progress progress;
    const struct g20_scene_write w = {.scene = one->scene,
                                      .base = one->base,
                                      .floats = o->floats,
                                      .progress = on_samples,
                                      .user = &progress};
    size_t boxes;

    (void)user;
    const uint64_t t0 = g20_clock_mono_ns();
    g20_progress_begin(&progress, "synth", one->base, o->quiet);
    const int r = g20_scene_write(&w, &boxes, e);
    g20_progress_end(&progress);
    if (r >= 0 && !o->quiet) {
        const double took_s = (double)(g20_clock_mono_ns() - t0) * 1e-9;
        g20_log(G20_LOG_INFO, "synth", "done", G20_F_STR("file", one->base),
                G20_F_INT("boxes", boxes),
                G20_F_NUM("msps", w.scene.seconds * w.scene.rate_hz * 1e-6 / took_s));
    }
    return r;
}

/* Samples on the disk while all are made, one after the other: bytes, and the most at a time. A
 * recording that is there already goes when its new one is whole. */
struct need {
    double now, most;
};

static int measure_one(const struct options *o, const struct one *one, void *user,
                       struct g20_err *e)
{
    struct need *need = user;
    char data[PATH_MAX];
    struct stat st;

    (void)e;
    need->now += (double)g20_scene_write_bytes(&one->scene, o->floats);
    need->most = fmax(need->most, need->now);
    if (snprintf(data, sizeof(data), "%s.sigmf-data", one->base) < (int)sizeof(data) &&
        stat(data, &st) == 0)
        need->now -= 512.0 * (double)st.st_blocks;
    return 0;
}

static int each_copy(const struct options *o, const char *name, const char *args, one_fn *fn,
                     void *user, struct g20_err *e)
{
    struct one one;
    int r = 0;

    for (uint64_t copy = 0; copy < o->copies && r >= 0; copy++) {
        r = prepare(&one, o, name, args, copy, e);
        if (r >= 0)
            r = fn(o, &one, user, e);
    }
    return r;
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (size_t n = strlen(text); n > 0 && isspace((unsigned char)text[n - 1]); n--)
        text[n - 1] = '\0';
    return text;
}

static bool is_name(const char *name)
{
    const size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.");

    return n > 0 && n < NAME && name[n] == '\0' && name[0] != '.';
}

/* Lines "name: seed=1,seconds=2", a subset of YAML; # begins a comment. */
static int follow_recipe(const struct options *o, one_fn *fn, void *user, struct g20_err *e)
{
    char *text = g20_strdup(o->text);
    unsigned number = 0, scenes = 0;
    int r = text ? 0 : g20_fail(e, -ENOMEM, "out of memory");

    for (char *rest = text, *line; r >= 0 && (line = strsep(&rest, "\n"));) {
        number++;
        line[strcspn(line, "#")] = '\0';
        line = trim(line);
        char *colon = strchr(line, ':');
        if (!*line)
            continue;
        if (!colon || (*colon = '\0', !is_name(trim(line)))) {
            r = g20_fail(e, -EINVAL, "%s:%u: want NAME: key=value,...", o->recipe, number);
            break;
        }
        r = each_copy(o, trim(line), trim(colon + 1), fn, user, e);
        if (r < 0)
            g20_fail_at(e, r, "%s:%u", o->recipe, number);
        scenes++;
    }
    g20_free(text);
    if (r >= 0 && scenes == 0)
        return g20_fail(e, -EINVAL, "%s: no scene in it", o->recipe);
    return r;
}

static int each(const struct options *o, one_fn *fn, void *user, struct g20_err *e)
{
    char name[NAME];
    int r = 0;

    for (size_t i = 0; i < o->scenes.count && r >= 0; i++) {
        snprintf(name, sizeof(name), "scene-%zu", i + 1);
        r = each_copy(o, name, o->scenes.item[i], fn, user, e);
    }
    return r >= 0 && o->recipe ? follow_recipe(o, fn, user, e) : r;
}

/* Hours of work are not begun for a disk that cannot hold what they make. */
static int check_room(const struct options *o, struct g20_err *e)
{
    struct need need = {0};
    char any[PATH_MAX];
    uint64_t room;
    int r = each(o, measure_one, &need, e);

    if (r >= 0 && snprintf(any, sizeof(any), "%s/x", o->out) >= (int)sizeof(any))
        r = g20_fail(e, -ENAMETOOLONG, "%.200s...: the name is too long", o->out);
    if (r >= 0)
        r = g20_file_room(any, &room, e);
    if (r >= 0 && need.most > (double)room)
        r = g20_fail(e, -ENOSPC, "%s: %.1f MB are needed, its disk has %.1f MB left", o->out,
                     need.most * 1e-6, (double)room * 1e-6);
    return r;
}

static int read_recipe(struct options *o, struct g20_err *e)
{
    size_t len;
    const int r = g20_file_read(o->recipe, MOST_RECIPE, &o->text, &len, e);

    if (r >= 0 && strlen(o->text) != len)
        return g20_fail(e, -EINVAL, "%s: no text", o->recipe);
    return r;
}

static int run(struct options *o)
{
    struct g20_err e = {0};
    int r = 0;

    g20_interrupt_install();
    if (mkdir(o->out, 0777) < 0 && errno != EEXIST)
        r = g20_fail(&e, -errno, "%s: %s", o->out, strerror(errno));
    if (r >= 0 && o->recipe)
        r = read_recipe(o, &e);
    if (r >= 0)
        r = check_room(o, &e);
    if (r >= 0)
        r = each(o, write_one, NULL, &e);
    g20_free(o->text);
    return r < 0 ? g20_cli_fail("synth", g20_exit_of(r), "%s", e.msg) : G20_EXIT_DONE;
}

int g20_cmd_synth(int argc, char **argv)
{
    const char *format = "ci16_le";
    struct options o = {.rate_hz = 20e6, .copies = 1};
    int first;
    const struct g20_cli_opt opts[] = {
        {"out", 'o', G20_CLI_STR, &o.out, "FOLDER", .help = "where the recordings go"},
        {"scene", 0, G20_CLI_LIST, &o.scenes, "ARGS",
         .help = "a scene, 'seed=1,seconds=10'; may be repeated; see docs/scene.md"},
        {"rate", 0, G20_CLI_NUM, &o.rate_hz, "HZ", 1e5, 1e8, .help = "sample rate (20e6)"},
        {"copies", 0, G20_CLI_U64, &o.copies, "N", 1, 9999,
         .help = "of each scene, with the seeds that follow (1)"},
        {"format", 'f', G20_CLI_WORD, &format, "FORMAT", .words = "ci16_le|cf32_le",
         .help = "of samples"},
    };
    const struct g20_cli cli = {
        .name = "synth",
        .args = "[RECIPE]",
        .summary = "Write labelled scenes as SigMF recordings.",
        .about =
            "RECIPE is a text file of scenes, a line each: 'NAME: seed=1,seconds=2,snr_min=0'.\n"
            "The annotations are exact: 99 % occupied bandwidth and the edges of bursts. The\n"
            "same recipe gives the same files on every machine. Nothing is written when the disk\n"
            "has no room for the samples of all.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 0,
        .max_args = 1,
        .quiet = &o.quiet,
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    o.floats = strcmp(format, "cf32_le") == 0;
    o.recipe = first < argc ? argv[first] : NULL;
    if (!o.out)
        return g20_cli_fail("synth", G20_EXIT_INPUT, "--out FOLDER is missing");
    if (!o.recipe && o.scenes.count == 0)
        return g20_cli_fail("synth", G20_EXIT_INPUT, "wants RECIPE or --scene; see --help");
    return run(&o);
}
