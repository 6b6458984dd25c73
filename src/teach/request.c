/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/request.h"

#include "base/alloc.h"
#include "teach/base64.h"
#include "train/head.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Times are whole microseconds: a sample that began less than two late is the one asked for. */
#define CLOCK_US 2.0

typedef struct g20_teach_request request_t;

/* 1: there, fits into @buf; 0: absent. */
static int get_text(const json_t *o, const char *key, char *buf, size_t size, struct g20_err *e)
{
    const json_t *v = json_object_get(o, key);

    if (!v)
        return 0;
    if (!json_is_string(v) || json_string_length(v) >= size ||
        strlen(json_string_value(v)) != json_string_length(v))
        return g20_fail(e, -EINVAL, "%s: want a text of at most %zu bytes", key, size - 1);
    memcpy(buf, json_string_value(v), json_string_length(v) + 1);
    return 1;
}

static int need(int r, const char *key, struct g20_err *e)
{
    return r == 0 ? g20_fail(e, -ENODATA, "%s required", key) : r;
}

static int get_name(const json_t *o, const char *key, char *buf, bool required, struct g20_err *e)
{
    int r = get_text(o, key, buf, G20_SIGNAL_NAME, e);

    if (r <= 0)
        return required ? need(r, key, e) : r;
    return g20_signal_check(buf, e);
}

/* A whole number 1 .. 2^53; 0: absent. */
static int get_whole(const json_t *o, const char *key, double most, uint64_t *ret,
                     struct g20_err *e)
{
    const json_t *v = json_object_get(o, key);
    const double x = json_number_value(v);

    if (!v)
        return 0;
    if (!json_is_number(v) || !(x >= 1.0 && x <= most) || x != floor(x))
        return g20_fail(e, -EINVAL, "%s: want a whole number from 1 to %.0f", key, most);
    *ret = (uint64_t)x;
    return 1;
}

static int get_bool(const json_t *o, const char *key, bool *ret, struct g20_err *e)
{
    const json_t *v = json_object_get(o, key);

    if (v && !json_is_boolean(v))
        return g20_fail(e, -EINVAL, "%s: want true or false", key);
    *ret = json_is_true(v);
    return 0;
}

static int get_number(const json_t *o, const char *of, const char *key, double lo, double hi,
                      double *ret, struct g20_err *e)
{
    const json_t *v = json_object_get(o, key);
    const double x = json_number_value(v);

    if (!v)
        return g20_fail(e, -ENODATA, "%s.%s required", of, key);
    if (!json_is_number(v) || !(x >= lo && x <= hi))
        return g20_fail(e, -EINVAL, "%s.%s: want a number from %g to %g", of, key, lo, hi);
    *ret = x;
    return 0;
}

/* @capture: rate and time are those of the samples, whatever is said here. */
static int parse_metadata(const json_t *o, bool capture, request_t *r, struct g20_err *e)
{
    const json_t *m = json_object_get(o, "metadata");
    int rc = 0;

    if (capture && !m)
        return 0;
    if (!json_is_object(m))
        return g20_fail(e, m ? -EINVAL : -ENODATA,
                        m ? "metadata: want an object" : "metadata required");
    r->has_center = json_object_get(m, "center_freq_hz") != NULL;
    if ((!capture &&
         (rc = get_number(m, "metadata", "sample_rate_hz", 1e-3, 1e12, &r->rate_hz, e)) < 0) ||
        ((!capture || r->has_center) &&
         (rc = get_number(m, "metadata", "center_freq_hz", -1e15, 1e15, &r->center_hz, e)) < 0) ||
        (rc = get_whole(m, "time_us", 9007199254740992.0, &r->time_us, e)) < 0 ||
        (rc = get_bool(m, "complete", &r->complete, e)) < 0 ||
        (rc = get_text(m, "recording", r->recording, sizeof(r->recording), e)) < 0 ||
        (rc = get_text(m, "comment", r->comment, sizeof(r->comment), e)) < 0)
        return rc;
    return 0;
}

