/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Writes emissions and signals as fast as it can and says on its standard output which ones are
 * stored, until somebody kills it (kills.py). With a second argument: opens, closes, ends. */
#include "base/err.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void put(struct g20_store *s, enum g20_emission_event ev, uint64_t id)
{
    const struct g20_emission em = {.id = id,
                                    .class_name = "signal",
                                    .start_us = 1000 * id,
                                    .duration_s = 0.001,
                                    .f_lo_hz = 1e6,
                                    .f_hi_hz = 2e6,
                                    .model = "energy",
                                    .model_version = "1"};

    g20_store_emission(s, ev, &em);
}

/* One write(2) a line: what is printed is stored, and a line is never cut. */
static void say(char kind, uint64_t id)
{
    char line[40];
    const int n = snprintf(line, sizeof(line), "%c%" PRIu64 "\n", kind, id);

    if (write(STDOUT_FILENO, line, (size_t)n) != n)
        exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    const struct g20_store_cfg cfg = {.path = argc > 1 ? argv[1] : "", .batch_ms = 1};
    struct g20_store *s = NULL;
    struct g20_err e = {0};

    if (g20_store_create(&s, &cfg, &e) < 0) {
        fprintf(stderr, "%s\n", e.msg);
        return EXIT_FAILURE;
    }
    for (uint64_t id = g20_store_last_id(s) + 1; argc == 2; id += 20) {
        char name[32];

        for (uint64_t k = 0; k < 20; k++)
            put(s, k % 4 == 3 ? G20_EMISSION_OPEN : G20_EMISSION_CLOSE, id + k);
        if (g20_store_flush(s, &e) < 0)
            return EXIT_FAILURE;
        for (uint64_t k = 0; k < 20; k++)
            say(k % 4 == 3 ? 'o' : 'c', id + k);
        snprintf(name, sizeof(name), "s%" PRIu64, id);
        json_t *o = json_pack("{s:s}", "name", name);
        if (!o || g20_store_put(s, G20_SIGNALS, o, NULL, &e) < 0)
            return EXIT_FAILURE;
        json_decref(o);
        say('s', id);
    }
    g20_store_destroy(s);
    return EXIT_SUCCESS;
}
