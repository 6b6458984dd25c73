/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/thermal.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first line of a file of a zone. */
static bool read_line(const char *root, int zone, const char *name, char *buf, size_t size)
{
    char path[512];

    const int n = snprintf(path, sizeof(path), "%s/thermal_zone%d/%s", root, zone, name);
    FILE *f = n > 0 && (size_t)n < sizeof(path) ? fopen(path, "re") : NULL;
    if (!f)
        return false;
    const bool read = fgets(buf, (int)size, f) != NULL;
    fclose(f);
    buf[read ? strcspn(buf, "\n") : 0] = '\0';
    return read;
}

static bool read_zone(const char *root, int zone, struct g20_thermal *ret)
{
    char text[64], *end;

    if (!read_line(root, zone, "temp", text, sizeof(text)))
        return false;
    const long milli = strtol(text, &end, 10);
    if (end == text || *end != '\0' || milli < -273150 || milli > 1000000)
        return false;
    ret->zone = zone;
    ret->celsius = (double)milli / 1000.0;
    if (!read_line(root, zone, "type", ret->type, sizeof(ret->type)))
        ret->type[0] = '\0';
    for (char *c = ret->type; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
            *c = '_';
    return true;
}

size_t g20_thermal_read(const char *root, struct g20_thermal *ret, size_t most)
{
    size_t n = 0;

    for (int zone = 0; zone < G20_THERMAL_MOST && n < most; zone++)
        if (read_zone(root ? root : "/sys/class/thermal", zone, &ret[n]))
            n++;
    return n;
}