static int parse_iq(const json_t *o, request_t *r, struct g20_err *e)
{
    const json_t *v = json_object_get(o, "iq_data");
    size_t bytes = 0;

    if (!v)
        return g20_fail(e, -ENODATA, "iq_data or capture required");
    if (!json_is_string(v))
        return g20_fail(e, -EINVAL, "iq_data: want complex64 in base64");
    const size_t len = json_string_length(v), room = g20_base64_room(len);
    if (room > (size_t)G20_SAMPLE_MOST * 8)
        return g20_fail(e, -EINVAL, "iq_data: more than %d samples", G20_SAMPLE_MOST);
    r->iq = g20_calloc(room / sizeof(float) + 1, sizeof(float));
    if (!r->iq)
        return g20_fail(e, -ENOMEM, "iq_data: out of memory");
    const int rc = g20_base64_decode(json_string_value(v), len, r->iq, room, &bytes, e);
    if (rc < 0)
        return g20_fail_at(e, rc, "iq_data");
    if (bytes == 0 || bytes % 8 != 0)
        return g20_fail(e, -EINVAL, "iq_data: %zu bytes, want 8 for each complex sample", bytes);
    r->samples = bytes / 8;
    return 0;
}

/* A time that the daemon has the samples of. */
static int parse_capture(const json_t *o, request_t *r, struct g20_err *e)
{
    static const char *const keys[] = {"start_us", "duration_us"};
    const json_t *v = json_object_get(o, "capture"), *list = json_object_get(o, "boxes");
    uint64_t *const values[] = {&r->start_us, &r->duration_us};

    if (json_object_get(o, "iq_data"))
        return g20_fail(e, -EINVAL, "capture: iq_data is there too");
    if (!json_is_object(v))
        return g20_fail(e, -EINVAL, "capture: want an object with start_us and duration_us");
    for (size_t i = 0; i < 2; i++) {
        const int rc = need(get_whole(v, keys[i], i ? 3600e6 : 9007199254740992.0, values[i], e),
                            i ? "capture.duration_us" : "capture.start_us", e);
        if (rc < 0)
            return rc;
    }
    if (!list)
        return g20_fail(e, -ENODATA, "boxes required");
    r->box_list = json_incref((json_t *)list);
    return 0;
}

static int parse_boxes(const json_t *list, request_t *r, struct g20_err *e)
{
    const size_t n = json_array_size(list);
    const struct g20_box_span span = {.rate_hz = r->rate_hz,
                                      .duration_s = (double)r->samples / r->rate_hz,
                                      .samples = r->samples};

    if (!list)
        return g20_fail(e, -ENODATA, "boxes required");
    if (!json_is_array(list) || n == 0 || n > G20_BOXES_MOST)
        return g20_fail(e, -EINVAL, "boxes: want a list of 1 to %d", G20_BOXES_MOST);
    r->box = g20_calloc(n, sizeof(*r->box));
    if (!r->box)
        return g20_fail(e, -ENOMEM, "boxes: out of memory");
    for (size_t i = 0; i < n; i++) {
        const int rc = g20_box_parse(json_array_get(list, i), i, &span, &r->box[i], e);
        if (rc < 0)
            return rc;
    }
    r->boxes = n;
    return 0;
}

static int parse_save(const json_t *o, request_t *r, struct g20_err *e)
{
    const bool capture = json_object_get(o, "capture") != NULL;
    int rc = get_name(o, "signal_name", r->signal, true, e);

    if (rc < 0 || (rc = parse_metadata(o, capture, r, e)) < 0)
        return rc;
    if (capture)
        return parse_capture(o, r, e);
    rc = parse_iq(o, r, e);
    return rc < 0 ? rc : parse_boxes(json_object_get(o, "boxes"), r, e);
}

static void replace(json_t *box, const char *key, double times, double plus)
{
    const json_t *v = json_object_get(box, key);

    if (json_is_number(v))
        json_object_set_new(box, key, json_real(json_number_value(v) * times + plus));
}

/* From the centre and the time that the client spoke of to those of the samples that are there,
 * which may begin later. */
static int move(json_t *box, size_t i, const struct g20_teach_request *r, double shift_hz,
                struct g20_err *e)
{
    const double asked_s = 1e-6 * (double)r->duration_us, have_s = (double)r->samples / r->rate_hz;
    const double late_us = (double)r->time_us - (double)r->start_us;

    if (shift_hz != 0) {
        replace(box, "f_lo_hz", 1, shift_hz);
        replace(box, "f_hi_hz", 1, shift_hz);
    }
    if (late_us <= CLOCK_US)
        return 0;
    replace(box, "t_start_s", 1, -1e-6 * late_us);
    replace(box, "t_stop_s", 1, -1e-6 * late_us);
    replace(box, "y_min", asked_s / have_s, -1e-6 * late_us / have_s);
    replace(box, "y_max", asked_s / have_s, -1e-6 * late_us / have_s);
    if (json_number_value(json_object_get(box, "t_start_s")) < 0 ||
        json_number_value(json_object_get(box, "y_min")) < 0)
        return g20_fail(e, -ENOENT,
                        "capture: boxes[%zu] begins before the samples that are still there", i);
    return 0;
}

