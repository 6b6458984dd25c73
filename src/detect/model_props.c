/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/model_props.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const struct g20_model_lock *l, char *buf, size_t size)
{
    if (l->word)
        return l->word;
    snprintf(buf, size, "%g", l->value);
    return buf;
}

int g20_model_describe(struct g20_model *m, const struct g20_model_lock *locks, size_t n,
                       struct g20_err *e)
{
    char buf[32];
    int r = 0;

    for (size_t i = 0; i < n && r >= 0; i++)
        r = g20_model_set(m, locks[i].key, text_of(&locks[i], buf, sizeof(buf)), e);
    return r;
}

int g20_model_check(const struct g20_model *m, const struct g20_model_lock *locks, size_t n,
                    const char *name, struct g20_err *e)
{
    char buf[32];

    for (size_t i = 0; i < n; i++) {
        const char *want = text_of(&locks[i], buf, sizeof(buf));
        const char *found = g20_model_prop(m, locks[i].key);
        if (!found)
            return g20_fail(e, G20_EUNSUPPORTED, "%s: no %s: not a model of this kind", name,
                            locks[i].key);
        if (strcmp(found, want) != 0)
            return g20_fail(e, G20_ELOCKED, "%s: %s is %.60s, this program's is %s", name,
                            locks[i].key, found, want);
    }
    return 0;
}
