/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Which radios are there, and what SoapySDR and its modules say. */
#include "base/log.h"
#include "source/source_soapy.h"

#include <SoapySDR/Logger.h>
#include <stdio.h>

/* One module's error (no mDNS daemon, say) is none of ours: a step lower, all but the worst. */
static void on_log(const SoapySDRLogLevel level, const char *message)
{
    g20_log(level <= SOAPY_SDR_CRITICAL  ? G20_LOG_ERROR
            : level <= SOAPY_SDR_ERROR   ? G20_LOG_WARNING
            : level == SOAPY_SDR_WARNING ? G20_LOG_INFO
                                         : G20_LOG_DEBUG,
            "soapy", message);
}

static void register_log(void)
{
    SoapySDR_registerLogHandler(on_log);
}

/* SoapySDR has one handler a process, so there is one here. */
void g20_soapy_log(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, register_log);
}

static void copy(char *to, size_t size, const SoapySDRKwargs *k, const char *key)
{
    const char *v = SoapySDRKwargs_get(k, key);

    snprintf(to, size, "%s", v ? v : "");
}

size_t g20_soapy_list(struct g20_source_device *ret, size_t cap)
{
    size_t found = 0, n = 0;

    g20_soapy_log();
    SoapySDRKwargs *k = SoapySDRDevice_enumerate(NULL, &found);
    for (size_t i = 0; k && i < found && n < cap; i++) {
        struct g20_source_device *d = &ret[n];
        char *args = SoapySDRKwargs_toString(&k[i]);

        *d = (struct g20_source_device){.driver = "soapy"};
        /* Arguments that do not fit would open something else. */
        if (args && snprintf(d->args, sizeof(d->args), "%s", args) < (int)sizeof(d->args)) {
            copy(d->label, sizeof(d->label), &k[i], "label");
            copy(d->hardware, sizeof(d->hardware), &k[i], "driver");
            copy(d->serial, sizeof(d->serial), &k[i], "serial");
            if (!d->label[0])
                snprintf(d->label, sizeof(d->label), "%s", d->hardware);
            n++;
        }
        SoapySDR_free(args);
    }
    SoapySDRKwargsList_clear(k, found);
    return n;
}