int g20_teach_request_boxes(struct g20_teach_request *r, double center_hz, struct g20_err *e)
{
    const double shift = r->has_center ? r->center_hz - center_hz : 0;
    json_t *list = json_deep_copy(r->box_list), *box;
    size_t i;
    int rc = list ? 0 : g20_fail(e, -ENOMEM, "boxes: out of memory");

    json_array_foreach(list, i, box)
    {
        if (rc >= 0)
            rc = move(box, i, r, shift, e);
    }
    r->center_hz = center_hz;
    if (rc >= 0)
        rc = parse_boxes(list, r, e);
    json_decref(list);
    return rc;
}

static int parse_sample(const json_t *o, request_t *r, struct g20_err *e)
{
    const json_t *part = json_object_get(o, "part");
    int rc = need(get_text(o, "sample_id", r->sample_id, sizeof(r->sample_id), e), "sample_id", e);

    if (rc < 0 || (rc = get_bool(o, "with_iq", &r->with_iq, e)) < 0 || !part)
        return rc;
    rc = get_number(part, "part", "start_s", 0, 1e6, &r->part_start_s, e);
    return rc < 0 ? rc : get_number(part, "part", "duration_s", 1e-9, 1e6, &r->part_s, e);
}

static int parse_signal(const json_t *o, request_t *r, struct g20_err *e)
{
    return get_name(o, "signal_name", r->signal, true, e);
}

static int parse_maybe_signal(const json_t *o, request_t *r, struct g20_err *e)
{
    return get_name(o, "signal_name", r->signal, false, e);
}

static int parse_train(const json_t *o, request_t *r, struct g20_err *e)
{
    int rc = parse_signal(o, r, e);

    snprintf(r->preset, sizeof(r->preset), "quick");
    r->seed = 1;
    if (rc < 0 || (rc = get_text(o, "preset", r->preset, sizeof(r->preset), e)) < 0 ||
        (rc = get_whole(o, "seed", 1e9, &r->seed, e)) < 0)
        return rc;
    return g20_head_preset(r->preset)
               ? 0
               : g20_fail(e, -EINVAL, "preset: want quick, balanced or quality");
}

static int parse_job(const json_t *o, request_t *r, struct g20_err *e)
{
    return get_text(o, "job_id", r->job_id, sizeof(r->job_id), e);
}

static int parse_version(const json_t *o, request_t *r, struct g20_err *e)
{
    uint64_t version = 0;
    int rc = parse_signal(o, r, e);

    if (rc >= 0)
        rc = get_whole(o, "version", 1e6, &version, e);
    r->version = (uint32_t)version;
    return rc < 0 || version || r->kind != G20_TEACH_PROMOTE ? rc : need(0, "version", e);
}

static int parse_answer(const json_t *o, request_t *r, struct g20_err *e)
{
    char answer[8];
    int rc = parse_version(o, r, e);

    if (rc < 0 ||
        (rc = need(get_text(o, "item_id", r->item_id, sizeof(r->item_id), e), "item_id", e)) < 0 ||
        (rc = need(get_text(o, "answer", answer, sizeof(answer), e), "answer", e)) < 0)
        return rc;
    r->accept = strcmp(answer, "accept") == 0;
    return r->accept || strcmp(answer, "reject") == 0
               ? 0
               : g20_fail(e, -EINVAL, "answer: want accept or reject");
}

static int get_limit(const json_t *o, uint32_t dflt, request_t *r, struct g20_err *e)
{
    uint64_t limit = dflt;
    const int rc = get_whole(o, "limit", G20_TEACH_LIST_MOST, &limit, e);

    r->limit = (uint32_t)limit;
    return rc;
}

/* A box of the air. */
static int parse_place(const json_t *b, request_t *r, struct g20_err *e)
{
    double time = 0.0;
    int rc;

    if (!json_is_object(b))
        return g20_fail(e, -EINVAL, "box: want an object");
    if ((rc = get_number(b, "box", "time_us", 1, 9007199254740992.0, &time, e)) < 0 ||
        (rc = get_number(b, "box", "duration_s", 0, 1e6, &r->duration_s, e)) < 0 ||
        (rc = get_number(b, "box", "f_lo_hz", -1e15, 1e15, &r->f_lo_hz, e)) < 0 ||
        (rc = get_number(b, "box", "f_hi_hz", -1e15, 1e15, &r->f_hi_hz, e)) < 0)
        return rc;
    r->time_us = (uint64_t)time;
    r->has_place = true;
    return r->f_hi_hz > r->f_lo_hz ? 0 : g20_fail(e, -EINVAL, "box: f_hi_hz is not above f_lo_hz");
}

