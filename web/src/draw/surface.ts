// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// surface: a 2D canvas drawn in CSS pixels at the display's own resolution.

export interface Surface {
  ctx: CanvasRenderingContext2D;
  width: number;
  height: number;
}

const sizes = new WeakMap<Element, { width: number; height: number }>();

/**
 * An element's size in CSS pixels, as it was when measure() last looked. Asking the element itself
 * while the page has changes makes the browser lay all of it out, at every frame.
 */
export const sizeOf = (e: Element): { width: number; height: number } => sizes.get(e) ?? measure(e);

export function measure(e: Element): { width: number; height: number } {
  const size = { width: e.clientWidth, height: e.clientHeight };
  sizes.set(e, size);
  return size;
}

/** Fits the backing store to the element; returns its context, scaled and cleared. */
export function begin(canvas: HTMLCanvasElement): Surface | null {
  const ctx = canvas.getContext('2d');
  const dpr = window.devicePixelRatio || 1;
  const { width, height } = sizeOf(canvas);
  if (!ctx || width === 0 || height === 0) return null;
  const [w, h] = [Math.round(width * dpr), Math.round(height * dpr)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return { ctx, width, height };
}

/** Half-pixel position of a one-pixel line. */
export const crisp = (v: number): number => Math.round(v) + 0.5;

export const FONT = '11px "Inter", "Segoe UI", system-ui, sans-serif';

/** Colours of the plots; the page's own are in app.css. Chosen to differ in lightness as well as
 * hue, so that they hold for the common kinds of colour blindness. */
export const INK = {
  grid: '#1d2733',
  axis: '#93a1b1',
  text: '#b6c2cf',
  live: '#e6edf3',
  liveFill: 'rgba(120, 160, 200, 0.12)',
  average: '#4fb3ff',
  peak: '#f0a63a',
  floor: '#c58fff',
  box: '#ffffff',
  boxDim: 'rgba(255, 255, 255, 0.6)',
  selected: '#ffb000',
  mark: '#7df0ff',
  halo: 'rgba(0, 0, 0, 0.75)',
  labelBack: 'rgba(8, 12, 18, 0.82)',
  cursor: 'rgba(255, 255, 255, 0.45)',
} as const;
