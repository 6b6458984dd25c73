/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* request: one command of /ws/training, read strictly. Pure: JSON in, a checked struct or a named
 * error out. This is the fuzz target. */
#ifndef G20_TEACH_REQUEST_H
#define G20_TEACH_REQUEST_H

#include "teach/samples.h"

#include <stdint.h>

enum g20_teach_kind {
    G20_TEACH_REGISTRY,
    G20_TEACH_SAVE,
    G20_TEACH_SAMPLES,
    G20_TEACH_SAMPLE,
    G20_TEACH_DELETE_SAMPLE,
    G20_TEACH_RESTORE_SAMPLE,
    G20_TEACH_TRAIN,
    G20_TEACH_CANCEL,
    G20_TEACH_JOB,
    G20_TEACH_VERSIONS,
    G20_TEACH_PROMOTE,
    G20_TEACH_ROLLBACK,
    G20_TEACH_RENAME,
    G20_TEACH_DELETE_SIGNAL,
    G20_TEACH_RESTORE_SIGNAL,
    G20_TEACH_EXPORT,
    G20_TEACH_REVIEW,
    G20_TEACH_ANSWER,
    G20_TEACH_SIMILAR,
    G20_TEACH_CLUSTERS,
    G20_TEACH_CLUSTER,
};

enum { G20_JOB_ID = 24, G20_ITEM_ID = 24, G20_TEACH_LIST_MOST = 64 };

struct g20_teach_request {
    enum g20_teach_kind kind;
    char signal[G20_SIGNAL_NAME]; /* "": the request has none, where it may */
    char new_name[G20_SIGNAL_NAME];
    char sample_id[G20_SAMPLE_ID];
    char job_id[G20_JOB_ID];
    char preset[12];
    char item_id[G20_ITEM_ID]; /* "": not given */
    uint64_t seed;
    uint64_t cluster_id;
    uint32_t version; /* 0: not given */
    uint32_t limit;   /* of a list */
    bool with_iq;
    double part_start_s, part_s; /* with_iq; part_s 0: all of the sample */
    bool accept;                 /* ANSWER */
    bool has_place;              /* SIMILAR: a box of the air, with time_us */
    bool complete;
    bool has_center; /* center_hz: what the client's boxes in hertz are relative to */
    double duration_s, f_lo_hz, f_hi_hz;
    /* SAVE */
    float *iq; /* (samples) complex, owned */
    uint64_t samples;
    double rate_hz, center_hz;
    uint64_t time_us;
    char recording[64], comment[128];
    struct g20_teach_box *box; /* (boxes) owned, checked */
    size_t boxes;
    /* SAVE of a stretch of time: iq is NULL, boxes wait for its length; see .._boxes(). */
    uint64_t start_us, duration_us;
    json_t *box_list; /* owned */
};

/* -ENODATA: "<field> required"; -EINVAL: a field is wrong; G20_EUNSUPPORTED: not implemented yet;
 * -ENOSYS: "Unknown command: ..."; -ENOMEM. On success g20_teach_request_fini() it. */
G20_MUST_USE int g20_teach_request_parse(const char *command, const json_t *request,
                                         struct g20_teach_request *ret, struct g20_err *e);
/* Once the samples of a stretch of time are there (iq, samples, rate_hz, time_us; from a stream at
 * @center_hz): its boxes. -EINVAL; -ENOENT: one begins before the samples do, which may begin later
 * than was asked for. */
G20_MUST_USE int g20_teach_request_boxes(struct g20_teach_request *r, double center_hz,
                                         struct g20_err *e);
void g20_teach_request_fini(struct g20_teach_request *r);

#endif
