/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/notes.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#define SAME_US 500000.0 /* by so much number and clock may differ within one life of a stream */

int g20_notes_init(struct g20_notes *n, size_t cap)
{
    *n = (struct g20_notes){.em = g20_calloc(cap, sizeof(*n->em)), .cap = cap};
    return n->em ? 0 : -ENOMEM;
}

void g20_notes_fini(struct g20_notes *n)
{
    g20_free(n->em);
    n->em = NULL;
}

void g20_notes_put(struct g20_notes *n, const struct g20_emission *em)
{
    for (size_t i = 0; i < n->count; i++) { /* most often one of the newest */
        const size_t at = (n->next + n->cap - 1 - i) % n->cap;
        if (n->em[at].id == em->id) {
            n->em[at] = *em;
            return;
        }
    }
    n->em[n->next] = *em;
    n->next = (n->next + 1) % n->cap;
    n->count += n->count < n->cap;
}

int g20_notes_load(struct g20_notes *n, size_t cap, const char *path, struct g20_err *e)
{
    struct g20_sigmf *m = NULL;
    int r = g20_sigmf_load(&m, path, e);
    if (r >= 0 && (r = g20_notes_init(n, G20_CLAMP(m->nannotations, 1, cap))) < 0)
        g20_fail(e, r, "out of memory");
    for (size_t i = 0; r >= 0 && i < m->nannotations; i++) {
        const struct g20_sigmf_annotation *a = &m->annotations[i];
        struct g20_emission em = {.id = i + 1,
                                  .sample_start = a->sample_start,
                                  .sample_count = a->sample_count,
                                  .f_lo_hz = a->f_lo_hz,
                                  .f_hi_hz = a->f_hi_hz};
        snprintf(em.class_name, sizeof(em.class_name), "%.31s", a->label);
        if (a->has_freq)
            g20_notes_put(n, &em);
    }
    g20_sigmf_destroy(m);
    return r;
}

bool g20_notes_place(const struct g20_emission *em, const struct g20_notes_run *run,
                     struct g20_sigmf_annotation *ret)
{
    const double first = (double)run->first, last = (double)run->last;
    const double since = ((double)em->sample_start - run->stream) / run->per;
    const double off_us =
        (double)em->start_us - ((double)run->time_us + since * 1e6 / run->rate_hz);
    double from = first + since, to = from + (double)em->sample_count / run->per;
    double lo = em->f_lo_hz, hi = em->f_hi_hz;

    if (em->start_us > 0 && run->time_us > 0 && fabs(off_us) > SAME_US)
        return false;
    from = G20_MAX(from, first);
    to = G20_MIN(to, last);
    if (run->f_hi_hz > run->f_lo_hz) {
        lo = G20_MAX(lo, run->f_lo_hz);
        hi = G20_MIN(hi, run->f_hi_hz);
    }
    if (!(from < to) || !(lo < hi))
        return false;
    *ret = (struct g20_sigmf_annotation){.sample_start = (uint64_t)from,
                                         .sample_count = (uint64_t)ceil(to - floor(from)),
                                         .f_lo_hz = lo,
                                         .f_hi_hz = hi,
                                         .has_freq = true,
                                         .visible_lo_hz = lo,
                                         .visible_hi_hz = hi};
    ret->sample_count = G20_MIN(ret->sample_count, run->last - ret->sample_start);
    snprintf(ret->label, sizeof(ret->label), "%s", em->class_name);
    if (em->snr_db != 0.0F || em->confidence != 0.0F)
        snprintf(ret->comment, sizeof(ret->comment), "SNR %.1f dB, confidence %.2f, emission %llu",
                 (double)em->snr_db, (double)em->confidence, (unsigned long long)em->id);
    return true;
}
