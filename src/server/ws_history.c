/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The command "history" of /ws/pipeline: WF01 messages of the past at the client's view, one at a
 * time whenever its socket has room, and a text reply when all were sent. */
#include "server/internal.h"

#include "base/alloc.h"
#include "dsp/colormap.h"
#include "engine/wf_history.h"

#include <string.h>

enum { ROWS_A_MESSAGE = 64, BYTES_A_MESSAGE = 256 * 1024 };

struct g20_ws_history {
    struct g20_wf_walk walk;
    struct g20_view_cfg view; /* of the moment it was asked for */
    float db_min, db_max;
    json_t *id;
    uint64_t rows, messages;
    double center_hz, span_hz; /* of the message before; NAN */
    bool has_row;              /* @past and @codes are of the next message */
    struct g20_wf_past past;
    uint8_t codes[G20_WF_HISTORY_BINS_MAX];
};

void g20_ws_history_end(struct g20_ws_client *c)
{
    if (!c->history)
        return;
    json_decref(c->history->id);
    g20_free(c->history);
    c->history = NULL;
}

static json_t *report(struct g20_server *s, const struct g20_ws_history *w, bool cancelled)
{
    json_t *o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "type", "history", "from_us",
                          (json_int_t)w->walk.from_us, "to_us", (json_int_t)w->walk.to_us, "rows",
                          (json_int_t)w->rows, "messages", (json_int_t)w->messages, "oldest_us",
                          (json_int_t)g20_wf_history_oldest_us(s->history), "cancelled", cancelled);

    if (o && w->id)
        json_object_set(o, "id", w->id);
    return o;
}

json_t *g20_ws_history_begin(struct g20_server *s, struct g20_ws_client *c, uint64_t from_us,
                             uint64_t to_us, uint32_t rows, json_t *id)
{
    const struct g20_view_cfg *v = g20_view_get(c->view);

    if (!s->history)
        return g20_status_error("unavailable", "history: none is kept, limits.history_bytes is 0",
                                NULL);
    struct g20_ws_history *w = g20_calloc(1, sizeof(*w));
    if (!w || g20_wf_history_find(s->history, from_us, to_us, rows, &w->walk) < 0) {
        g20_free(w);
        return g20_status_error("unavailable", "history: out of memory", NULL);
    }
    if (c->history) { /* whoever scrolls on wants the new place */
        g20_ws_reply(c, report(s, c->history, true));
        g20_ws_history_end(c);
    }
    w->view = *v;
    w->db_min = v->auto_range ? s->range.db_min : v->db_min;
    w->db_max = v->auto_range ? s->range.db_max : v->db_max;
    w->id = json_incref(id);
    w->has_row = g20_wf_history_next(s->history, &w->walk, &w->past, w->codes);
    c->history = w;
    lws_callback_on_writable(c->wsi);
    return NULL;
}

static void draw(struct g20_server *s, const struct g20_ws_history *w, const struct g20_wf01 *h,
                 uint8_t *out)
{
    uint8_t row[G20_VIEW_WIDTH_MAX];

    g20_wf_history_view(&w->past, w->codes, g20_wf_history_bins(s->history),
                        h->center_hz - h->span_hz / 2, h->center_hz + h->span_hz / 2, h->bins,
                        w->db_min, w->db_max, row);
    if (h->format == G20_WF_U8) {
        memcpy(out, row, h->bins);
        return;
    }
    for (uint32_t i = 0; i < h->bins; i++) {
        memcpy(out + 4 * i, g20_colormap_rgb[h->colormap][row[i]], 3);
        out[4 * i + 3] = 255;
    }
}

/* Rows of one band that follow each other without a hole make one message. */
struct g20_msg *g20_ws_history_next(struct g20_server *s, struct g20_ws_client *c)
{
    struct g20_ws_history *w = c->history;

    if (!w->has_row) {
        struct g20_msg *m = g20_status_text(report(s, w, false));

        g20_ws_history_end(c);
        return m;
    }
    const struct g20_view_cfg *v = &w->view;
    const struct g20_wf_past first = w->past;
    const double lo = v->full_span ? first.center_hz - first.rate_hz / 2 : v->f_lo_hz;
    const double hi = v->full_span ? first.center_hz + first.rate_hz / 2 : v->f_hi_hz;
    const size_t row_bytes = (size_t)v->width * g20_wf01_pixel_bytes(v->format);
    const uint64_t slot_us = (w->walk.to_us - w->walk.from_us) / w->walk.rows;
    const uint32_t most = (uint32_t)G20_CLAMP(BYTES_A_MESSAGE / row_bytes, 1u, ROWS_A_MESSAGE);
    struct g20_wf01 h = {
        .time_us = first.time_us,
        .row_index = first.row_index,
        .center_hz = (lo + hi) / 2,
        .span_hz = hi - lo,
        .bins = v->width,
        .format = v->format,
        .colormap = v->colormap,
        .db_min = w->db_min,
        .db_max = w->db_max,
        .noise_floor_db = first.noise_floor_db,
        .row_period_s = (float)((double)G20_MAX(slot_us, first.end_us - first.time_us) * 1e-6),
        .flags = G20_WF_HISTORY,
    };
    struct g20_msg *m = g20_msg_create(G20_WF01_BYTES + most * row_bytes, true);

    if (!m) {
        w->has_row = false; /* told as the end */
        return NULL;
    }
    if (w->messages > 0 && (w->center_hz != h.center_hz || w->span_hz != h.span_hz))
        h.flags |= G20_WF_RETUNED;
    w->center_hz = h.center_hz;
    w->span_hz = h.span_hz;
    for (uint64_t slot = first.slot;
         w->has_row && h.rows < most && w->past.slot == slot &&
         w->past.center_hz == first.center_hz && w->past.rate_hz == first.rate_hz;
         slot++) {
        draw(s, w, &h, g20_msg_data(m) + G20_WF01_BYTES + h.rows * row_bytes);
        h.flags |= (uint16_t)(w->past.flags & G20_WF_DROPPED);
        h.rows++;
        w->has_row = g20_wf_history_next(s->history, &w->walk, &w->past, w->codes);
    }
    m->len = G20_WF01_BYTES + h.rows * row_bytes;
    g20_wf01_encode(&h, g20_msg_data(m));
    w->rows += h.rows;
    w->messages++;
    return m;
}
