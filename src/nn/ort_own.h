/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What ort.c and ort_session.c share. Private to them. */
#ifndef G20_NN_ORT_OWN_H
#define G20_NN_ORT_OWN_H

#include "nn/ort.h"
#include "nn/ort_api.h"

struct g20_ort {
    struct ort_api api;
    struct ort_env *env;
    struct ort_memory *memory;       /* of the CPU */
    struct ort_allocator *allocator; /* the library's own */
    char version[32], offers[320];
};

/* 0 when @status is NULL; else its text into *e, after "@what: ", and @code. Frees it. */
int g20_ort_check(const struct g20_ort *o, ort_result status, int code, const char *what,
                  struct g20_err *e);

#endif
