/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/class_list.h"

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static int set_name(struct g20_class_list *l, uint32_t i, const char *name, size_t n,
                    struct g20_err *e)
{
    if (n == 0 || n >= G20_CLASS_NAME)
        return g20_fail(e, -EINVAL, "the name of class %u is %zu bytes long, want 1 to %d", i, n,
                        G20_CLASS_NAME - 1);
    memcpy(l->name[i], name, n);
    l->name[i][n] = '\0';
    if (!g20_text_is_clean(l->name[i]))
        return g20_fail(e, -EINVAL, "the name of class %u is no clean UTF-8", i);
    return 0;
}

static const char *blanks(const char *at)
{
    while (*at == ' ' || *at == '\n' || *at == '\t')
        at++;
    return at;
}

/* One "12: 'name'" at *@at, which moves behind it. */
static int parse_entry(struct g20_class_list *l, const char **at, struct g20_err *e)
{
    const char *c = *at;
    uint32_t number = 0;

    if (!isdigit((unsigned char)*c))
        return g20_fail(e, -EINVAL, "want a number at \"%.20s\"", c);
    for (; isdigit((unsigned char)*c) && number < G20_CLASSES_MOST; c++)
        number = 10 * number + (uint32_t)(*c - '0');
    if (number >= G20_CLASSES_MOST)
        return g20_fail(e, -EINVAL, "more than %d classes", G20_CLASSES_MOST);
    c = blanks(c);
    const char *open = *c == ':' ? blanks(c + 1) : c;
    if (*c != ':' || (*open != '\'' && *open != '"'))
        return g20_fail(e, -EINVAL, "want a quoted name at \"%.20s\"", c);
    const char *close = strchr(open + 1, *open);
    if (!close)
        return g20_fail(e, -EINVAL, "the name at \"%.20s\" has no end", open);
    if (l->name[number][0])
        return g20_fail(e, -EINVAL, "class %u is there twice", number);
    const int r = set_name(l, number, open + 1, (size_t)(close - open - 1), e);
    l->count++;
    *at = blanks(close + 1);
    return r;
}

static int parse_dictionary(struct g20_class_list *l, const char *at, struct g20_err *e)
{
    at = blanks(at + 1);
    while (*at != '}') {
        const int r = parse_entry(l, &at, e);
        if (r < 0)
            return r;
        if (*at != ',' && *at != '}')
            return g20_fail(e, -EINVAL, "want , or } at \"%.20s\"", at);
        at = *at == ',' ? blanks(at + 1) : at;
    }
    if (*blanks(at + 1))
        return g20_fail(e, -EINVAL, "text behind the list: \"%.20s\"", at + 1);
    for (uint32_t i = 0; i < l->count; i++)
        if (!l->name[i][0])
            return g20_fail(e, -EINVAL, "class %u has no name", i);
    return 0;
}

static int parse_words(struct g20_class_list *l, const char *at, struct g20_err *e)
{
    int r = 0;

    for (; *at && r >= 0; at = blanks(at)) {
        const size_t n = strcspn(at, " \n\t");
        if (l->count == G20_CLASSES_MOST)
            return g20_fail(e, -EINVAL, "more than %d classes", G20_CLASSES_MOST);
        r = set_name(l, l->count++, at, n, e);
        at += n;
    }
    return r;
}

int g20_class_list_parse(struct g20_class_list *ret, const char *text, struct g20_err *e)
{
    const char *at = blanks(text);
    struct g20_class_list l = {.count = 0};
    const int r = *at == '{' ? parse_dictionary(&l, at, e) : parse_words(&l, at, e);

    if (r < 0)
        return r;
    if (l.count == 0)
        return g20_fail(e, -EINVAL, "no class has a name");
    *ret = l;
    return 0;
}
