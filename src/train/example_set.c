/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/example_set.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

enum { EACH = G20_EXAMPLES_A_SCENE };

void g20_example_set_free(struct g20_example_set *s)
{
    g20_free(s->item);
    g20_free(s->got);
    g20_free(s->index);
}

int g20_example_set_create(struct g20_example_set *s, uint32_t scenes)
{
    s->scenes = scenes;
    s->item = g20_calloc((size_t)scenes * EACH, sizeof(*s->item));
    s->got = g20_calloc(scenes, sizeof(*s->got));
    s->index = g20_calloc((size_t)scenes * EACH, sizeof(*s->index));
    return s->item && s->got && s->index ? 0 : -ENOMEM;
}

int g20_example_set_make(struct g20_example_set *s, struct g20_example_maker *m, uint64_t seed,
                         uint32_t scene, const char *without, struct g20_err *e)
{
    const int n =
        g20_example_maker_make(m, seed, scene, without, &s->item[(size_t)scene * EACH], EACH, e);

    s->got[scene] = n > 0 ? (uint32_t)n : 0;
    return G20_MIN(n, 0);
}

void g20_example_set_sort(struct g20_example_set *s)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < s->scenes; i++)
        for (uint32_t k = 0; k < s->got[i]; k++)
            memmove(&s->item[s->count++], &s->item[(size_t)i * EACH + k], sizeof(*s->item));
    for (uint32_t kind = 0; kind < G20_EXAMPLE_KINDS; kind++) {
        s->of_kind[kind] = s->index + at;
        for (uint32_t i = 0; i < s->count; i++)
            if (s->item[i].kind == kind)
                s->index[at++] = i;
        s->kind_count[kind] = (uint32_t)(s->index + at - s->of_kind[kind]);
    }
}
