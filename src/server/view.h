/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* view: what one client sees of the waterfall, and its few WF01 messages waiting to be sent.
 *
 * Each row is pooled (maximum) to the client's width over the client's band. Rows that come faster
 * than the client's fps are folded by maximum, never skipped, so a short burst stays visible. The
 * queue of finished messages is short on purpose: a slow client loses old rows, is told so by
 * G20_WF_DROPPED on the next one, and never sees rows that are seconds old.
 * Server thread only; memory is taken by init() and set() alone. */
#ifndef G20_SERVER_VIEW_H
#define G20_SERVER_VIEW_H

#include "dsp/waterfall.h"
#include "server/wire.h"

enum { G20_VIEW_WIDTH_MIN = 16, G20_VIEW_WIDTH_MAX = 8192, G20_VIEW_FPS_MAX = 60 };

struct g20_view_cfg {
    bool full_span; /* the whole stream, whatever it is tuned to; else f_lo_hz..f_hi_hz */
    double f_lo_hz, f_hi_hz;
    uint32_t width;   /* pixels a row, G20_VIEW_WIDTH_MIN..MAX */
    double fps;       /* most rows a second, > 0 .. G20_VIEW_FPS_MAX */
    uint8_t format;   /* enum g20_wf_format */
    uint8_t colormap; /* enum g20_colormap, for RGBA8 */
    bool auto_range;  /* levels follow the noise floor; else db_min..db_max */
    float db_min, db_max;
};

/* The automatic level range, one for all clients. It moves in steps of 5 dB and only when the
 * noise floor has left the middle of a step, so that colours do not flicker. */
struct g20_view_range {
    float dynamic_db; /* db_max - db_min */
    float db_min, db_max;
    bool is_set;
};
void g20_view_range_update(struct g20_view_range *r, float noise_floor_db);

/* The codes of the newest row for the last few different views: most clients share one view, so
 * a row is pooled once for all of them. */
struct g20_view_cache;
G20_MUST_USE int g20_view_cache_create(struct g20_view_cache **ret);
void g20_view_cache_destroy(struct g20_view_cache *c);
void g20_view_cache_clear(struct g20_view_cache *c); /* before each new row */

struct g20_view;

/* @room: bytes kept free before each message, for the frame header. @rows: how many messages wait
 * at most, >= 1. */
G20_MUST_USE int g20_view_create(struct g20_view **ret, const struct g20_view_cfg *cfg, size_t room,
                                 uint32_t rows);
void g20_view_destroy(struct g20_view *v);

/* Rows not yet sent in the old view are dropped without being counted. -ENOMEM: nothing changed. */
G20_MUST_USE int g20_view_set(struct g20_view *v, const struct g20_view_cfg *cfg);
const struct g20_view_cfg *g20_view_get(const struct g20_view *v);

/* Take in a row; @extra_flags (enum g20_wf_flag) add to the row's own. True when a message was
 * queued. @now_ns: monotonic clock; more than fps rows a second of it are folded as well (a
 * recording played faster than real time). */
bool g20_view_push(struct g20_view *v, const struct g20_wf_row *row, uint32_t extra_flags,
                   const struct g20_view_range *range, struct g20_view_cache *cache,
                   uint64_t now_ns);

/* Forget rows queued and half folded (pause). */
void g20_view_clear(struct g20_view *v);

/* The oldest message, @room bytes free before it, still owned by the view; NULL when there is
 * none. pop() after it was written. */
uint8_t *g20_view_peek(struct g20_view *v, size_t *ret_len);
void g20_view_pop(struct g20_view *v);

struct g20_view_stats {
    uint64_t sent, dropped; /* messages */
    uint32_t queued;
};
void g20_view_stats(const struct g20_view *v, struct g20_view_stats *ret);

#endif
