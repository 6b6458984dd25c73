/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/head_views.h"

#include "app/app.h"
#include "detect/heads.h"
#include "train/recorded.h"

#include <errno.h>
#include <string.h>

enum { ANNOTATIONS = 1024, EMISSIONS = 100 };

static const struct g20_recorded_change changes[] = {
    {.shift = 0.125}, {.shift = -0.125}, {.shift = 0.03},
    {.late = 34567},  {.gain = 0.5f},    {.gain = 3.0f},
};

struct views {
    struct g20_heads *heads;
    const char *name;
    bool named[ANNOTATIONS]; /* as recorded */
    bool again[ANNOTATIONS], seen[ANNOTATIONS];
    bool changed;
    uint32_t emissions;
};

/* An annotation of several parts is named when one of them is. */
static bool take(const struct g20_recorded_look *l, void *user)
{
    struct views *v = user;
    struct g20_naming naming;

    if (strcmp(l->label, v->name) != 0 || l->annotation >= ANNOTATIONS)
        return !g20_interrupted();
    const bool yes =
        g20_heads_name(v->heads, l->look, &naming) && strcmp(naming.name, v->name) == 0;
    if (v->changed) {
        v->seen[l->annotation] = true;
        v->again[l->annotation] = v->again[l->annotation] || yes;
    } else {
        v->named[l->annotation] = v->named[l->annotation] || yes;
        v->emissions++;
    }
    return !g20_interrupted();
}

static int ask(struct views *v, const char *file, uint32_t *asked, uint32_t *kept,
               struct g20_err *e)
{
    memset(v->named, 0, sizeof(v->named));
    v->changed = false;
    int r = g20_recorded_looks(file, 0, 0, take, v, e);

    v->changed = true;
    for (size_t c = 0; c < G20_COUNT_OF(changes) && r >= 0; c++) {
        memset(v->again, 0, sizeof(v->again));
        memset(v->seen, 0, sizeof(v->seen));
        r = g20_recorded_changed(file, &changes[c], take, v, e);
        for (size_t i = 0; i < ANNOTATIONS; i++) {
            *asked += v->named[i] && v->seen[i];
            *kept += v->named[i] && v->again[i];
        }
    }
    return r;
}

int g20_head_views(const char *trunk, const char *head, const char *name, int count,
                   char *const *files, uint32_t *ret_asked, uint32_t *ret_kept, struct g20_err *e)
{
    struct views v = {.name = name};
    uint32_t asked = 0, kept = 0;
    int r = g20_heads_create(&v.heads, trunk, e);

    if (r >= 0)
        r = g20_heads_add(v.heads, head, e);
    for (int i = 0; i < count && r >= 0 && v.emissions < EMISSIONS; i++)
        r = ask(&v, files[i], &asked, &kept, e);
    g20_heads_destroy(v.heads);
    if (r >= 0 && g20_interrupted())
        r = g20_fail(e, -ECANCELED, "interrupted");
    if (r < 0)
        return r;
    *ret_asked = asked;
    *ret_kept = kept;
    return 0;
}
