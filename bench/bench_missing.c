/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Rows of the target table whose subject does not exist yet. They are listed with their targets
 * and no figure; whoever builds the subject moves the row to its own file and gives it a run. */
#include "bench.h"

extern const struct g20_bench_row g20_bench_missing_rows[];

const struct g20_bench_row g20_bench_missing_rows[] = {
    {.name = "iq01_serialize",
     .what = "24 576 samples to an IQ01 message",
     .unit = "us",
     .target = 6.0},
    {.name = "live_61M44",
     .what = "live pipeline and 4 clients at 61.44 MS/s for 10 min: lost samples",
     .unit = "samples"},
    {.name = "ws_100_clients",
     .what = "100 WebSocket clients, 30 rows/s x 2048 bins",
     .unit = "% core",
     .target = 30.0},
    {.name = NULL},
};
