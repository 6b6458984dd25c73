/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* metrics: what the daemon counts, as Prometheus text (exposition format 0.0.4). The tables in
 * metrics.c, and in src/app/metrics.c for parts that the server does not know, are the only places
 * that name them; docs/metrics.md repeats them, and a test holds one against the other. */
#ifndef G20_SERVER_METRICS_H
#define G20_SERVER_METRICS_H

#include "base/text.h"
#include "server/server.h"

/* Everything as it is now; text->failed tells of memory. Any thread. */
void g20_metrics_text(struct g20_server *s, struct g20_text *text);

enum g20_metric_type { G20_COUNTER, G20_GAUGE, G20_HISTOGRAM };

/* One value with its HELP and TYPE lines: for cfg.metrics, whose parts the server does not know. */
void g20_metric(struct g20_text *text, const char *name, enum g20_metric_type type,
                const char *help, double value);

#endif
