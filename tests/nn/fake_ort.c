/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A library that says it is ONNX Runtime and is not; FAKE_ORT says in which way. */
#include "nn/ort_api.h"

#include <stdlib.h>
#include <string.h>

const struct ort_base *OrtGetApiBase(void);

static ort_entry table[300];
static char status;

static int is(const char *how)
{
    const char *v = getenv("FAKE_ORT");

    return v && strcmp(v, how) == 0;
}

static ort_result fail(void)
{
    return (ort_result)(void *)&status;
}

static const char *message(const struct ort_status *s)
{
    (void)s;
    return "nothing\nworks";
}

static void release(struct ort_status *s)
{
    (void)s;
}

static const ort_entry *get_api(uint32_t version)
{
    (void)version;
    if (is("no table"))
        return NULL;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        table[i] = is("empty") ? NULL : is("foreign") ? (ort_entry)abort : (ort_entry)fail;
    if (is("fails")) {
        table[2] = (ort_entry)message;
        table[93] = (ort_entry)release;
    }
    return table;
}

static const char *get_version(void)
{
    return is("old") ? "1.15.1" : is("new") ? "2.0.0" : is("odd") ? "1.x" : "1.16.0";
}

const struct ort_base *OrtGetApiBase(void)
{
    static const struct ort_base base = {get_api, get_version};

    return is("no base") ? NULL : &base;
}
