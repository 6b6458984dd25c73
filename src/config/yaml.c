/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The YAML file: libyaml splits it into events, the types are ours.
 *
 * A file is one document, a map of keys and of sections, each a map of keys. Anything else that
 * YAML can say (lists, anchors, tags, more documents, deeper maps) is refused, as is a key given
 * twice. A number or a truth value must stand plain: "80" in quotes is text, 80x is nothing. */
#include "config/config.h"
#include "config/value.h"

#include "base/alloc.h"
#include "base/file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

struct reader {
    struct g20_config *cfg;
    const char *name;
    g20_config_fault_fn *on_fault;
    void *user;
    struct g20_err *e;
    int failed;            /* code of the last fault; 0: none */
    char section[64];      /* with its dot; empty: at the root */
    char sections[32][64]; /* that were opened before */
    size_t nsections;
    bool seen[G20_CONFIG_ROWS];
};

/* Note a fault of line @mark; true when reading should go on to find more. */
static bool G20_PRINTF(4, 5)
    fault(struct reader *rd, yaml_mark_t mark, int code, const char *fmt, ...)
{
    struct g20_err err = {0};
    char text[sizeof(err.msg)];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    g20_fail(&err, code, "%s:%zu: %s", rd->name, mark.line + 1, text);
    if (rd->e)
        *rd->e = err;
    rd->failed = code;
    if (rd->on_fault)
        rd->on_fault(err.msg, rd->user);
    return rd->on_fault;
}

/* A scalar's text, without NUL inside and not tagged; NULL otherwise. */
static const char *plain_text(const yaml_event_t *ev)
{
    const char *text = (const char *)ev->data.scalar.value;

    if (ev->data.scalar.anchor || ev->data.scalar.tag)
        return NULL;
    return strlen(text) == ev->data.scalar.length ? text : NULL;
}

static bool is_section(const char *dotted)
{
    size_t count;
    const struct g20_option *o = g20_config_options(&count);

    for (size_t i = 0; i < count; i++) {
        if (strncmp(o[i].key, dotted, strlen(dotted)) == 0)
            return true;
    }
    return false;
}

static bool take_value(struct reader *rd, const struct g20_option *o, yaml_event_t *ev)
{
    size_t count;
    const size_t row = (size_t)(o - g20_config_options(&count));
    const yaml_mark_t mark = ev->start_mark;
    const bool is_text = o->type == G20_OPT_STR || o->type == G20_OPT_PATH;
    const bool quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    struct g20_err why = {0};
    char allowed[160];

    if (rd->seen[row])
        return fault(rd, mark, -EEXIST, "%s: given twice, first in line %u", o->key,
                     rd->cfg->origin[row].line);
    const char *text = plain_text(ev);
    g20_config_allowed(o, allowed, sizeof(allowed));
    if (!text)
        return fault(rd, mark, -EINVAL, "%s: anchors, tags and NUL bytes are not allowed", o->key);
    if (!quoted && (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0))
        return fault(rd, mark, -EINVAL, "%s: has no value%s; allowed: %s", o->key,
                     is_text ? " (write \"\" for empty text)" : "", allowed);
    if (quoted && !is_text)
        return fault(rd, mark, -EINVAL, "%s: text in quotes; allowed without quotes: %s", o->key,
                     allowed);
    const struct g20_origin from = {.kind = G20_FROM_FILE, .line = (uint32_t)mark.line + 1};
    const int r = g20_config_store(rd->cfg, o, text, from, &why);
    if (r < 0)
        return fault(rd, mark, r, "%s", why.msg);
    rd->seen[row] = true;
    return true;
}

/* The next event; false at the end of all reading. The caller deletes what it gets. */
static bool next(struct reader *rd, yaml_parser_t *p, yaml_event_t *ev)
{
    if (yaml_parser_parse(p, ev))
        return true;
    fault(rd, p->problem_mark, p->error == YAML_MEMORY_ERROR ? -ENOMEM : G20_EFORMAT,
          "not YAML: %s%s%s", p->problem ? p->problem : "cannot read", p->context ? ", " : "",
          p->context ? p->context : "");
    return false;
}

/* Read over one value of whatever depth, whose first event is @ev (deleted here). */
static bool skip_value(struct reader *rd, yaml_parser_t *p, yaml_event_t *ev)
{
    for (size_t depth = 0;;) {
        const yaml_event_type_t type = ev->type;

        yaml_event_delete(ev);
        if (type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT)
            depth++;
        if (type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT)
            depth--;
        if (depth == 0)
            return true;
        if (!next(rd, p, ev))
            return false;
    }
}

static bool read_map(struct reader *rd, yaml_parser_t *p);

static bool open_section(struct reader *rd, yaml_parser_t *p, const char *dotted, yaml_mark_t mark)
{
    for (size_t i = 0; i < rd->nsections; i++) {
        if (strcmp(rd->sections[i], dotted) == 0 &&
            !fault(rd, mark, -EEXIST, "section '%.*s' is given twice", (int)strlen(dotted) - 1,
                   dotted))
            return false;
    }
    if (rd->nsections < G20_COUNT_OF(rd->sections))
        snprintf(rd->sections[rd->nsections++], sizeof(rd->sections[0]), "%s", dotted);
    snprintf(rd->section, sizeof(rd->section), "%s", dotted);
    const bool go_on = read_map(rd, p);
    rd->section[0] = '\0';
    return go_on;
}

