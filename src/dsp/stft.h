/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* stft: sample blocks in, power spectra out.
 *
 * Overlapping windowed transforms over a stream of blocks. The window kernel reads the block's own
 * memory in its own format (converting, windowing and filling the transform's input in one pass);
 * a frame that spans two or more blocks is read from all of them in place, so no sample is ever
 * copied. Blocks still needed for the next frame stay referenced: up to nfft samples' worth, so the
 * pool they come from must hold at least nfft / block length + 2 blocks beyond what others hold.
 *
 * One object per stream, used by one thread at a time. create() takes all the memory; push() never
 * allocates, locks or logs. A frame never spans a gap, a retune or a new segment: it starts afresh.
 *
 * Level: power is |X|^2 / (sum of window)^2, so that a full-scale complex tone on a bin centre
 * reads 1.0 (0 dBFS) whatever the size and window (Heinzel et al., "Spectrum and spectral density
 * estimation by the DFT", 2002, eq. 24). White noise of variance s2 reads s2 x ENBW / n in a bin.
 */
#ifndef G20_DSP_STFT_H
#define G20_DSP_STFT_H

#include "base/block.h"
#include "base/cancel.h"
#include "dsp/window.h"

struct g20_stft;

struct g20_stft_cfg {
    uint32_t nfft;                   /* power of two, 64..65536 */
    uint32_t hop;                    /* samples from one frame to the next, 1..nfft */
    enum g20_window window;          /* usually G20_WINDOW_HANN */
    const char *wisdom_dir;          /* borrowed for the call; NULL: untimed, see fft.h */
    const struct g20_cancel *cancel; /* of create(), borrowed for it; NULL: none */
};

struct g20_frame {
    const float *power;    /* (nfft) linear, 1.0 = full-scale tone; lowest frequency first, so
                              bin nfft/2 is baseband zero. Borrowed: valid during the call. */
    uint64_t first_sample; /* stream number of the frame's first sample */
    uint64_t time_us;      /* UTC of it */
    double center_hz, rate_hz;
    bool restarted; /* first frame after a gap, retune or new segment (and of the stream) */
};

typedef void g20_stft_frame_fn(const struct g20_frame *frame, void *user);

G20_MUST_USE int g20_stft_create(struct g20_stft **ret, const struct g20_stft_cfg *cfg,
                                 struct g20_err *e);

/* Take in one block (a reference is kept while needed, the caller keeps its own); returns the
 * number of frames handed to @on_frame. */
size_t g20_stft_push(struct g20_stft *s, struct g20_block *b, g20_stft_frame_fn *on_frame,
                     void *user);

/* Samples of which I or Q was NaN, infinite or beyond any radio (G20_SAMPLE_LIMIT); that component
 * counted as 0. Samples that no frame has reached yet are not counted. */
uint64_t g20_stft_bad_samples(const struct g20_stft *s);

/* Change the hop, 1..nfft (a larger or smaller one is taken as the nearest of these). Forgets the
 * samples held, as reset does. Allocates nothing. */
void g20_stft_set_hop(struct g20_stft *s, uint32_t hop);

void g20_stft_reset(struct g20_stft *s);   /* forget the samples held, drop the references */
void g20_stft_destroy(struct g20_stft *s); /* NULL and half-built objects are fine */

#endif
