/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/emission.h"

#include <errno.h>
#include <inttypes.h>

static void member(struct g20_text *t, const char *key, double v, int decimals)
{
    g20_text_printf(t, ",\"%s\":", key);
    g20_text_num(t, v, decimals);
}

/* A name that may fill its array without an ending NUL is cut, not read past. */
static void name(struct g20_text *t, const char *key, const char *text, size_t size)
{
    char copy[64];
    size_t n = 0;

    for (; n < size && n < sizeof(copy) - 1 && text[n]; n++)
        copy[n] = text[n];
    copy[n] = 0;
    g20_text_printf(t, ",\"%s\":", key);
    g20_text_json(t, copy);
}

void g20_emission_text(const struct g20_emission *em, const char *file, struct g20_text *t)
{
    g20_text_printf(t, "{\"id\":%" PRIu64, em->id);
    if (file) {
        g20_text_puts(t, ",\"file\":");
        g20_text_json(t, file);
    }
    g20_text_printf(t, ",\"channel\":%d", em->channel);
    name(t, "class", em->class_name, sizeof(em->class_name));
    member(t, "confidence", (double)em->confidence, 4);
    if (file)
        g20_text_printf(t, ",\"sample_start\":%" PRIu64 ",\"sample_count\":%" PRIu64,
                        em->sample_start, em->sample_count);
    g20_text_printf(t, ",\"start_us\":%" PRIu64, em->start_us);
    member(t, "duration_s", em->duration_s, 9);
    member(t, "f_lo_hz", em->f_lo_hz, 2);
    member(t, "f_hi_hz", em->f_hi_hz, 2);
    g20_text_printf(t, ",\"f_ref\":\"%s\"", em->center_known ? "absolute" : "baseband");
    member(t, "level_dbfs", (double)em->level_dbfs, 2);
    member(t, "peak_dbfs", (double)em->peak_dbfs, 2);
    member(t, "snr_db", (double)em->snr_db, 2);
    member(t, "duty", (double)em->duty, 4);
    name(t, "model", em->model, sizeof(em->model));
    name(t, "model_version", em->model_version, sizeof(em->model_version));
    g20_text_puts(t, "}");
}

int g20_emission_json(const struct g20_emission *em, const char *file, char *buf, size_t size)
{
    struct g20_text t;

    if (size < 1)
        return -ENOBUFS;
    g20_text_fixed(&t, buf, size);
    g20_emission_text(em, file, &t);
    return t.failed ? -ENOBUFS : (int)t.len;
}