/* The value of @name, whose first event is @ev (deleted here); false: stop reading. */
static bool read_pair(struct reader *rd, yaml_parser_t *p, const char *name, yaml_mark_t at,
                      yaml_event_t *ev)
{
    char key[140], dotted[64];

    /* A name too long for its buffer is known to nobody. */
    if (snprintf(key, sizeof(key), "%s%s", rd->section, name) >= (int)sizeof(key))
        key[0] = '\0';
    if (snprintf(dotted, sizeof(dotted), "%s.", name) >= (int)sizeof(dotted))
        dotted[0] = '\0';
    const struct g20_option *o = g20_config_find(key);
    const bool section = !*rd->section && is_section(dotted);
    if (o && ev->type == YAML_SCALAR_EVENT) {
        const bool go_on = take_value(rd, o, ev);
        yaml_event_delete(ev);
        return go_on;
    }
    if (section && ev->type == YAML_MAPPING_START_EVENT && !ev->data.mapping_start.anchor &&
        !ev->data.mapping_start.tag) {
        yaml_event_delete(ev);
        return open_section(rd, p, dotted, at);
    }
    /* A section whose keys are all commented out is an empty scalar: no harm in it. */
    if (section && ev->type == YAML_SCALAR_EVENT && ev->data.scalar.length == 0 &&
        ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        yaml_event_delete(ev);
        return true;
    }
    const bool go_on =
        o ? fault(rd, at, -EINVAL, "%s: wants one value, not a list, a map or an alias", key)
        : section ? fault(rd, at, -EINVAL, "section '%s' wants a map of keys", name)
                  : fault(rd, at, -ENOENT, "unknown key '%.60s', did you mean '%s'?", key,
                          g20_config_nearest(key));
    if (!go_on) {
        yaml_event_delete(ev);
        return false;
    }
    return skip_value(rd, p, ev);
}

/* Pairs until the end of a map whose start was read. */
static bool read_map(struct reader *rd, yaml_parser_t *p)
{
    for (;;) {
        yaml_event_t ev;
        char name[64] = "";

        if (!next(rd, p, &ev))
            return false;
        if (ev.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&ev);
            return true;
        }
        const yaml_mark_t at = ev.start_mark;
        const char *text = ev.type == YAML_SCALAR_EVENT ? plain_text(&ev) : NULL;
        if (!text) {
            fault(rd, at, -EINVAL, "a key must be a plain word");
            yaml_event_delete(&ev);
            return false;
        }
        snprintf(name, sizeof(name), "%s", text);
        yaml_event_delete(&ev);
        if (!next(rd, p, &ev))
            return false;
        if (!read_pair(rd, p, name, at, &ev))
            return false;
    }
}

static void read_stream(struct reader *rd, yaml_parser_t *p)
{
    bool had_document = false;

    for (;;) {
        yaml_event_t ev;

        if (!next(rd, p, &ev))
            return;
        const yaml_event_type_t type = ev.type;
        const yaml_mark_t at = ev.start_mark;
        const bool empty = type == YAML_SCALAR_EVENT && ev.data.scalar.length == 0;
        yaml_event_delete(&ev);
        if (type == YAML_STREAM_END_EVENT)
            return;
        if (type == YAML_DOCUMENT_START_EVENT) {
            if (had_document) {
                fault(rd, at, G20_EFORMAT, "a second document; a file holds one");
                return;
            }
            had_document = true;
        } else if (type == YAML_MAPPING_START_EVENT) {
            if (!read_map(rd, p))
                return;
        } else if (!empty && type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_END_EVENT) {
            fault(rd, at, G20_EFORMAT, "wants a map of keys and sections");
            return;
        }
    }
}

int g20_config_read_text(struct g20_config *cfg, const char *name, const char *text, size_t len,
                         g20_config_fault_fn *on_fault, void *user, struct g20_err *e)
{
    struct g20_config copy = *cfg;
    struct reader rd = {.cfg = &copy, .name = name, .on_fault = on_fault, .user = user, .e = e};
    yaml_parser_t parser;

    if (len > G20_CONFIG_FILE_MAX)
        return g20_fail(e, -EFBIG, "%s: longer than %u bytes", name, G20_CONFIG_FILE_MAX);
    if (strlen(name) >= sizeof(cfg->file))
        return g20_fail(e, -ENAMETOOLONG, "%.60s...: name too long", name);
    if (!yaml_parser_initialize(&parser))
        return g20_fail(e, -ENOMEM, "%s: out of memory", name);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    read_stream(&rd, &parser);
    yaml_parser_delete(&parser);
    if (rd.failed)
        return rd.failed;
    snprintf(copy.file, sizeof(copy.file), "%s", name);
    *cfg = copy;
    return 0;
}

int g20_config_read_file(struct g20_config *cfg, const char *path, g20_config_fault_fn *on_fault,
                         void *user, struct g20_err *e)
{
    char *text = NULL;
    size_t len = 0;
    int r = g20_file_read(path, G20_CONFIG_FILE_MAX, &text, &len, e);

    if (r >= 0)
        r = g20_config_read_text(cfg, path, text, len, on_fault, user, e);
    g20_free(text);
    return r;
}
