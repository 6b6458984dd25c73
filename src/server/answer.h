/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* answer: what one plain HTTP request is answered, and the paths that ask the daemon for its state.
 * The server thread's. */
#ifndef G20_SERVER_ANSWER_H
#define G20_SERVER_ANSWER_H

#include "server/internal.h"

struct g20_answer {
    unsigned status;
    const char *type;
    const uint8_t *body; /* borrowed from static memory */
    char *owned;         /* or g20 memory */
    size_t len;
    const char *etag, *cache, *encoding, *allow, *challenge, *file_name;
    bool vary, close;
    bool no_length, chunked; /* the length of the body is not known */
};

void g20_answer_text(struct g20_answer *a, unsigned status, const char *text); /* @text is static */
void g20_answer_json(struct g20_answer *a, unsigned status, json_t *o);        /* takes over @o */

/* GET of /health, /metrics and what of /api/ needs no database. false: @path is none of these. */
bool g20_answer_route(struct g20_server *s, struct lws *wsi, const char *path,
                      struct g20_answer *a);
bool g20_answer_is_route(const char *path);

#endif
