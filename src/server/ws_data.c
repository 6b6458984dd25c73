/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ws_data: hands rows, boxes and emissions from the hub to the clients that want them. */
#include "server/internal.h"

#include "base/clock.h"
#include "engine/wf_history.h"
#include "server/boxes.h"

static void note_row(struct g20_server *s, const struct g20_wf_row *row)
{
    struct stream_facts *f = &s->stream;

    pthread_mutex_lock(&s->lock);
    const bool changed = !f->known || f->center_hz != row->center_hz ||
                         f->rate_hz != row->rate_hz || f->nfft != row->nfft ||
                         f->row_period_s != row->row_period_s;
    const float db_min = s->range.db_min;

    *f = (struct stream_facts){.known = true,
                               .center_hz = row->center_hz,
                               .rate_hz = row->rate_hz,
                               .nfft = row->nfft,
                               .row_period_s = row->row_period_s,
                               .noise_floor_db = row->noise_floor_db};
    g20_view_range_update(&s->range, row->noise_floor_db);
    const bool moved = s->range.db_min != db_min;
    pthread_mutex_unlock(&s->lock);
    if (changed || moved)
        g20_ws_broadcast_status(s);
}

static void give_row(struct g20_server *s, const struct g20_wf_row *row, uint32_t flags)
{
    const uint64_t now_ns = g20_clock_mono_ns();

    note_row(s, row);
    if (s->history)
        g20_wf_history_push(s->history, row, flags);
    g20_view_cache_clear(s->cache);
    for (struct g20_ws_client *c = s->clients; c; c = c->next) {
        struct g20_view_stats before, after;

        if (!(c->wants & G20_WANTS_ROWS) || !c->view || c->paused || c->close_code != 0)
            continue;
        g20_view_stats(c->view, &before);
        if (g20_view_push(c->view, row, flags, &s->range, s->cache, now_ns))
            lws_callback_on_writable(c->wsi);
        g20_view_stats(c->view, &after);
        atomic_fetch_add(&s->rows_dropped, after.dropped - before.dropped);
    }
}

static bool anyone_wants(const struct g20_server *s, uint32_t wants)
{
    for (const struct g20_ws_client *c = s->clients; c; c = c->next)
        if (c->wants & wants)
            return true;
    return false;
}

static void give_owned(struct g20_server *s, uint32_t wants, struct g20_msg *m)
{
    if (m)
        g20_ws_give(s, wants, m);
    g20_msg_unref(m);
}

/* A message is made once for all, and only when somebody wants it. */
static void give_tile(struct g20_server *s, const struct g20_hub_tile *tile)
{
    struct g20_control_state st;

    if (anyone_wants(s, G20_WANTS_DT01))
        give_owned(s, G20_WANTS_DT01, g20_boxes_dt01(tile));
    if (!anyone_wants(s, G20_WANTS_BOXES_JSON))
        return;
    s->control.state(&st, s->control.user);
    give_owned(s, G20_WANTS_BOXES_JSON, g20_boxes_json(tile, st.class_names, st.nclasses));
}

static void on_pace(lws_sorted_usec_list_t *sul)
{
    g20_ws_drain_hub(lws_container_of(sul, struct g20_server, pace));
}

/* Blocks bring rows in bunches. They are handed on one by one, a quarter of a row period apart, so
 * that a bunch does not overflow the short queue of a client that keeps up. When the mailbox fills
 * nevertheless (a recording played as fast as possible), they go on at once. */
static void drain_row(struct g20_server *s)
{
    enum { HURRY = 10, LONGEST_US = 5000 };
    const uint64_t now_ns = g20_clock_mono_ns();
    struct g20_hub_sub_stats waiting;
    uint32_t flags = 0;

    g20_hub_sub_stats(s->sub, &waiting);
    if (now_ns < s->pace_until_ns && waiting.rows < HURRY)
        return; /* the timer is running */
    struct g20_wf_row *row = g20_hub_take_row(s->sub, &flags);
    if (!row)
        return;
    give_row(s, row, flags);
    const double quarter_us = (double)row->row_period_s * 1e6 / 4;
    const lws_usec_t pause_us =
        waiting.rows > HURRY ? 1 : (lws_usec_t)G20_CLAMP(quarter_us, 1.0, (double)LONGEST_US);
    g20_wf_row_unref(&row);
    s->pace_until_ns = now_ns + (uint64_t)pause_us * 1000u;
    lws_sul_schedule(s->lws, 0, &s->pace, on_pace, pause_us + 1);
}

void g20_ws_drain_hub(struct g20_server *s)
{
    struct g20_hub_tile *tile;
    struct g20_hub_event *event;

    while ((event = g20_hub_take_event(s->sub))) {
        if (anyone_wants(s, G20_WANTS_EMISSIONS))
            give_owned(s, G20_WANTS_EMISSIONS, g20_status_event(event));
        g20_hub_event_unref(event);
    }
    while ((tile = g20_hub_take_tile(s->sub))) {
        give_tile(s, tile);
        g20_hub_tile_unref(tile);
    }
    drain_row(s);
}
