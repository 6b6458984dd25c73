/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "config/tokens.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

struct token {
    enum g20_role role;
    unsigned char text[G20_TOKEN_MAX]; /* zero behind its end, which no token holds */
};

struct list {
    struct token token[G20_TOKENS_MOST];
    size_t count;
};

struct g20_tokens {
    pthread_mutex_t lock; /* of list */
    struct list *list;
    char *path; /* NULL: from memory */
};

/* The characters that HTTP headers, WebSocket subprotocols and URLs all take as they are. */
static bool is_token_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~' || c == '+';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line @p..@end; its length, 0 at the end or before a comment. */
static size_t word(const char **p, const char *end)
{
    size_t n = 0;

    while (*p < end && is_blank(**p))
        (*p)++;
    if (*p < end && **p == '#')
        return 0;
    while (*p + n < end && !is_blank((*p)[n]))
        n++;
    return n;
}

static int add(struct list *l, enum g20_role role, const char *text, size_t n, const char *where,
               unsigned line, struct g20_err *e)
{
    if (n < G20_TOKEN_MIN || n > G20_TOKEN_MAX)
        return g20_fail(e, -EINVAL, "%s:%u: a token has %d to %d characters, not %zu", where, line,
                        G20_TOKEN_MIN, G20_TOKEN_MAX, n);
    for (size_t i = 0; i < n; i++) {
        if (!is_token_byte((unsigned char)text[i]))
            return g20_fail(e, -EINVAL,
                            "%s:%u: a token is made of letters, digits and - . _ ~ + only", where,
                            line);
    }
    if (l->count == G20_TOKENS_MOST)
        return g20_fail(e, -EINVAL, "%s:%u: more than %d tokens", where, line, G20_TOKENS_MOST);
    struct token *t = &l->token[l->count];
    memcpy(t->text, text, n);
    t->role = role;
    for (size_t i = 0; i < l->count; i++) {
        if (memcmp(l->token[i].text, t->text, sizeof(t->text)) == 0)
            return g20_fail(e, -EINVAL, "%s:%u: the same token stands above", where, line);
    }
    l->count++;
    return 0;
}

static int parse_line(struct list *l, const char *p, const char *end, const char *where,
                      unsigned line, struct g20_err *e)
{
    const size_t role_len = word(&p, end);
    const char *role = p;

    if (role_len == 0)
        return 0;
    const bool is_read = role_len == 4 && memcmp(role, "read", 4) == 0;
    if (!is_read && !(role_len == 7 && memcmp(role, "control", 7) == 0))
        return g20_fail(e, -EINVAL, "%s:%u: want 'read TOKEN' or 'control TOKEN'", where, line);
    p += role_len;
    const size_t n = word(&p, end);
    const char *text = p;
    p += n;
    if (n == 0 || word(&p, end) > 0)
        return g20_fail(e, -EINVAL, "%s:%u: want one token after '%s'", where, line,
                        is_read ? "read" : "control");
    return add(l, is_read ? G20_ROLE_READ : G20_ROLE_CONTROL, text, n, where, line, e);
}

static void list_free(struct list *l)
{
    if (!l)
        return;
    explicit_bzero(l, sizeof(*l));
    g20_free(l);
}

static int parse(struct list **ret, const char *name, const char *text, size_t len,
                 struct g20_err *e)
{
    const char *p = text, *const end = text + len;
    struct list *l = g20_calloc(1, sizeof(*l));
    int r = 0;

    if (!l)
        return g20_fail(e, -ENOMEM, "%s: out of memory", name);
    for (unsigned line = 1; p < end && r >= 0; line++) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));

        if (!eol)
            eol = end;
        r = parse_line(l, p, eol, name, line, e);
        p = eol < end ? eol + 1 : end;
    }
    if (r >= 0 && l->count == 0)
        r = g20_fail(e, -EINVAL, "%s: it holds no token", name);
    if (r < 0) {
        list_free(l);
        return r;
    }
    *ret = l;
    return 0;
}

/* @fd is the file that was looked at, so that nothing can be put in its place meanwhile. */
static int check_file(int fd, const char *path, struct g20_err *e)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return g20_fail(e, -errno, "%s: %s", path, g20_strerror(-errno));
    if (!S_ISREG(st.st_mode))
        return g20_fail(e, -EINVAL, "%s: it is no regular file", path);
    if (st.st_mode & (S_IRWXO | S_IWGRP))
        return g20_fail(e, -EACCES,
                        "%s: its mode is %04o, others could read or change the tokens: "
                        "want 0600, or 0640 at most (chmod 600)",
                        path, (unsigned)st.st_mode & 07777u);
    if (st.st_size > G20_TOKENS_FILE_MAX)
        return g20_fail(e, -EFBIG, "%s: over %d bytes", path, G20_TOKENS_FILE_MAX);
    return 0;
}

