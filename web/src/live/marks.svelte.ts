// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// marks: two markers at a frequency and time, and the difference between them.

import { bandwidth, decibels, duration } from '../draw/format';

export interface Mark {
  hz: number;
  us: number;
  db: number; // NaN where there is no row
}

const signed = (text: string, negative: boolean): string => (negative ? '\u2212' : '+') + text;

/** "Δ +12.5 kHz, −34.0 ms, +3.1 dB": from the first to the second. */
export function difference(a: Mark, b: Mark): string {
  const [hz, s, db] = [b.hz - a.hz, (b.us - a.us) / 1e6, b.db - a.db];
  const parts = [
    signed(bandwidth(Math.abs(hz)), hz < 0),
    signed(duration(Math.abs(s)), s < 0),
    ...(Number.isFinite(db) ? [signed(decibels(Math.abs(db)), db < 0) + '\u202fdB'] : []),
  ];
  return `\u0394 ${parts.join(', ')}`;
}

export class Marks {
  list = $state.raw<(Mark | null)[]>([null, null]);

  constructor(private readonly changed: () => void) {}

  set(i: 0 | 1, m: Mark): void {
    this.list = i === 0 ? [m, this.list[1] ?? null] : [this.list[0] ?? null, m];
    this.changed();
  }

  clear(): void {
    this.list = [null, null];
    this.changed();
  }
}
