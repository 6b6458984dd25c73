/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* bench_dnnl: the convolutions of a network by oneDNN 2.x, as a peer: of the same shapes, u8 x s8
 * with a scale, a bias and a rectifier, each layer reading what the one before wrote. Additions and
 * enlargements between them are left out, and so are zero points, in its favour. The library is
 * loaded here where it is installed; without its header at build time there is no peer. */
#ifndef G20_BENCH_DNNL_H
#define G20_BENCH_DNNL_H

#include "nn/model.h"

struct g20_bench_dnnl;

/* NULL: it is not there, or does not do this. */
struct g20_bench_dnnl *g20_bench_dnnl_create(const struct g20_model *m, uint32_t threads);
void g20_bench_dnnl_destroy(struct g20_bench_dnnl *d);

/* One pass of all convolutions; false: it failed. */
bool g20_bench_dnnl_run(struct g20_bench_dnnl *d);

#endif