static int read_list(struct list **ret, const char *path, struct g20_err *e)
{
    char *text = NULL;
    size_t len = 0;
    ssize_t n = 0;

    /* Not to hang where a FIFO lies. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return g20_fail(e, -errno, "%s: %s", path, g20_strerror(-errno));
    int r = check_file(fd, path, e);
    if (r >= 0) {
        text = g20_calloc(1, G20_TOKENS_FILE_MAX);
        if (!text)
            r = g20_fail(e, -ENOMEM, "%s: out of memory", path);
    }
    while (text && len < G20_TOKENS_FILE_MAX &&
           (n = read(fd, text + len, G20_TOKENS_FILE_MAX - len)) > 0)
        len += (size_t)n;
    if (text && n < 0)
        r = g20_fail(e, -errno, "%s: %s", path, g20_strerror(-errno));
    close(fd);
    if (text && r >= 0)
        r = parse(ret, path, text, len, e);
    if (text)
        explicit_bzero(text, G20_TOKENS_FILE_MAX);
    g20_free(text);
    return r;
}

static int wrap(struct g20_tokens **ret, struct list *l, const char *path, struct g20_err *e)
{
    struct g20_tokens *t = g20_calloc(1, sizeof(*t));

    if (t)
        t->path = path ? g20_strdup(path) : NULL;
    if (!t || (path && !t->path)) {
        list_free(l);
        g20_free(t);
        return g20_fail(e, -ENOMEM, "tokens: out of memory");
    }
    pthread_mutex_init(&t->lock, NULL);
    t->list = l;
    *ret = t;
    return 0;
}

int g20_tokens_open(struct g20_tokens **ret, const char *path, struct g20_err *e)
{
    struct list *l = NULL;
    const int r = read_list(&l, path, e);

    return r < 0 ? r : wrap(ret, l, path, e);
}

int g20_tokens_parse(struct g20_tokens **ret, const char *name, const char *text, size_t len,
                     struct g20_err *e)
{
    struct list *l = NULL;
    const int r = parse(&l, name, text, len, e);

    return r < 0 ? r : wrap(ret, l, NULL, e);
}

void g20_tokens_destroy(struct g20_tokens *t)
{
    if (!t)
        return;
    list_free(t->list);
    pthread_mutex_destroy(&t->lock);
    g20_free(t->path);
    g20_free(t);
}

int g20_tokens_reload(struct g20_tokens *t, struct g20_err *e)
{
    struct list *l = NULL, *old;

    if (!t->path)
        return g20_fail(e, -EINVAL, "tokens: they came from no file");
    const int r = read_list(&l, t->path, e);
    if (r < 0)
        return r;
    pthread_mutex_lock(&t->lock);
    old = t->list;
    t->list = l;
    pthread_mutex_unlock(&t->lock);
    list_free(old);
    return 0;
}

/* Every byte of every token is looked at, so that the time tells nothing. */
static enum g20_role look_up(const struct list *l, const unsigned char shown[G20_TOKEN_MAX])
{
    unsigned found = G20_ROLE_NONE;

    for (size_t i = 0; i < l->count; i++) {
        const struct token *t = &l->token[i];
        unsigned differ = 0;

        for (size_t k = 0; k < G20_TOKEN_MAX; k++)
            differ |= (unsigned)(t->text[k] ^ shown[k]);
        const unsigned same = ((differ - 1u) >> 31) & 1u; /* 1 when nothing differs */
        found |= (unsigned)t->role * same;
    }
    return (enum g20_role)found;
}

enum g20_role g20_tokens_role(struct g20_tokens *t, const char *token, size_t len)
{
    unsigned char shown[G20_TOKEN_MAX] = {0};

    if (!t)
        return G20_ROLE_CONTROL;
    if (!token || len < G20_TOKEN_MIN || len > G20_TOKEN_MAX || memchr(token, 0, len))
        return G20_ROLE_NONE;
    memcpy(shown, token, len);
    pthread_mutex_lock(&t->lock);
    const enum g20_role role = look_up(t->list, shown);
    pthread_mutex_unlock(&t->lock);
    explicit_bzero(shown, sizeof(shown));
    return role;
}

enum g20_role g20_tokens_bearer(struct g20_tokens *t, const char *value, size_t len)
{
    if (!t)
        return G20_ROLE_CONTROL;
    if (!value || len < 7 || strncasecmp(value, "Bearer ", 7) != 0)
        return G20_ROLE_NONE;
    for (value += 7, len -= 7; len > 0 && *value == ' '; value++)
        len--;
    return g20_tokens_role(t, value, len);
}

size_t g20_tokens_count(struct g20_tokens *t)
{
    if (!t)
        return 0;
    pthread_mutex_lock(&t->lock);
    const size_t n = t->list->count;
    pthread_mutex_unlock(&t->lock);
    return n;
}
