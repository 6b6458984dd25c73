/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 model list | info NAME | export FILE | quantize NAME */
#include "app/app.h"
#include "app/model_foreign.h"
#include "app/model_quantize.h"
#include "app/models.h"

#include "detect/hydra_model.h"
#include "nn/onnx.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct listing {
    json_t *all; /* NULL: a table */
    bool failed;
};

static const char *prop(const struct g20_model *m, const char *key)
{
    const char *value = g20_model_prop(m, key);

    return value ? value : "-";
}

/* A model of any kind: the tile's are checked whole, the others by whoever uses them. */
static int load(struct g20_model *m, const char *path, struct g20_err *e)
{
    if (g20_onnx_read(m, path, NULL) >= 0) {
        const char *kind = g20_model_prop(m, "g20.kind");
        if (kind && (strcmp(kind, "look") == 0 || strcmp(kind, "head") == 0))
            return 0;
        g20_model_fini(m);
    }
    return g20_hydra_load(m, path, e);
}

static double megabytes(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 ? (double)s.st_size * 1e-6 : 0.0;
}

static double mega_macs(const struct g20_model *m)
{
    return (double)g20_net_macs(&m->net, m->height, m->width) * 1e-6;
}

/* What a program that lists or shows models gets of one. */
static json_t *model_json(const char *name, const char *path, const struct g20_model *m)
{
    json_t *props = json_object();

    for (uint32_t i = 0; i < m->props; i++)
        json_object_set_new(props, m->prop[i].key, json_string(m->prop[i].value));
    return json_pack("{s:s, s:s, s:f, s:I, s:i, s:f, s:o}", "name", name, "file", path, "megabytes",
                     megabytes(path), "parameters", (json_int_t)m->net.params, "layers",
                     (int)m->net.count - 1, "mega_macs", mega_macs(m), "properties", props);
}

static bool list_one(const char *name, const char *path, void *user)
{
    struct listing *l = user;
    struct g20_model m;
    struct g20_err e;

    if (g20_model_is_foreign(path)) {
        g20_model_foreign_list(name, path, l->all);
        return true;
    }
    if (load(&m, path, &e) < 0) {
        g20_cli_fail("model", G20_EXIT_INPUT, "%s", e.msg);
        l->failed = true;
        return true;
    }
    if (l->all)
        json_array_append_new(l->all, model_json(name, path, &m));
    else
        printf("%-20s %-5s %-9s %8zu %6.0f %6.2f  %s\n", name, prop(&m, "g20.kind"),
               prop(&m, "g20.version"), m.net.params, mega_macs(&m), megabytes(path), path);
    g20_model_fini(&m);
    return true;
}

static void print_json(json_t *o)
{
    if (json_dumpf(o, stdout, JSON_INDENT(2)) == 0)
        putchar('\n');
    json_decref(o);
}

static int list(bool json)
{
    struct listing l = {.all = json ? json_array() : NULL};

    if (!json)
        printf("%-20s %-5s %-9s %8s %6s %6s  %s\n", "model", "kind", "version", "weights", "MMAC",
               "MB", "file");
    g20_models_each(NULL, list_one, &l);
    if (json)
        print_json(l.all);
    else
        printf("%-20s %-5s %-9s %8s %6s %6s  %s\n", "energy", "tile", "1", "-", "-", "-",
               "built in");
    return l.failed ? G20_EXIT_INPUT : G20_EXIT_DONE;
}

static void show_layers(const struct g20_model *m)
{
    static const char *const kind[] = {"input", "conv", "patch", "add", "up"};

    for (uint32_t i = 0; i < m->net.count; i++) {
        const struct g20_net_layer *l = &m->net.layer[i];
        const bool two = l->kind == G20_NET_ADD || l->kind == G20_NET_UP;

        printf("  %3u %-6s %4u channels", i, kind[l->kind], m->net.channels[i]);
        if (l->kind == G20_NET_CONV || l->kind == G20_NET_PATCH)
            printf("  %u x %u of %u%s", l->kh, l->kw, l->from, l->relu ? ", relu" : "");
        if (two)
            printf("  %u and %u", l->from, l->with);
        putchar('\n');
    }
}

static int info(const char *name, bool json)
{
    char path[2 * G20_CONFIG_PATH_MAX];
    struct g20_model m;
    struct g20_err e;

    if (strcmp(name, "energy") == 0) {
        puts("energy: the built-in search by energy; it has no file");
        return G20_EXIT_DONE;
    }
    int r = g20_models_find(name, NULL, false, path, sizeof(path), &e);
    if (r >= 0 && g20_model_is_foreign(path)) {
        r = g20_model_foreign_info(name, path, json, &e);
        return r < 0 ? g20_cli_fail("model", g20_exit_of(r), "%s", e.msg) : G20_EXIT_DONE;
    }
    if (r < 0 || (r = load(&m, path, &e)) < 0)
        return g20_cli_fail("model", g20_exit_of(r), "%s", e.msg);
    if (json) {
        print_json(model_json(name, path, &m));
    } else {
        printf("%s\n%zu weights, %.0f MMAC a tile, %.2f MB\n", path, m.net.params, mega_macs(&m),
               megabytes(path));
        for (uint32_t i = 0; i < m.props; i++)
            printf("  %-26s %s\n", m.prop[i].key, m.prop[i].value);
        show_layers(&m);
    }
    g20_model_fini(&m);
    return G20_EXIT_DONE;
}

