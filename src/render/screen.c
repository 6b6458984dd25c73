/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "render/screen.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "dsp/colormap.h"
#include "render/font.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    EMISSIONS = 256, /* of those that show; the oldest goes when there are more */
    HEAD = 2 * (G20_FONT_H + 3),
    TICK = 5,
    BACK = 0x101418,
    INK = 0xe8ecf0,
    DIM = 0x98a0a8,
    GRID = 0x505860,
};

struct screen_row {
    uint64_t first_sample, time_us;
};

struct screen_box {
    bool open;
    struct g20_emission em;
};

struct g20_screen {
    struct g20_canvas *canvas;
    int width, rows; /* of the waterfall */
    const uint8_t (*colours)[3];
    uint8_t *rgb;           /* (rows, width, 3) ring; @newest is the row on top */
    uint8_t *codes;         /* (width) */
    struct screen_row *row; /* (rows) likewise */
    int newest, filled;
    double center_hz, rate_hz;
    float row_period_s, db_min, db_max;
    struct screen_box box[EMISSIONS];
    int boxes;
};

int g20_screen_create(struct g20_screen **ret, int width, int colormap, struct g20_err *e)
{
    if (width < G20_SCREEN_WIDTH_MIN || width > G20_SCREEN_WIDTH_MAX || width % 2 != 0 ||
        colormap < 0 || colormap >= G20_COLORMAP_COUNT)
        return g20_fail(e, -EINVAL, "screen: width %d, colormap %d", width, colormap);
    struct g20_screen *s = g20_calloc(1, sizeof(*s));
    if (!s)
        return g20_fail(e, -ENOMEM, "screen: out of memory");
    const int height = width * 9 / 16 / 2 * 2;
    s->width = width;
    s->rows = height - HEAD;
    s->colours = g20_colormap_rgb[colormap];
    s->rgb = g20_calloc((size_t)s->rows * (size_t)width, 3);
    s->row = g20_calloc((size_t)s->rows, sizeof(*s->row));
    s->codes = g20_calloc(1, (size_t)width);
    if (!s->rgb || !s->row || !s->codes || g20_canvas_create(&s->canvas, width, height) < 0) {
        g20_screen_destroy(s);
        return g20_fail(e, -ENOMEM, "screen: out of memory");
    }
    *ret = s;
    return 0;
}

void g20_screen_destroy(struct g20_screen *s)
{
    if (!s)
        return;
    g20_canvas_destroy(s->canvas);
    g20_free(s->codes);
    g20_free(s->row);
    g20_free(s->rgb);
    g20_free(s);
}

void g20_screen_push(struct g20_screen *s, const struct g20_wf_row *row, float db_min, float db_max)
{
    const double half = row->rate_hz / 2;

    if (row->center_hz != s->center_hz || row->rate_hz != s->rate_hz ||
        (s->filled > 0 && row->first_sample < s->row[s->newest].first_sample))
        s->filled = s->boxes = 0;
    s->center_hz = row->center_hz;
    s->rate_hz = row->rate_hz;
    s->row_period_s = row->row_period_s;
    s->db_min = db_min;
    s->db_max = db_max;
    s->newest = (s->newest + s->rows - 1) % s->rows;
    s->filled = G20_MIN(s->filled + 1, s->rows);
    s->row[s->newest] =
        (struct screen_row){.first_sample = row->first_sample, .time_us = row->time_us};
    g20_wf_row_view(row, row->center_hz - half, row->center_hz + half, (uint32_t)s->width, db_min,
                    db_max, s->codes);
    uint8_t *out = s->rgb + (size_t)s->newest * (size_t)s->width * 3;
    for (int x = 0; x < s->width; x++)
        memcpy(out + 3 * x, s->colours[s->codes[x]], 3);
}

static const struct screen_row *row_at(const struct g20_screen *s, int y)
{
    return &s->row[(s->newest + y) % s->rows];
}

static uint64_t end_of(const struct g20_emission *em)
{
    return em->sample_start + em->sample_count;
}

/* Frees a place: of what has left the screen, else of the one that ended first. */
static int place(struct g20_screen *s)
{
    int oldest = 0;

    if (s->filled > 0) {
        const uint64_t bottom = row_at(s, s->filled - 1)->first_sample;

        for (int i = 0; i < s->boxes;)
            if (!s->box[i].open && end_of(&s->box[i].em) < bottom)
                s->box[i] = s->box[--s->boxes];
            else
                i++;
    }
    if (s->boxes < EMISSIONS)
        return s->boxes++;
    for (int i = 1; i < s->boxes; i++)
        if (end_of(&s->box[i].em) < end_of(&s->box[oldest].em))
            oldest = i;
    return oldest;
}

