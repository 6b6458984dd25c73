/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* cancel: a wish, set once from any thread, that a long piece of work looks at between its steps.
 *
 * Who does the work borrows a pointer to it (NULL: nobody will wish so) and fails with -ECANCELED
 * at its next step. */
#ifndef G20_BASE_CANCEL_H
#define G20_BASE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>

struct g20_cancel { /* zeroed: not wished */
    atomic_bool wanted;
};

static inline void g20_cancel(struct g20_cancel *c)
{
    atomic_store(&c->wanted, true);
}

static inline bool g20_cancelled(const struct g20_cancel *c)
{
    return c && atomic_load(&c->wanted);
}

#endif
