/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/api.h"

#include "app/models.h"
#include "detect/heads.h"

#include <stdlib.h>
#include <string.h>

/* "10 15 20" as a JSON list: numbers where the option is a number. */
static json_t *list_of(const struct g20_option *o, const char *text)
{
    json_t *list = json_array();

    while (*text) {
        const size_t n = strcspn(text, " ");

        if (o->type == G20_OPT_INT)
            json_array_append_new(list, json_integer(strtoll(text, NULL, 10)));
        else if (o->type == G20_OPT_NUM)
            json_array_append_new(list, json_real(strtod(text, NULL)));
        else
            json_array_append_new(list, json_stringn(text, n));
        text += n;
        text += strspn(text, " ");
    }
    return list;
}

/* What the table allows. */
static json_t *options_of(const char *key)
{
    const struct g20_option *o = g20_config_find(key);

    return list_of(o, o->options);
}

static bool add_name(const char *name, const char *path, void *user)
{
    if (g20_models_is_detector(path))
        json_array_append_new(user, json_string(name));
    return true;
}

/* What inference.model may be: models of the tile that lie where they are looked for. */
static json_t *names_of(const char *models_dir)
{
    json_t *names = json_pack("[s]", "energy");

    g20_models_each(models_dir, add_name, names);
    return names;
}

json_t *g20_api_models(const struct g20_config *cfg, struct g20_heads *heads)
{
    struct g20_head_info info[G20_HEADS_MOST];
    const size_t n = heads ? g20_heads_list(heads, info, G20_HEADS_MOST) : 0;
    json_t *loaded = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            loaded, json_pack("{s:s, s:s}", "name", info[i].name, "version", info[i].version));
    return json_pack("{s:s, s:o, s:o}", "active", cfg->inference.model, "models",
                     names_of(cfg->paths.models_dir), "heads", loaded);
}

json_t *g20_api_capabilities(const struct g20_config *cfg, json_t *hardware,
                             const json_t *inference)
{
    json_t *own = json_deep_copy(inference);

    json_object_set_new(own, "models", names_of(cfg->paths.models_dir));
    return json_pack(
        "{s:{s:I, s:b, s:o}, s:{s:o, s:o, s:o, s:I, s:f, s:s},"
        " s:o, s:o, s:{s:o}, s:o, s:s}",
        "fft", "inference_nfft", (json_int_t)cfg->fft.inference_nfft, "inference_locked", 1,
        "waterfall_nfft_options", options_of("fft.waterfall_nfft"), "display", "fps_options",
        options_of("display.fps"), "time_span_options", options_of("display.time_span_s"),
        "colormap_options", options_of("display.colormap"), "fps", (json_int_t)cfg->display.fps,
        "time_span_s", cfg->display.time_span_s, "colormap", cfg->display.colormap, "hardware",
        hardware, "inference", own, "training", "presets",
        list_of(g20_config_find("training.presets"), cfg->training.presets), "power_modes",
        options_of("jetson.power_mode"), "version", G20_VERSION);
}

static json_t *value_of(const struct g20_config *cfg, const struct g20_option *o)
{
    char text[G20_CONFIG_PATH_MAX];

    if (o->type == G20_OPT_BOOL)
        return json_boolean(g20_config_bool(cfg, o));
    if (o->type == G20_OPT_INT)
        return json_integer(g20_config_int(cfg, o));
    if (o->type == G20_OPT_NUM)
        return json_real(g20_config_num(cfg, o));
    g20_config_format(cfg, o, text, sizeof(text));
    json_t *v = json_string(text);
    return v ? v : json_null(); /* a path that is no UTF-8 */
}

json_t *g20_api_config(const struct g20_config *cfg)
{
    size_t count = 0;
    const struct g20_option *o = g20_config_options(&count);
    json_t *all = json_object();

    for (size_t i = 0; i < count; i++) {
        char origin[G20_CONFIG_PATH_MAX + 64];

        g20_config_origin(cfg, &o[i], origin, sizeof(origin));
        json_object_set_new(all, o[i].key,
                            json_pack("{s:o, s:s, s:b, s:s}", "value", value_of(cfg, &o[i]),
                                      "origin", origin, "live", (o[i].flags & G20_OPT_LIVE) != 0,
                                      "help", o[i].help));
    }
    return all;
}
