/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* self: where this program lies, so that a build finds what is beside it. */
#ifndef G20_APP_SELF_H
#define G20_APP_SELF_H

#include <stdbool.h>
#include <stddef.h>

/* The path of @name beside the program into @buf; false: not known, or too long. */
bool g20_self_beside(const char *name, char *buf, size_t size);

#endif