static int parse_similar(const json_t *o, request_t *r, struct g20_err *e)
{
    const json_t *box = json_object_get(o, "box");
    int rc = get_limit(o, 20, r, e), given;

    if (rc < 0 || (rc = get_text(o, "item_id", r->item_id, sizeof(r->item_id), e)) < 0)
        return rc;
    given = rc + (box ? 1 : 0);
    if ((rc = get_text(o, "sample_id", r->sample_id, sizeof(r->sample_id), e)) < 0)
        return rc;
    given += rc;
    if (given != 1)
        return given ? g20_fail(e, -EINVAL, "want one of item_id, sample_id and box")
                     : g20_fail(e, -ENODATA, "item_id, sample_id or box required");
    return box ? parse_place(box, r, e) : 0;
}

static int parse_clusters(const json_t *o, request_t *r, struct g20_err *e)
{
    return get_limit(o, 32, r, e);
}

static int parse_cluster(const json_t *o, request_t *r, struct g20_err *e)
{
    int rc = parse_train(o, r, e);

    if (rc < 0 || (rc = get_whole(o, "cluster_id", 9007199254740992.0, &r->cluster_id, e)) < 0)
        return rc;
    return r->cluster_id ? 0 : need(0, "cluster_id", e);
}

static int parse_rename(const json_t *o, request_t *r, struct g20_err *e)
{
    const int rc = parse_signal(o, r, e);

    return rc < 0 ? rc : get_name(o, "new_name", r->new_name, true, e);
}

int g20_teach_request_parse(const char *command, const json_t *request,
                            struct g20_teach_request *ret, struct g20_err *e)
{
    static const struct {
        const char *name;
        enum g20_teach_kind kind;
        int (*parse)(const json_t *o, request_t *r, struct g20_err *e);
    } commands[] = {
        {"get_registry", G20_TEACH_REGISTRY, NULL},
        {"save_sample", G20_TEACH_SAVE, parse_save},
        {"list_samples", G20_TEACH_SAMPLES, parse_maybe_signal},
        {"get_sample", G20_TEACH_SAMPLE, parse_sample},
        {"delete_sample", G20_TEACH_DELETE_SAMPLE, parse_sample},
        {"restore_sample", G20_TEACH_RESTORE_SAMPLE, parse_sample},
        {"train_signal", G20_TEACH_TRAIN, parse_train},
        {"cancel_training", G20_TEACH_CANCEL, parse_job},
        {"job_status", G20_TEACH_JOB, parse_job},
        {"list_versions", G20_TEACH_VERSIONS, parse_signal},
        {"promote_version", G20_TEACH_PROMOTE, parse_version},
        {"rollback_version", G20_TEACH_ROLLBACK, parse_signal},
        {"rename_signal", G20_TEACH_RENAME, parse_rename},
        {"delete_signal", G20_TEACH_DELETE_SIGNAL, parse_signal},
        {"restore_signal", G20_TEACH_RESTORE_SIGNAL, parse_signal},
        {"export_model", G20_TEACH_EXPORT, parse_version},
        {"review", G20_TEACH_REVIEW, parse_version},
        {"review_answer", G20_TEACH_ANSWER, parse_answer},
        {"similar", G20_TEACH_SIMILAR, parse_similar},
        {"clusters", G20_TEACH_CLUSTERS, parse_clusters},
        {"teach_cluster", G20_TEACH_CLUSTER, parse_cluster},
    };

    for (size_t i = 0; i < G20_COUNT_OF(commands); i++) {
        if (strcmp(command, commands[i].name) != 0)
            continue;
        request_t r = {.kind = commands[i].kind};
        const int rc = commands[i].parse ? commands[i].parse(request, &r, e) : 0;
        if (rc < 0)
            g20_teach_request_fini(&r);
        else
            *ret = r;
        return rc < 0 ? rc : 0;
    }
    return g20_fail(e, -ENOSYS, "Unknown command: %.60s", command);
}

void g20_teach_request_fini(struct g20_teach_request *r)
{
    g20_free(r->iq);
    g20_free(r->box);
    json_decref(r->box_list);
    r->box_list = NULL;
    r->iq = NULL;
    r->box = NULL;
}
