/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/history.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { STEPS = 32 };

struct g20_history {
    uint32_t cap, head, len;
    uint32_t steps;
    struct {
        uint64_t at;
        float ratio;          /* of powers */
    } step[STEPS];            /* (steps) oldest first */
    struct g20_block *slot[]; /* (cap) ring, oldest at head */
};

int g20_history_create(struct g20_history **ret, uint32_t max_blocks)
{
    if (max_blocks < 1 || max_blocks > 65536)
        return -EINVAL;
    struct g20_history *h = g20_calloc(1, sizeof(*h) + max_blocks * sizeof(struct g20_block *));
    if (!h)
        return -ENOMEM;
    h->cap = max_blocks;
    *ret = h;
    return 0;
}

static struct g20_block *block(const struct g20_history *h, uint32_t i)
{
    return h->slot[(h->head + i) % h->cap];
}

static void drop_oldest(struct g20_history *h)
{
    g20_block_unref(&h->slot[h->head]);
    h->head = (h->head + 1) % h->cap;
    h->len--;
}

static void drop_step(struct g20_history *h)
{
    memmove(h->step, h->step + 1, --h->steps * sizeof(h->step[0]));
}

void g20_history_destroy(struct g20_history *h)
{
    if (!h)
        return;
    g20_history_clear(h);
    g20_free(h);
}

void g20_history_push(struct g20_history *h, struct g20_block *b)
{
    if (h->len == h->cap)
        drop_oldest(h);
    h->slot[(h->head + h->len++) % h->cap] = g20_block_ref(b);
}

void g20_history_trim(struct g20_history *h, uint64_t before)
{
    while (h->len > 0 && block(h, 0)->first_sample + block(h, 0)->len <= before)
        drop_oldest(h);
    while (h->steps > 0 && h->step[0].at <= before)
        drop_step(h);
}

void g20_history_clear(struct g20_history *h)
{
    while (h->len > 0)
        drop_oldest(h);
    h->steps = 0;
}

void g20_history_copy(struct g20_history *to, const struct g20_history *from)
{
    g20_history_clear(to);
    to->head = 0;
    for (uint32_t i = 0; i < from->len; i++)
        g20_history_push(to, block(from, i));
    to->steps = from->steps;
    memcpy(to->step, from->step, sizeof(to->step));
}

void g20_history_scale(struct g20_history *h, uint64_t at, float ratio)
{
    uint32_t i = h->steps;

    if (i == STEPS) {
        drop_step(h);
        i--;
    }
    for (; i > 0 && h->step[i - 1].at > at; i--)
        h->step[i] = h->step[i - 1];
    h->step[i].at = at;
    h->step[i].ratio = ratio;
    h->steps++;
}

float g20_history_power(const struct g20_history *h, uint64_t sample)
{
    float ratio = 1.0f;

    for (uint32_t i = 0; i < h->steps; i++)
        if (sample < h->step[i].at)
            ratio *= h->step[i].ratio;
    return ratio;
}

uint64_t g20_history_start(const struct g20_history *h)
{
    return h->len ? block(h, 0)->first_sample : 0;
}

uint64_t g20_history_end(const struct g20_history *h)
{
    return h->len ? block(h, h->len - 1)->first_sample + block(h, h->len - 1)->len : 0;
}

G20_WIDE static void convert(float *out, const struct g20_block *b, size_t from, size_t n)
{
    const size_t i0 = 2 * from, m = 2 * n;

    switch (b->format) {
    case G20_CF32:
        for (size_t i = 0; i < m; i++) {
            const float v = ((const float *)b->data)[i0 + i];
            out[i] = fabsf(v) < 1e9f ? v : 0.0f; /* false for NaN too */
        }
        break;
    case G20_CI16:
        for (size_t i = 0; i < m; i++)
            out[i] = (float)((const int16_t *)b->data)[i0 + i] * (1.0f / 32768.0f);
        break;
    case G20_CI8:
        for (size_t i = 0; i < m; i++)
            out[i] = (float)((const int8_t *)b->data)[i0 + i] * (1.0f / 128.0f);
        break;
    case G20_CU8:
        for (size_t i = 0; i < m; i++)
            out[i] = ((float)((const uint8_t *)b->data)[i0 + i] - 127.5f) * (1.0f / 127.5f);
        break;
    }
}

