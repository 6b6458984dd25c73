/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* heads_load: the heads that a program is started with. */
#ifndef G20_APP_HEADS_LOAD_H
#define G20_APP_HEADS_LOAD_H

#include "app/app.h"
#include "detect/heads.h"

/* The files of @list on the shipped trunk; *ret NULL: the list is empty. */
G20_MUST_USE int g20_heads_from_list(struct g20_heads **ret, const struct g20_cli_list *list,
                                     struct g20_err *e);

/* Every head in @models_dir/heads; one that does not fit is logged and left out. *ret NULL: the
 * trunk is not there. */
G20_MUST_USE int g20_heads_from_folder(struct g20_heads **ret, const char *models_dir,
                                       struct g20_err *e);

#endif
