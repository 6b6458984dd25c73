/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What the tests of the store share: a folder of their own, emissions, JSON by hand. */
#ifndef G20_TESTS_STORE_HELP_H
#define G20_TESTS_STORE_HELP_H

#include "detect/emission.h"

#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char test_dir[64], test_db[96];

static inline int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *f)
{
    (void)st;
    (void)flag;
    (void)f;
    return remove(path);
}

static inline int set_up(void **state)
{
    (void)state;
    snprintf(test_dir, sizeof(test_dir), "/tmp/g20-store-XXXXXX");
    assert_non_null(mkdtemp(test_dir));
    snprintf(test_db, sizeof(test_db), "%s/g20.db", test_dir);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    return nftw(test_dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static inline struct g20_emission an_emission(uint64_t id)
{
    return (struct g20_emission){.id = id,
                                 .class_name = "signal",
                                 .confidence = 0.75F,
                                 .start_us = 1000000 * id,
                                 .duration_s = 0.5,
                                 .f_lo_hz = 433e6,
                                 .f_hi_hz = 433.1e6,
                                 .center_known = true,
                                 .level_dbfs = -40,
                                 .peak_dbfs = -30,
                                 .snr_db = (float)id,
                                 .duty = 1,
                                 .model = "energy",
                                 .model_version = "1"};
}

static inline json_t *json_of(const char *text)
{
    json_t *o = json_loads(text, 0, NULL);

    assert_non_null(o);
    return o;
}

#endif
