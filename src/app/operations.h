/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* operations: what clients ask of the daemon, whichever door they come by. Any thread. */
#ifndef G20_APP_OPERATIONS_H
#define G20_APP_OPERATIONS_H

#include "app/daemon.h"

/* A head by its name in the models folder. @may_be_path: from the machine's owner, who may name a
 * file too (what holds a slash). -ENOENT; -EEXIST it is loaded; G20_ELOCKED it stands on another
 * trunk, or is a detector; -EOPNOTSUPP there is no trunk. */
G20_MUST_USE int g20_op_load_model(struct g20_daemon *d, const char *name, bool may_be_path,
                                   struct g20_err *e);
G20_MUST_USE int g20_op_unload_model(struct g20_daemon *d, const char *name, struct g20_err *e);

/* The body of /api/capabilities. */
json_t *g20_op_capabilities(struct g20_daemon *d);

#endif
