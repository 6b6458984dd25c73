/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Finding a radio, asking what it can do, and setting it up. */
#include "base/alloc.h"
#include "source/source_soapy.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define RATE_HZ 20e6 /* when nobody asked for another */

int g20_soapy_fail(struct g20_err *e, int code, const char *what)
{
    const char *why = SoapySDRDevice_lastError();

    return g20_fail(e, code, "%s: %.120s", what, why && *why ? why : "refused without a reason");
}

static size_t take_spans(SoapySDRRange *range, size_t n, struct g20_span *to)
{
    const size_t kept = range ? G20_MIN(n, (size_t)G20_CAPS_SPANS) : 0;

    for (size_t i = 0; i < kept; i++)
        to[i] = (struct g20_span){range[i].minimum, range[i].maximum};
    SoapySDR_free(range);
    return kept;
}

static void describe(struct g20_soapy *s)
{
    struct g20_source_caps *c = &s->info->caps;
    const size_t ch = s->args.channel;
    size_t n = 0;

    c->can_tune = true;
    c->channels = (uint32_t)SoapySDRDevice_getNumChannels(s->dev, SOAPY_SDR_RX);
    SoapySDRRange *r = SoapySDRDevice_getFrequencyRange(s->dev, SOAPY_SDR_RX, ch, &n);
    c->ncenters = (uint32_t)take_spans(r, n, c->centers_hz);
    for (uint32_t i = 0; i < c->ncenters; i++) {
        c->min_hz = i ? fmin(c->min_hz, c->centers_hz[i].lo) : c->centers_hz[i].lo;
        c->max_hz = fmax(c->max_hz, c->centers_hz[i].hi);
    }
    r = SoapySDRDevice_getSampleRateRange(s->dev, SOAPY_SDR_RX, ch, &n);
    c->nrates = (uint32_t)take_spans(r, n, c->rates_hz);
    r = SoapySDRDevice_getBandwidthRange(s->dev, SOAPY_SDR_RX, ch, &n);
    c->nbandwidths = (uint32_t)take_spans(r, n, c->bandwidths_hz);
    const SoapySDRRange gain = SoapySDRDevice_getGainRange(s->dev, SOAPY_SDR_RX, ch);
    c->has_gain = gain.maximum > gain.minimum;
    c->min_gain_db = gain.minimum;
    c->max_gain_db = gain.maximum;
    char **names = SoapySDRDevice_listAntennas(s->dev, SOAPY_SDR_RX, ch, &n);
    for (size_t i = 0; names && i < n && i < G20_COUNT_OF(c->antennas); i++)
        snprintf(c->antennas[c->nantennas++], sizeof(c->antennas[0]), "%s", names[i]);
    SoapySDRStrings_clear(&names, n);
}

/* With nothing asked for: 20 MS/s, or the rate nearest below that the device has. */
static double rate_of(const struct g20_source_caps *c, double wanted)
{
    double best = 0, least = INFINITY;

    if (wanted > 0)
        return wanted;
    for (uint32_t i = 0; i < c->nrates; i++) {
        least = fmin(least, c->rates_hz[i].lo);
        if (c->rates_hz[i].lo <= RATE_HZ)
            best = fmax(best, fmin(RATE_HZ, c->rates_hz[i].hi));
    }
    return best > 0 ? best : isfinite(least) && least > 0 ? least : RATE_HZ;
}

static int set_rate(struct g20_soapy *s, double wanted, struct g20_err *e)
{
    const struct g20_source_caps *c = &s->info->caps;
    const double rate = rate_of(c, wanted);
    char want[120];

    g20_spans_text(c->rates_hz, c->nrates, want, sizeof(want));
    if (c->nrates > 0 && !g20_spans_have(c->rates_hz, c->nrates, rate))
        return g20_fail(e, -ERANGE, "source.sample_rate_hz: %.15g: this radio has %s", rate, want);
    if (SoapySDRDevice_setSampleRate(s->dev, SOAPY_SDR_RX, s->args.channel, rate) != 0)
        return g20_soapy_fail(e, -EIO, "source.sample_rate_hz");
    s->info->rate_hz = SoapySDRDevice_getSampleRate(s->dev, SOAPY_SDR_RX, s->args.channel);
    if (!(s->info->rate_hz > 0) || fabs(s->info->rate_hz - rate) > 0.01 * rate)
        return g20_fail(e, -ERANGE, "source.sample_rate_hz: %.15g: the radio took %.15g", rate,
                        s->info->rate_hz);
    return 0;
}

