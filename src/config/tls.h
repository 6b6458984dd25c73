/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* tls: certificate and key of the daemon's ports, read and checked before anything listens. */
#ifndef G20_CONFIG_TLS_H
#define G20_CONFIG_TLS_H

#include "base/err.h"

struct g20_tls {
    char *cert, *key; /* PEM text, owned */
};

/* The chain in @cert_path (the server's own certificate first) and the key in @key_path. The
 * message names the setting, the file and what is wrong: it cannot be read, holds no PEM, has a
 * password, has expired (-EKEYEXPIRED), or the two do not belong together. */
G20_MUST_USE int g20_tls_load(struct g20_tls *ret, const char *cert_path, const char *key_path,
                              struct g20_err *e);
void g20_tls_fini(struct g20_tls *t); /* wipes the key; zeroed is fine */

#endif
