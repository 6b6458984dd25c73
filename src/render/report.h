/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* report: emissions as text: an aligned table, JSON lines, CSV; and as SigMF annotations.
 *
 * Pure: they write into a g20_text (or one file), take any bytes in names, and report failure by
 * the text's own flag. */
#ifndef G20_RENDER_REPORT_H
#define G20_RENDER_REPORT_H

#include "base/err.h"
#include "base/text.h"
#include "detect/emission.h"

enum g20_report_format { G20_REPORT_TABLE, G20_REPORT_JSONL, G20_REPORT_CSV, G20_REPORT_SIGMF };

/* "table" "jsonl" "csv" "sigmf", or -EINVAL. */
G20_MUST_USE int g20_report_parse(const char *name, enum g20_report_format *ret);

/* Once, before the first line; nothing for JSON lines. */
void g20_report_head(enum g20_report_format format, struct g20_text *out);
/* One line with its newline. @file: the recording's path as given. Not for SIGMF. */
void g20_report_line(enum g20_report_format format, const struct g20_emission *em, const char *file,
                     struct g20_text *out);

/* Write "<recording>.g20.sigmf-meta": the recording's own metadata with the emissions in place of
 * its annotations, which stay as they are in the original. The path goes to @ret_path. */
G20_MUST_USE int g20_report_sigmf(const char *recording, const struct g20_emission *em, size_t n,
                                  char *ret_path, size_t size, struct g20_err *e);

#endif
