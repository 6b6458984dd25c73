/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* schema: the tables, made by numbered migrations.
 *
 * A migration that was released is never edited: a change is a new one at the end of the list
 * (tests/store/test_schema.c holds the texts). PRAGMA user_version counts those applied. */
#ifndef G20_STORE_SCHEMA_H
#define G20_STORE_SCHEMA_H

#include "store/sql.h"

/* "G20d" */
#define G20_SCHEMA_APPLICATION 0x47323064

int g20_schema_version(void);            /* the newest: how many migrations there are */
const char *g20_schema_text(int number); /* of migration 1 to g20_schema_version() */

/* Bring @db from whatever it is up to version @to (0: the newest), each step a transaction.
 * G20_EVERSION: it was written by a newer program. G20_EFORMAT: damaged, or not ours. */
G20_MUST_USE int g20_schema_migrate(sqlite3 *db, int to, struct g20_err *e);

/* Tables and indexes are exactly what the migrations make, no trigger or view beside them;
 * G20_EFORMAT otherwise. */
G20_MUST_USE int g20_schema_verify(sqlite3 *db, struct g20_err *e);

#endif
