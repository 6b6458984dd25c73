/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What each call of g20.v1.DeviceControl does, on a worker: the radio, captures, devices. */
#include "rpc/internal.h"

#include "base/alloc.h"

#include <control.pb-c.h>
#include <errno.h>
#include <math.h>

/* Without a filter (NAN) all that is sampled. */
static double bandwidth_of(double filter_hz, const struct g20_control_state *st)
{
    return isnan(filter_hz) ? st->stats.rate_hz : filter_hz;
}

static int tune(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                struct g20_err *e)
{
    G20__V1__TuneChannelResponse m = G20__V1__TUNE_CHANNEL_RESPONSE__INIT;
    struct g20_control_state st;
    struct g20_tune actual;

    const int r = s->control.tune(&q->tune, &actual, e, s->control.user);
    if (r < 0)
        return r;
    s->control.state(&st, s->control.user);
    m.success = true;
    m.actual_freq_hz = actual.center_hz;
    m.actual_bandwidth_hz = bandwidth_of(actual.bandwidth_hz, &st);
    if (!isnan(actual.gain_db)) {
        m.gain_case = G20__V1__TUNE_CHANNEL_RESPONSE__GAIN_ACTUAL_GAIN_DB;
        m.actual_gain_db = actual.gain_db;
    }
    *ret = g20_rpc_pack(&m.base);
    return 0;
}

static int channel_status(struct g20_rpc *s, const struct g20_rpc_request *q,
                          grpc_byte_buffer **ret, struct g20_err *e)
{
    static const G20__V1__SourceState states[] = {
        [G20_RUN_STARTING] = G20__V1__SOURCE_STATE__SOURCE_STATE_STARTING,
        [G20_RUN_RUNNING] = G20__V1__SOURCE_STATE__SOURCE_STATE_RUNNING,
        [G20_RUN_ENDED] = G20__V1__SOURCE_STATE__SOURCE_STATE_ENDED,
        [G20_RUN_FAILED] = G20__V1__SOURCE_STATE__SOURCE_STATE_FAILED};
    G20__V1__GetChannelStatusResponse m = G20__V1__GET_CHANNEL_STATUS_RESPONSE__INIT;
    struct g20_control_state st;

    s->control.state(&st, s->control.user);
    const uint32_t channels = st.has_source ? G20_MAX(st.source.caps.channels, 1u) : 1u;
    if (q->channel_id >= channels)
        return g20_fail(e, -EINVAL, "channel_id: %u: the device has %u", q->channel_id, channels);
    m.channel_id = q->channel_id;
    m.state = states[st.run];
    m.error = g20_rpc_text(g20_rpc_safe(st.error));
    m.samples = st.stats.samples_in;
    m.samples_lost = st.stats.samples_lost;
    m.restarts = st.restarts;
    if (st.has_source) {
        m.driver = g20_rpc_text(st.source.driver);
        m.name = g20_rpc_text(g20_rpc_safe(st.source.name));
        m.center_freq_hz = st.stats.center_hz;
        m.sample_rate_hz = st.stats.rate_hz;
        m.center_known = st.source.center_known;
        m.bandwidth_hz = bandwidth_of(st.stats.frontend.bandwidth_hz, &st);
        m.agc = st.stats.frontend.agc;
        if (!isnan(st.stats.frontend.gain_db)) {
            m.gain_case = G20__V1__GET_CHANNEL_STATUS_RESPONSE__GAIN_GAIN_DB;
            m.gain_db = st.stats.frontend.gain_db;
        }
    }
    *ret = g20_rpc_pack(&m.base);
    return 0;
}

static int start_capture(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                         struct g20_err *e)
{
    G20__V1__StartCaptureResponse m = G20__V1__START_CAPTURE_RESPONSE__INIT;
    char session[G20_RPC_NAME] = "";

    if (!s->ops.start_capture)
        return g20_fail(e, G20_EUNSUPPORTED, "captures: not implemented yet");
    const int r = s->ops.start_capture(&q->capture, session, e, s->ops.user);
    if (r < 0)
        return r;
    m.success = true;
    m.session_id = session;
    *ret = g20_rpc_pack(&m.base);
    return 0;
}

