/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Rows of the target table whose subject does not exist yet. They are listed with their targets
 * and no figure; whoever builds the subject moves the row to its own file and gives it a run. */
#include "bench.h"

extern const struct g20_bench_row g20_bench_missing_rows[];

const struct g20_bench_row g20_bench_missing_rows[] = {
    {.name = NULL},
};
