/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A recording in the temporary folder. */
#ifndef G20_TESTS_TEACH_RECORDING_OF_TEST_H
#define G20_TESTS_TEACH_RECORDING_OF_TEST_H

#include "base/alloc.h"
#include "base/file.h"

#include "folder_of_test.h"

/* @n samples of ci8 at 1 MS/s around 100 MHz, from 2026-01-01; the i-th is (i % 100, -1); and
 * annotations: text of a JSON list. 0, or -1. */
static inline int write_test_recording(const char *name, size_t n, const char *annotations)
{
    char path[G20_FOLDER_PATH];
    struct g20_err e;
    int8_t *data = g20_calloc(n, 2);
    json_t *o = json_pack("{s:{s:s, s:s, s:f}, s:[{s:i, s:f, s:s}], s:o}", "global", "core:version",
                          "1.0.0", "core:datatype", "ci8", "core:sample_rate", 1e6, "captures",
                          "core:sample_start", 0, "core:frequency", 100e6, "core:datetime",
                          "2026-01-01T00:00:00Z", "annotations", json_loads(annotations, 0, NULL));
    int r = data && o ? 0 : -1;

    for (size_t i = 0; i < n && data; i++) {
        data[2 * i] = (int8_t)(i % 100);
        data[2 * i + 1] = -1;
    }
    if (r == 0 && (g20_folder_path(path, &e, "%s/%s.sigmf-data", test_dir, name) < 0 ||
                   g20_file_write(path, data, 2 * n, &e) < 0 ||
                   g20_folder_path(path, &e, "%s/%s.sigmf-meta", test_dir, name) < 0 ||
                   g20_json_write(path, o, &e) < 0))
        r = -1;
    g20_free(data);
    json_decref(o);
    return r;
}

#endif
