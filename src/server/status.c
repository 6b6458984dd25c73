/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/internal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "dsp/colormap.h"

#include <math.h>
#include <string.h>

static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

json_t *g20_status_string(const char *text)
{
    json_t *o = json_string(text ? text : "");
    char safe[400];
    size_t n = 0;

    if (o)
        return o;
    for (; text[n] && n < sizeof(safe) - 1; n++) /* a file name in some other encoding */
        safe[n] = (unsigned char)text[n] < 0x80 ? text[n] : '?';
    safe[n] = '\0';
    return json_string(safe);
}

json_t *g20_status_view(const struct g20_view_cfg *v)
{
    return json_pack("{s:b, s:o, s:o, s:i, s:f, s:i, s:s, s:b, s:o, s:o}", "full_span",
                     v->full_span, "f_lo_hz", v->full_span ? json_null() : number(v->f_lo_hz),
                     "f_hi_hz", v->full_span ? json_null() : number(v->f_hi_hz), "width",
                     (int)v->width, "fps", v->fps, "format", (int)v->format, "colormap",
                     g20_colormap_name(v->colormap), "auto_range", v->auto_range, "db_min",
                     v->auto_range ? json_null() : number((double)v->db_min), "db_max",
                     v->auto_range ? json_null() : number((double)v->db_max));
}

static json_t *stream_json(struct g20_server *s, const struct g20_control_state *st)
{
    pthread_mutex_lock(&s->lock);
    const struct stream_facts facts = s->stream, *f = &facts;
    const struct g20_view_range range = s->range;
    pthread_mutex_unlock(&s->lock);

    if (!f->known)
        return json_null();
    return json_pack(
        "{s:o, s:o, s:b, s:i, s:o, s:o, s:o, s:o, s:o}", "center_hz", number(f->center_hz),
        "rate_hz", number(f->rate_hz), "center_known", st->has_source && st->source.center_known,
        "nfft", (int)f->nfft, "row_period_s", number((double)f->row_period_s), "rows_per_s",
        number(1.0 / (double)f->row_period_s), "noise_floor_db", number((double)f->noise_floor_db),
        "db_min", number((double)range.db_min), "db_max", number((double)range.db_max));
}

static json_t *source_json(const struct g20_control_state *st, const struct g20_health *h)
{
    static const char *const runs[] = {"starting", "running", "ended", "failed"};
    static const struct g20_frontend none = {.bandwidth_hz = NAN, .gain_db = NAN};
    const struct g20_frontend *f = st->has_source ? &st->stats.frontend : &none;

    return json_pack("{s:s, s:b, s:o, s:s, s:o, s:o, s:o, s:b, s:I, s:I, s:I, s:I, s:o}", "state",
                     runs[st->run], "ok", h->source_ok, "detail", g20_status_string(h->source),
                     "driver", st->has_source && st->source.driver ? st->source.driver : "", "name",
                     g20_status_string(st->has_source ? st->source.name : ""), "bandwidth_hz",
                     number(f->bandwidth_hz), "gain_db", number(f->gain_db), "agc", f->agc,
                     "samples", (json_int_t)st->stats.samples_in, "samples_lost",
                     (json_int_t)st->stats.samples_lost, "samples_bad",
                     (json_int_t)st->stats.samples_bad, "restarts", (json_int_t)st->restarts,
                     "retry_in_s", st->retry_in_s >= 0 ? number(st->retry_in_s) : json_null());
}

static json_t *pipeline_json(const struct g20_control_state *st, const struct g20_health *h)
{
    const struct g20_pipeline_stats *p = &st->stats;

    return json_pack("{s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "ok", h->pipeline_ok,
                     "detail", g20_status_string(h->pipeline), "rows", (json_int_t)p->rows,
                     "rows_dropped", (json_int_t)p->rows_dropped, "tiles", (json_int_t)p->tiles,
                     "blocks_dropped", (json_int_t)p->blocks_dropped, "boxes", (json_int_t)p->boxes,
                     "emissions_open", (json_int_t)p->emissions_open, "emissions_closed",
                     (json_int_t)p->emissions_closed, "tile_latency_us",
                     (json_int_t)p->tile_latency_us);
}

static json_t *model_json(const struct g20_control_state *st, const struct g20_health *h)
{
    json_t *names = json_array();

    for (size_t i = 0; i < st->nclasses; i++)
        json_array_append_new(names, json_string(st->class_names[i]));
    return json_pack("{s:b, s:o, s:s, s:o}", "ok", h->model_ok, "detail",
                     g20_status_string(h->model), "name", st->model ? st->model : "", "class_names",
                     names);
}

