/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* command: the requests of /ws/pipeline, read strictly.
 *
 * Pure: text in, a checked struct or a named error out. This is the fuzz target. */
#ifndef G20_SERVER_COMMAND_H
#define G20_SERVER_COMMAND_H

#include "server/request.h"
#include "server/view.h"
#include "source/source.h"

enum { G20_COMMAND_HISTORY_ROWS = 4096 };

enum g20_command_kind {
    G20_COMMAND_STATUS,
    G20_COMMAND_SET_VIEW,
    G20_COMMAND_TUNE,
    G20_COMMAND_HISTORY,
    G20_COMMAND_PAUSE,
    G20_COMMAND_RESUME,
};

struct g20_command {
    enum g20_command_kind kind;
    json_t *id;               /* owned; NULL when the request has none */
    struct g20_view_cfg view; /* SET_VIEW: the view asked for, merged into the present one */
    uint64_t from_us, to_us;  /* HISTORY: UTC */
    uint32_t rows;
    struct g20_tune tune; /* TUNE: NAN where nothing is asked for */
};

/* @now is the client's present view: fields that a set_view leaves out keep their value; null
 * makes f_lo_hz and f_hi_hz (or db_min and db_max) automatic again. 0, or -EINVAL with *err
 * filled in and *ret untouched. */
G20_MUST_USE int g20_command_parse(const char *text, size_t len, const struct g20_view_cfg *now,
                                   struct g20_command *ret, struct g20_command_error *err);
void g20_command_fini(struct g20_command *c);

/* The same of a request that was read already: @c->id stays NULL, and *err has none. */
G20_MUST_USE int g20_command_read(const struct g20_request *r, const struct g20_view_cfg *now,
                                  struct g20_command *ret, struct g20_command_error *err);

#endif
