/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/base64.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdint.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t g20_base64_room(size_t len)
{
    return len / 4 * 3;
}

int g20_base64_decode(const char *text, size_t len, void *out, size_t cap, size_t *ret_len,
                      struct g20_err *e)
{
    const size_t padding = len > 1 && text[len - 1] == '=' ? text[len - 2] == '=' ? 2 : 1 : 0;
    const size_t bytes = len / 4 * 3 - (len ? padding : 0);
    uint8_t *to = out;

    if (len % 4 != 0)
        return g20_fail(e, -EINVAL, "no base64: %zu characters, not a multiple of four", len);
    if (bytes > cap)
        return g20_fail(e, -EFBIG, "%zu bytes, more than %zu", bytes, cap);
    for (size_t at = 0, n = 0; at < len; at += 4) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++) {
            const int v = at + k >= len - padding ? 0 : value_of(text[at + k]);
            if (v < 0)
                return g20_fail(e, -EINVAL, "no base64: character %zu", at + k);
            bits = bits << 6 | (uint32_t)v;
        }
        for (size_t k = 0; k < 3; k++, n++) {
            const uint8_t byte = (uint8_t)(bits >> (16 - 8 * k));
            if (n < bytes)
                to[n] = byte;
            else if (byte)
                return g20_fail(e, -EINVAL, "no base64: bits left over at its end");
        }
    }
    *ret_len = bytes;
    return 0;
}

char *g20_base64_encode(const void *data, size_t len)
{
    const uint8_t *from = data;
    char *text = g20_calloc((len + 2) / 3 + 1, 4), *to = text;

    if (!text)
        return NULL;
    for (size_t at = 0; at < len; at += 3) {
        const size_t n = G20_MIN(len - at, (size_t)3);
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? from[at + k] : 0u);
        for (size_t k = 0; k < 4; k++)
            *to++ = (char)(k <= n ? letters[bits >> (18 - 6 * k) & 63] : '=');
    }
    return text;
}
