/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/intake.h"

#include "base/alloc.h"
#include "capture/subband.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define AHEAD_S 60.0 /* a start may lie so far in the future */

int g20_intake_check(const struct g20_capture_request *q, bool has_ring, struct g20_err *e)
{
    const size_t n = strlen(q->session_id);

    if (n < 1 || n > 63 ||
        strspn(q->session_id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "-_.") != n)
        return g20_fail(e, -EINVAL, "session_id: want 1 to 63 of letters, digits, - _ .");
    if (!(q->bandwidth_hz >= 0) || !isfinite(q->bandwidth_hz))
        return g20_fail(e, -EINVAL, "bandwidth_hz: want a number of at least 0");
    if (!(q->center_hz >= 0) || !isfinite(q->center_hz))
        return g20_fail(e, -EINVAL, "center_hz: want a number of at least 0");
    if (q->bandwidth_hz == 0 && q->center_hz != 0)
        return g20_fail(e, -EINVAL, "center_hz: wants a bandwidth_hz with it");
    if (!(q->max_s >= 0) || !isfinite(q->max_s))
        return g20_fail(e, -EINVAL, "max_seconds: want a number of at least 0");
    if (q->end_us > 0 && q->end_us <= q->start_us)
        return g20_fail(e, -EINVAL, "duration_us: want more than 0");
    if (!(q->pre_s >= 0) || !isfinite(q->pre_s) || (q->pre_s > 0 && q->start_us > 0))
        return g20_fail(e, -EINVAL, "pre_seconds: want a number of at least 0, without a start_us");
    if (!has_ring && !q->from && (q->start_us > 0 || q->end_us > 0 || q->pre_s > 0))
        return g20_fail(e, -ENODATA, "%s: nothing of the past is kept: storage.ring_bytes is 0",
                        q->pre_s > 0 ? "pre_seconds" : "start_us");
    return 0;
}

/* What is received now. */
static int look_now(const struct g20_intake_from *from, struct g20_intake *f, struct g20_err *e)
{
    struct g20_control_state *st = g20_calloc(1, sizeof(*st));

    if (!st)
        return g20_fail(e, -ENOMEM, "out of memory");
    from->control->state(st, from->control->user);
    const bool runs = st->run == G20_RUN_RUNNING && st->has_source;
    f->rate_hz = st->stats.rate_hz > 0 ? st->stats.rate_hz : st->source.rate_hz;
    f->center_hz = st->stats.rate_hz > 0 ? st->stats.center_hz : st->source.center_hz;
    f->each = (double)g20_sample_bytes(st->source.format);
    g20_free(st);
    return runs ? 0 : g20_fail(e, -ENODEV, "nothing is being received");
}

static int open_stretch(const struct g20_intake_from *from, const struct g20_capture_request *q,
                        const struct g20_intake *f, struct g20_stretch **ret, struct g20_err *e)
{
    char path[PATH_MAX];

    if (!q->from)
        return g20_stretch_ring(ret, from->ring, f->start_us, e);
    if ((size_t)snprintf(path, sizeof(path), "%s/%s.sigmf-meta", from->folder, q->from) >=
        sizeof(path))
        return g20_fail(e, -ENAMETOOLONG, "%.200s: the name is too long", q->from);
    return g20_stretch_file(ret, path, f->start_us, e);
}

/* The first samples of a stretch, read once for what they are like. */
static int look_at(const struct g20_intake_from *from, const struct g20_capture_request *q,
                   struct g20_intake *f, struct g20_err *e)
{
    struct g20_stretch *s = NULL;
    struct g20_block b;
    int r = open_stretch(from, q, f, &s, e);

    if (r < 0)
        return r;
    r = g20_stretch_next(s, q->end_us, 0, &b, e);
    g20_stretch_destroy(s);
    if (r == 0)
        return look_now(from, f, e);
    if (r < 0)
        return e && e->msg[0] ? r : g20_fail(e, r, "start_us: nothing was recorded then");
    f->rate_hz = b.rate_hz;
    f->center_hz = b.center_hz;
    f->each = (double)g20_sample_bytes(b.format);
    return 0;
}

int g20_intake_find(const struct g20_intake_from *from, const struct g20_capture_request *q,
                    struct g20_intake *f, struct g20_err *e)
{
    const struct g20_subband_cfg band = {.center_hz = q->center_hz,
                                         .bandwidth_hz = q->bandwidth_hz};
    struct g20_ring_state st = {.to_us = 0};
    int r;

    *f = (struct g20_intake){.start_us = q->start_us};
    if (from->ring)
        g20_ring_state(from->ring, &st);
    if (!q->from && q->start_us > 0 && (double)q->start_us > (double)st.to_us + AHEAD_S * 1e6)
        return g20_fail(e, -EINVAL, "start_us: more than %g s in the future", AHEAD_S);
    if (q->pre_s > 0 && st.to_us > 0)
        f->start_us = G20_MAX(
            st.to_us - (uint64_t)llround(G20_MIN(q->pre_s * 1e6, (double)st.to_us)), st.from_us);
    r = q->from || f->start_us > 0 ? look_at(from, q, f, e) : look_now(from, f, e);
    if (r >= 0 && q->bandwidth_hz > 0)
        r = g20_subband_check(&band, f->rate_hz, f->center_hz, e);
    if (r >= 0 && (q->from || from->ring))
        r = open_stretch(from, q, f, &f->stretch, e);
    return r;
}
