/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* api: the JSON of /api/capabilities and /api/config, made from the configuration table. */
#ifndef G20_APP_API_H
#define G20_APP_API_H

#include "config/config.h"

#include <jansson.h>

/* NULL: out of memory. @hardware (app/hardware.h) goes into it, @inference (app/inference.h) is
 * borrowed. */
json_t *g20_api_capabilities(const struct g20_config *cfg, json_t *hardware,
                             const json_t *inference);
/* {"key": {"value", "origin", "live", "help"}}; secrets are masked. */
/* Models by name, the one in use, and the heads loaded (@heads NULL: none). */
struct g20_heads;
json_t *g20_api_models(const struct g20_config *cfg, struct g20_heads *heads);

json_t *g20_api_config(const struct g20_config *cfg);

#endif
