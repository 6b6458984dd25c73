/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The scene has a plain FFT of its own: a library that chooses its algorithm by timing would make
 * the last bit of a sample depend on the machine's mood. */
#include "base/alloc.h"
#include "source/scene_kind.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define LONGEST 32768u  /* samples looked at */
#define SHORT   LONGEST /* up to here one periodogram of everything */
#define WELCH   2048u

struct g20_obw {
    struct g20_gen gen;
    float wave_re[LONGEST], wave_im[LONGEST];
    float re[SHORT], im[SHORT], wr[SHORT / 2], wi[SHORT / 2];
    double psd[SHORT];
    float hann[WELCH];
};

void g20_scene_fft_factors(float *wr, float *wi, uint32_t n)
{
    for (uint32_t i = 0; i < n / 2; i++) {
        const double a = -6.283185307179586 * i / n;
        wr[i] = (float)cos(a);
        wi[i] = (float)sin(a);
    }
}

void g20_scene_fft(float *re, float *im, uint32_t n, const float *wr, const float *wi,
                   uint32_t step)
{
    for (uint32_t i = 1, j = 0; i < n; i++) { /* bit reversal */
        uint32_t bit = n >> 1;

        for (; j & bit; bit >>= 1)
            j ^= bit;
        j |= bit;
        if (i < j) {
            const float r = re[i], m = im[i];
            re[i] = re[j];
            im[i] = im[j];
            re[j] = r;
            im[j] = m;
        }
    }
    for (uint32_t half = 1; half < n; half *= 2) {
        const uint32_t stride = step * (n / (2 * half));

        for (uint32_t start = 0; start < n; start += 2 * half) {
            for (uint32_t k = 0; k < half; k++) {
                const uint32_t a = start + k, b = a + half;
                const float c = wr[k * stride], s = wi[k * stride];
                const float tr = re[b] * c - im[b] * s, ti = re[b] * s + im[b] * c;

                re[b] = re[a] - tr;
                im[b] = im[a] - ti;
                re[a] += tr;
                im[a] += ti;
            }
        }
    }
}

int g20_obw_create(struct g20_obw **ret)
{
    struct g20_obw *o = g20_calloc(1, sizeof(*o));

    if (!o)
        return -ENOMEM;
    g20_scene_fft_factors(o->wr, o->wi, SHORT);
    for (uint32_t i = 0; i < WELCH; i++)
        o->hann[i] = (float)(0.5 - 0.5 * cos(6.283185307179586 * (i + 0.5) / WELCH));
    *ret = o;
    return 0;
}

void g20_obw_destroy(struct g20_obw *o)
{
    g20_free(o);
}

/* Where the power below reaches @share, bins counted from the most negative frequency. */
static double quantile(const double *psd, uint32_t n, double share)
{
    double total = 0, sum = 0;

    for (uint32_t i = 0; i < n; i++)
        total += psd[i];
    for (uint32_t i = 0; i < n; i++) {
        const double p = psd[(i + n / 2) % n];
        if (p > 0 && sum + p >= share * total)
            return ((double)i + (share * total - sum) / p - 0.5) / n - 0.5;
        sum += p;
    }
    return 0.5;
}

static void add_periodogram(struct g20_obw *o, const float *re, const float *im, uint32_t len,
                            uint32_t n, bool hann)
{
    memset(o->re, 0, n * sizeof(o->re[0]));
    memset(o->im, 0, n * sizeof(o->im[0]));
    for (uint32_t i = 0; i < len; i++) {
        const float w = hann ? o->hann[i] : 1.0f;

        o->re[i] = re[i] * w;
        o->im[i] = im[i] * w;
    }
    g20_scene_fft(o->re, o->im, n, o->wr, o->wi, SHORT / n);
    for (uint32_t i = 0; i < n; i++)
        o->psd[i] += (double)o->re[i] * (double)o->re[i] + (double)o->im[i] * (double)o->im[i];
}

void g20_obw_measure(struct g20_obw *o, const struct g20_scene_kind *k, uint64_t seed, double bw,
                     uint64_t count, uint32_t gate, double *ret_lo, double *ret_hi,
                     double *ret_power)
{
    g20_gen_start(&o->gen, k, seed, seed, bw, count);
    count = o->gen.count;
    const uint32_t len = (uint32_t)G20_MIN(count, LONGEST);
    uint32_t n = WELCH;

    k->fill(&o->gen, o->wave_re, o->wave_im, len);
    double power = 0;
    for (uint32_t i = 0; i < len; i++)
        power += (double)(o->wave_re[i] * o->wave_re[i] + o->wave_im[i] * o->wave_im[i]);
    *ret_power = k->keyed ? 1 : power / len;
    if (!k->keyed) {
        for (uint32_t i = 0; i < gate && i < len; i++) { /* the same edges as in scene_voice.c */
            const float g = (float)(0.5 - 0.5 * cos(3.141592653589793 * (i + 0.5) / gate));

            o->wave_re[i] *= g;
            o->wave_im[i] *= g;
            if (count == len) {
                o->wave_re[len - 1 - i] *= g;
                o->wave_im[len - 1 - i] *= g;
            }
        }
    }
    if (len <= SHORT) { /* zero-padded at least twice where there is room, for a fine grid */
        for (n = 256; n < len || (n < 8192 && n < 4 * len);)
            n *= 2;
    }
    memset(o->psd, 0, n * sizeof(o->psd[0]));
    if (len <= SHORT) {
        add_periodogram(o, o->wave_re, o->wave_im, len, n, false);
    } else {
        for (uint32_t at = 0; at + WELCH <= len; at += WELCH / 2)
            add_periodogram(o, o->wave_re + at, o->wave_im + at, WELCH, WELCH, true);
    }
    *ret_lo = quantile(o->psd, n, 0.005);
    *ret_hi = quantile(o->psd, n, 0.995);
}
