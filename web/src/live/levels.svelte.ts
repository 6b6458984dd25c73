// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// levels: which levels the colours span: set by hand, or following what comes.

import { AutoRange, scaleFor, type Range } from '../model/autorange';
import type { RowInfo } from '../model/rows';

export class Levels {
  range = $state<Range>({ lo: -110, hi: -40 });
  automatic = $state(true);
  private readonly auto = new AutoRange();

  /** @changed is called when the daemon must send other levels. */
  constructor(private readonly changed: () => void) {}

  set(r: Range): void {
    this.automatic = false;
    this.range = r;
    this.changed();
  }

  setAutomatic(on: boolean): void {
    this.automatic = on;
    if (on) this.range = this.auto.range;
    this.changed();
  }

  push(row: RowInfo, codes: Uint8Array): void {
    this.auto.push(row, codes);
  }

  /** After new rows: the range as they want it, when nobody set one. */
  follow(): void {
    const { lo, hi } = this.auto.range;
    if (!this.automatic || (lo === this.range.lo && hi === this.range.hi)) return;
    const before = this.scale;
    this.range = { lo, hi };
    const after = this.scale;
    if (before.dbMin !== after.dbMin || before.dbMax !== after.dbMax) this.changed();
  }

  forget(): void {
    this.auto.reset();
  }

  /** Levels of codes 0 and 255 that the daemon is asked for. */
  get scale(): { dbMin: number; dbMax: number } {
    return scaleFor(this.range);
  }
}
