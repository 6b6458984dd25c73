/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/hardware.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/thread.h"

#include <errno.h>
#include <string.h>

enum { MOST = 32 };

static const uint64_t FRESH_NS = 10000000000u;
static const double steps_mhz[] = {5, 10, 20, 25, 40, 50}; /* the roadmap's */

/* What a person may choose: single values as they are, and the roadmap's steps within ranges. */
static json_t *options_of(const struct g20_span *span, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++) {
        if (span[i].lo == span[i].hi)
            json_array_append_new(list, json_real(span[i].lo / 1e6));
        for (size_t k = 0; span[i].lo < span[i].hi && k < G20_COUNT_OF(steps_mhz); k++)
            if (steps_mhz[k] * 1e6 >= span[i].lo && steps_mhz[k] * 1e6 <= span[i].hi)
                json_array_append_new(list, json_real(steps_mhz[k]));
    }
    if (n == 0)
        for (size_t k = 0; k < G20_COUNT_OF(steps_mhz); k++)
            json_array_append_new(list, json_real(steps_mhz[k]));
    return list;
}

static json_t *ranges_of(const struct g20_span *span, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("[f, f]", span[i].lo / 1e6, span[i].hi / 1e6));
    return list;
}

static json_t *gain_of(const struct g20_source_caps *c)
{
    return c->has_gain ? json_pack("{s:f, s:f}", "min", c->min_gain_db, "max", c->max_gain_db)
                       : json_pack("{s:n, s:n}", "min", "max");
}

json_t *g20_hardware_json(const struct g20_config *cfg, const struct g20_control_state *st)
{
    const struct g20_source_caps *c = &st->source.caps;
    const bool has = st->has_source && c->can_tune;
    json_t *antennas = json_array();

    for (uint32_t i = 0; has && i < c->nantennas; i++)
        json_array_append_new(antennas, json_string(c->antennas[i]));
    return json_pack("{s:s, s:s, s:b, s:f, s:f, s:o, s:f, s:o, s:o, s:i, s:o}", "driver",
                     st->has_source ? st->source.driver : cfg->source.driver, "name",
                     st->has_source ? st->source.name : "", "can_tune", has, "min_freq_mhz",
                     has && c->max_hz > 0 ? c->min_hz / 1e6 : 30.0, "max_freq_mhz",
                     has && c->max_hz > 0 ? c->max_hz / 1e6 : 6000.0, "bandwidth_options_mhz",
                     options_of(c->bandwidths_hz, has ? c->nbandwidths : 0), "sample_rate_mhz",
                     (st->has_source ? st->source.rate_hz : cfg->source.sample_rate_hz) / 1e6,
                     "sample_rates_mhz", ranges_of(c->rates_hz, has ? c->nrates : 0), "gain_db",
                     gain_of(c), "channels", has ? (int)c->channels : 1, "antennas", antennas);
}

struct g20_devices {
    struct g20_thread thread; /* of whoever asks; one at a time, see .looking */
    pthread_mutex_t lock;     /* of all below */
    bool looking, started;
    uint64_t looked_ns, looked_us;
    size_t count;
    struct g20_source_device found[MOST], next[MOST]; /* .next: the looking thread's */
};

int g20_devices_create(struct g20_devices **ret)
{
    struct g20_devices *d = g20_calloc(1, sizeof(*d));

    if (!d)
        return -ENOMEM;
    pthread_mutex_init(&d->lock, NULL);
    *ret = d;
    return 0;
}

void g20_devices_destroy(struct g20_devices *d)
{
    if (!d)
        return;
    g20_thread_join(&d->thread);
    pthread_mutex_destroy(&d->lock);
    g20_free(d);
}

static void *look(void *arg)
{
    struct g20_devices *d = arg;
    const size_t n = g20_source_list(d->next, MOST);

    pthread_mutex_lock(&d->lock);
    memcpy(d->found, d->next, sizeof(d->found));
    d->count = n;
    d->looked_ns = g20_clock_mono_ns();
    d->looked_us = g20_clock_utc_us();
    d->looking = false;
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

json_t *g20_devices_json(struct g20_devices *d)
{
    json_t *list = json_array();

    pthread_mutex_lock(&d->lock);
    if (!d->looking && (!d->started || g20_clock_mono_ns() - d->looked_ns > FRESH_NS)) {
        g20_thread_join(&d->thread); /* it is over, but for its last instruction */
        d->looking = g20_thread_start(&d->thread, "g20-devices", look, d, NULL) >= 0;
        d->started = true;
    }
    for (size_t i = 0; i < d->count; i++) {
        const struct g20_source_device *f = &d->found[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "driver", f->driver,
                                              "args", f->args, "label", f->label, "hardware",
                                              f->hardware, "serial", f->serial));
    }
    json_t *o = json_pack("{s:o, s:b, s:I}", "devices", list, "looking", d->looking, "looked_us",
                          (json_int_t)d->looked_us);
    pthread_mutex_unlock(&d->lock);
    return o;
}
