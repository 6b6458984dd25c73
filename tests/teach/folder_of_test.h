/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A temporary folder for a group of tests, and samples to put there. */
#ifndef G20_TESTS_TEACH_FOLDER_OF_TEST_H
#define G20_TESTS_TEACH_FOLDER_OF_TEST_H

#include "teach/samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char test_dir[64];

static inline int make_test_dir(void **state)
{
    (void)state;
    snprintf(test_dir, sizeof(test_dir), "/tmp/g20-teach-XXXXXX");
    return mkdtemp(test_dir) ? 0 : -1;
}

static inline int remove_test_dir(void **state)
{
    (void)state;
    return g20_folder_remove(test_dir, NULL);
}

enum { TEST_SAMPLES = 4096 };

/* A tone whose frequency is @turn of the rate, with two boxes. */
static inline struct g20_sample test_sample(const char *signal, float *iq, double turn)
{
    static const struct g20_teach_box boxes[] = {{0.4, 0.6, 0.5, 1.0, ""},
                                                 {0.25, 0.5, 0.0, 0.25, ""}};

    for (int i = 0; i < TEST_SAMPLES; i++) {
        iq[2 * i] = (float)cos(6.283185307 * turn * i);
        iq[2 * i + 1] = (float)sin(6.283185307 * turn * i);
    }
    return (struct g20_sample){.signal = signal,
                               .iq = iq,
                               .samples = TEST_SAMPLES,
                               .rate_hz = 1e6,
                               .center_hz = 433.92e6,
                               .time_us = 1700000000000000,
                               .box = boxes,
                               .boxes = 2};
}

#endif
