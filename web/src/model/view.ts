// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// view: the window of frequency on screen. All functions are pure; frequencies are hertz (f64).

/** A range of frequencies, lo < hi. */
export interface Band {
  lo: number;
  hi: number;
}

/** The smallest span one can zoom to; below it hertz on the axis stop meaning anything here. */
export const MIN_SPAN_HZ = 100;

export const span = (b: Band): number => b.hi - b.lo;
export const center = (b: Band): number => (b.lo + b.hi) / 2;
export const bandOf = (centerHz: number, spanHz: number): Band => ({
  lo: centerHz - spanHz / 2,
  hi: centerHz + spanHz / 2,
});
export const sameBand = (a: Band, b: Band): boolean => a.lo === b.lo && a.hi === b.hi;

/** Keeps @b inside @full, and its span between MIN_SPAN_HZ and that of @full. */
export function clampBand(b: Band, full: Band): Band {
  const min = Math.min(MIN_SPAN_HZ, span(full));
  const width = Math.min(Math.max(span(b), min), span(full));
  let lo = span(b) === width ? b.lo : center(b) - width / 2;
  lo = Math.min(Math.max(lo, full.lo), full.hi - width);
  return { lo, hi: lo + width };
}

/** Zooms by @factor (< 1 is in) so that the frequency at @frac (0..1 from the left) stays put. */
export function zoomBand(b: Band, factor: number, frac: number, full: Band): Band {
  const min = Math.min(MIN_SPAN_HZ, span(full));
  const width = Math.min(Math.max(span(b) * factor, min), span(full));
  const lo = b.lo + (span(b) - width) * frac;
  return clampBand({ lo, hi: lo + width }, full);
}

/** Moves by @frac of the span; positive goes to higher frequencies. */
export function panBand(b: Band, frac: number, full: Band): Band {
  const d = span(b) * frac;
  return clampBand({ lo: b.lo + d, hi: b.hi + d }, full);
}

/** Pixel (0 at the left edge) of a frequency on an axis @width pixels wide, and back. */
export const hzToX = (hz: number, b: Band, width: number): number =>
  ((hz - b.lo) / span(b)) * width;
export const xToHz = (x: number, b: Band, width: number): number => b.lo + (x / width) * span(b);

/**
 * How texture coordinate u (0..1 over a row's own band) follows from the screen's x (0..1 over
 * the view): u = scale * x + offset. Computed in f64, because absolute hertz do not fit in the
 * shader's f32.
 */
export function rowMapping(view: Band, row: Band): { scale: number; offset: number } {
  return { scale: span(view) / span(row), offset: (view.lo - row.lo) / span(row) };
}
