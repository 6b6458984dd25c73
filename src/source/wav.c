/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Layouts: Microsoft "Multimedia Programming Interface and Data Specifications 1.0" (RIFF, fmt),
 * EBU Tech 3306 (RF64, ds64); auxi as written by SpectraVue: two SYSTEMTIMEs, then 32-bit numbers.
 */
#include "source/wav.h"

#include "source/sigmf_json.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

enum { TAG_PCM = 1, TAG_FLOAT = 3, TAG_EXTENSIBLE = 0xFFFE, MAX_CHUNKS = 1000 };

struct parser {
    struct g20_wav wav;
    g20_wav_read_fn *read;
    void *user;
    const char *name;
    uint64_t size, ds64_data; /* of the file; of the data chunk by ds64, 0 when there is none */
    bool truncated, has_format, has_data;
    struct g20_err *e;
};

static uint16_t le16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const unsigned char *p)
{
    return (uint32_t)le16(p) | (uint32_t)le16(p + 2) << 16;
}

/* @n bytes at @at, all of them, for the part @what. */
static int get(struct parser *p, void *buf, size_t n, uint64_t at, const char *what)
{
    const int64_t got = p->read(p->user, buf, n, at);

    if (got < 0)
        return g20_fail(p->e, (int)got, "%s: %s", p->name, g20_strerror((int)got));
    if ((size_t)got < n)
        return g20_fail(p->e, G20_EFORMAT, "%s: %s: the file ends inside it", p->name, what);
    return 0;
}

static int bad(struct parser *p, const char *field, const char *want, unsigned found)
{
    return g20_fail(p->e, G20_EFORMAT, "%s: fmt.%s: want %s, found %u", p->name, field, want,
                    found);
}

static int pick_scalar(struct parser *p, unsigned tag, unsigned bits)
{
    struct g20_datatype *t = &p->wav.type;

    if (tag == TAG_FLOAT && (bits == 32 || bits == 64)) {
        t->scalar = bits == 32 ? G20_F32 : G20_F64;
        return 0;
    }
    if (tag == TAG_FLOAT)
        return bad(p, "bits_per_sample", "32 or 64 for floats", bits);
    switch (bits) {
    case 8:
        t->scalar = G20_U8; /* 8-bit WAV is unsigned, all others are signed */
        return 0;
    case 16:
        t->scalar = G20_I16;
        return 0;
    case 24:
        t->scalar = G20_I24;
        return 0;
    case 32:
        t->scalar = G20_I32;
        return 0;
    default:
        return bad(p, "bits_per_sample", "8, 16, 24 or 32", bits);
    }
}

static int parse_format(struct parser *p, uint64_t at, uint64_t len)
{
    unsigned char b[40] = {0};
    int r;

    if (len < 16)
        return g20_fail(p->e, G20_EFORMAT, "%s: fmt: want at least 16 bytes, found %llu", p->name,
                        (unsigned long long)len);
    if ((r = get(p, b, len < sizeof(b) ? 16 : sizeof(b), at, "fmt")) < 0)
        return r;
    unsigned tag = le16(b);
    const unsigned channels = le16(b + 2), block = le16(b + 12), bits = le16(b + 14);
    if (tag == TAG_EXTENSIBLE)
        tag = le16(b + 24); /* 0 and refused when the extension is missing */
    if (tag != TAG_PCM && tag != TAG_FLOAT)
        return bad(p, "format_tag", "PCM (1) or float (3)", tag);
    if (channels != 1 && channels != 2)
        return bad(p, "channels", "2 (I and Q) or 1 (a real signal)", channels);
    if (le32(b + 4) == 0)
        return bad(p, "sample_rate", "a number > 0", 0);
    if ((r = pick_scalar(p, tag, bits)) < 0)
        return r;
    p->wav.type.is_complex = channels == 2;
    p->wav.rate_hz = le32(b + 4);
    if (block != g20_datatype_bytes(&p->wav.type))
        return bad(p, "block_align", "channels times bytes of a sample", block);
    p->has_format = true;
    return 0;
}

