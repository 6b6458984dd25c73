/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/thermal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "/tmp/g20-thermal-XXXXXX";

static void write_zone(int zone, const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/thermal_zone%d", root, zone);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/thermal_zone%d/%s", root, zone, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void zones_that_can_be_read_are_listed(void **state)
{
    struct g20_thermal t[G20_THERMAL_MOST];

    (void)state;
    assert_int_equal(g20_thermal_read("/nowhere", t, G20_THERMAL_MOST), 0);
    write_zone(0, "temp", "48250\n");
    write_zone(0, "type", "x86_pkg_temp\n");
    write_zone(1, "temp", "hot\n");
    write_zone(2, "temp", "-5000\n"); /* without a type */
    write_zone(4, "temp", "99999999\n");
    write_zone(5, "temp", "1000\n");
    write_zone(5, "type", "a \"b\"\\\n"); /* would break a label */
    assert_int_equal(g20_thermal_read(root, t, G20_THERMAL_MOST), 3);
    assert_int_equal(t[0].zone, 0);
    assert_string_equal(t[0].type, "x86_pkg_temp");
    assert_true(t[0].celsius == 48.25);
    assert_int_equal(t[1].zone, 2);
    assert_string_equal(t[1].type, "");
    assert_true(t[1].celsius == -5.0);
    assert_string_equal(t[2].type, "a__b__");
    assert_int_equal(g20_thermal_read(root, t, 1), 1);
}

static int make(void **state)
{
    (void)state;
    return mkdtemp(root) ? 0 : -1;
}

static int clear(void **state)
{
    char path[256];

    (void)state;
    for (int zone = 0; zone < 6; zone++) {
        snprintf(path, sizeof(path), "%s/thermal_zone%d/temp", root, zone);
        unlink(path);
        snprintf(path, sizeof(path), "%s/thermal_zone%d/type", root, zone);
        unlink(path);
        snprintf(path, sizeof(path), "%s/thermal_zone%d", root, zone);
        rmdir(path);
    }
    return rmdir(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_that_can_be_read_are_listed),
    };
    return cmocka_run_group_tests(tests, make, clear);
}
