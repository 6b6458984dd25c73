/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* store: what G20 remembers, in one SQLite file: emissions, signals, missions, captures, samples,
 * models.
 *
 * One thread writes, in batches; any thread may put something in, and readers (reader.h) never
 * wait for it. Emissions are put in without waiting: they are kept in a bounded queue, one entry
 * each however often they change, and when that is full those still on give way to those that have
 * ended; what is forgotten is counted. Records are written before the call returns: then they
 * survive a killed process.
 *
 * A full disk or a failing one: emissions wait in the queue, records are refused with -ENOSPC (or
 * what the disk says), and the writer tries again every second until it works. A damaged database
 * is renamed and a new one made. Thread-safe, unless noted. */
#ifndef G20_STORE_STORE_H
#define G20_STORE_STORE_H

#include "base/log.h"
#include "detect/emission.h"
#include "store/kinds.h"

struct g20_store;

struct g20_store_cfg {
    const char *path;      /* of the file; its folder is there. Copied */
    uint32_t queue;        /* emissions that may wait, 1 to 1 << 20; 0: 8192 */
    int batch_ms;          /* emissions are written this long after they came; 0: 500 */
    double retention_days; /* emissions and captures older than this go; 0: never */
    uint64_t max_bytes;    /* captures together; the oldest go first; 0: no limit */

    /* Delete the files of a capture; its record goes when this returns 0 or -ENOENT. On the
     * writer's thread: must not call the store. NULL: captures are never deleted. */
    int (*remove_capture)(const char *id, const char *path, void *user);
    /* Something a person should know: full, well again, renamed. On any thread of the store (and
     * the caller's in create); must not call it. NULL: nobody hears. */
    void (*say)(enum g20_log_level level, const char *message, const char *detail, void *user);
    void *user;
};

/* Opens, repairs and brings up to date; emissions left open by a run that died are marked
 * unfinished. G20_EVERSION: the database is of a newer program;
 * -EBUSY: another process has it. A full disk is no failure. */
G20_MUST_USE int g20_store_create(struct g20_store **ret, const struct g20_store_cfg *cfg,
                                  struct g20_err *e);
/* Writes what waits (one try), marks open emissions unfinished. NULL is fine. Nobody may be in a
 * call; readers are gone. */
void g20_store_destroy(struct g20_store *s);

/* --- emissions --- */

void g20_store_emission(struct g20_store *s, enum g20_emission_event event,
                        const struct g20_emission *em);
/* Events that never came here, because whoever hands them on was late: counted. */
void g20_store_missed(struct g20_store *s, uint64_t events);
/* All that was put in before is written when this returns 0. */
G20_MUST_USE int g20_store_flush(struct g20_store *s, struct g20_err *e);
/* The highest id ever stored when it was opened: new ids start above. 0: none. */
uint64_t g20_store_last_id(const struct g20_store *s);

/* --- records: see kinds.h for the fields, records.h for what comes back ---
 *
 * @ret (NULL: not wanted) gets the record as stored, owned by the caller. -EINVAL names the field;
 * -EEXIST, -ENOENT, -EBUSY (still referred to), -ENOSPC. */

G20_MUST_USE int g20_store_put(struct g20_store *s, enum g20_kind kind, const json_t *fields,
                               json_t **ret, struct g20_err *e);
G20_MUST_USE int g20_store_change(struct g20_store *s, enum g20_kind kind, const char *id,
                                  const json_t *fields, json_t **ret, struct g20_err *e);
/* The record only: files are the caller's. */
G20_MUST_USE int g20_store_delete(struct g20_store *s, enum g20_kind kind, const char *id,
                                  struct g20_err *e);
/* A capture with its files. G20_EUNSUPPORTED: nobody deletes files. */
G20_MUST_USE int g20_store_remove_capture(struct g20_store *s, const char *id, struct g20_err *e);

/* --- limits and state --- */

/* They are applied soon after they change, when a capture's record comes or changes, and every
 * minute. */
void g20_store_set_limits(struct g20_store *s, double retention_days, uint64_t max_bytes);
/* Apply them and wait for that. */
G20_MUST_USE int g20_store_trim(struct g20_store *s, struct g20_err *e);
/* Who deletes the files of captures, when that is known later than create(). */
void g20_store_on_remove(struct g20_store *s,
                         int (*remove_capture)(const char *id, const char *path, void *user),
                         void *user);

enum g20_store_state { G20_STORE_OK, G20_STORE_FULL, G20_STORE_FAILED };

struct g20_store_stats {
    enum g20_store_state state;
    char text[320];             /* what is wrong, "" when nothing is */
    uint64_t emissions_written; /* rows, updates of one counted too */
    uint64_t records_written;   /* put, changed, deleted */
    uint64_t updates_dropped;   /* states of emissions that were still on, forgotten: queue full */
    uint64_t emissions_lost;    /* ended and never written: queue full, or refused */
    uint64_t events_missed;     /* of g20_store_missed() */
    uint64_t write_errors;      /* transactions that failed */
    uint64_t emissions_deleted, captures_deleted; /* for their age or for room */
    uint32_t queue, queue_cap;                    /* emissions waiting now */
    uint64_t database_bytes, disk_free_bytes;     /* at most some seconds old */
};
void g20_store_stats(struct g20_store *s, struct g20_store_stats *ret);

#endif
