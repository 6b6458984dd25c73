/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ws_commands: carries out what a client's text message asks for, and answers it. */
#ifndef G20_SERVER_WS_COMMANDS_H
#define G20_SERVER_WS_COMMANDS_H

#include "server/internal.h"

/* Queues one text message for @c; takes over @o (NULL: nothing). In ws.c. */
void g20_ws_reply(struct g20_ws_client *c, json_t *o);

/* A whole message of @len bytes. Always queues exactly one reply. */
void g20_ws_command(struct g20_server *s, struct g20_ws_client *c, const char *text, size_t len,
                    bool is_binary);

#endif
