/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The commands of /ws/training about a signal as a whole: its versions, its name, its end. */
#include "teach/service_own.h"

#include "base/alloc.h"
#include "base/file.h"
#include "teach/base64.h"
#include "teach/registry.h"

#include <errno.h>

enum { MOST_MODEL = 1 << 20 };

int g20_teach_signal_versions(struct g20_teach *t, const struct g20_teach_request *q, json_t **ret,
                              struct g20_err *e)
{
    json_t *list = NULL;
    uint32_t active = 0;
    int r = g20_versions_list(t->training_dir, q->signal, &list, e);

    if (r >= 0)
        r = g20_version_active(t->training_dir, q->signal, &active, e);
    if (r >= 0)
        *ret = json_pack("{s:s, s:s, s:i, s:O}", "type", "versions", "signal_name", q->signal,
                         "active_version", (int)active, "versions", list);
    json_decref(list);
    return r;
}

int g20_teach_signal_promote(struct g20_teach *t, const struct g20_teach_request *q, json_t **ret,
                             struct g20_err *e)
{
    const bool back = q->kind == G20_TEACH_ROLLBACK;
    uint32_t version = q->version;
    int r = back ? g20_version_rollback(t->training_dir, q->signal, &version, e)
                 : g20_version_promote(t->training_dir, q->signal, version, e);

    if (r >= 0)
        r = g20_teach_activate(t, q->signal, e);
    if (r >= 0)
        *ret =
            json_pack("{s:s, s:s, s:i}", "type", back ? "version_rolled_back" : "version_promoted",
                      "signal_name", q->signal, "version", (int)version);
    return r;
}

/* The new name works before the old one goes. */
int g20_teach_signal_rename(struct g20_teach *t, const struct g20_teach_request *q, json_t **ret,
                            struct g20_err *e)
{
    int r = g20_signal_rename(t->samples, q->signal, q->new_name, e);

    if (r >= 0 && (r = g20_teach_activate(t, q->new_name, e)) >= 0)
        r = g20_teach_activate(t, q->signal, e);
    if (r >= 0)
        *ret = json_pack("{s:s, s:s, s:s}", "type", "signal_renamed", "signal_name", q->new_name,
                         "old_name", q->signal);
    return r;
}

int g20_teach_signal_delete(struct g20_teach *t, const struct g20_teach_request *q, json_t **ret,
                            struct g20_err *e)
{
    const bool deletes = q->kind == G20_TEACH_DELETE_SIGNAL;
    int r = deletes ? g20_signal_delete(t->samples, q->signal, e)
                    : g20_signal_restore(t->samples, q->signal, e);

    if (r >= 0)
        r = g20_teach_activate(t, q->signal, e);
    if (r >= 0)
        *ret = json_pack("{s:s, s:s}", "type", deletes ? "signal_deleted" : "signal_restored",
                         "signal_name", q->signal);
    return r;
}

int g20_teach_signal_export(struct g20_teach *t, const struct g20_teach_request *q, json_t **ret,
                            struct g20_err *e)
{
    char path[G20_FOLDER_PATH], *data;
    uint32_t version = q->version;
    size_t len;
    int r = version ? 0 : g20_version_active(t->training_dir, q->signal, &version, e);

    if (r >= 0 && version == 0)
        r = g20_fail(e, -ENOENT, "\"%s\" has no active version", q->signal);
    if (r < 0 || (r = g20_version_path(t->training_dir, q->signal, version, path, e)) < 0 ||
        (r = g20_file_read(path, MOST_MODEL, &data, &len, e)) < 0)
        return r;
    char *text = g20_base64_encode(data, len);
    if (text)
        *ret = json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", "model", "signal_name", q->signal,
                         "version", (int)version, "format", "onnx", "data", text);
    g20_free(text);
    g20_free(data);
    return text ? 0 : g20_fail(e, -ENOMEM, "model: out of memory");
}
