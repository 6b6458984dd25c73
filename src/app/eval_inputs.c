/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/eval_inputs.h"

#include "base/alloc.h"
#include "source/file_args.h"
#include "source/source.h"

#include <errno.h>
#include <limits.h>

/* The samples of a recording can be read, as the models will read them. */
static int can_open(const char *path, struct g20_err *e)
{
    char args[2 * PATH_MAX];
    const struct g20_source_cfg cfg = {.driver = "file", .args = args};
    struct g20_source *s = NULL;
    int r = g20_file_args_for(path, args, sizeof(args));

    if (r < 0)
        return g20_fail(e, r, "%.200s...: file name too long", path);
    r = g20_source_open(&s, &cfg, e);
    g20_source_close(s);
    return r;
}

static int load(struct g20_eval_input *in, double rate_hz, struct g20_err *e)
{
    if (in->is_scene)
        return g20_truth_scene(&in->truth, in->what, rate_hz, e);
    const int r = g20_truth_load(&in->truth, in->what, e);
    return r < 0 ? r : can_open(in->what, e);
}

int g20_eval_inputs_load(struct g20_eval_inputs *ret, char *const *metas, size_t count,
                         const struct g20_cli_list *scenes, double rate_hz)
{
    const size_t all = count + scenes->count;
    int code = G20_EXIT_DONE;

    *ret = (struct g20_eval_inputs){.input = g20_calloc(all, sizeof(*ret->input))};
    if (!ret->input)
        return g20_cli_fail("eval", G20_EXIT_FAILED, "out of memory");
    for (size_t i = 0; i < all && code != G20_EXIT_FAILED; i++) {
        struct g20_eval_input *in = &ret->input[ret->count++];
        struct g20_err e = {0};

        in->is_scene = i >= count;
        in->what = in->is_scene ? scenes->item[i - count] : metas[i];
        const int r = load(in, rate_hz, &e);
        if (r < 0)
            code =
                g20_cli_fail("eval", r == -ENOMEM ? G20_EXIT_FAILED : G20_EXIT_INPUT, "%s", e.msg);
        else if (g20_interrupted())
            code = G20_EXIT_FAILED;
    }
    return code;
}

void g20_eval_inputs_fini(struct g20_eval_inputs *in)
{
    for (size_t i = 0; i < in->count; i++)
        g20_truth_destroy(in->input[i].truth);
    g20_free(in->input);
    *in = (struct g20_eval_inputs){0};
}
