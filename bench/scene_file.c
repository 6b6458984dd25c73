/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "scene_file.h"

#include "base/block.h"
#include "source/source.h"

#include <errno.h>
#include <stdio.h>

int bench_scene_file(const char *path, bool quick, uint64_t *ret_samples, struct g20_err *e)
{
    const struct g20_source_cfg cfg = {
        .driver = "scene", .args = quick ? "seconds=0.2" : "seconds=4", .rate_hz = 20e6};
    struct g20_source *s = NULL;
    struct g20_pool *pool = NULL;
    FILE *f = NULL;
    int r = g20_source_open(&s, &cfg, e);

    *ret_samples = 0;
    if (r >= 0)
        r = g20_pool_create(&pool, 3, 1 << 18);
    if (r >= 0 && !(f = fopen(path, "wb")))
        r = g20_fail(e, -errno, "%s: %s", path, g20_strerror(-errno));
    while (r >= 0) {
        struct g20_block *b = g20_pool_get(pool, 0);
        r = g20_source_read(s, b, 1000, e);
        if (r > 0 && fwrite(b->data, 4, b->len, f) != b->len)
            r = g20_fail(e, -EIO, "%s: cannot be written", path);
        *ret_samples += r > 0 ? (uint64_t)r : 0;
        g20_block_unref(&b);
        if (r == 0)
            break;
    }
    if (f && fclose(f) != 0 && r >= 0)
        r = g20_fail(e, -EIO, "%s: cannot be written", path);
    g20_pool_destroy(pool);
    g20_source_close(s);
    return r;
}
