/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* One emission with every field set, for tests of what is written of it. */
#ifndef G20_TESTS_SAMPLE_EMISSION_H
#define G20_TESTS_SAMPLE_EMISSION_H

#include "detect/emission.h"

static const struct g20_emission em = {
    .id = 7,
    .class_id = 1,
    .class_name = "signal",
    .confidence = 0.9877f,
    .sample_start = 1000,
    .sample_count = 2000,
    .start_us = 1700000000000000,
    .duration_s = 0.001,
    .f_lo_hz = 433.9e6,
    .f_hi_hz = 433.94e6,
    .center_known = true,
    .level_dbfs = -40.126f,
    .peak_dbfs = -38,
    .snr_db = 20.5f,
    .duty = 0.5f,
    .model = "energy",
    .model_version = "1",
};

#endif
