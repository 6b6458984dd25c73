/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/text.h"
#include "detect/class_list.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct g20_class_list l;
    struct g20_err e;
    char text[512];

    if (size >= sizeof(text))
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (g20_class_list_parse(&l, text, &e) == 0) {
        if (l.count == 0 || l.count > G20_CLASSES_MOST)
            __builtin_trap();
        for (uint32_t i = 0; i < l.count; i++)
            if (!l.name[i][0] || !g20_text_is_clean(l.name[i]))
                __builtin_trap();
    }
    return 0;
}
