/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* tokens: who may do what, from the file of server.auth_token_file (docs/security.md).
 *
 * One line a token: "read TOKEN" (look, change nothing) or "control TOKEN" (everything); '#' begins
 * a comment. Comparing takes as long whatever was shown. Thread-safe. */
#ifndef G20_CONFIG_TOKENS_H
#define G20_CONFIG_TOKENS_H

#include "base/err.h"

/* Rising: whoever may do something may do all that stands before it. */
enum g20_role {
    G20_ROLE_NONE,
    G20_ROLE_READ,
    G20_ROLE_CONTROL,
};

enum {
    G20_TOKEN_MIN = 16, /* bytes: shorter ones can be guessed */
    G20_TOKEN_MAX = 128,
    G20_TOKENS_MOST = 256,
    G20_TOKENS_FILE_MAX = 65536,
};

struct g20_tokens;

/* -EACCES: others than its owner and group may read the file, or others than its owner may write
 * it. -EINVAL names the line; no message holds a token. */
G20_MUST_USE int g20_tokens_open(struct g20_tokens **ret, const char *path, struct g20_err *e);
/* The same from memory; @name is for messages. */
G20_MUST_USE int g20_tokens_parse(struct g20_tokens **ret, const char *name, const char *text,
                                  size_t len, struct g20_err *e);
void g20_tokens_destroy(struct g20_tokens *t); /* wipes them; NULL is fine */

/* Read the file again; on failure the tokens stay as they were. */
G20_MUST_USE int g20_tokens_reload(struct g20_tokens *t, struct g20_err *e);

/* What the bearer of @token (@len bytes, any) may do. @t NULL: no authentication, everything. */
enum g20_role g20_tokens_role(struct g20_tokens *t, const char *token, size_t len);

/* The same from an Authorization header or metadata entry, "Bearer TOKEN"; @value NULL: none. */
enum g20_role g20_tokens_bearer(struct g20_tokens *t, const char *value, size_t len);

size_t g20_tokens_count(struct g20_tokens *t);

#endif
