/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "rpc/internal.h"

#include "base/alloc.h"

#include <errno.h>
#include <grpc/byte_buffer_reader.h>
#include <string.h>

static void call_free(struct g20_rpc_call *c)
{
    if (c->call)
        grpc_call_unref(c->call);
    grpc_call_details_destroy(&c->details);
    grpc_metadata_array_destroy(&c->meta);
    grpc_byte_buffer_destroy(c->received);
    grpc_byte_buffer_destroy(c->sending);
    grpc_slice_unref(c->why);
    g20_free(c);
}

void g20_rpc_unref_locked(struct g20_rpc_call *c)
{
    struct g20_rpc *s = c->s;

    if (--c->refs > 0)
        return;
    if (c->link) {
        *c->link = c->next;
        if (c->next)
            c->next->link = c->link;
        s->ncalls--;
        pthread_cond_broadcast(&s->changed);
    }
    call_free(c);
}

/* The tag comes back whatever happens, unless gRPC refuses the batch, which is our mistake. */
static void start_locked(struct g20_rpc_call *c, const grpc_op *ops, size_t n,
                         struct g20_rpc_tag *tag)
{
    c->refs++;
    if (grpc_call_start_batch(c->call, ops, n, tag, NULL) != GRPC_CALL_OK)
        c->refs--;
}

int g20_rpc_call_next(struct g20_rpc *s)
{
    struct g20_rpc_call *c = g20_calloc(1, sizeof(*c));

    if (!c)
        return -ENOMEM;
    c->s = s;
    c->refs = 1;
    c->why = grpc_empty_slice();
    c->last_health = -1;
    c->on_new = (struct g20_rpc_tag){G20_RPC_NEW, c};
    c->on_closed = (struct g20_rpc_tag){G20_RPC_CLOSED, c};
    c->on_received = (struct g20_rpc_tag){G20_RPC_RECEIVED, c};
    c->on_sent = (struct g20_rpc_tag){G20_RPC_SENT, c};
    grpc_call_details_init(&c->details);
    grpc_metadata_array_init(&c->meta);
    if (grpc_server_request_call(s->server, &c->call, &c->details, &c->meta, s->cq, s->cq,
                                 &c->on_new) != GRPC_CALL_OK) {
        call_free(c);
        return -ESHUTDOWN;
    }
    return 0;
}

void g20_rpc_receive_locked(struct g20_rpc_call *c)
{
    const grpc_op op = {.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &c->received};

    grpc_byte_buffer_destroy(c->received);
    c->received = NULL;
    start_locked(c, &op, 1, &c->on_received);
}

static size_t put_headers(struct g20_rpc_call *c, grpc_op *op)
{
    if (c->has_headers)
        return 0;
    c->has_headers = true;
    op->op = GRPC_OP_SEND_INITIAL_METADATA;
    return 1;
}

static size_t put_message(struct g20_rpc_call *c, grpc_op *op, grpc_byte_buffer *message)
{
    if (!message)
        return 0;
    grpc_byte_buffer_destroy(c->sending);
    c->sending = message;
    op->op = GRPC_OP_SEND_MESSAGE;
    op->data.send_message.send_message = message;
    return 1;
}

void g20_rpc_send_locked(struct g20_rpc_call *c, grpc_byte_buffer *message)
{
    grpc_op ops[2] = {0};
    size_t n = put_headers(c, &ops[0]);

    n += put_message(c, &ops[n], message);
    start_locked(c, ops, n, &c->on_sent);
}

void g20_rpc_finish_locked(struct g20_rpc_call *c, grpc_status_code code, const char *why,
                           grpc_byte_buffer *reply)
{
    grpc_op ops[3] = {0};

    if (c->finished) {
        grpc_byte_buffer_destroy(reply);
        return;
    }
    c->finished = true;
    struct g20_rpc_stats *totals = &c->s->totals;
    totals->failed += code != GRPC_STATUS_OK;
    totals->refused += code == GRPC_STATUS_RESOURCE_EXHAUSTED;
    totals->unauthorized +=
        code == GRPC_STATUS_UNAUTHENTICATED || code == GRPC_STATUS_PERMISSION_DENIED;
    size_t n = put_headers(c, &ops[0]);
    n += put_message(c, &ops[n], reply);
    c->why = grpc_slice_from_copied_string(why ? why : "");
    ops[n].op = GRPC_OP_SEND_STATUS_FROM_SERVER;
    ops[n].data.send_status_from_server.status = code;
    ops[n].data.send_status_from_server.status_details = &c->why;
    start_locked(c, ops, n + 1, &c->on_sent);
}

