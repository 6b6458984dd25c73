/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/model.h"

#include "base/alloc.h"
#include "nn/checkpoint.h"

#include <errno.h>
#include <math.h>
#include <string.h>

int g20_model_alloc(struct g20_model *m, struct g20_err *e)
{
    g20_free(m->params);
    m->params = g20_calloc_aligned(m->net.params, sizeof(*m->params));
    return m->params ? 0 : g20_fail(e, -ENOMEM, "model: out of memory");
}

void g20_model_fini(struct g20_model *m)
{
    g20_free(m->params);
    m->params = NULL;
}

const char *g20_model_prop(const struct g20_model *m, const char *key)
{
    for (uint32_t i = 0; i < m->props; i++)
        if (strcmp(m->prop[i].key, key) == 0)
            return m->prop[i].value;
    return NULL;
}

int g20_model_set(struct g20_model *m, const char *key, const char *value, struct g20_err *e)
{
    uint32_t i = 0;

    while (i < m->props && strcmp(m->prop[i].key, key) != 0)
        i++;
    if (i == G20_MODEL_PROPS || strlen(key) >= G20_MODEL_KEY || strlen(value) >= G20_MODEL_VALUE)
        return g20_fail(e, -EOVERFLOW, "model: property %.60s: too many or too long", key);
    m->props = G20_MAX(m->props, i + 1);
    memcpy(m->prop[i].key, key, strlen(key) + 1);
    memcpy(m->prop[i].value, value, strlen(value) + 1);
    return 0;
}

float g20_model_weight_scale(const struct g20_model *m, uint32_t i, uint32_t out)
{
    const struct g20_net_layer *l = &m->net.layer[i];
    float most = 0.0f;

    for (uint32_t c = 0; c < m->net.channels[l->from]; c++)
        for (uint32_t t = 0; t < l->kh * l->kw; t++)
            most = fmaxf(most, fabsf(m->params[g20_model_weight_at(&m->net, i, out, c, t)]));
    return most / 127.0f;
}

int8_t g20_model_weight_byte(float w, float scale)
{
    return scale > 0.0f ? (int8_t)G20_CLAMP(lrintf(w / scale), -127L, 127L) : 0;
}

bool g20_model_has_bytes(const struct g20_model *m, uint32_t i)
{
    return m->is_int8 && i + 1 < m->net.count && !g20_net_joins(&m->net, i);
}

uint64_t g20_model_hash(const struct g20_model *m)
{
    return g20_checkpoint_hash(m->params, m->net.params * sizeof(*m->params));
}

uint16_t g20_half_of(float x)
{
    uint32_t b;

    memcpy(&b, &x, sizeof(b));
    const uint16_t sign = (uint16_t)(b >> 16 & 0x8000u);
    b &= 0x7fffffffu;
    if (b > 0x7f800000u)
        return sign | 0x7e00u; /* not a number */
    if (b >= 0x477ff000u)
        return sign | 0x7c00u; /* rounds to infinity */
    if (b < 0x38800000u) {     /* subnormal: in units of 2^-24 */
        float small;
        memcpy(&small, &b, sizeof(small));
        return sign | (uint16_t)lrintf(small * 0x1p24f);
    }
    b += 0xfffu + (b >> 13 & 1u);
    return sign | (uint16_t)((b - 0x38000000u) >> 13);
}

float g20_half_to(uint16_t h)
{
    const uint32_t sign = (uint32_t)(h & 0x8000u) << 16, exponent = h >> 10 & 31u;
    const uint32_t mantissa = h & 0x3ffu;
    uint32_t b = sign | (exponent + 112u) << 23 | mantissa << 13;
    float x;

    if (exponent == 31)
        b = sign | 0x7f800000u | mantissa << 13;
    memcpy(&x, &b, sizeof(x));
    if (exponent == 0)
        x = (sign ? -1.0f : 1.0f) * (float)mantissa * 0x1p-24f;
    return x;
}
