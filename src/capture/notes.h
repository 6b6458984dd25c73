/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* notes: the last word on each of the newest emissions, and what part of one an annotation of a
 * recording shows. One thread at a time. */
#ifndef G20_CAPTURE_NOTES_H
#define G20_CAPTURE_NOTES_H

#include "detect/emission.h"
#include "source/sigmf.h"

struct g20_notes {
    struct g20_emission *em; /* (count <= cap) the oldest one is overwritten at @next */
    size_t cap, count, next;
};

G20_MUST_USE int g20_notes_init(struct g20_notes *n, size_t cap);
void g20_notes_fini(struct g20_notes *n);
/* Opened, changed or closed: in place of what was known of it. */
void g20_notes_put(struct g20_notes *n, const struct g20_emission *em);

/* The annotations of the recording @path (its .sigmf-meta) that have a band, as what was seen in
 * it; the newest @cap. */
G20_MUST_USE int g20_notes_load(struct g20_notes *n, size_t cap, const char *path,
                                struct g20_err *e);

/* A run of a recording's samples in a row. */
struct g20_notes_run {
    uint64_t first, last; /* samples of the file, from and up to */
    double stream, per;   /* the stream's number of the first, and between two of them */
    uint64_t time_us;     /* UTC of the first; 0 not known */
    double rate_hz;
    double f_lo_hz, f_hi_hz; /* what is recorded; both 0: everything */
};
/* The part of @em that lies in @run; false: none of it. Sample numbers are of one life of the
 * stream: those of another one are told by their time. */
bool g20_notes_place(const struct g20_emission *em, const struct g20_notes_run *run,
                     struct g20_sigmf_annotation *ret);

#endif
