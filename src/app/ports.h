/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ports: ports.json in the runtime folder, which tells other programs where the daemon listens. */
#ifndef G20_APP_PORTS_H
#define G20_APP_PORTS_H

#include "base/err.h"

/* Creates @dir when it is missing; the file appears whole or not at all. */
G20_MUST_USE int g20_ports_write(const char *dir, int http_port, int grpc_port, struct g20_err *e);
/* Makes the runtime folder @dir, and those above it. */
G20_MUST_USE int g20_ports_folder(const char *dir, struct g20_err *e);

void g20_ports_remove(const char *dir); /* only when it is this process's */

#endif
