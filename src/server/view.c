/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/view.h"

#include "base/alloc.h"
#include "dsp/colormap.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { CACHE_SLOTS = 4 };

struct cache_slot {
    bool used;
    double f_lo_hz, f_hi_hz;
    uint32_t width;
    float db_min, db_max;
    uint8_t codes[G20_VIEW_WIDTH_MAX];
};

struct g20_view_cache {
    struct cache_slot slot[CACHE_SLOTS];
    uint32_t next;
};

struct g20_view {
    struct g20_view_cfg cfg;
    size_t room, stride; /* bytes of a slot: room, header, pixels */
    uint32_t rows;       /* most messages waiting */
    uint8_t *ring;       /* (rows x stride) */
    uint32_t head, len;
    uint8_t *fold;         /* (width) codes, maximum of the rows folded so far */
    uint32_t folded;       /* rows in @fold */
    struct g20_wf01 first; /* header of the message being folded */
    double rate_hz;        /* of the row before */
    uint64_t next_index;   /* expected; 0 before the first row */
    double tokens;         /* rows that may be sent at once, fps a second */
    uint64_t tokens_ns;
    uint64_t sent, dropped_count;
};

void g20_view_range_update(struct g20_view_range *r, float noise_floor_db)
{
    const float floor_db = isfinite(noise_floor_db) ? noise_floor_db : -120.0f;
    const float want = G20_CLAMP(floor_db, -200.0f, 50.0f) - 10.0f;

    if (r->is_set && fabsf(want - r->db_min) <= 4.0f)
        return;
    r->db_min = 5.0f * roundf(want / 5.0f);
    r->db_max = r->db_min + r->dynamic_db;
    r->is_set = true;
}

int g20_view_cache_create(struct g20_view_cache **ret)
{
    struct g20_view_cache *c = g20_calloc(1, sizeof(*c));

    if (!c)
        return -ENOMEM;
    *ret = c;
    return 0;
}

void g20_view_cache_destroy(struct g20_view_cache *c)
{
    g20_free(c);
}

void g20_view_cache_clear(struct g20_view_cache *c)
{
    for (int i = 0; i < CACHE_SLOTS; i++)
        c->slot[i].used = false;
}

static const uint8_t *cached_codes(struct g20_view_cache *c, const struct g20_wf_row *row,
                                   double f_lo_hz, double f_hi_hz, uint32_t width, float db_min,
                                   float db_max)
{
    for (int i = 0; i < CACHE_SLOTS; i++) {
        const struct cache_slot *s = &c->slot[i];

        if (s->used && s->f_lo_hz == f_lo_hz && s->f_hi_hz == f_hi_hz && s->width == width &&
            s->db_min == db_min && s->db_max == db_max)
            return s->codes;
    }
    struct cache_slot *s = &c->slot[c->next++ % CACHE_SLOTS];
    s->used = true;
    s->f_lo_hz = f_lo_hz;
    s->f_hi_hz = f_hi_hz;
    s->width = width;
    s->db_min = db_min;
    s->db_max = db_max;
    g20_wf_row_view(row, f_lo_hz, f_hi_hz, width, db_min, db_max, s->codes);
    return s->codes;
}

int g20_view_create(struct g20_view **ret, const struct g20_view_cfg *cfg, size_t room,
                    uint32_t rows)
{
    struct g20_view *v = g20_calloc(1, sizeof(*v));

    if (!v)
        return -ENOMEM;
    v->room = room;
    v->rows = rows;
    if (g20_view_set(v, cfg) < 0) {
        g20_view_destroy(v);
        return -ENOMEM;
    }
    v->tokens = cfg->fps;
    *ret = v;
    return 0;
}

void g20_view_destroy(struct g20_view *v)
{
    if (!v)
        return;
    g20_free(v->fold);
    g20_free(v->ring);
    g20_free(v);
}

int g20_view_set(struct g20_view *v, const struct g20_view_cfg *cfg)
{
    const size_t stride =
        v->room + G20_WF01_BYTES + (size_t)cfg->width * g20_wf01_pixel_bytes(cfg->format);
    uint8_t *ring = g20_calloc(v->rows, stride);
    uint8_t *fold = g20_calloc(1, cfg->width);

    if (!ring || !fold) {
        g20_free(fold);
        g20_free(ring);
        return -ENOMEM;
    }
    g20_free(v->ring);
    g20_free(v->fold);
    v->ring = ring;
    v->fold = fold;
    v->stride = stride;
    v->cfg = *cfg;
    g20_view_clear(v);
    return 0;
}

const struct g20_view_cfg *g20_view_get(const struct g20_view *v)
{
    return &v->cfg;
}

void g20_view_clear(struct g20_view *v)
{
    v->head = v->len = v->folded = 0;
    v->next_index = 0;
}

static void refill_tokens(struct g20_view *v, uint64_t now_ns)
{
    const double most = G20_MAX(4.0, v->cfg.fps / 2); /* blocks bring rows in bunches */

    if (v->tokens_ns != 0 && now_ns > v->tokens_ns)
        v->tokens += (double)(now_ns - v->tokens_ns) * 1e-9 * v->cfg.fps * 1.25;
    v->tokens = G20_MIN(v->tokens, most);
    v->tokens_ns = now_ns;
}