static enum g20_role role_of(struct g20_rpc_call *c)
{
    if (!c->s->cfg.tokens)
        return G20_ROLE_CONTROL;
    for (size_t i = 0; i < c->meta.count; i++) {
        const grpc_slice v = c->meta.metadata[i].value;

        if (grpc_slice_str_cmp(c->meta.metadata[i].key, "authorization") == 0)
            return g20_tokens_bearer(c->s->cfg.tokens, (const char *)GRPC_SLICE_START_PTR(v),
                                     GRPC_SLICE_LENGTH(v));
    }
    return G20_ROLE_NONE;
}

/* May the call be made? Otherwise it is refused. */
static bool admit_locked(struct g20_rpc_call *c)
{
    struct g20_rpc *s = c->s;

    c->method = g20_rpc_method_find((const char *)GRPC_SLICE_START_PTR(c->details.method),
                                    GRPC_SLICE_LENGTH(c->details.method));
    if (s->draining) {
        g20_rpc_finish_locked(c, GRPC_STATUS_UNAVAILABLE, "shutting down", NULL);
        return false;
    }
    if (s->ncalls > s->cfg.max_calls) {
        g20_rpc_finish_locked(c, GRPC_STATUS_RESOURCE_EXHAUSTED, "too many calls are open", NULL);
        return false;
    }
    const enum g20_role role = role_of(c), wanted = c->method ? c->method->role : G20_ROLE_READ;
    if (role < wanted) {
        g20_rpc_finish_locked(
            c, role == G20_ROLE_NONE ? GRPC_STATUS_UNAUTHENTICATED : GRPC_STATUS_PERMISSION_DENIED,
            role == G20_ROLE_NONE ? "a token is wanted: authorization: Bearer"
                                  : "this token may only read",
            NULL);
        return false;
    }
    if (!c->method)
        g20_rpc_finish_locked(c, GRPC_STATUS_UNIMPLEMENTED, "no such method", NULL);
    return c->method != NULL;
}

static void on_new(struct g20_rpc_call *c, bool ok)
{
    const grpc_op close = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER,
                           .data.recv_close_on_server.cancelled = &c->cancelled};
    struct g20_rpc *s = c->s;

    if (!ok) { /* the server is shut down */
        pthread_mutex_lock(&s->lock);
        g20_rpc_unref_locked(c);
        pthread_mutex_unlock(&s->lock);
        return;
    }
    pthread_mutex_lock(&s->lock);
    c->next = s->calls;
    c->link = &s->calls;
    if (c->next)
        c->next->link = &c->next;
    s->calls = c;
    s->ncalls++;
    s->totals.calls_total++;
    start_locked(c, &close, 1, &c->on_closed);
    if (admit_locked(c))
        g20_rpc_receive_locked(c);
    g20_rpc_unref_locked(c); /* of the request */
    pthread_mutex_unlock(&s->lock);
    while (g20_rpc_call_next(s) == -ENOMEM)
        ; /* one must always wait; memory comes back as calls end */
}

/* Everything in one piece; the caller unrefs it. */
static bool bytes_of(struct g20_rpc_call *c, grpc_slice *ret)
{
    grpc_byte_buffer_reader reader;

    if (!c->received || !grpc_byte_buffer_reader_init(&reader, c->received))
        return false;
    *ret = grpc_byte_buffer_reader_readall(&reader);
    grpc_byte_buffer_reader_destroy(&reader);
    return true;
}

