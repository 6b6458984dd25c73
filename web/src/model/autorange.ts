// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// autorange: a level range that shows the noise as dark texture and leaves room for the strongest
// signal, and that does not flutter.

import { codeToDb, type RowInfo } from './rows';

export interface Range {
  lo: number;
  hi: number;
}

const FLOOR_DB = -200; // level of histogram bin 0
const BINS = 240; // 1 dB each
const DECAY = 0.98; // share kept a row: memory of about 50 rows
const MIN_SPAN_DB = 40;
const HYSTERESIS_DB = 4;

export class AutoRange {
  range: Range = { lo: -110, hi: -40 };
  private readonly histogram = new Float64Array(BINS);
  private total = 0;
  private settled = false;

  push(row: RowInfo, codes: Uint8Array): void {
    for (let i = 0; i < BINS; i++) this.histogram[i] = (this.histogram[i] ?? 0) * DECAY;
    this.total = this.total * DECAY;
    const perCode = codeCounts(codes);
    for (let c = 1; c < 256; c++) {
      // Code 0 is "at or below the scale, or outside the band": it says nothing about the noise.
      const n = perCode[c] ?? 0;
      const at = Math.round(codeToDb(c, row) - FLOOR_DB);
      if (n === 0 || at < 0 || at >= BINS) continue;
      this.histogram[at] = (this.histogram[at] ?? 0) + n;
      this.total += n;
    }
    if (this.total > 0) this.settle();
  }

  reset(): void {
    this.histogram.fill(0);
    this.total = 0;
    this.settled = false;
  }

  private settle(): void {
    const lo = this.quantile(0.25) - 6;
    const hi = Math.max(this.quantile(0.9995) + 6, lo + MIN_SPAN_DB);
    const moved =
      Math.abs(lo - this.range.lo) > HYSTERESIS_DB || Math.abs(hi - this.range.hi) > HYSTERESIS_DB;
    if (moved || !this.settled) this.range = { lo: Math.round(lo), hi: Math.round(hi) };
    this.settled = true;
  }

  private quantile(q: number): number {
    let sum = 0;
    for (let i = 0; i < BINS; i++) {
      sum += this.histogram[i] ?? 0;
      if (sum >= q * this.total) return FLOOR_DB + i;
    }
    return 0;
  }
}

const counts = new Uint32Array(256);
function codeCounts(codes: Uint8Array): Uint32Array {
  counts.fill(0);
  for (let i = 0; i < codes.length; i++) {
    const c = codes[i] ?? 0;
    counts[c] = (counts[c] ?? 0) + 1;
  }
  return counts;
}

/**
 * The scale to ask the server for when @range is on screen: wide enough that strong signals are
 * not clipped in the spectrum and that small changes of the range need no new request.
 */
export function scaleFor(range: Range): { dbMin: number; dbMax: number } {
  return {
    dbMin: Math.floor((range.lo - 10) / 10) * 10,
    dbMax: Math.max(5, Math.ceil((range.hi + 10) / 10) * 10),
  };
}
