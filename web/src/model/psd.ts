// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// psd: the traces of the spectrum panel: live, average and peak hold over one grid of bins.
//
// The grid follows the rows. When the view changes, the average starts again (a finer bin holds
// less noise, so old and new averages do not mix), and the peaks are carried over: a coarse peak
// is an upper bound of each finer bin in it, and stays until it is cleared.

import { codeToDb, type RowInfo } from './rows';
import { sameBand, span, type Band } from './view';

export class PsdTraces {
  band: Band = { lo: 0, hi: 1 };
  live = new Float32Array(0); // (bins) dBFS
  average = new Float32Array(0); // (bins) dBFS of the mean power of the rows
  peak = new Float32Array(0); // (bins) dBFS, NaN where nothing was seen yet
  noiseFloorDb = NaN;
  private power = new Float64Array(0); // (bins) running mean, linear
  private rows = 0;
  private readonly toDb = new Float32Array(256); // level of each code at the current scale
  private readonly toPower = new Float64Array(256);
  private scale = { dbMin: NaN, dbMax: NaN };

  /** @averageRows: the length of the average in rows (exponential once that many were seen). */
  constructor(private readonly averageRows = 32) {}

  push(row: RowInfo, codes: Uint8Array): void {
    if (row.bins !== this.live.length || !sameBand(row.band, this.band)) this.regrid(row);
    if (row.dbMin !== this.scale.dbMin || row.dbMax !== this.scale.dbMax) this.rescale(row);
    this.rows = Math.min(this.rows + 1, this.averageRows);
    this.noiseFloorDb = row.noiseFloorDb;

    for (let i = 0; i < row.bins; i++) {
      const code = codes[i] ?? 0;
      const db = this.toDb[code] ?? NaN;
      const p =
        (this.power[i] ?? 0) + ((this.toPower[code] ?? 0) - (this.power[i] ?? 0)) / this.rows;
      this.live[i] = db;
      this.power[i] = p;
      this.average[i] = 10 * Math.log10(p);
      if (!(db <= (this.peak[i] ?? NaN))) this.peak[i] = db;
    }
  }

  clearPeak(): void {
    this.peak.fill(NaN);
  }

  reset(): void {
    this.rows = 0;
    this.live = new Float32Array(0);
    this.peak = new Float32Array(0);
  }

  private regrid(row: RowInfo): void {
    this.peak = resamplePeak(this.peak, this.band, row.band, row.bins);
    this.live = new Float32Array(row.bins);
    this.average = new Float32Array(row.bins);
    this.power = new Float64Array(row.bins);
    this.band = row.band;
    this.rows = 0;
  }

  private rescale(row: RowInfo): void {
    this.scale = { dbMin: row.dbMin, dbMax: row.dbMax };
    for (let c = 0; c < 256; c++) {
      this.toDb[c] = codeToDb(c, row);
      this.toPower[c] = 10 ** (codeToDb(c, row) / 10);
    }
  }
}

/** @peak over @from, seen on a new grid: the maximum where it is coarser, repeated where finer. */
export function resamplePeak(
  peak: Float32Array,
  from: Band,
  to: Band,
  bins: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(bins).fill(NaN);
  const perHz = peak.length / span(from);
  for (let i = 0; i < bins; i++) {
    const a = (to.lo + (i * span(to)) / bins - from.lo) * perHz;
    const b = (to.lo + ((i + 1) * span(to)) / bins - from.lo) * perHz;
    // Old bins whose centre lies in the new one; none when the new one is finer.
    let first = Math.ceil(a - 0.5);
    let last = Math.ceil(b - 0.5) - 1;
    if (last < first) first = last = Math.floor((a + b) / 2);
    for (let j = Math.max(0, first); j <= Math.min(last, peak.length - 1); j++) {
      const v = peak[j] ?? NaN;
      if (!(v <= (out[i] ?? NaN)) && !Number.isNaN(v)) out[i] = v;
    }
  }
  return out;
}
