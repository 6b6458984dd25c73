/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/model_foreign.h"

#include "app/inference.h"
#include "detect/network.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool g20_model_is_foreign(const char *path)
{
    return g20_network_needs_ort(path, NULL);
}

static double megabytes(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 ? (double)s.st_size * 1e-6 : 0.0;
}

void g20_model_foreign_list(const char *name, const char *path, json_t *all)
{
    if (all)
        json_array_append_new(all, json_pack("{s:s, s:s, s:f, s:s}", "name", name, "file", path,
                                             "megabytes", megabytes(path), "kind", "other"));
    else
        printf("%-20s %-5s %-9s %8s %6s %6.2f  %s\n", name, "other", "-", "-", "-", megabytes(path),
               path);
}

static void print_json(const char *name, const char *path, const struct g20_network *n,
                       const char *text)
{
    const struct g20_class_list *l = g20_network_classes(n);
    json_t *classes = json_array();

    for (uint32_t i = 0; i < l->count; i++)
        json_array_append_new(classes, json_string(l->name[i]));
    json_t *o = json_pack("{s:s, s:s, s:f, s:s, s:s, s:o}", "name", name, "file", path, "megabytes",
                          megabytes(path), "kind", "other", "shape", text, "classes", classes);
    if (json_dumpf(o, stdout, JSON_INDENT(2)) == 0)
        putchar('\n');
    json_decref(o);
}

int g20_model_foreign_info(const char *name, const char *path, bool json, struct g20_err *e)
{
    struct g20_config cfg;
    struct g20_provider provider;
    struct g20_network *n = NULL;
    char text[256];

    g20_config_default(&cfg);
    int r = g20_config_read_env(&cfg, (const char *const *)environ, e);
    if (r < 0)
        return r;
    g20_inference_provider(&cfg, &provider);
    const struct g20_network_cfg network = {
        .path = path, .threads = 1, .nms_threshold = 0.5f, .provider = &provider};
    r = g20_network_load(&n, &network, e);
    if (r < 0)
        return r;
    g20_network_show(n, text, sizeof(text));
    if (json) {
        print_json(name, path, n, text);
    } else {
        const struct g20_class_list *l = g20_network_classes(n);
        printf("%s\n%s, %.2f MB\nclasses:", path, text, megabytes(path));
        for (uint32_t i = 0; i < l->count; i++)
            printf(" %s", l->name[i]);
        putchar('\n');
    }
    g20_network_destroy(n);
    return 0;
}
