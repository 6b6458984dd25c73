/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Of a request: what save_sample brings, or asks to be taken from what was received. */
#include "teach/request_own.h"

#include "base/alloc.h"
#include "teach/base64.h"
#include "teach/fields.h"

#include <errno.h>
#include <math.h>

/* Times are whole microseconds: a sample that began less than two late is the one asked for. */
#define CLOCK_US 2.0

/* @capture: rate and time are those of the samples, whatever is said here. */
static int parse_metadata(const json_t *o, bool capture, struct g20_teach_request *r,
                          struct g20_err *e)
{
    const json_t *m = json_object_get(o, "metadata");
    int rc = 0;

    if (capture && !m)
        return 0;
    if (!json_is_object(m))
        return g20_fail(e, m ? -EINVAL : -ENODATA,
                        m ? "metadata: want an object" : "metadata required");
    r->has_center = json_object_get(m, "center_freq_hz") != NULL;
    if ((!capture && (rc = g20_field_number(m, "metadata", "sample_rate_hz", 1e-3, 1e12,
                                            &r->rate_hz, e)) < 0) ||
        ((!capture || r->has_center) &&
         (rc = g20_field_number(m, "metadata", "center_freq_hz", -1e15, 1e15, &r->center_hz, e)) <
             0) ||
        (rc = g20_field_whole(m, "time_us", 9007199254740992.0, &r->time_us, e)) < 0 ||
        (rc = g20_field_bool(m, "complete", &r->complete, e)) < 0 ||
        (rc = g20_field_text(m, "recording", r->recording, sizeof(r->recording), e)) < 0 ||
        (rc = g20_field_text(m, "comment", r->comment, sizeof(r->comment), e)) < 0)
        return rc;
    return 0;
}

static int parse_iq(const json_t *o, struct g20_teach_request *r, struct g20_err *e)
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
static int parse_capture(const json_t *o, struct g20_teach_request *r, struct g20_err *e)
{
    static const char *const keys[] = {"start_us", "duration_us"};
    const json_t *v = json_object_get(o, "capture"), *list = json_object_get(o, "boxes");
    uint64_t *const values[] = {&r->start_us, &r->duration_us};

    if (json_object_get(o, "iq_data"))
        return g20_fail(e, -EINVAL, "capture: iq_data is there too");
    if (!json_is_object(v))
        return g20_fail(e, -EINVAL, "capture: want an object with start_us and duration_us");
    for (size_t i = 0; i < 2; i++) {
        const int rc = g20_field_need(
            g20_field_whole(v, keys[i], i ? 3600e6 : 9007199254740992.0, values[i], e),
            i ? "capture.duration_us" : "capture.start_us", e);
        if (rc < 0)
            return rc;
    }
    if (!list)
        return g20_fail(e, -ENODATA, "boxes required");
    r->box_list = json_incref((json_t *)list);
    return 0;
}

static int parse_boxes(const json_t *list, struct g20_teach_request *r, struct g20_err *e)
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

int g20_teach_request_save(const json_t *o, struct g20_teach_request *r, struct g20_err *e)
{
    const bool capture = json_object_get(o, "capture") != NULL;
    int rc = g20_field_name(o, "signal_name", r->signal, true, e);

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
