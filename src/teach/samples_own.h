/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* samples_own: what samples*.c share. Private to the folder. */
#ifndef G20_TEACH_SAMPLES_OWN_H
#define G20_TEACH_SAMPLES_OWN_H

#include "teach/samples.h"

struct g20_samples {
    char dir[G20_FOLDER_PATH];
};

/* Whose sample @id is, into @name (G20_SIGNAL_NAME); -ENOENT. */
G20_MUST_USE int g20_sample_owner(struct g20_samples *s, const char *id, char *name,
                                  struct g20_err *e);

/* Labels of a signal whose rename was cut short; the lock is held. */
G20_MUST_USE int g20_signal_relabel(struct g20_samples *s, const char *name, struct g20_err *e);

/* 16 hexadecimal digits, as an id is. */
bool g20_sample_id_ok(const char *id);

#endif
