/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* metrics: what the daemon counts, as Prometheus text (exposition format 0.0.4). The table in
 * metrics.c is the only place that names them; docs/metrics.md repeats it, and a test
 * holds one against the other. */
#ifndef G20_SERVER_METRICS_H
#define G20_SERVER_METRICS_H

#include "base/text.h"
#include "server/server.h"

/* Everything as it is now; text->failed tells of memory. Any thread. */
void g20_metrics_text(struct g20_server *s, struct g20_text *text);

#endif
