/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* class_list: names of classes as model files of others carry them. Pure functions. */
#ifndef G20_DETECT_CLASS_LIST_H
#define G20_DETECT_CLASS_LIST_H

#include "base/err.h"

#include <stdint.h>

enum { G20_CLASSES_MOST = 128, G20_CLASS_NAME = 32 };

struct g20_class_list {
    uint32_t count;
    char name[G20_CLASSES_MOST][G20_CLASS_NAME];
};

/* @text: a Python dictionary of numbers 0.. and names, {0: 'a', 1: "b"}, as Ultralytics writes it;
 * or names separated by blanks. -EINVAL: neither, or a name is too long, empty, no clean UTF-8, or
 * a number is missing or there twice; *e tells which. */
G20_MUST_USE int g20_class_list_parse(struct g20_class_list *ret, const char *text,
                                      struct g20_err *e);

#endif
