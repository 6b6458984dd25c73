// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// rows: the last rows received, a ring of fixed size. Each row keeps its own band, time and level
// scale, so rows of an earlier zoom are still drawn at their true frequencies and levels.
//
// Holds the codes on the CPU side too: the cursor readout needs them, and a lost GL context is
// refilled from here.

import type { WaterfallRows } from '../net/protocol';
import { bandOf, span, type Band } from './view';

export interface RowInfo {
  timeUs: number; // of its first sample
  endUs: number;
  band: Band;
  bins: number;
  dbMin: number;
  dbMax: number;
  noiseFloorDb: number;
  gap: boolean; // rows were lost just before it
}

export class RowRing {
  readonly width: number; // most bins kept a row
  readonly capacity: number; // rows
  readonly codes: Uint8Array; // (capacity, width)
  private readonly info: (RowInfo | undefined)[];
  generation = 0; // counts the clear()s
  private total = 0; // rows ever stored since clear()

  constructor(width: number, capacity: number) {
    this.width = width;
    this.capacity = capacity;
    this.codes = new Uint8Array(width * capacity);
    this.info = new Array<RowInfo | undefined>(capacity);
  }

  /** Rows ever stored; row number n lives in slot n % capacity while n >= total - capacity. */
  get count(): number {
    return this.total;
  }

  get first(): number {
    return Math.max(0, this.total - this.capacity);
  }

  get newest(): RowInfo | undefined {
    return this.total > 0 ? this.info[(this.total - 1) % this.capacity] : undefined;
  }

  at(n: number): RowInfo | undefined {
    return n >= this.first && n < this.total ? this.info[n % this.capacity] : undefined;
  }

  codesOf(n: number): Uint8Array {
    const at = (n % this.capacity) * this.width;
    return this.codes.subarray(at, at + (this.at(n)?.bins ?? 0));
  }

  clear(): void {
    this.total = 0;
    this.generation++;
    this.info.fill(undefined);
  }

  /**
   * Stores the rows of one message. Returns false for one that is not for a ring: RGBA. Time that runs backwards (another recording, a loop) starts a new picture.
   */
  push(m: WaterfallRows): boolean {
    if (m.format !== 0) return false;
    const newest = this.newest;
    if (newest && m.timeUs < newest.timeUs) this.clear();

    const band = bandOf(m.centerHz, m.spanHz);
    const periodUs = m.rowPeriodS * 1e6;
    for (let r = 0; r < m.rows; r++) {
      const slot = this.total % this.capacity;
      const row = m.data.subarray(r * m.bins, (r + 1) * m.bins);
      const kept = Math.min(m.bins, this.width);
      poolMax(row, this.codes.subarray(slot * this.width, slot * this.width + kept));
      this.info[slot] = {
        timeUs: m.timeUs + r * periodUs,
        endUs: m.timeUs + (r + 1) * periodUs,
        band,
        bins: kept,
        dbMin: m.dbMin,
        dbMax: m.dbMax,
        noiseFloorDb: m.noiseFloorDb,
        gap: r === 0 && (m.flags & 1) !== 0,
      };
      this.total++;
    }
    return true;
  }

  /** The row whose time holds @us, or -1 where there is none (before the first, in a gap). */
  find(us: number): number {
    let lo = this.first;
    let hi = this.total - 1;
    while (lo < hi) {
      const mid = (lo + hi + 1) >> 1;
      if ((this.at(mid)?.timeUs ?? 0) <= us) lo = mid;
      else hi = mid - 1;
    }
    const row = this.at(lo);
    return row && row.timeUs <= us && us < row.endUs + GAP_SLACK * (row.endUs - row.timeUs)
      ? lo
      : -1;
  }

  /** Level of row @n at @hz, dBFS; NaN outside its band. */
  levelAt(n: number, hz: number): number {
    const row = this.at(n);
    if (!row || hz < row.band.lo || hz >= row.band.hi) return NaN;
    const bin = Math.floor(((hz - row.band.lo) / span(row.band)) * row.bins);
    return codeToDb(this.codesOf(n)[bin] ?? 0, row);
  }
}

/** Rows are said to last this share longer than their period, so that a rounded period leaves no
 * hairline between two rows that follow each other. */
const GAP_SLACK = 0.5;

export const codeToDb = (code: number, row: { dbMin: number; dbMax: number }): number =>
  row.dbMin + (code / 255) * (row.dbMax - row.dbMin);

/** Fills @out from @row: a copy, or the maximum over each share when @out is the shorter. */
export function poolMax(row: Uint8Array, out: Uint8Array): void {
  if (row.length <= out.length) {
    out.set(row);
    return;
  }
  for (let i = 0; i < out.length; i++) {
    const from = Math.floor((i * row.length) / out.length);
    const to = Math.floor(((i + 1) * row.length) / out.length);
    let max = 0;
    for (let j = from; j < to; j++) max = Math.max(max, row[j] ?? 0);
    out[i] = max;
  }
}
