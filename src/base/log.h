/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* log: levels and typed fields, as JSON lines or as text for a terminal, on stderr.
 *
 * Thread-safe; a line is written with one write(2). One of the two permitted globals. Library
 * folders log at debug at most; engine, server and app decide what a person should see.
 *
 *     g20_log(G20_LOG_INFO, "server", "listening", G20_F_STR("address", addr),
 *             G20_F_INT("port", port));
 */
#ifndef G20_BASE_LOG_H
#define G20_BASE_LOG_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum g20_log_level { G20_LOG_DEBUG, G20_LOG_INFO, G20_LOG_WARNING, G20_LOG_ERROR };
enum g20_log_format { G20_LOG_AUTO, G20_LOG_JSON, G20_LOG_TEXT }; /* AUTO: text on a terminal */

struct g20_field {
    const char *key;
    enum { G20_FIELD_STR, G20_FIELD_INT, G20_FIELD_NUM, G20_FIELD_BOOL } type;
    union {
        const char *str;
        int64_t i;
        double num;
        bool b;
    };
};

#define G20_F_STR(k, v)  ((struct g20_field){.key = (k), .type = G20_FIELD_STR, .str = (v)})
#define G20_F_INT(k, v)  ((struct g20_field){.key = (k), .type = G20_FIELD_INT, .i = (int64_t)(v)})
#define G20_F_NUM(k, v)  ((struct g20_field){.key = (k), .type = G20_FIELD_NUM, .num = (v)})
#define G20_F_BOOL(k, v) ((struct g20_field){.key = (k), .type = G20_FIELD_BOOL, .b = (v)})

/* @fd is borrowed; the default is 2 (stderr). */
void g20_log_setup(enum g20_log_format format, int fd);
void g20_log_set_level(enum g20_log_level level);
enum g20_log_level g20_log_get_level(void);

/* Every line from now on goes to @take too, as JSON without its line break, whatever the format is;
 * one at a time, from the thread that logs, so @take must be quick and must not log. NULL ends it:
 * afterwards no call is under way. */
void g20_log_tap(void (*take)(const char *line, size_t len, void *user), void *user);

/* "DEBUG" "INFO" "WARNING" "ERROR", any case; -EINVAL otherwise. */
G20_MUST_USE int g20_log_parse_level(const char *text, enum g20_log_level *ret);
const char *g20_log_level_name(enum g20_log_level level);

void g20_log_fields(enum g20_log_level level, const char *module, const char *message,
                    const struct g20_field *fields, size_t count);

/* Fields follow @message up to one without a key. */
void g20_log_list(enum g20_log_level level, const char *module, const char *message, ...);

#define G20_F_END ((struct g20_field){.key = NULL})

/* g20_log(level, module, message, field...): no field is fine too. Nothing is evaluated below the
 * level. */
#define g20_log(level, module, ...)                                  \
    do {                                                             \
        if ((level) >= g20_log_get_level())                          \
            g20_log_list((level), (module), __VA_ARGS__, G20_F_END); \
    } while (0)

#endif
