/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* eval_inputs: what g20 eval scores on, with its truth: looked at before any model runs, so that
 * what is wrong is told at once, and once whatever the number of models. */
#ifndef G20_APP_EVAL_INPUTS_H
#define G20_APP_EVAL_INPUTS_H

#include "app/app.h"
#include "eval/truth.h"

struct g20_eval_input {
    const char *what; /* path of a SigMF recording, or arguments of a scene; borrowed */
    bool is_scene;
    struct g20_truth *truth; /* owned */
};

struct g20_eval_inputs {
    struct g20_eval_input *input; /* (count) owned */
    size_t count;
};

/* Recordings first, then scenes at @rate_hz. Each fault is said on the log; an exit code, which is
 * G20_EXIT_DONE when there was none. *ret is to be ended in any case. */
G20_MUST_USE int g20_eval_inputs_load(struct g20_eval_inputs *ret, char *const *metas, size_t count,
                                      const struct g20_cli_list *scenes, double rate_hz);
void g20_eval_inputs_fini(struct g20_eval_inputs *in);

#endif