/* The oldest block that ends behind sample @at; .len if none does. */
static uint32_t first_behind(const struct g20_history *h, uint64_t at)
{
    uint32_t lo = 0, hi = h->len;

    while (lo < hi) {
        const uint32_t mid = (lo + hi) / 2;
        const struct g20_block *b = block(h, mid);
        if (b->first_sample + b->len > at)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

/* Puts samples @from .. @from + @n - 1 of a block at @out; false: it cannot. */
typedef bool put_fn(void *out, const struct g20_block *b, size_t from, size_t n);

/* Samples start .. start + n - 1 at @out, @size bytes each, zeros where there are none. */
static bool read_by(put_fn *put, const struct g20_history *h, int64_t start, size_t n, char *out,
                    size_t size)
{
    const size_t before = start < 0 ? (size_t)G20_MIN(-start, (int64_t)n) : 0;
    const uint64_t first = start < 0 ? 0 : (uint64_t)start, stop = first + (n - before);
    uint64_t at = first; /* filled so far */

    memset(out, 0, before * size);
    out += before * size;
    for (uint32_t i = first_behind(h, first); i < h->len && at < stop; i++) {
        const struct g20_block *b = block(h, i);
        const uint64_t lo = G20_MAX(at, b->first_sample);
        const uint64_t hi = G20_MIN(stop, b->first_sample + b->len);
        if (lo >= hi)
            continue;
        memset(out + (at - first) * size, 0, (size_t)(lo - at) * size);
        if (!put(out + (lo - first) * size, b, (size_t)(lo - b->first_sample), (size_t)(hi - lo)))
            return false;
        at = hi;
    }
    memset(out + (at - first) * size, 0, (size_t)(stop - at) * size);
    return true;
}

static bool put_floats(void *out, const struct g20_block *b, size_t from, size_t n)
{
    convert(out, b, from, n);
    return true;
}

void g20_history_read(const struct g20_history *h, int64_t start, size_t n, float complex *out)
{
    (void)read_by(put_floats, h, start, n, (char *)out, sizeof(*out));
    for (uint32_t i = 0; i < h->steps; i++) {
        const int64_t before = (int64_t)h->step[i].at - start;
        const float amplitude = sqrtf(h->step[i].ratio);
        for (int64_t k = 0; k < G20_MIN(before, (int64_t)n); k++)
            out[k] *= amplitude;
    }
}

static bool put_ci16(void *out, const struct g20_block *b, size_t from, size_t n)
{
    const size_t bytes = 2 * sizeof(int16_t);

    if (b->format != G20_CI16)
        return false;
    memcpy(out, (const char *)b->data + from * bytes, n * bytes);
    return true;
}

/* Do some of the samples from @start on read as other than they came in? */
static bool is_scaled(const struct g20_history *h, int64_t start)
{
    return h->steps > 0 && start < (int64_t)h->step[h->steps - 1].at;
}

/* Where these samples lie, if they lie side by side in one block; or NULL. */
static const int16_t *in_place(const struct g20_history *h, int64_t start, size_t n)
{
    const uint64_t from = (uint64_t)start;
    const uint32_t i = start >= 0 ? first_behind(h, from) : h->len;
    const struct g20_block *b = i < h->len ? block(h, i) : NULL;

    if (!b || b->format != G20_CI16 || from < b->first_sample ||
        from + n > b->first_sample + b->len)
        return NULL;
    return (const int16_t *)b->data + 2 * (from - b->first_sample);
}

const int16_t *g20_history_ci16(const struct g20_history *h, int64_t start, size_t n, int16_t *room)
{
    if (is_scaled(h, start))
        return NULL;
    const int16_t *place = in_place(h, start, n);
    if (place)
        return place;
    return read_by(put_ci16, h, start, n, (char *)room, 2 * sizeof(*room)) ? room : NULL;
}
