/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* For AMX: a tile of 16 pixels x 64 bytes of their runs times a tile of 64 bytes x 16 outputs.
 * Rows that are no multiple of 16 pixels end with VNNI, which every CPU with AMX has. */
#include "nn/qconv_last.h"

#include <immintrin.h>

enum { T = 16 }; /* pixels of a tile */

struct tile_config { /* palette 1: eight tiles of up to 16 rows of 64 bytes */
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

static const struct tile_config config = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {T, T, T, T, T, T, T, T},
};

QCONV_INLINE void store(const struct g20_qconv_row *r, const int32_t *sum, uint32_t pixel,
                        uint32_t block)
{
    const __m512i start = _mm512_loadu_si512(r->start + (size_t)block * O);

    for (uint32_t p = 0; p < T; p++) {
        int32_t all[O];
        _mm512_storeu_si512(all, _mm512_add_epi32(_mm512_load_si512(sum + (size_t)p * O), start));
        finish(r, all, pixel + p, block);
    }
}

/* Sums in tiles 0..3 (pixels x outputs), pixels in 4 and 5, weights in 6 and 7. */
QCONV_INLINE void tiles(const struct g20_qconv_row *r, uint32_t pixel, uint32_t block,
                        const bool two_px, const bool two_ob)
{
    const uint32_t slices = g20_qconv_slices(r->run);
    const size_t filter = filter_bytes(r), stride = (size_t)r->in_step;
    const int8_t *w = r->weight + (size_t)block * filter;
    int32_t sum[4][T * O] __attribute__((aligned(64)));

    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (uint32_t k = 0; k < r->runs; k++) {
        const uint8_t *in = r->in + (ptrdiff_t)pixel * r->in_step + (ptrdiff_t)k * r->in_run;
        for (uint32_t s = 0; s < slices; s++, in += G20_QCONV_SLICE, w += G20_QCONV_SLICE * O) {
            _tile_loadd(4, in, stride);
            _tile_loadd(6, w, G20_QCONV_SLICE);
            _tile_dpbusd(0, 4, 6);
            if (two_ob) {
                _tile_loadd(7, w + filter, G20_QCONV_SLICE);
                _tile_dpbusd(1, 4, 7);
            }
            if (two_px) {
                _tile_loadd(5, in + T * stride, stride);
                _tile_dpbusd(2, 5, 6);
                if (two_ob)
                    _tile_dpbusd(3, 5, 7);
            }
        }
    }
    _tile_stored(0, sum[0], 4 * O);
    store(r, sum[0], pixel, block);
    if (two_ob) {
        _tile_stored(1, sum[1], 4 * O);
        store(r, sum[1], pixel, block + 1);
    }
    if (two_px) {
        _tile_stored(2, sum[2], 4 * O);
        store(r, sum[2], pixel + T, block);
    }
    if (two_px && two_ob) {
        _tile_stored(3, sum[3], 4 * O);
        store(r, sum[3], pixel + T, block + 1);
    }
}

static void row(const struct g20_qconv_row *r)
{
    const uint32_t whole = r->count / T * T;
    uint32_t p = 0;

    _tile_loadconfig(&config);
    for (; p + 2 * T <= whole; p += 2 * T) {
        uint32_t b = 0;
        for (; b + 2 <= r->out_blocks; b += 2)
            tiles(r, p, b, true, true);
        if (b < r->out_blocks)
            tiles(r, p, b, true, false);
    }
    if (p < whole) {
        uint32_t b = 0;
        for (; b + 2 <= r->out_blocks; b += 2)
            tiles(r, p, b, false, true);
        if (b < r->out_blocks)
            tiles(r, p, b, false, false);
    }
    _tile_release();
    if (whole < r->count) {
        const struct g20_qconv_row rest = row_from(r, whole);
        g20_qconv_vnni.row(&rest);
    }
}

const struct g20_qconv g20_qconv_amx = {"amx-int8", false, row, NULL, add};
