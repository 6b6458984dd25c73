/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* index: the store's records of samples and of taught versions, made from the files, which stay the
 * truth: what the records say beside them is put right, so a kill at any moment or a lost database
 * costs nothing but this. Thread-safe. */
#ifndef G20_TEACH_INDEX_H
#define G20_TEACH_INDEX_H

#include "store/store.h"
#include "teach/samples.h"

/* The records of @signal's samples and versions are as the files are; those of a signal that is
 * gone go, and its own record with them unless an operator wrote something into it. */
G20_MUST_USE int g20_index_signal(struct g20_store *store, struct g20_samples *s,
                                  const char *signal, struct g20_err *e);
/* All signals that have files or records; after an error the others are done all the same. */
G20_MUST_USE int g20_index_all(struct g20_store *store, struct g20_samples *s, struct g20_err *e);
/* @from was renamed: its own record keeps what an operator wrote. */
G20_MUST_USE int g20_index_renamed(struct g20_store *store, struct g20_samples *s, const char *from,
                                   const char *to, struct g20_err *e);
/* One sample that was saved, deleted or had back. */
G20_MUST_USE int g20_index_sample(struct g20_store *store, struct g20_samples *s, const char *id,
                                  struct g20_err *e);

#endif
