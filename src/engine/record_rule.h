/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* record_rule: which emissions are recorded and how much of them; what triggers (/api/triggers) and
 * a mission's "record" share. As JSON, every field optional:
 *
 *     {"name": "bursts", "enabled": true, "class": ["lora", "fsk"], "f_lo_hz": 433e6,
 *      "f_hi_hz": 435e6, "min_snr_db": 10, "min_confidence": 0.5, "pre_s": 0.1, "post_s": 0.2,
 *      "max_s": 10, "whole_band": false, "margin": 0.2, "max_per_hour": 120}
 *
 * Pure. */
#ifndef G20_ENGINE_RECORD_RULE_H
#define G20_ENGINE_RECORD_RULE_H

#include "base/err.h"
#include "detect/emission.h"

#include <jansson.h>

enum { G20_RECORD_RULES = 32, G20_RECORD_CLASSES = 8 };

struct g20_record_rule {
    char name[64];
    char classes[G20_RECORD_CLASSES][32]; /* (nclasses) none: any */
    size_t nclasses;
    double f_lo_hz, f_hi_hz; /* the emission's band must overlap it; both 0: anywhere */
    double min_snr_db, min_confidence;
    double pre_s, post_s; /* before the emission began, and after it ended */
    double max_s;         /* of one recording, whatever the emission does */
    double margin;        /* share of that band that is added to it, half on each side */
    double max_per_hour;  /* recordings of this rule */
    bool enabled;
    bool whole_band; /* as it was received; else cut to the emission's band */
};

/* Fields that are not there get their defaults: any emission, 0.1 s before, 0.1 s after, 10 s at
 * most, its band and a fifth more, 120 an hour. -EINVAL: the message names the field, with
 * "@where." before it. Also the parser's fuzz target. */
G20_MUST_USE int g20_record_rule_parse(struct g20_record_rule *ret, const json_t *o,
                                       const char *where, struct g20_err *e);
/* A list of at most G20_RECORD_RULES of them, or one object: their number. */
G20_MUST_USE int g20_record_rules_parse(struct g20_record_rule *ret, const json_t *list,
                                        const char *where, struct g20_err *e);

/* The same as JSON; the caller owns it, NULL: out of memory. */
json_t *g20_record_rule_json(const struct g20_record_rule *r);

bool g20_record_rule_matches(const struct g20_record_rule *r, const struct g20_emission *em);

#endif