struct export_options {
    const char *out, *name, *version, *note;
    double threshold; /* 0: as it is */
};

static int export_model(const char *from, const struct export_options *o)
{
    char path[2 * G20_CONFIG_PATH_MAX];
    struct g20_model m;
    struct g20_err e;

    if (!o->out)
        return g20_cli_fail("model", G20_EXIT_INPUT, "export: --out FILE is missing");
    int r = g20_models_find(from, NULL, false, path, sizeof(path), &e);
    if (r < 0 || (r = g20_hydra_load(&m, path, &e)) < 0)
        return g20_cli_fail("model", g20_exit_of(r), "%s", e.msg);
    char threshold[32];
    snprintf(threshold, sizeof(threshold), "%g", o->threshold);
    if ((o->name && (r = g20_model_set(&m, "g20.name", o->name, &e)) < 0) ||
        (o->version && (r = g20_model_set(&m, "g20.version", o->version, &e)) < 0) ||
        (o->note && (r = g20_model_set(&m, "g20.note", o->note, &e)) < 0) ||
        (o->threshold > 0 && (r = g20_model_set(&m, "g20.score_threshold", threshold, &e)) < 0) ||
        (r = g20_onnx_write(&m, o->out, &e)) < 0)
        g20_cli_fail("model", g20_exit_of(r), "%s", e.msg);
    g20_model_fini(&m);
    return g20_exit_of(r);
}

int g20_cmd_model(int argc, char **argv)
{
    struct export_options o = {.name = NULL};
    struct g20_cli_list scenes = {.count = 0};
    struct g20_model_quantize q = {
        .method = "best", .share = 0.9999, .tiles = 48, .scenes = &scenes, .rate_hz = 20e6};
    bool json = false, quiet = false;
    int first;
    const struct g20_cli_opt opts[] = {
        {"json", 'j', G20_CLI_NONE, &json, .help = "list, info, quantize: as JSON"},
        {"out", 'o', G20_CLI_STR, &o.out, "FILE",
         .help = "export, quantize: the ONNX file to write"},
        {"name", 0, G20_CLI_STR, &o.name, "NAME", .help = "export: what emissions say found them"},
        {"model-version", 0, G20_CLI_STR, &o.version, "TEXT", .help = "export: of the model"},
        {"threshold", 0, G20_CLI_NUM, &o.threshold, "P", 0.05, 0.95,
         .help = "export: the network's score that is to read as 0.5"},
        {"method", 0, G20_CLI_WORD, &q.method, "METHOD", .words = "best|percentile|entropy",
         .help = "quantize: how ranges are chosen; best: by what comes out"},
        {"share", 0, G20_CLI_NUM, &q.share, "P", 0.5, 1,
         .help = "quantize: of values inside the range, of percentile (0.9999)"},
        {"scene", 0, G20_CLI_LIST, &scenes, "ARGS",
         .help = "quantize: a scene to calibrate with; may be repeated"},
        {"rate", 0, G20_CLI_NUM, &q.rate_hz, "HZ", 1e5, 1e8,
         .help = "quantize: sample rate of the scenes (20e6)"},
        {"tiles", 0, G20_CLI_U64, &q.tiles, "N", 1, 1000,
         .help = "quantize: to calibrate with, spread over all (48)"},
        {"note", 0, G20_CLI_STR, &o.note, "TEXT", .help = "export: where it comes from"},
    };
    const struct g20_cli cli = {
        .name = "model",
        .args = "list | info NAME | export FILE | quantize NAME [RECORDING]...",
        .summary = "Models: what there is, files for other programs, INT8 versions.",
        .about =
            "NAME is a model in paths.models_dir or installed with G20, or a file. export writes\n"
            "a checkpoint of g20 train, or a model, as ONNX; docs/models.md has the format.\n"
            "quantize makes the INT8 version of a model in float32, calibrated with recordings\n"
            "or scenes (a few of its own when none are given); called NAME-int8 it is used\n"
            "wherever NAME is asked for, unless inference.int8_quantization is false.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 1,
        .max_args = 100000,
        .quiet = &quiet,
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    const char *what = argv[first], *of = first + 1 < argc ? argv[first + 1] : NULL;
    if (strcmp(what, "quantize") == 0 && of) {
        q.model = of;
        q.out = o.out;
        q.files = argv + first + 2;
        q.count = argc - first - 2;
        q.json = json;
        q.quiet = quiet;
        return g20_model_quantize(&q);
    }
    if (argc - first > 2)
        return g20_cli_fail("model", G20_EXIT_INPUT, "%s: one name at most", what);
    if (strcmp(what, "list") == 0 && !of)
        return list(json);
    if (strcmp(what, "info") == 0 && of)
        return info(of, json);
    if (strcmp(what, "export") == 0 && of)
        return export_model(of, &o);
    return g20_cli_fail("model", G20_EXIT_INPUT,
                        "want list, info NAME, export FILE or quantize NAME; see --help");
}