static void reflect_locked(struct g20_rpc_call *c)
{
    grpc_slice bytes;

    if (c->gone || !bytes_of(c, &bytes)) {
        g20_rpc_finish_locked(c, GRPC_STATUS_OK, NULL, NULL); /* the client asks no more */
        return;
    }
    grpc_byte_buffer *answer =
        g20_rpc_reflect(GRPC_SLICE_START_PTR(bytes), GRPC_SLICE_LENGTH(bytes));
    grpc_slice_unref(bytes);
    if (answer)
        g20_rpc_send_locked(c, answer);
    else
        g20_rpc_finish_locked(c, GRPC_STATUS_INVALID_ARGUMENT, "request: its bytes are no request",
                              NULL);
}

/* Checks the request and hands it to whoever carries it out. */
static void on_request(struct g20_rpc_call *c)
{
    struct g20_rpc *s = c->s;
    struct g20_err e = {0};
    grpc_slice bytes;
    int r = -EINVAL;

    pthread_mutex_lock(&s->lock);
    const bool has = bytes_of(c, &bytes);
    pthread_mutex_unlock(&s->lock);
    if (!has) {
        g20_fail(&e, r, "request: there is no message");
    } else {
        r = g20_rpc_request_parse(c->method->method, GRPC_SLICE_START_PTR(bytes),
                                  GRPC_SLICE_LENGTH(bytes), &c->request, &e);
        grpc_slice_unref(bytes);
    }
    if (r >= 0 && !c->method->run)
        r = g20_rpc_stream_open(c, &e);
    pthread_mutex_lock(&s->lock);
    if (r >= 0 && c->method->run) {
        c->refs++;
        r = g20_queue_push(s->work, c);
        if (r < 0) {
            c->refs--;
            g20_fail(&e, r == -EAGAIN ? -EUSERS : r, "too many calls wait");
            r = e.code;
        }
    }
    if (r < 0)
        g20_rpc_finish_locked(c, g20_rpc_status_of(r), e.msg, NULL);
    pthread_mutex_unlock(&s->lock);
}

void g20_rpc_call_work(struct g20_rpc_call *c)
{
    struct g20_rpc *s = c->s;
    struct g20_err e = {0};
    grpc_byte_buffer *reply = NULL;

    pthread_mutex_lock(&s->lock);
    const bool unwanted = c->gone, late = s->draining;
    pthread_mutex_unlock(&s->lock);
    int r = -ECANCELED;
    if (late)
        r = g20_fail(&e, -ESHUTDOWN, "shutting down");
    else if (!unwanted)
        r = c->method->run(s, &c->request, &reply, &e);
    if (r >= 0 && !reply)
        r = g20_fail(&e, -ENOMEM, "out of memory");
    pthread_mutex_lock(&s->lock);
    g20_rpc_finish_locked(c, r < 0 ? g20_rpc_status_of(r) : GRPC_STATUS_OK,
                          r < 0 ? (e.msg[0] ? e.msg : g20_strerror(r)) : NULL, reply);
    g20_rpc_unref_locked(c);
    pthread_mutex_unlock(&s->lock);
}

void g20_rpc_call_event(struct g20_rpc_tag *tag, bool ok)
{
    struct g20_rpc_call *c = tag->call;
    struct g20_rpc *s = c->s;

    if (tag->kind == G20_RPC_NEW) {
        on_new(c, ok);
        return;
    }
    if (tag->kind == G20_RPC_RECEIVED && c->method->method != G20_RPC_REFLECTION)
        on_request(c);
    pthread_mutex_lock(&s->lock);
    switch (tag->kind) {
    case G20_RPC_RECEIVED:
        if (c->method->method == G20_RPC_REFLECTION)
            reflect_locked(c);
        break;
    case G20_RPC_CLOSED:
        c->gone = c->gone || c->cancelled;
        pthread_cond_broadcast(&s->changed);
        break;
    case G20_RPC_SENT:
        c->busy = false;
        c->ready = true;
        if (!ok)
            c->gone = true;
        if (c->method && c->method->method == G20_RPC_REFLECTION && !c->finished)
            g20_rpc_receive_locked(c);
        pthread_cond_broadcast(&s->changed);
        break;
    default:
        break;
    }
    g20_rpc_unref_locked(c);
    pthread_mutex_unlock(&s->lock);
}
