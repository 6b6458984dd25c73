/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "config/tls.h"

#include "base/alloc.h"
#include "base/file.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

enum { FILE_MAX_BYTES = 1 << 20 };

static const char *reason(void)
{
    const char *why = ERR_reason_error_string(ERR_peek_last_error());

    return why ? why : "unknown fault";
}

/* A daemon has nobody to ask. */
static int no_password(char *buf, int size, int writing, void *user)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

static int check_chain(BIO *in, const char *path, X509 **ret, struct g20_err *e)
{
    X509 *own = PEM_read_bio_X509(in, NULL, no_password, NULL), *more;

    if (!own)
        return g20_fail(e, -EINVAL, "server.tls_cert: %s: no certificate in PEM form (%s)", path,
                        reason());
    while ((more = PEM_read_bio_X509(in, NULL, no_password, NULL)))
        X509_free(more);
    const unsigned long last = ERR_peek_last_error();
    if (ERR_GET_LIB(last) != ERR_LIB_PEM || ERR_GET_REASON(last) != PEM_R_NO_START_LINE) {
        X509_free(own);
        return g20_fail(e, -EINVAL, "server.tls_cert: %s: a later certificate of the chain: %s",
                        path, reason());
    }
    if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0) {
        X509_free(own);
        return g20_fail(e, -EKEYEXPIRED, "server.tls_cert: %s: the certificate has expired", path);
    }
    *ret = own;
    return 0;
}

static int check(const struct g20_tls *t, const char *cert_path, const char *key_path,
                 struct g20_err *e)
{
    BIO *cert_in = BIO_new_mem_buf(t->cert, -1), *key_in = BIO_new_mem_buf(t->key, -1);
    EVP_PKEY *key = NULL;
    X509 *own = NULL;
    int r = -ENOMEM;

    ERR_clear_error();
    if (!cert_in || !key_in) {
        g20_fail(e, r, "server.tls_cert: out of memory");
        goto out;
    }
    r = check_chain(cert_in, cert_path, &own, e);
    if (r < 0)
        goto out;
    ERR_clear_error();
    key = PEM_read_bio_PrivateKey(key_in, NULL, no_password, NULL);
    if (!key)
        r = g20_fail(e, -EINVAL,
                     "server.tls_key: %s: no private key in PEM form without a password (%s)",
                     key_path, reason());
    else if (X509_check_private_key(own, key) != 1)
        r = g20_fail(e, -EINVAL, "server.tls_key: %s is not the key of %s", key_path, cert_path);
out:
    EVP_PKEY_free(key);
    X509_free(own);
    BIO_free(key_in);
    BIO_free(cert_in);
    ERR_clear_error();
    return r;
}

int g20_tls_load(struct g20_tls *ret, const char *cert_path, const char *key_path,
                 struct g20_err *e)
{
    struct g20_tls t = {0};
    size_t len;

    int r = g20_file_read(cert_path, FILE_MAX_BYTES, &t.cert, &len, e);
    if (r < 0)
        return g20_fail_at(e, r, "server.tls_cert");
    r = g20_file_read(key_path, FILE_MAX_BYTES, &t.key, &len, e);
    if (r < 0)
        r = g20_fail_at(e, r, "server.tls_key");
    else
        r = check(&t, cert_path, key_path, e);
    if (r < 0) {
        g20_tls_fini(&t);
        return r;
    }
    *ret = t;
    return 0;
}

void g20_tls_fini(struct g20_tls *t)
{
    if (t->key)
        explicit_bzero(t->key, strlen(t->key));
    g20_free(t->key);
    g20_free(t->cert);
    *t = (struct g20_tls){0};
}
