/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* api: /api/emissions, /api/signals, /api/missions, /api/captures and /api/samples.
 *
 * The server thread checks who asks and where, and hands a job to one worker thread, which asks
 * the store and makes the body; nothing about the database happens on the server thread. Long
 * answers come in pieces: the next one is made when the last was sent, so an export of any length
 * takes the memory of one piece. */
#ifndef G20_SERVER_API_H
#define G20_SERVER_API_H

#include "server/api_query.h"
#include "server/internal.h"
#include "store/reader.h"

enum g20_api_method { G20_API_GET, G20_API_POST, G20_API_PUT, G20_API_PATCH, G20_API_DELETE };
/* Behind an id: by POST, and the files of a capture. */
enum g20_api_action { G20_API_NONE, G20_API_START, G20_API_STOP, G20_API_DATA, G20_API_META };

enum { G20_API_EMISSIONS = G20_KINDS, G20_API_TRIGGERS, G20_API_BODY_BYTES = 131072 };
enum { G20_API_ANSWER_S = 30 }; /* a client that takes nothing for so long is given up */

struct g20_api_job {
    struct g20_api_job *next;
    /* The server thread's. */
    struct lws *wsi; /* NULL: the client has gone */
    bool busy;       /* with the worker */
    bool head_sent, no_body, plain, close;
    size_t sent; /* of @out */
    char *body;
    size_t body_len, body_want;
    /* The request; the worker reads it. */
    enum g20_api_method method;
    int kind;    /* enum g20_kind, or G20_API_EMISSIONS */
    char id[72]; /* "": the whole list */
    enum g20_api_action action;
    struct g20_query query;
    /* Where an export is. */
    bool started;
    enum g20_api_format format;
    struct g20_emission_query eq;
    uint64_t left, first_us; /* rows still wanted; UTC of sample 0 of SigMF */
    /* The answer; the worker's while @busy. */
    unsigned status;
    const char *type, *allow;
    struct g20_text out; /* one piece of the body */
    bool last;           /* there is no further piece */
    /* A file that is sent. */
    int fd; /* -1: none */
    bool has_length;
    int64_t length, done;
    char file_name[256];
};

/* api_run.c: on the worker's thread, fill in the answer or its next piece. @rows has room for
 * G20_EMISSIONS_MOST. */
void g20_api_run(struct g20_api_job *job, const struct g20_server_cfg *cfg,
                 struct g20_store_reader *reader, struct g20_stored_emission *rows);
/* api_write.c: one that is no GET. */
void g20_api_write(struct g20_api_job *job, const struct g20_server_cfg *cfg,
                   struct g20_store_reader *reader);
/* api_write.c: GET and POST of /api/triggers. */
void g20_api_triggers(struct g20_api_job *job, const struct g20_server_cfg *cfg);
/* A mission's record gets what it does now. */
void g20_api_fill(const struct g20_api_job *job, const struct g20_server_cfg *cfg, json_t *record);
void g20_api_answer(struct g20_api_job *job, unsigned status, json_t *o); /* takes over @o */
void g20_api_fail(struct g20_api_job *job, int r, const struct g20_err *e);
/* api_file.c: the next piece of a capture's file in @folder. */
G20_MUST_USE int g20_api_file(struct g20_api_job *job, const char *folder,
                              struct g20_store_reader *reader, struct g20_err *e);
/* {"error": ...} */
void g20_api_error(struct g20_api_job *job, unsigned status, const char *message);

/* api.c: hands @job to the worker; false: too many wait. */
G20_MUST_USE bool g20_api_submit(struct g20_api *a, struct g20_api_job *job);

/* api_route.c: the methods that @path's route takes ("GET, HEAD, POST"), NULL when it is none of
 * ours. */
const char *g20_api_methods(const char *path, int *ret_kind, char *ret_id, size_t size,
                            enum g20_api_action *ret_action);

#endif