/* How many rows make one message: a whole number, so that time stays linear in the picture. */
static uint32_t rows_per_message(const struct g20_view *v, float row_period_s)
{
    const double n = 1.0 / (v->cfg.fps * row_period_s);

    return n > 1 && n < 1e6 ? (uint32_t)ceil(n - 0.05) : 1;
}

static void colour(uint8_t *out, const uint8_t *codes, uint32_t n, uint8_t colormap)
{
    for (uint32_t i = 0; i < n; i++) {
        memcpy(out + 4 * i, g20_colormap_rgb[colormap][codes[i]], 3);
        out[4 * i + 3] = 255;
    }
}

static void finish(struct g20_view *v)
{
    if (v->len == v->rows) {
        v->head = (v->head + 1) % v->rows;
        v->len--;
        v->dropped_count++;
        /* The loss lies before the oldest message still waiting: mark that one. */
        g20_wf01_add_flags(v->ring + v->head * v->stride + v->room, G20_WF_DROPPED);
    }
    uint8_t *out = v->ring + (v->head + v->len) % v->rows * v->stride + v->room;

    g20_wf01_encode(&v->first, out);
    if (v->cfg.format == G20_WF_RGBA8)
        colour(out + G20_WF01_BYTES, v->fold, v->cfg.width, v->cfg.colormap);
    else
        memcpy(out + G20_WF01_BYTES, v->fold, v->cfg.width);
    v->len++;
    v->folded = 0;
}

static void begin(struct g20_view *v, const struct g20_wf_row *row, double f_lo_hz, double f_hi_hz,
                  float db_min, float db_max)
{
    v->first = (struct g20_wf01){
        .time_us = row->time_us,
        .row_index = row->index,
        .center_hz = (f_lo_hz + f_hi_hz) / 2,
        .span_hz = f_hi_hz - f_lo_hz,
        .bins = v->cfg.width,
        .rows = 1,
        .format = v->cfg.format,
        .colormap = v->cfg.colormap,
        .db_min = db_min,
        .db_max = db_max,
        .noise_floor_db = row->noise_floor_db,
    };
}

bool g20_view_push(struct g20_view *v, const struct g20_wf_row *row, uint32_t extra_flags,
                   const struct g20_view_range *range, struct g20_view_cache *cache,
                   uint64_t now_ns)
{
    const struct g20_view_cfg *cfg = &v->cfg;
    const double half = row->rate_hz / 2;
    const double f_lo = cfg->full_span ? row->center_hz - half : cfg->f_lo_hz;
    const double f_hi = cfg->full_span ? row->center_hz + half : cfg->f_hi_hz;
    const float db_min = cfg->auto_range ? range->db_min : cfg->db_min;
    const float db_max = cfg->auto_range ? range->db_max : cfg->db_max;
    uint32_t flags = row->flags | extra_flags;
    bool queued = false;

    if (v->next_index != 0 && row->index != v->next_index)
        flags |= G20_WF_DROPPED; /* also after a restart, when the numbers begin again */
    v->next_index = row->index + 1;

    /* What is folded so far belongs to another band or scale: send it as it is. */
    if (v->folded > 0 &&
        (flags & G20_WF_RETUNED || v->first.db_min != db_min || v->first.db_max != db_max ||
         v->rate_hz != row->rate_hz || fabs(v->first.span_hz - (f_hi - f_lo)) > 0 ||
         fabs(v->first.center_hz - (f_lo + f_hi) / 2) > 0)) {
        finish(v);
        queued = true;
    }
    v->rate_hz = row->rate_hz;

    const uint8_t *codes = cached_codes(cache, row, f_lo, f_hi, cfg->width, db_min, db_max);
    if (v->folded == 0) {
        begin(v, row, f_lo, f_hi, db_min, db_max);
        memcpy(v->fold, codes, cfg->width);
    } else {
        for (uint32_t i = 0; i < cfg->width; i++)
            v->fold[i] = G20_MAX(v->fold[i], codes[i]);
    }
    v->first.flags |= (uint16_t)flags;
    v->first.row_period_s += row->row_period_s;
    v->folded++;

    refill_tokens(v, now_ns);
    if (v->folded >= rows_per_message(v, row->row_period_s) && v->tokens >= 1) {
        v->tokens -= 1;
        finish(v);
        queued = true;
    }
    return queued;
}

uint8_t *g20_view_peek(struct g20_view *v, size_t *ret_len)
{
    if (v->len == 0)
        return NULL;
    *ret_len = v->stride - v->room;
    return v->ring + v->head * v->stride + v->room;
}

void g20_view_pop(struct g20_view *v)
{
    if (v->len == 0)
        return;
    v->head = (v->head + 1) % v->rows;
    v->len--;
    v->sent++;
}

void g20_view_stats(const struct g20_view *v, struct g20_view_stats *ret)
{
    *ret = (struct g20_view_stats){.sent = v->sent, .dropped = v->dropped_count, .queued = v->len};
}
