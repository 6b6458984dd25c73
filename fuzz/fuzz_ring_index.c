/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "capture/ring_marks.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *data, size_t size, struct g20_ring_marks *marks)
{
    struct g20_ring_index x;
    struct g20_err e = {0};

    marks->first = marks->count = 0;
    if (g20_ring_index_read(data, size, &x, marks, &e) < 0) {
        if (!e.msg[0])
            abort();
        return;
    }
    for (uint32_t i = 0; i < marks->count; i++) {
        const struct g20_ring_mark *m = g20_ring_marks_at(marks, i);
        if (m->pos < x.tail || g20_ring_mark_end(m) > x.head || x.head - x.tail > x.cap)
            abort();
        if (g20_ring_marks_find(marks, m->pos) != i)
            abort();
    }
    uint8_t *again = g20_calloc(1, g20_ring_index_bytes(marks->count));
    if (!again)
        return;
    g20_ring_index_write(&x, marks, again);
    if (memcmp(again + 16, data + 16, 32) != 0) /* generation, size, ends */
        abort();
    g20_free(again);
}

/* What is accepted lies within the file. The sum is made right as well, or nothing behind it would
 * ever be reached. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct g20_ring_marks marks;

    if (!marks.mark && g20_ring_marks_init(&marks, G20_RING_INDEX_MOST) < 0)
        return 0;
    check(data, size, &marks);
    if (size >= G20_RING_INDEX_HEAD) {
        uint32_t count;
        uint8_t *copy = g20_calloc(1, size);
        if (!copy)
            return 0;
        memcpy(copy, data, size);
        memcpy(&count, copy + 12, 4);
        if (count <= G20_RING_INDEX_MOST && g20_ring_index_bytes(count) <= size) {
            const uint64_t sum = g20_ring_index_sum(copy, g20_ring_index_bytes(count));
            memcpy(copy + 56, &sum, 8);
            check(copy, size, &marks);
        }
        g20_free(copy);
    }
    return 0;
}
