// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// spectrumplot: the PSD panel and the frequency axis under it, which the waterfall shares.

import type { PsdTraces } from '../model/psd';
import type { Range } from '../model/autorange';
import { hzToX, span, type Band } from '../model/view';
import { begin, crisp, FONT, INK } from './surface';
import { frequencyTicks, levelTicks } from './ticks';

export interface SpectrumFrame {
  view: Band;
  range: Range; // of the waterfall's colours
  fitPeaks: boolean; // higher than the range where a trace is
  traces: PsdTraces;
  gutter: number; // pixels left of the plot, for the level axis
  axisHeight: number; // pixels below the plot, for the frequency axis
  showAverage: boolean;
  showPeak: boolean;
  showFloor: boolean;
  marksHz: readonly (number | null)[];
  cursorHz: number | null;
  selected: Band | null;
}

export function drawSpectrum(canvas: HTMLCanvasElement, frame: SpectrumFrame): void {
  const s = begin(canvas);
  if (!s) return;
  const f = frame.fitPeaks ? { ...frame, range: withPeaks(frame) } : frame;
  const { ctx } = s;
  const w = s.width - f.gutter;
  const h = s.height - f.axisHeight;
  const x = (hz: number): number => f.gutter + hzToX(hz, f.view, w);
  const y = (db: number): number => ((f.range.hi - db) / (f.range.hi - f.range.lo)) * h;

  ctx.font = FONT;
  drawLevelAxis(ctx, f, w, h, y);
  drawFrequencyAxis(ctx, f, w, h, x);

  ctx.save();
  ctx.beginPath();
  ctx.rect(f.gutter, 0, w, h);
  ctx.clip();
  if (f.selected) {
    ctx.fillStyle = 'rgba(255, 176, 0, 0.16)';
    const left = x(f.selected.lo);
    ctx.fillRect(left, 0, Math.max(2, x(f.selected.hi) - left), h);
  }
  if (f.showFloor) drawFloor(ctx, f, w, y);
  if (f.showPeak) trace(ctx, f, f.traces.peak, w, y, INK.peak);
  if (f.showAverage) trace(ctx, f, f.traces.average, w, y, INK.average);
  trace(ctx, f, f.traces.live, w, y, INK.live);
  f.marksHz.forEach((hz, i) => {
    if (hz === null) return;
    ctx.fillStyle = INK.mark;
    ctx.fillRect(Math.floor(x(hz)), 0, 1, h);
    ctx.textAlign = 'left';
    ctx.textBaseline = 'top';
    ctx.fillText(`M${i + 1}`, x(hz) + 4, 2);
  });
  if (f.cursorHz !== null) {
    ctx.fillStyle = INK.cursor;
    ctx.fillRect(Math.floor(x(f.cursorHz)), 0, 1, h);
  }
  ctx.restore();
}

const ROOM_DB = 2; // above the highest peak
const STEP_DB = 5; // the axis stands still between these

/** The range, opened at the top until no trace is cut off there. */
function withPeaks(f: SpectrumFrame): Range {
  const highest = (a: Float32Array): number => columnMax(a, 0, a.length);
  const top = Math.max(
    f.range.hi,
    highest(f.traces.live) + ROOM_DB || -Infinity,
    (f.showPeak && highest(f.traces.peak) + ROOM_DB) || -Infinity,
  );
  return top > f.range.hi ? { lo: f.range.lo, hi: Math.ceil(top / STEP_DB) * STEP_DB } : f.range;
}

function drawLevelAxis(
  ctx: CanvasRenderingContext2D,
  f: SpectrumFrame,
  w: number,
  h: number,
  y: (db: number) => number,
): void {
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  for (const t of levelTicks(f.range.lo, f.range.hi, h)) {
    ctx.fillStyle = INK.grid;
    ctx.fillRect(f.gutter, Math.round(y(t.value)), w, 1);
    if (y(t.value) < 20 || y(t.value) > h - 6) continue; // the unit is written at the top
    ctx.fillStyle = INK.text;
    ctx.fillText(t.label, f.gutter - 8, y(t.value));
  }
  ctx.fillStyle = INK.axis;
  ctx.fillText('dBFS', f.gutter - 8, 9);
}

function drawFrequencyAxis(
  ctx: CanvasRenderingContext2D,
  f: SpectrumFrame,
  w: number,
  h: number,
  x: (hz: number) => number,
): void {
  const ticks = frequencyTicks(f.view.lo, f.view.hi, w);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'alphabetic';
  for (const t of ticks) {
    const at = crisp(x(t.value)) - 0.5;
    if (t.major) {
      ctx.fillStyle = INK.grid;
      ctx.fillRect(at, 0, 1, h);
    }
    ctx.fillStyle = t.major ? INK.axis : '#4a5663';
    ctx.fillRect(at, h, 1, t.major ? 6 : 3);
    const half = ctx.measureText(t.label).width / 2;
    const inside = at - half > f.gutter - 4 && at + half < f.gutter + w;
    if (!t.major || !inside) continue;
    ctx.fillStyle = INK.text;
    ctx.fillText(t.label, at, h + 18);
  }
  ctx.textAlign = 'right';
  ctx.fillStyle = INK.axis;
  ctx.fillText('MHz', f.gutter - 8, h + 18);
  ctx.fillStyle = INK.axis;
  ctx.fillRect(f.gutter, h, w, 1);
}

function drawFloor(
  ctx: CanvasRenderingContext2D,
  f: SpectrumFrame,
  w: number,
  y: (db: number) => number,
): void {
  if (!Number.isFinite(f.traces.noiseFloorDb)) return;
  ctx.strokeStyle = INK.floor;
  ctx.setLineDash([6, 4]);
  ctx.beginPath();
  ctx.moveTo(f.gutter, crisp(y(f.traces.noiseFloorDb)));
  ctx.lineTo(f.gutter + w, crisp(y(f.traces.noiseFloorDb)));
  ctx.stroke();
  ctx.setLineDash([]);
}

/** One point a pixel column: the largest of the bins in it, so that no narrow line is lost. */
function trace(
  ctx: CanvasRenderingContext2D,
  f: SpectrumFrame,
  values: Float32Array,
  w: number,
  y: (db: number) => number,
  color: string,
): void {
  const { band } = f.traces;
  const perHz = values.length / span(band);
  ctx.strokeStyle = color;
  ctx.lineWidth = 1;
  ctx.beginPath();
  let pen = false;
  for (let px = 0; px < w; px++) {
    const from = (f.view.lo + (px / w) * span(f.view) - band.lo) * perHz;
    const to = from + (span(f.view) / w) * perHz;
    const db = columnMax(values, from, to);
    if (Number.isNaN(db)) {
      pen = false;
      continue;
    }
    if (pen) ctx.lineTo(f.gutter + px + 0.5, y(db));
    else ctx.moveTo(f.gutter + px + 0.5, y(db));
    pen = true;
  }
  ctx.stroke();
}

/** Maximum over bins whose centres lie in [from, to), else the bin in the middle; NaN outside. */
export function columnMax(values: Float32Array, from: number, to: number): number {
  let first = Math.ceil(from - 0.5);
  let last = Math.ceil(to - 0.5) - 1;
  if (last < first) first = last = Math.floor((from + to) / 2);
  let max = NaN;
  for (let i = Math.max(0, first); i <= Math.min(last, values.length - 1); i++) {
    const v = values[i] ?? NaN;
    if (!(v <= max) && !Number.isNaN(v)) max = v;
  }
  return max;
}
