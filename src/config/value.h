/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* value: text to typed values and back, for config.c and yaml.c only. */
#ifndef G20_CONFIG_VALUE_H
#define G20_CONFIG_VALUE_H

#include "config/config.h"

/* Parse @text by @o's type, check it and store it in @cfg with its origin. */
G20_MUST_USE int g20_config_store(struct g20_config *cfg, const struct g20_option *o,
                                  const char *text, struct g20_origin from, struct g20_err *e);

#endif
