/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/checkpoint.h"

#include "base/alloc.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>

#define MAGIC "G20TRAIN"
enum { VERSION = 2, MOST_BYTES = 64 << 20 };

struct head {
    char magic[8];
    uint32_t version, worse;
    uint64_t settings, step, params;
    double best;
};

uint64_t g20_checkpoint_hash(const void *data, size_t len)
{
    const uint8_t *p = data;
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    return h;
}

static size_t size_of(uint64_t params)
{
    return sizeof(struct head) + (size_t)params * 3 * sizeof(float);
}

int g20_checkpoint_write(const struct g20_checkpoint *c, const char *path, struct g20_err *e)
{
    const size_t len = size_of(c->params), n = (size_t)c->params * sizeof(float);
    struct head h = {.version = VERSION,
                     .worse = c->worse,
                     .settings = c->settings,
                     .step = c->step,
                     .params = c->params,
                     .best = c->best};
    char *data = g20_calloc(1, len + sizeof(uint64_t));

    if (!data)
        return g20_fail(e, -ENOMEM, "%s: out of memory", path);
    memcpy(h.magic, MAGIC, sizeof(h.magic));
    memcpy(data, &h, sizeof(h));
    memcpy(data + sizeof(h), c->weights, n);
    memcpy(data + sizeof(h) + n, c->moments, 2 * n);
    const uint64_t sum = g20_checkpoint_hash(data, len);
    memcpy(data + len, &sum, sizeof(sum));
    const int r = g20_file_write(path, data, len + sizeof(sum), e);
    g20_free(data);
    return r;
}

static int check(const struct g20_checkpoint *c, const struct head *h, const char *data, size_t len,
                 const char *path, struct g20_err *e)
{
    uint64_t sum;

    if (len < sizeof(*h) + sizeof(sum) || memcmp(h->magic, MAGIC, sizeof(h->magic)) != 0)
        return g20_fail(e, -EBADMSG, "%s: no checkpoint of a training", path);
    if (h->version != VERSION)
        return g20_fail(e, -EBADMSG, "%s: version %u, this program reads %d", path, h->version,
                        VERSION);
    if (h->params != c->params)
        return g20_fail(e, -EBADMSG, "%s: %llu parameters, the network has %llu", path,
                        (unsigned long long)h->params, (unsigned long long)c->params);
    if (len != size_of(h->params) + sizeof(sum))
        return g20_fail(e, -EBADMSG, "%s: %zu bytes, not %zu: cut short?", path, len,
                        size_of(h->params) + sizeof(sum));
    memcpy(&sum, data + len - sizeof(sum), sizeof(sum));
    if (sum != g20_checkpoint_hash(data, len - sizeof(sum)))
        return g20_fail(e, -EBADMSG, "%s: its checksum is wrong", path);
    if (c->settings != 0 && h->settings != c->settings)
        return g20_fail(e, -EBADMSG, "%s: of a training with other settings", path);
    return 0;
}

int g20_checkpoint_read(struct g20_checkpoint *c, const char *path, struct g20_err *e)
{
    struct head h = {0};
    char *data;
    size_t len;
    int r = g20_file_read(path, size_of(c->params) + 4096, &data, &len, e);

    if (r < 0)
        return r;
    memcpy(&h, data, G20_MIN(len, sizeof(h)));
    r = check(c, &h, data, len, path, e);
    if (r >= 0) {
        const size_t n = (size_t)c->params * sizeof(float);
        c->step = h.step;
        c->best = h.best;
        c->worse = h.worse;
        memcpy(c->weights, data + sizeof(h), n);
        if (c->moments)
            memcpy(c->moments, data + sizeof(h) + n, 2 * n);
    }
    g20_free(data);
    return r;
}

int g20_checkpoint_params(const char *path, uint64_t *ret, struct g20_err *e)
{
    struct head h = {0};
    char *data;
    size_t len;
    int r = g20_file_read(path, MOST_BYTES, &data, &len, e);

    if (r < 0)
        return r;
    memcpy(&h, data, G20_MIN(len, sizeof(h)));
    if (len < sizeof(h) || memcmp(h.magic, MAGIC, sizeof(h.magic)) != 0)
        r = g20_fail(e, -EBADMSG, "%s: no checkpoint of a training", path);
    else
        *ret = h.params;
    g20_free(data);
    return r < 0 ? r : 0;
}