static json_t *client_json(const struct g20_ws_client *c)
{
    struct g20_view_stats v;

    if (!c)
        return json_null();
    if (!c->view)
        return json_pack("{s:I, s:i}", "events_dropped", (json_int_t)c->events.dropped,
                         "events_queued", (int)c->events.len);
    g20_view_stats(c->view, &v);
    return json_pack("{s:o, s:b, s:I, s:I, s:i, s:I, s:i}", "view",
                     g20_status_view(g20_view_get(c->view)), "paused", c->paused, "rows_sent",
                     (json_int_t)v.sent, "rows_dropped", (json_int_t)v.dropped, "rows_queued",
                     (int)v.queued, "events_dropped", (json_int_t)c->events.dropped,
                     "events_queued", (int)c->events.len);
}

static json_t *limits_json(const struct g20_server *s)
{
    json_t *maps = json_array();

    for (int i = 0; i < G20_COLORMAP_COUNT; i++)
        json_array_append_new(maps, json_string(g20_colormap_name(i)));
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:[s,s], s:o}", "min_width", G20_VIEW_WIDTH_MIN,
                     "max_width", G20_VIEW_WIDTH_MAX, "max_fps", G20_VIEW_FPS_MAX,
                     "max_message_bytes", (int)s->cfg.max_message_bytes, "max_clients",
                     (int)s->cfg.max_clients, "formats", "u8", "rgba8", "colormaps", maps);
}

json_t *g20_status_ring(struct g20_ring *ring)
{
    struct g20_ring_state r;

    if (!ring)
        return json_null();
    g20_ring_state(ring, &r);
    return json_pack("{s:I, s:I, s:f, s:I, s:I, s:I, s:i, s:I, s:I, s:s, s:s, s:I}", "from_us",
                     (json_int_t)r.from_us, "to_us", (json_int_t)r.to_us, "seconds", r.seconds,
                     "bytes", (json_int_t)r.bytes, "capacity_bytes", (json_int_t)r.cap_bytes,
                     "memory_bytes", (json_int_t)r.memory_bytes, "runs", (int)r.runs,
                     "samples_lost", (json_int_t)r.lost, "overtaken", (json_int_t)r.overtaken,
                     "file", g20_ring_disk_name(r.disk), "file_detail", r.disk_why, "file_gaps",
                     (json_int_t)r.disk_overtaken);
}

json_t *g20_status_json(struct g20_server *s, const struct g20_ws_client *c, const char *type)
{
    struct g20_control_state st;
    struct g20_health h;
    struct g20_server_stats n;

    s->control.state(&st, s->control.user);
    g20_health_get(s, &st, &h);
    g20_server_stats(s, &n);
    return json_pack(
        "{s:s, s:s, s:I, s:b, s:o, s:o, s:o, s:o, s:{s:i, s:I, s:I, s:f}, s:o, s:o, s:o}", "type",
        type, "version", G20_VERSION, "time_us", (json_int_t)g20_clock_utc_us(), "ok", h.ok,
        "stream", stream_json(s, &st), "source", source_json(&st, &h), "pipeline",
        pipeline_json(&st, &h), "model", model_json(&st, &h), "server", "clients", (int)n.clients,
        "rows_sent", (json_int_t)n.rows_sent, "rows_dropped", (json_int_t)n.rows_dropped,
        "uptime_s", (double)(g20_clock_mono_ns() - s->start_ns) * 1e-9, "limits", limits_json(s),
        "ring", g20_status_ring(s->cfg.ring), "client", client_json(c));
}

json_t *g20_server_status(struct g20_server *s)
{
    return g20_status_json(s, NULL, "status");
}

json_t *g20_status_error(const char *code, const char *message, json_t *id)
{
    json_t *o = json_pack("{s:s, s:s, s:s}", "type", "error", "code", code, "message", message);

    if (o && id)
        json_object_set(o, "id", id);
    return o;
}

struct g20_msg *g20_status_text(json_t *o)
{
    struct g20_msg *m = NULL;

    if (!o)
        return NULL;
    const size_t len = json_dumpb(o, NULL, 0, JSON_COMPACT);
    if (len > 0)
        m = g20_msg_create(len, false);
    if (m)
        json_dumpb(o, (char *)g20_msg_data(m), len, JSON_COMPACT);
    json_decref(o);
    return m;
}

struct g20_msg *g20_status_event(const struct g20_hub_event *ev)
{
    static const char *const heads[] = {"{\"type\":\"emission\",\"event\":\"open\",",
                                        "{\"type\":\"emission\",\"event\":\"update\",",
                                        "{\"type\":\"emission\",\"event\":\"close\","};
    const char *head = heads[ev->kind];
    char body[G20_EMISSION_JSON_MAX];

    const int n = g20_emission_json(&ev->em, NULL, body, sizeof(body));
    if (n < 2 || body[0] != '{')
        return NULL;
    const size_t h = strlen(head), rest = (size_t)n - 1;
    struct g20_msg *m = g20_msg_create(h + rest, false);
    if (!m)
        return NULL;
    memcpy(g20_msg_data(m), head, h);
    memcpy(g20_msg_data(m) + h, body + 1, rest);
    return m;
}
