/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/samples_own.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Left in a signal's folder while its labels follow its name: holds the name before. */
#define MARK "renamed-from.json"

static int move_sample(const char *from, const char *to, const char *id, bool data_first,
                       struct g20_err *e)
{
    static const char *const ends[] = {"meta", "data"};
    char a[G20_FOLDER_PATH], b[G20_FOLDER_PATH];
    int r = g20_folder_make(to, e);

    for (int i = 0; i < 2 && r >= 0; i++) {
        const char *end = ends[data_first ? 1 - i : i];
        if ((r = g20_folder_path(a, e, "%s/%s.sigmf-%s", from, id, end)) >= 0 &&
            (r = g20_folder_path(b, e, "%s/%s.sigmf-%s", to, id, end)) >= 0)
            r = g20_folder_move(a, b, e);
    }
    return r;
}

/* The metadata goes first: from then on the sample is deleted, whatever happens (see tidy()). */
int g20_samples_delete(struct g20_samples *s, const char *id, struct g20_err *e)
{
    char signal[G20_SIGNAL_NAME], from[G20_FOLDER_PATH], to[G20_FOLDER_PATH];
    const int lock = g20_folder_lock(s->dir, e);
    int r = lock < 0 ? lock : g20_sample_owner(s, id, signal, e);

    if (r >= 0 && (r = g20_folder_path(from, e, "%s/signals/%s/samples", s->dir, signal)) >= 0 &&
        (r = g20_folder_path(to, e, "%s/trash/samples/%s", s->dir, signal)) >= 0)
        r = move_sample(from, to, id, false, e);
    g20_folder_unlock(lock);
    return r;
}

static int find_deleted(struct g20_samples *s, const char *id, char *signal, struct g20_err *e)
{
    struct g20_names names = {.item = NULL};
    char path[G20_FOLDER_PATH];
    bool found = false;
    int r = g20_folder_path(path, e, "%s/trash/samples", s->dir);

    if (r >= 0)
        r = g20_folder_list(&names, path, "", false, e);
    for (size_t i = 0; i < names.count && r >= 0 && !found; i++) {
        r = g20_folder_path(path, e, "%s/trash/samples/%s/%s.sigmf-meta", s->dir, names.item[i],
                            id);
        found = r >= 0 && g20_folder_has(path);
        if (found)
            snprintf(signal, G20_SIGNAL_NAME, "%s", names.item[i]);
    }
    g20_names_free(&names);
    if (r < 0 || found)
        return r < 0 ? r : 0;
    return g20_fail(e, -ENOENT, "no sample %s was deleted", id);
}

int g20_samples_restore(struct g20_samples *s, const char *id, struct g20_err *e)
{
    char signal[G20_SIGNAL_NAME], from[G20_FOLDER_PATH], to[G20_FOLDER_PATH];
    const int lock = g20_folder_lock(s->dir, e);
    int r = lock < 0 ? lock : g20_sample_owner(s, id, signal, e);

    if (r >= 0)
        r = g20_fail(e, -EEXIST, "sample %s is there", id);
    else if (r == -ENOENT)
        r = find_deleted(s, id, signal, e);
    if (r >= 0 && (r = g20_folder_path(to, e, "%s/signals/%s/samples", s->dir, signal)) >= 0 &&
        (r = g20_folder_path(from, e, "%s/trash/samples/%s", s->dir, signal)) >= 0)
        r = move_sample(from, to, id, true, e);
    g20_folder_unlock(lock);
    return r;
}

static int relabel_one(const char *path, const char *before, const char *after, struct g20_err *e)
{
    json_t *o, *a;
    size_t i;
    bool changed = false;
    int r = g20_json_load(&o, path, e);

    if (r < 0)
        return r;
    json_array_foreach(json_object_get(o, "annotations"), i, a)
    {
        const char *label = json_string_value(json_object_get(a, "core:label"));
        if (!label || strcmp(label, before) != 0)
            continue;
        json_object_set_new(a, "core:label", json_string(after));
        changed = true;
    }
    r = changed ? g20_json_write(path, o, e) : 0;
    json_decref(o);
    return r;
}

int g20_signal_relabel(struct g20_samples *s, const char *name, struct g20_err *e)
{
    char mark[G20_FOLDER_PATH], path[G20_FOLDER_PATH];
    struct g20_names ids = {.item = NULL};
    json_t *o = NULL;
    int r = g20_folder_path(mark, e, "%s/signals/%s/" MARK, s->dir, name);

    if (r < 0 || !g20_folder_has(mark))
        return r < 0 ? r : 0;
    r = g20_json_load(&o, mark, e);
    const char *before = json_string_value(json_object_get(o, "name"));
    if (r >= 0 && (r = g20_folder_path(path, e, "%s/signals/%s/samples", s->dir, name)) >= 0)
        r = g20_folder_list(&ids, path, ".sigmf-meta", false, e);
    for (size_t i = 0; i < ids.count && r >= 0 && before; i++) {
        r = g20_folder_path(path, e, "%s/signals/%s/samples/%s.sigmf-meta", s->dir, name,
                            ids.item[i]);
        if (r >= 0)
            r = relabel_one(path, before, name, e);
    }
    if (r >= 0)
        unlink(mark);
    g20_names_free(&ids);
    json_decref(o);
    return r < 0 ? r : 0;
}