static int stop_capture(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                        struct g20_err *e)
{
    G20__V1__StopCaptureResponse m = G20__V1__STOP_CAPTURE_RESPONSE__INIT;
    struct g20_rpc_captured done = {0};

    if (!s->ops.stop_capture)
        return g20_fail(e, G20_EUNSUPPORTED, "captures: not implemented yet");
    const int r = s->ops.stop_capture(q->name, &done, e, s->ops.user);
    if (r < 0)
        return r;
    m.success = done.whole;
    m.session_id = g20_rpc_text(q->name);
    m.samples = done.samples;
    m.bytes = done.bytes;
    m.dropped = done.dropped;
    *ret = g20_rpc_pack(&m.base);
    return 0;
}

struct device_message {
    G20__V1__Device m;
    G20__V1__Span span[2 * G20_CAPS_SPANS], *rate[G20_CAPS_SPANS], *bandwidth[G20_CAPS_SPANS];
};

static size_t fill_spans(G20__V1__Span *m, G20__V1__Span **at, const struct g20_span *from,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        at[i] = &m[i];
        g20__v1__span__init(at[i]);
        at[i]->min = from[i].lo;
        at[i]->max = from[i].hi;
    }
    return n;
}

static void fill_device(struct device_message *to, struct g20_rpc_device *d)
{
    const struct g20_source_caps *c = &d->caps;
    G20__V1__Device *m = &to->m;

    g20__v1__device__init(m);
    m->driver = g20_rpc_text(g20_rpc_safe(d->driver));
    m->args = g20_rpc_text(g20_rpc_safe(d->args));
    m->name = g20_rpc_text(g20_rpc_safe(d->name));
    m->is_open = d->is_open;
    m->channels = c->channels;
    m->min_freq_hz = c->min_hz;
    m->max_freq_hz = c->max_hz;
    m->min_gain_db = c->has_gain ? c->min_gain_db : 0;
    m->max_gain_db = c->has_gain ? c->max_gain_db : 0;
    m->n_sample_rates_hz = fill_spans(to->span, to->rate, c->rates_hz, c->nrates);
    m->sample_rates_hz = to->rate;
    m->n_bandwidths_hz =
        fill_spans(to->span + G20_CAPS_SPANS, to->bandwidth, c->bandwidths_hz, c->nbandwidths);
    m->bandwidths_hz = to->bandwidth;
}

static int list_devices(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                        struct g20_err *e)
{
    G20__V1__ListDevicesResponse m = G20__V1__LIST_DEVICES_RESPONSE__INIT;
    G20__V1__Device *at[G20_RPC_DEVICES];
    struct {
        struct g20_rpc_device device[G20_RPC_DEVICES];
        struct device_message message[G20_RPC_DEVICES];
    } *all = g20_calloc(1, sizeof(*all));

    (void)q;
    if (!all)
        return g20_fail(e, -ENOMEM, "out of memory");
    m.n_devices = s->ops.devices(all->device, G20_RPC_DEVICES, s->ops.user);
    for (size_t i = 0; i < m.n_devices; i++) {
        fill_device(&all->message[i], &all->device[i]);
        at[i] = &all->message[i].m;
    }
    m.devices = at;
    *ret = g20_rpc_pack(&m.base);
    g20_free(all);
    return 0;
}

const struct g20_rpc_method_info *g20_rpc_device_methods(size_t *ret_count)
{
    static const struct g20_rpc_method_info all[] = {
        {"/g20.v1.DeviceControl/TuneChannel", G20_RPC_TUNE_CHANNEL, G20_ROLE_CONTROL, tune},
        {"/g20.v1.DeviceControl/GetChannelStatus", G20_RPC_GET_CHANNEL_STATUS, G20_ROLE_READ,
         channel_status},
        {"/g20.v1.DeviceControl/StartCapture", G20_RPC_START_CAPTURE, G20_ROLE_CONTROL,
         start_capture},
        {"/g20.v1.DeviceControl/StopCapture", G20_RPC_STOP_CAPTURE, G20_ROLE_CONTROL, stop_capture},
        {"/g20.v1.DeviceControl/ListDevices", G20_RPC_LIST_DEVICES, G20_ROLE_READ, list_devices},
    };

    *ret_count = G20_COUNT_OF(all);
    return all;
}