void g20_screen_emission(struct g20_screen *s, enum g20_emission_event event,
                         const struct g20_emission *em)
{
    int at = -1;

    for (int i = 0; i < s->boxes && at < 0; i++)
        if (s->box[i].em.id == em->id)
            at = i;
    if (at < 0)
        at = place(s);
    s->box[at] = (struct screen_box){.open = event != G20_EMISSION_CLOSE, .em = *em};
}

/* Pixels below the top that @sample lies at: rows of the past are never evenly apart. */
static int y_of(const struct g20_screen *s, uint64_t sample)
{
    int lo = 0, hi = s->filled; /* the first row that begins at or before it */

    while (lo < hi) {
        const int mid = (lo + hi) / 2;

        if (row_at(s, mid)->first_sample <= sample)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static int x_of(const struct g20_screen *s, double f_hz)
{
    const double x = ((f_hz - s->center_hz) / s->rate_hz + 0.5) * s->width;

    return (int)G20_CLAMP(x, -1.0, (double)s->width);
}

static void shaded_text(struct g20_canvas *c, int x, int y, const char *text, uint32_t colour)
{
    const int w = (int)strlen(text) * G20_FONT_W;

    x = G20_CLAMP(x, 0, G20_MAX(c->width - w - 2, 0));
    g20_canvas_fill(c, x, y, x + w + 1, y + G20_FONT_H, BACK);
    g20_canvas_text(c, x + 1, y + 1, text, colour);
}

static const uint32_t box_colours[] = {0xffb000, 0xff5a5f, 0x4cc9f0, 0xf15bb5, 0xb8f35a, 0xffffff};

struct place { /* where a box lies on the canvas */
    int x0, y0, x1, y1;
};

/* False: it does not show. */
static bool place_of(const struct g20_screen *s, const struct screen_box *b, struct place *ret)
{
    const struct g20_emission *em = &b->em;
    const int x0 = x_of(s, em->f_lo_hz), x1 = x_of(s, em->f_hi_hz);
    const int top = b->open ? 0 : y_of(s, end_of(em)), bottom = y_of(s, em->sample_start);

    *ret = (struct place){.x0 = x0,
                          .x1 = G20_MAX(x1, x0 + 2),
                          .y0 = HEAD + top,
                          .y1 = HEAD + G20_MAX(bottom, top + 2)};
    return top < s->filled && x1 >= 0 && x0 < s->width;
}

static bool overlap(const struct place *a, const struct place *b)
{
    return a->x0 <= b->x1 && b->x0 <= a->x1 && a->y0 <= b->y1 && b->y0 <= a->y1;
}

/* One that would cover another label is left out: two on top of each other say nothing. */
static void draw_label(struct g20_screen *s, const struct screen_box *b, const struct place *at,
                       struct place *drawn, int *ndrawn)
{
    const struct g20_emission *em = &b->em;
    const int above = at->y0 - G20_FONT_H - 2;
    char label[64];

    if (at->y1 - at->y0 < 3 && at->x1 - at->x0 < 12)
        return; /* a speck: the label would hide more than it tells */
    snprintf(label, sizeof(label), "%.32s %.2f", em->class_name, (double)em->confidence);
    const int w = (int)strlen(label) * G20_FONT_W;
    const int y = above < HEAD ? at->y0 + 2 : above;
    const int x = G20_CLAMP(at->x0, 0, G20_MAX(s->width - w - 2, 0));
    const struct place place = {x, y, x + w + 1, y + G20_FONT_H};
    for (int i = 0; i < *ndrawn; i++)
        if (overlap(&place, &drawn[i]))
            return;
    drawn[(*ndrawn)++] = place;
    shaded_text(s->canvas, x, y, label,
                box_colours[(unsigned)em->class_id % G20_COUNT_OF(box_colours)]);
}

static void draw_boxes(struct g20_screen *s)
{
    struct place at, drawn[EMISSIONS];
    int ndrawn = 0;

    for (int i = 0; i < s->boxes; i++) {
        const struct screen_box *b = &s->box[i];

        if (!place_of(s, b, &at))
            continue;
        g20_canvas_frame(s->canvas, at.x0 - 1, at.y0 - 1, at.x1 + 1, at.y1 + 1, BACK);
        g20_canvas_frame(s->canvas, at.x0, at.y0, at.x1, at.y1,
                         box_colours[(unsigned)b->em.class_id % G20_COUNT_OF(box_colours)]);
    }
    for (int open = 1; open >= 0; open--) /* what is on the air comes first */
        for (int i = s->boxes - 1; i >= 0; i--)
            if (s->box[i].open == (open == 1) && place_of(s, &s->box[i], &at))
                draw_label(s, &s->box[i], &at, drawn, &ndrawn);
}

static double nice_step(double span, int most)
{
    const double raw = span / G20_MAX(most, 1), ten = pow(10, floor(log10(raw)));
    const double x = raw / ten;

    return ten * (x <= 1 ? 1 : x <= 2 ? 2 : x <= 5 ? 5 : 10);
}

static void draw_frequencies(struct g20_screen *s)
{
    const double lo = s->center_hz - s->rate_hz / 2, step = nice_step(s->rate_hz, s->width / 90);
    const int y = HEAD - G20_FONT_H - TICK + 1;
    const int decimals = (int)G20_CLAMP(ceil(6 - log10(step) - 1e-9), 0.0, 6.0);
    char text[40];

    for (int i = 0; i <= 64; i++) {
        const double f = (ceil(lo / step) + i) * step;
        const int x = x_of(s, f);

        if (x >= s->width)
            return;
        snprintf(text, sizeof(text), "%.*f", decimals, f * 1e-6);
        const int w = (int)strlen(text) * G20_FONT_W;
        if (x - w / 2 >= 0 && x + w / 2 < s->width)
            g20_canvas_text(s->canvas, x - w / 2, y, text, INK);
        g20_canvas_fill(s->canvas, x, HEAD - TICK, x, HEAD - 1, INK);
    }
}

static void draw_times(struct g20_screen *s)
{
    const double rows_s = 1 / (double)G20_MAX(s->row_period_s, 1e-6f);
    const double step_us = nice_step(s->rows / rows_s, s->rows / 60) * 1e6;
    uint64_t last = UINT64_MAX;
    char text[40];

    for (int y = 0; y < s->filled; y++) {
        const uint64_t us = row_at(s, y)->time_us, tick = (uint64_t)((double)us / step_us);

        if (last != UINT64_MAX && tick != last && y > G20_FONT_H) {
            g20_clock_format((uint64_t)((double)last * step_us), text, sizeof(text));
            text[23] = '\0'; /* 2026-11-25T14:20:01.500 */
            g20_canvas_fill(s->canvas, 0, HEAD + y, 8, HEAD + y, INK);
            shaded_text(s->canvas, 10, HEAD + y - G20_FONT_H / 2, text + 11, DIM);
        }
        last = tick;
    }
}

static void draw_head(struct g20_screen *s)
{
    char text[160], when[40] = "";

    if (s->filled == 0) {
        g20_canvas_text(s->canvas, 4, 2, "G20: no samples yet", INK);
        return;
    }
    g20_clock_format(row_at(s, 0)->time_us, when, sizeof(when));
    when[10] = ' ';
    when[19] = '\0';
    snprintf(text, sizeof(text), "%s UTC", when);
    const int right = s->width - (int)strlen(text) * G20_FONT_W - 4;
    g20_canvas_text(s->canvas, right, 2, text, INK);
    snprintf(text, sizeof(text), "G20  %.6g MHz  span %.6g MHz  %.0f..%.0f dBFS",
             s->center_hz * 1e-6, s->rate_hz * 1e-6, (double)s->db_min, (double)s->db_max);
    const int room = (right - 8) / G20_FONT_W;
    if (room > 0 && (size_t)room < strlen(text))
        text[room] = '\0';
    g20_canvas_text(s->canvas, 4, 2, text, DIM);
}

const struct g20_canvas *g20_screen_draw(struct g20_screen *s)
{
    struct g20_canvas *c = s->canvas;
    const size_t stride = (size_t)s->width * 3;
    const int first = G20_MIN(s->rows - s->newest, s->filled); /* rows before the ring's end */
    uint8_t *out = c->rgb + HEAD * stride;

    g20_canvas_fill(c, 0, 0, s->width - 1, HEAD - 1, BACK);
    memcpy(out, s->rgb + (size_t)s->newest * stride, (size_t)first * stride);
    memcpy(out + (size_t)first * stride, s->rgb, (size_t)(s->filled - first) * stride);
    if (s->filled < s->rows)
        g20_canvas_fill(c, 0, HEAD + s->filled, s->width - 1, c->height - 1, 0);
    if (s->filled > 0) {
        draw_boxes(s);
        draw_times(s);
        draw_frequencies(s);
    }
    draw_head(s);
    return c;
}
