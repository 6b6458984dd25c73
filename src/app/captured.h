/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* captured: what the store knows of captures, and captures that it is asked for. A store that does
 * not work now stops no capture: it is logged. Any thread. */
#ifndef G20_APP_CAPTURED_H
#define G20_APP_CAPTURED_H

#include "app/daemon.h"

/* cfg.begun and cfg.done of the captures; @user: struct g20_daemon. */
void g20_captured_begun(struct g20_capture_info *info, void *user);
void g20_captured_done(const struct g20_capture_info *info, struct g20_daemon *d);
/* Records of captures that a killed daemon left open: as they are on the disk, or away. */
void g20_captured_recover(struct g20_daemon *d);

/* What was received at a time: from the ring, else from a capture that has it whole. For
 * g20_teach_cfg.fetch. */
G20_MUST_USE int g20_captured_fetch(uint64_t start_us, uint64_t duration_us, uint64_t most,
                                    struct g20_teach_iq *ret, struct g20_err *e, void *user);

#endif