static int set_antenna(struct g20_soapy *s, const char *name, struct g20_err *e)
{
    const struct g20_source_caps *c = &s->info->caps;
    char list[128] = "";
    size_t n = 0;

    if (!name || !*name)
        return 0;
    for (uint32_t i = 0; i < c->nantennas; i++) {
        if (strcmp(c->antennas[i], name) == 0)
            return SoapySDRDevice_setAntenna(s->dev, SOAPY_SDR_RX, s->args.channel, name) == 0
                       ? 0
                       : g20_soapy_fail(e, -EIO, "source.antenna");
        if (n < sizeof(list))
            n +=
                (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", c->antennas[i]);
    }
    return g20_fail(e, -EINVAL, "source.antenna: \"%.32s\": this radio has %s", name, list);
}

static int set_center(struct g20_soapy *s, double hz, struct g20_err *e)
{
    const struct g20_source_caps *c = &s->info->caps;
    const size_t ch = s->args.channel;
    char want[120];

    g20_spans_text(c->centers_hz, c->ncenters, want, sizeof(want));
    if (hz > 0 && c->ncenters > 0 && !g20_spans_have(c->centers_hz, c->ncenters, hz))
        return g20_fail(e, -ERANGE, "source.center_freq_hz: %.15g: this radio has %s", hz, want);
    if (hz > 0 && SoapySDRDevice_setFrequency(s->dev, SOAPY_SDR_RX, ch, hz, NULL) != 0)
        return g20_soapy_fail(e, -EIO, "source.center_freq_hz");
    return 0;
}

/* As a tune asks for it; a radio without a filter leaves the setting unused. */
static int set_bandwidth(struct g20_soapy *s, double hz, struct g20_err *e)
{
    const struct g20_source_caps *c = &s->info->caps;
    char want[120];

    if (!(hz > 0) || c->nbandwidths == 0)
        return 0;
    g20_spans_text(c->bandwidths_hz, c->nbandwidths, want, sizeof(want));
    if (!g20_spans_have(c->bandwidths_hz, c->nbandwidths, hz))
        return g20_fail(e, -ERANGE, "source.bandwidth_hz: %.15g: this radio has %s", hz, want);
    if (SoapySDRDevice_setBandwidth(s->dev, SOAPY_SDR_RX, s->args.channel, hz) != 0)
        return g20_soapy_fail(e, -EINVAL, "source.bandwidth_hz");
    return 0;
}

static int set_all(struct g20_soapy *s, const struct g20_source_cfg *cfg, struct g20_err *e)
{
    const struct g20_source_caps *c = &s->info->caps;
    const size_t ch = s->args.channel;
    int r = set_antenna(s, cfg->antenna, e);

    for (size_t i = 0; r == 0 && i < s->args.settings.size; i++) {
        if (SoapySDRDevice_writeSetting(s->dev, s->args.settings.keys[i],
                                        s->args.settings.vals[i]) != 0)
            r = g20_soapy_fail(e, -EINVAL, s->args.settings.keys[i]);
    }
    if (r == 0)
        r = set_rate(s, cfg->rate_hz, e);
    if (r == 0)
        r = set_center(s, cfg->center_hz, e);
    if (r == 0)
        r = set_bandwidth(s, cfg->bandwidth_hz, e);
    if (r == 0 && SoapySDRDevice_hasGainMode(s->dev, SOAPY_SDR_RX, ch) &&
        SoapySDRDevice_setGainMode(s->dev, SOAPY_SDR_RX, ch, s->args.agc) != 0)
        r = g20_soapy_fail(e, -EIO, "g20:agc");
    /* The default of 0 dB need not be in the range: the nearest that is. */
    if (r == 0 && c->has_gain && !s->args.agc &&
        SoapySDRDevice_setGain(s->dev, SOAPY_SDR_RX, ch,
                               G20_CLAMP(cfg->gain_db, c->min_gain_db, c->max_gain_db)) != 0)
        r = g20_soapy_fail(e, -EIO, "source.gain_db");
    return r;
}

static bool offers(char **list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

/* Formats that a block can hold first, then those that we convert. */
static const struct {
    const char *soapy, *sigmf;
} formats[] = {
    {"CS16", "ci16"}, {"CF32", "cf32"}, {"CS8", "ci8"},   {"CU8", "cu8"},
    {"CF64", "cf64"}, {"CS32", "ci32"}, {"CU16", "cu16"}, {"CU32", "cu32"},
};

static const char *sigmf_name(const char *soapy)
{
    for (size_t i = 0; i < G20_COUNT_OF(formats); i++)
        if (strcmp(formats[i].soapy, soapy) == 0)
            return formats[i].sigmf;
    return NULL;
}

/* The radio's own format when a block can hold it, so that nobody converts; *ret_full gets what
 * its full scale is, 0 when it is that of the format. */
static const char *choose_format(struct g20_soapy *s, double *ret_full)
{
    enum { HELD = 4 };
    const size_t ch = s->args.channel;
    double full = 0;
    size_t n = 0;
    char *native = SoapySDRDevice_getNativeStreamFormat(s->dev, SOAPY_SDR_RX, ch, &full);
    char **list = SoapySDRDevice_getStreamFormats(s->dev, SOAPY_SDR_RX, ch, &n);
    const char *best = NULL;

    for (size_t i = 0; native && i < G20_COUNT_OF(formats) && !s->args.format[0]; i++)
        if (strcmp(formats[i].soapy, native) == 0 && i < HELD)
            best = formats[i].soapy;
    for (size_t i = 0; list && i < G20_COUNT_OF(formats) && !best; i++)
        if (offers(list, n, formats[i].soapy) &&
            (!s->args.format[0] || strcmp(s->args.format, formats[i].soapy) == 0))
            best = formats[i].soapy;
    *ret_full = best && native && strcmp(best, native) == 0 ? full : 0;
    SoapySDRStrings_clear(&list, n);
    SoapySDR_free(native);
    return best;
}

/* A 12-bit converter in 16 bits says a full scale of 2048: brought up to ours. */
static float scale_of(enum g20_sample_format f, double full)
{
    const double ours = f == G20_CI16 ? 32768 : f == G20_CI8 || f == G20_CU8 ? 128 : 1;

    if (!(full > 0) || f == G20_CI8 || f == G20_CU8 || fabs(full / ours - 1) < 0.01 ||
        (f == G20_CI16 && full > ours))
        return 1;
    return (float)(ours / full);
}

static int open_stream(struct g20_soapy *s, struct g20_err *e)
{
    double full = 0;
    const char *name = choose_format(s, &full);
    const char *sigmf = name ? sigmf_name(name) : NULL;

    if (!sigmf || g20_datatype_parse(&s->type, sigmf, false) < 0)
        return g20_fail(e, -ENOTSUP, "the radio offers no sample format that G20 reads%s%s",
                        s->args.format[0] ? ": it has no " : "", s->args.format);
    s->converts = !g20_datatype_is_native(&s->type, &s->info->format);
    s->scale = scale_of(s->info->format, s->converts ? 0 : full);
    s->stream = SoapySDRDevice_setupStream(s->dev, SOAPY_SDR_RX, name, &s->args.channel, 1,
                                           &s->args.stream);
    if (!s->stream)
        return g20_soapy_fail(e, -EIO, "stream");
    s->mtu = (uint32_t)SoapySDRDevice_getStreamMTU(s->dev, s->stream);
    if (s->args.direct && SoapySDRDevice_getNumDirectAccessBuffers(s->dev, s->stream) == 0)
        return g20_fail(e, -ENOTSUP, "g20:direct: this radio has no buffers to read from directly");
    if (SoapySDRDevice_activateStream(s->dev, s->stream, 0, 0, 0) != 0)
        return g20_soapy_fail(e, -EIO, "stream");
    return 0;
}

static void name_it(struct g20_soapy *s)
{
    char *driver = SoapySDRDevice_getDriverKey(s->dev);
    char *hardware = SoapySDRDevice_getHardwareKey(s->dev);
    const char *serial = SoapySDRKwargs_get(&s->args.device, "serial");

    snprintf(s->info->name, sizeof(s->info->name), "%s %s%s%s", driver ? driver : "radio",
             hardware ? hardware : "", serial ? " " : "", serial ? serial : "");
    SoapySDR_free(driver);
    SoapySDR_free(hardware);
}

int g20_soapy_setup(struct g20_soapy *s, const struct g20_source_cfg *cfg, struct g20_err *e)
{
    const size_t ch = s->args.channel;
    int r;

    s->dev = SoapySDRDevice_make(&s->args.device);
    if (!s->dev)
        return g20_fail(e, -ENODEV,
                        "no radio for \"%.60s\": %.80s (/api/devices lists what is there)",
                        cfg->args ? cfg->args : "", SoapySDRDevice_lastError());
    describe(s);
    if (ch >= s->info->caps.channels)
        return g20_fail(e, -ERANGE, "g20:channel: %zu: this radio has %u", ch,
                        s->info->caps.channels);
    r = set_all(s, cfg, e);
    if (r == 0)
        r = open_stream(s, e);
    if (r < 0)
        return r;
    name_it(s);
    s->has_time = s->args.stamps && SoapySDRDevice_hasHardwareTime(s->dev, "");
    s->now = (struct g20_tune){
        .channel = (uint32_t)ch,
        .bandwidth_hz = s->info->caps.nbandwidths > 0 ? 0 : NAN,
        .gain_db = s->info->caps.has_gain ? 0 : NAN,
    };
    g20_soapy_look(s);
    s->info->center_hz = s->now.center_hz;
    s->info->center_known = true;
    s->info->is_live = true;
    return 0;
}
