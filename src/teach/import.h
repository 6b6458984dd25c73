/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* import: samples from recordings that exist already: annotations of SigMF recordings, and the
 * captures of the prototype (rfcap.h). What is not near an annotation of a long recording is left
 * out; the parts of one recording stay together in a training. */
#ifndef G20_TEACH_IMPORT_H
#define G20_TEACH_IMPORT_H

#include "teach/samples.h"

struct g20_import {
    const char *signal; /* NULL: the capture's own name (RFCAP only) */
    const char *label;  /* annotations that are the signal; NULL: those labelled .signal, and when
                           there is none all of them */
    bool complete;      /* as of struct g20_sample */
};

struct g20_import_report {
    uint32_t samples, known; /* saved, and of them those that were there before */
    uint32_t boxes;          /* of the signal */
};

/* @file: any name of a SigMF recording, or a capture that begins with "G20". Adds to *ret.
 * -ENODATA: no annotation is the signal; -EINVAL, G20_EFORMAT and errors of the system name the
 * file. */
G20_MUST_USE int g20_import_file(struct g20_samples *s, const char *file,
                                 const struct g20_import *how, struct g20_import_report *ret,
                                 struct g20_err *e);

#endif
