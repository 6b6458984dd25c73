/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Writes fft_plans.c: for each size and direction the fastest of many plans that FFTW measured on
 * this machine, where it is faster than FFTW's estimate. Run it with nothing else running:
 *
 *     ninja -C build src/dsp/gen_fft_plans && build/src/dsp/gen_fft_plans > src/dsp/fft_plans.c
 */
#include <complex.h>
#include <fftw3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LEAST = 16, MOST = 8192, TRIES = 24, BATCHES = 15, BATCH_SAMPLES = 1 << 18 };
enum { TEXT_BYTES = 64 * 1024 };

#define GAIN 0.95 /* of the estimate's time: what takes more is not worth a line */

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double least_ns(fftwf_plan plan, int n)
{
    const int runs = BATCH_SAMPLES / n;
    double least = 1e18;

    for (int k = 0; k < BATCHES; k++) {
        const double begun = now_ns();
        for (int i = 0; i < runs; i++)
            fftwf_execute(plan);
        const double took = (now_ns() - begun) / runs;
        least = took < least ? took : least;
    }
    return least;
}

struct text {
    char at[TEXT_BYTES];
    size_t len;
};

static void put_char(char c, void *user)
{
    struct text *t = user;

    if (t->len + 1 < TEXT_BYTES)
        t->at[t->len++] = c;
    t->at[t->len] = '\0';
}

/* The wisdom of the fastest of TRIES plans; empty: the estimate is as good. */
static void choose(int n, int dir, fftwf_complex *in, fftwf_complex *out, struct text *best)
{
    best->at[best->len = 0] = '\0';
    fftwf_forget_wisdom();
    fftwf_plan plan = fftwf_plan_dft_1d(n, in, out, dir, FFTW_ESTIMATE);
    const double estimate = least_ns(plan, n);
    double least = GAIN * estimate;
    fftwf_destroy_plan(plan);
    for (int i = 0; i < TRIES; i++) {
        fftwf_forget_wisdom();
        plan = fftwf_plan_dft_1d(n, in, out, dir, FFTW_MEASURE);
        const double took = least_ns(plan, n);
        if (took < least) {
            least = took;
            best->len = 0;
            fftwf_export_wisdom(put_char, best);
        }
        fftwf_destroy_plan(plan);
    }
    fprintf(stderr, "%5d %+d: %.2f of the estimate's %.0f ns\n", n, dir, least / estimate,
            estimate);
}

/* Lines of wisdom as C: the first, or those between it and the last. */
static void print_lines(const char *text, bool first)
{
    for (int i = 0; *text; i++) {
        const size_t len = strcspn(text, "\n");
        if (len > 1 && (i == 0) == first)
            printf("    \"%.*s\\n\"\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

int main(void)
{
    static fftwf_complex in[MOST] __attribute__((aligned(64))),
        out[MOST] __attribute__((aligned(64)));
    static struct text wisdom;
    bool begun = false;

    printf("/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
           "/* SPDX-FileCopyrightText: 2026 The G20 authors */\n"
           "/* Written by gen_fft_plans.c. */\n#include \"dsp/fft_plans.h\"\n\n"
           "const char g20_fft_plans[] =\n");
    for (int n = LEAST; n <= MOST; n *= 2)
        for (int dir = -1; dir <= 1; dir += 2) {
            choose(n, dir, in, out, &wisdom);
            if (!begun && wisdom.len > 0) {
                print_lines(wisdom.at, true);
                begun = true;
            }
            print_lines(wisdom.at, false);
        }
    printf("    \")\\n\";\n");
    return begun ? 0 : 1;
}
