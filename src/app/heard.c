/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/heard.h"

#include "capture/place.h"
#include "capture/record.h"
#include "teach/folder.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SEGMENTS = 256 }; /* pieces between losses; what comes after is left out */

#define MOST_S 60.0

struct heard {
    struct g20_record *record;
    struct g20_record_segment seg[SEGMENTS];
    size_t segs;
    enum g20_sample_format format;
    double rate_hz, center_hz;
    uint64_t samples;
};

/* All but the newest @kept, and everything hidden: the halves of what a kill cut short. */
static int clean(const char *folder, size_t kept, struct g20_err *e)
{
    struct g20_names names = {.item = NULL}, hidden = {.item = NULL};
    char path[G20_FOLDER_PATH];
    int r = g20_folder_list(&names, folder, ".sigmf-meta", false, e);

    if (r >= 0)
        r = g20_folder_list(&hidden, folder, "", true, e);
    for (size_t i = 0; i + kept < names.count && r >= 0; i++) {
        static const char *const end[] = {"meta", "data"};
        for (int k = 0; k < 2 && r >= 0; k++)
            if ((r = g20_folder_path(path, e, "%s/%s.sigmf-%s", folder, names.item[i], end[k])) >=
                0)
                unlink(path);
    }
    for (size_t i = 0; i < hidden.count && r >= 0; i++)
        if ((r = g20_folder_path(path, e, "%s/%s", folder, hidden.item[i])) >= 0)
            unlink(path);
    g20_names_free(&names);
    g20_names_free(&hidden);
    return r;
}

static bool goes_on(const struct heard *h, const struct g20_block *b)
{
    return h->samples > 0 && b->format == h->format && fabs(b->rate_hz - h->rate_hz) < 1e-3 &&
           fabs(b->center_hz - h->center_hz) < 1e-3 && !(b->flags & G20_BLOCK_RETUNED);
}

static void begin(struct heard *h, const struct g20_block *b)
{
    *h = (struct heard){
        .record = h->record, .format = b->format, .rate_hz = b->rate_hz, .center_hz = b->center_hz};
}

/* UTC from which on all that the ring has is of one tuning; 0: it has nothing. */
static int newest_tuning(struct g20_ring *ring, uint64_t from_us, uint64_t to_us, uint64_t *ret_us,
                         struct g20_err *e)
{
    struct g20_ring_reader *rd = NULL;
    struct heard h = {.samples = 0};
    struct g20_block b;
    int r = g20_ring_reader_create(&rd, ring, from_us, e);

    *ret_us = 0;
    while (r >= 0 && (r = g20_ring_read(rd, to_us, 0, &b, e)) > 0) {
        if (!goes_on(&h, &b)) {
            begin(&h, &b);
            *ret_us = b.time_us;
        }
        h.samples += b.len;
    }
    g20_ring_reader_destroy(rd);
    return r == -ENODATA ? 0 : r;
}

static int put(struct heard *h, const struct g20_block *b, struct g20_err *e)
{
    const bool apart = (b->flags & (G20_BLOCK_GAP | G20_BLOCK_NEW_SEGMENT)) != 0;
    int r = 0;

    if (h->samples == 0) {
        begin(h, b);
        g20_record_describe(h->record, b->format, b->rate_hz);
    }
    if (h->segs == 0 || apart) {
        if (h->segs == SEGMENTS)
            return -ENODATA;
        h->seg[h->segs++] = (struct g20_record_segment){h->samples, b->time_us, b->center_hz};
        r = g20_record_segments(h->record, h->seg, h->segs, e);
    }
    if (r >= 0)
        r = g20_record_write(h->record, b->data, b->len * g20_sample_bytes(b->format), e);
    h->samples += b->len;
    return r;
}

static int copy(struct heard *h, struct g20_ring *ring, uint64_t from_us, uint64_t to_us,
                struct g20_err *e)
{
    struct g20_ring_reader *rd = NULL;
    struct g20_block b;
    int r = g20_ring_reader_create(&rd, ring, from_us, e);

    while (r >= 0 && (r = g20_ring_read(rd, to_us, 0, &b, e)) > 0) {
        if (h->samples > 0 && !goes_on(h, &b)) /* tuned meanwhile */
            break;
        r = put(h, &b, e);
    }
    g20_ring_reader_destroy(rd);
    return r == -ENODATA ? 0 : G20_MIN(r, 0);
}

int g20_heard_keep(struct g20_ring *ring, const char *folder, uint64_t most_bytes,
                   struct g20_err *e)
{
    struct heard h = {.record = NULL};
    char base[G20_FOLDER_PATH], name[64];
    struct g20_ring_state st;
    uint64_t from_us = 0;
    int r;

    g20_ring_state(ring, &st);
    if (st.bytes == 0)
        return g20_fail(e, -ENODATA, "the ring holds nothing");
    const double seconds = fmin(MOST_S, (double)most_bytes * st.seconds / (double)st.bytes);
    const uint64_t first = st.to_us - (uint64_t)fmin(seconds * 1e6, (double)st.to_us);
    if ((r = g20_folder_make(folder, e)) < 0 || (r = clean(folder, G20_HEARD_KEPT - 1, e)) < 0 ||
        (r = newest_tuning(ring, G20_MAX(first, st.from_us), st.to_us, &from_us, e)) < 0)
        return r;
    if (from_us == 0)
        return g20_fail(e, -ENODATA, "the ring holds nothing that lately came");
    g20_place_name("", from_us, 0, 0, name, sizeof(name));
    if ((r = g20_folder_path(base, e, "%s/%s", folder, name)) < 0 ||
        (r = g20_record_open(&h.record, base, e)) < 0)
        return r;
    r = copy(&h, ring, from_us, st.to_us, e);
    if (r >= 0 && h.samples == 0) /* the ring was faster */
        r = g20_fail(e, -ENODATA, "the ring does not hold it any more");
    if (r >= 0)
        r = g20_record_finish(h.record, NULL, 0, e);
    g20_record_destroy(h.record);
    if (r < 0)
        clean(folder, G20_HEARD_KEPT, NULL);
    return r;
}
