/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/self.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool g20_self_beside(const char *name, char *buf, size_t size)
{
    char exe[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

    if (n <= 0)
        return false;
    exe[n] = '\0';
    *strrchr(exe, '/') = '\0';
    const int len = snprintf(buf, size, "%s/%s", exe, name);
    return len > 0 && (size_t)len < size;
}
