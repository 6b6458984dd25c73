/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* rows: the list of the tables, in the order of printing. A new table is two lines here. */
#include "bench.h"

extern const struct g20_bench_row g20_bench_base_rows[];
extern const struct g20_bench_row g20_bench_dsp_rows[];
extern const struct g20_bench_row g20_bench_ddc_rows[];
extern const struct g20_bench_row g20_bench_subbands_rows[];
extern const struct g20_bench_row g20_bench_nn_rows[];
extern const struct g20_bench_row g20_bench_program_rows[];
extern const struct g20_bench_row g20_bench_clients_rows[];
extern const struct g20_bench_row g20_bench_missing_rows[];

static const struct g20_bench_row *const tables[] = {
    g20_bench_base_rows, g20_bench_dsp_rows,     g20_bench_ddc_rows,     g20_bench_subbands_rows,
    g20_bench_nn_rows,   g20_bench_program_rows, g20_bench_clients_rows, g20_bench_missing_rows,
};

#define MAX_ROWS 64

const struct g20_bench_row *const *g20_bench_rows(size_t *ret_count)
{
    static const struct g20_bench_row *rows[MAX_ROWS + 1];
    size_t n = 0;

    for (size_t i = 0; i < G20_COUNT_OF(tables); i++)
        for (const struct g20_bench_row *r = tables[i]; r->name && n < MAX_ROWS; r++)
            rows[n++] = r;
    *ret_count = n;
    return rows;
}
