/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Private to request.c and request_save.c. */
#ifndef G20_TEACH_REQUEST_OWN_H
#define G20_TEACH_REQUEST_OWN_H

#include "teach/request.h"

/* The members of save_sample. */
G20_MUST_USE int g20_teach_request_save(const json_t *o, struct g20_teach_request *r,
                                        struct g20_err *e);

#endif
