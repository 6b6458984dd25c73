/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* samples: labelled IQ of the signals that are taught, as SigMF recordings with annotations in real
 * units. Files are the truth:
 *
 *     FOLDER/signals/NAME/samples/ID.sigmf-data, ID.sigmf-meta     the meta is written last
 *     FOLDER/trash/samples/NAME/ID.*, FOLDER/trash/signals/NAME@TIME     deleted, can be had back
 *
 * A sample is never changed once it is written (but for its labels when its signal is renamed);
 * every change is one rename at its heart, so a kill at any moment leaves a whole sample or none.
 * Thread-safe, and safe against other processes at the same folder (a lock file). */
#ifndef G20_TEACH_SAMPLES_H
#define G20_TEACH_SAMPLES_H

#include "teach/box.h"
#include "teach/folder.h"

enum { G20_SAMPLE_ID = 17, G20_SAMPLE_MOST = 1 << 26 }; /* complex samples of one: 512 MiB */

struct g20_sample {
    const char *signal;
    const float *iq; /* (samples) complex, full scale 1, finite */
    uint64_t samples;
    double rate_hz, center_hz;
    uint64_t time_us;                /* UTC of its first sample; 0: not known */
    const struct g20_teach_box *box; /* (boxes >= 1) checked */
    size_t boxes;
    bool complete; /* all of the signal that is in it is boxed: what else is found is not it */
    const char *recording; /* what it was cut from, so that a training keeps its parts together;
                              NULL: it stands alone */
    bool has_number;       /* where in that recording it begins is known: */
    uint64_t number;       /* of its first sample there */
    const char *comment;   /* NULL: none */
};

struct g20_samples;
/* Makes @dir where it is missing and finishes what was cut short. */
G20_MUST_USE int g20_samples_open(struct g20_samples **ret, const char *dir, struct g20_err *e);
void g20_samples_close(struct g20_samples *s);
const char *g20_samples_dir(const struct g20_samples *s);

/* The id of what would be saved: the first 16 hexadecimal digits of SHA-256 over the samples' bytes
 * and the canonical boxes. -ENOMEM. */
G20_MUST_USE int g20_sample_id(const struct g20_sample *x, char id[G20_SAMPLE_ID]);

/* *ret_new false: it was there already, for the same signal. -EEXIST: for another one; -EINVAL:
 * the message says what is wrong with it; -ENOSPC and other errors of the system: nothing is kept.
 */
G20_MUST_USE int g20_samples_save(struct g20_samples *s, const struct g20_sample *x,
                                  char id[G20_SAMPLE_ID], bool *ret_new, struct g20_err *e);

/* A list of objects {sample_id, signal_name, samples, sample_rate_hz, center_freq_hz, duration_s,
 * boxes (their number), recording, saved, time_us}, of one signal or of all (@signal NULL). The
 * caller owns *ret. */
G20_MUST_USE int g20_samples_list(struct g20_samples *s, const char *signal, json_t **ret,
                                  struct g20_err *e);
/* Which of a sample's IQ: those from start_s on; duration_s 0: all of them from there. */
struct g20_sample_part {
    double start_s, duration_s;
    size_t most; /* bytes */
};

/* One such object with "boxes" as a list of {x_min, .., f_lo_hz, .., label}; @iq unless NULL: and
 * "iq_data" in base64, -EFBIG when that is more than iq->most bytes, -EINVAL: the sample is over
 * before it begins. -ENOENT. */
G20_MUST_USE int g20_samples_get(struct g20_samples *s, const char *id,
                                 const struct g20_sample_part *iq, json_t **ret, struct g20_err *e);
G20_MUST_USE int g20_samples_delete(struct g20_samples *s, const char *id, struct g20_err *e);
G20_MUST_USE int g20_samples_restore(struct g20_samples *s, const char *id, struct g20_err *e);

/* The paths (.sigmf-meta) of a signal's samples, or (@others) of all that are other signals'. */
G20_MUST_USE int g20_samples_paths(struct g20_samples *s, const char *signal, bool others,
                                   struct g20_names *ret, struct g20_err *e);

/* Names of all signals: those with samples or versions. */
G20_MUST_USE int g20_signals_list(struct g20_samples *s, struct g20_names *ret, struct g20_err *e);
/* -ENOENT, -EEXIST: there is one of the new name. */
G20_MUST_USE int g20_signal_rename(struct g20_samples *s, const char *name, const char *to,
                                   struct g20_err *e);
/* With its samples and versions into the trash; restore brings back what went there last. */
G20_MUST_USE int g20_signal_delete(struct g20_samples *s, const char *name, struct g20_err *e);
G20_MUST_USE int g20_signal_restore(struct g20_samples *s, const char *name, struct g20_err *e);

#endif