static int write_mark(const struct g20_samples *s, const char *name, struct g20_err *e)
{
    char mark[G20_FOLDER_PATH];
    int r = g20_folder_path(mark, e, "%s/signals/%s/" MARK, s->dir, name);

    if (r < 0)
        return r;
    json_t *o = json_pack("{s:s}", "name", name);
    r = g20_json_write(mark, o, e);
    json_decref(o);
    return r;
}

/* The rename of the folder is the moment; labels follow, at the next opening if not now. */
int g20_signal_rename(struct g20_samples *s, const char *name, const char *to, struct g20_err *e)
{
    char a[G20_FOLDER_PATH], b[G20_FOLDER_PATH];
    int r = g20_signal_check(name, e);

    if (r < 0 || (r = g20_signal_check(to, e)) < 0 ||
        (r = g20_folder_path(a, e, "%s/signals/%s", s->dir, name)) < 0 ||
        (r = g20_folder_path(b, e, "%s/signals/%s", s->dir, to)) < 0)
        return r;
    const int lock = g20_folder_lock(s->dir, e);
    if (lock < 0)
        return lock;
    if (!g20_folder_has(a))
        r = g20_fail(e, -ENOENT, "there is no signal \"%s\"", name);
    else if (g20_folder_has(b))
        r = g20_fail(e, -EEXIST, "there is a signal \"%s\" already", to);
    else if ((r = g20_signal_relabel(s, name, e)) >= 0 && (r = write_mark(s, name, e)) >= 0 &&
             (r = g20_folder_move(a, b, e)) >= 0)
        r = g20_signal_relabel(s, to, e);
    g20_folder_unlock(lock);
    return r;
}

int g20_signal_delete(struct g20_samples *s, const char *name, struct g20_err *e)
{
    char a[G20_FOLDER_PATH], b[G20_FOLDER_PATH];
    int r = g20_signal_check(name, e);

    if (r < 0 || (r = g20_folder_path(a, e, "%s/signals/%s", s->dir, name)) < 0 ||
        (r = g20_folder_path(b, e, "%s/trash/signals", s->dir)) < 0)
        return r;
    const int lock = g20_folder_lock(s->dir, e);
    if (lock < 0)
        return lock;
    if (!g20_folder_has(a))
        r = g20_fail(e, -ENOENT, "there is no signal \"%s\"", name);
    else if ((r = g20_folder_make(b, e)) >= 0 &&
             (r = g20_folder_path(b, e, "%s/trash/signals/%s@%016llx", s->dir, name,
                                  (unsigned long long)g20_clock_utc_us())) >= 0)
        r = g20_folder_move(a, b, e);
    g20_folder_unlock(lock);
    return r;
}

int g20_signal_restore(struct g20_samples *s, const char *name, struct g20_err *e)
{
    char a[G20_FOLDER_PATH], b[G20_FOLDER_PATH];
    struct g20_names names = {.item = NULL};
    const char *last = NULL;
    int r = g20_signal_check(name, e);

    if (r < 0 || (r = g20_folder_path(a, e, "%s/trash/signals", s->dir)) < 0 ||
        (r = g20_folder_path(b, e, "%s/signals/%s", s->dir, name)) < 0)
        return r;
    const int lock = g20_folder_lock(s->dir, e);
    if (lock < 0)
        return lock;
    r = g20_folder_list(&names, a, "", false, e);
    const size_t n = strlen(name);
    for (size_t i = 0; i < names.count; i++) /* in the order of their times */
        if (strncmp(names.item[i], name, n) == 0 && names.item[i][n] == '@' &&
            strlen(names.item[i]) == n + 17)
            last = names.item[i];
    if (r >= 0 && !last)
        r = g20_fail(e, -ENOENT, "no signal \"%s\" was deleted", name);
    else if (r >= 0 && g20_folder_has(b))
        r = g20_fail(e, -EEXIST, "there is a signal \"%s\" already", name);
    else if (r >= 0 && (r = g20_folder_path(a, e, "%s/trash/signals/%s", s->dir, last)) >= 0)
        r = g20_folder_move(a, b, e);
    g20_folder_unlock(lock);
    g20_names_free(&names);
    return r;
}
