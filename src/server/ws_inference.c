/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* /ws/inference: the boxes of each tile, as JSON or with ?format=bin as DT01, and emissions. */
#include "server/internal.h"

static json_t *on_command(struct g20_server *s, struct g20_ws_client *c, struct g20_request *r)
{
    (void)s;
    (void)c;
    return g20_ws_refuse(g20_request_unknown, r->command);
}

static int on_established(struct g20_server *s, struct g20_ws_client *c, const struct g20_query *q,
                          struct g20_err *e)
{
    static const char *const names[] = {"format"}, *const formats[] = {"json", "bin"};
    uint32_t format = 0;

    (void)s;
    int r = g20_query_only(q, names, G20_COUNT_OF(names), e);
    if (r < 0)
        return r;
    r = g20_query_word(q, "format", formats, G20_COUNT_OF(formats), &format, e);
    if (r < 0)
        return r;
    c->wants = G20_WANTS_EMISSIONS | (format == 0 ? G20_WANTS_BOXES_JSON : G20_WANTS_DT01);
    return 0;
}

const struct g20_ws_ops g20_ws_inference = {.established = on_established, .command = on_command};
