/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/progress.h"

#include "base/base.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#include <string.h>
#include <unistd.h>

enum { BAR = 30, NAME_BYTES = 40 };

static const uint64_t FIRST_NS = 500000000, BAR_NS = 100000000, LINE_NS = 1000000000;

void g20_progress_begin(struct g20_progress *p, const char *module, const char *name, bool quiet)
{
    *p = (struct g20_progress){.module = module,
                               .name = name,
                               .is_terminal = isatty(STDERR_FILENO),
                               .quiet = quiet,
                               .start_ns = g20_clock_mono_ns()};
    p->next_ns = p->start_ns + FIRST_NS;
}

static void put(const struct g20_text *t)
{
    if (write(STDERR_FILENO, t->data, t->len) < 0)
        return; /* nobody to show it to */
}

static void draw(struct g20_progress *p, double done, double total, double per_s)
{
    char buf[512], name[2 * NAME_BYTES];
    struct g20_text t;
    const size_t len = strlen(p->name);

    /* The end of a path tells more than its beginning; a cut character becomes U+FFFD. */
    g20_text_fixed(&t, name, sizeof(name));
    g20_text_plain(&t, p->name + (len > NAME_BYTES ? len - NAME_BYTES : 0));
    g20_text_fixed(&t, buf, sizeof(buf));
    g20_text_printf(&t, "\r\033[K%s ", name);
    if (total > 0) {
        const int full = (int)(BAR * G20_MIN(done / total, 1.0));
        g20_text_puts(&t, "[");
        for (int i = 0; i < BAR; i++)
            g20_text_puts(&t, i < full ? "#" : ".");
        g20_text_printf(&t, "] %.0f %%, ", 100.0 * G20_MIN(done / total, 1.0));
    }
    if (p->unit)
        g20_text_printf(&t, "%.0f %s, %.1f a second", done, p->unit, per_s);
    else
        g20_text_printf(&t, "%.1f M samples, %.1f MS/s", done * 1e-6, per_s * 1e-6);
    put(&t);
    p->drawn = true;
}

void g20_progress_show(struct g20_progress *p, uint64_t done, uint64_t total)
{
    const uint64_t now_ns = g20_clock_mono_ns();

    if (p->quiet || now_ns < p->next_ns)
        return;
    const double per_s =
        (double)(done - G20_MIN(p->first, done)) / ((double)(now_ns - p->start_ns) * 1e-9);
    if (p->is_terminal)
        draw(p, (double)done, (double)total, per_s);
    else if (p->unit)
        g20_log(G20_LOG_INFO, p->module, "progress", G20_F_STR("file", p->name),
                G20_F_INT(p->unit, done), G20_F_INT("of", total), G20_F_NUM("per_s", per_s));
    else
        g20_log(G20_LOG_INFO, p->module, "progress", G20_F_STR("file", p->name),
                G20_F_INT("samples", done), G20_F_INT("of", total),
                G20_F_NUM("msps", per_s * 1e-6));
    p->next_ns = now_ns + (p->is_terminal ? BAR_NS : LINE_NS);
}

void g20_progress_end(struct g20_progress *p)
{
    static const char clear[] = "\r\033[K";

    if (p->drawn && write(STDERR_FILENO, clear, sizeof(clear) - 1) < 0)
        return; /* the terminal is gone */
    p->drawn = false;
}