/* Frequency and start time; anything implausible is left out, since many programs write rubbish. */
static int parse_auxi(struct parser *p, uint64_t at, uint64_t len)
{
    unsigned char b[36];
    char text[32];
    int r;

    if (len < sizeof(b))
        return 0;
    if ((r = get(p, b, sizeof(b), at, "auxi")) < 0)
        return r;
    const unsigned year = le16(b), month = le16(b + 2);
    if (year < 1970 || year > 9999 || month < 1 || month > 12)
        return 0; /* SDR Console's is XML */
    p->wav.center_hz = le32(b + 32);
    snprintf(text, sizeof(text), "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", year, month,
             le16(b + 6) % 100u, le16(b + 8) % 100u, le16(b + 10) % 100u, le16(b + 12) % 100u,
             le16(b + 14) % 1000u);
    if (g20_sigmf_parse_time(text, &p->wav.time_us) < 0)
        p->wav.time_us = 0;
    return 0;
}

/* The data chunk; *len becomes what is really there. */
static int take_data(struct parser *p, uint64_t at, uint64_t *len)
{
    const uint64_t there = p->size - at;

    if (*len == UINT32_MAX && p->ds64_data > 0)
        *len = p->ds64_data;
    else if (*len == UINT32_MAX || *len == 0)
        *len = there; /* written to a pipe, or the recorder never finished */
    if (*len > there && !p->truncated)
        return g20_fail(p->e, G20_EFORMAT,
                        "%s: data: announces %llu bytes, the file has %llu; truncated=true plays "
                        "those",
                        p->name, (unsigned long long)*len, (unsigned long long)there);
    *len = G20_MIN(*len, there);
    p->wav.data_at = at;
    p->wav.data_bytes = *len;
    p->has_data = true;
    return 0;
}

static int parse_chunk(struct parser *p, const unsigned char id[4], uint64_t at, uint64_t *len)
{
    unsigned char b[16];
    int r = 0;

    if (memcmp(id, "fmt ", 4) == 0 && !p->has_format)
        return parse_format(p, at, *len);
    if (memcmp(id, "data", 4) == 0 && !p->has_data)
        return take_data(p, at, len);
    if (memcmp(id, "auxi", 4) == 0)
        return parse_auxi(p, at, *len);
    if (memcmp(id, "ds64", 4) == 0 && *len >= sizeof(b)) {
        if ((r = get(p, b, sizeof(b), at, "ds64")) < 0)
            return r;
        p->ds64_data = (uint64_t)le32(b + 8) | (uint64_t)le32(b + 12) << 32;
    }
    return r;
}

int g20_wav_parse(struct g20_wav *ret, g20_wav_read_fn *read, void *user, uint64_t size,
                  bool truncated, const char *name, struct g20_err *e)
{
    struct parser p = {
        .read = read, .user = user, .name = name, .size = size, .truncated = truncated, .e = e};
    unsigned char b[12];
    int r;

    if ((r = get(&p, b, 12, 0, "RIFF header")) < 0)
        return r;
    if ((memcmp(b, "RIFF", 4) != 0 && memcmp(b, "RF64", 4) != 0 && memcmp(b, "BW64", 4) != 0) ||
        memcmp(b + 8, "WAVE", 4) != 0)
        return g20_fail(e, G20_EFORMAT, "%s: is not a WAV file: want RIFF or RF64, then WAVE",
                        name);
    uint64_t at = 12;
    for (int i = 0; i < MAX_CHUNKS && size >= 8 && at <= size - 8; i++) {
        if ((r = get(&p, b, 8, at, "chunk header")) < 0)
            return r;
        uint64_t len = le32(b + 4);
        if ((r = parse_chunk(&p, b, at + 8, &len)) < 0)
            return r;
        if (len > size - at - 8)
            break;
        at += 8 + len + (len & 1);
    }
    if (!p.has_format || !p.has_data)
        return g20_fail(e, G20_EFORMAT, "%s: want a \"%s\" chunk, found none", name,
                        p.has_format ? "data" : "fmt ");
    *ret = p.wav;
    return 0;
}
