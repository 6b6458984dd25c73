/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* connections: how many there are to a port of this process, and an end to those too many.
 *
 * gRPC's library takes as many connections as there are descriptors and has no option against it,
 * so somebody must look from time to time. What is closed is shut down, not taken away: whoever
 * owns the descriptor sees the end of the connection and closes it himself. One thread at a time.
 */
#ifndef G20_RPC_CONNECTIONS_H
#define G20_RPC_CONNECTIONS_H

#include "base/err.h"

#include <stdint.h>

struct g20_connections;

/* Takes all that it needs, so that it works when there are no descriptors left. */
G20_MUST_USE int g20_connections_create(struct g20_connections **ret, int port);
void g20_connections_destroy(struct g20_connections *c); /* NULL is fine */

/* Those above @most, which in general came last, are shut down; their number is added to
 * *ret_closed. Returns how many are left. */
uint32_t g20_connections_check(struct g20_connections *c, uint32_t most, uint64_t *ret_closed);

#endif
