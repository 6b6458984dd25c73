/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* thermal: the temperatures that Linux knows, /sys/class/thermal. Many machines (virtual ones) have
 * none. */
#ifndef G20_BASE_THERMAL_H
#define G20_BASE_THERMAL_H

#include <stddef.h>

enum { G20_THERMAL_MOST = 32 };

struct g20_thermal {
    int zone;      /* the number of thermal_zoneN */
    char type[32]; /* "x86_pkg_temp", "CPU-therm"; letters, digits and "-_." only */
    double celsius;
};

/* Fills up to @most of @ret from @root (NULL: /sys/class/thermal), in the order of the zones'
 * numbers; a zone that cannot be read is left out. Returns how many. */
size_t g20_thermal_read(const char *root, struct g20_thermal *ret, size_t most);

#endif
