// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// viewport: the band that is received and the part of it that is shown.

import { clampBand, panBand, sameBand, zoomBand, type Band } from '../model/view';

export class Viewport {
  full = $state<Band | null>(null);
  view = $state<Band | null>(null);

  /** @wanted: what the address asks for, until the full span is known. */
  constructor(
    private wanted: Band | null,
    private readonly changed: () => void,
  ) {}

  set(b: Band): void {
    if (!this.full) return;
    const next = clampBand(b, this.full);
    if (this.view && sameBand(next, this.view)) return;
    this.view = next;
    this.changed();
  }

  zoom(factor: number, frac: number): void {
    if (this.view && this.full) this.set(zoomBand(this.view, factor, frac, this.full));
  }

  pan(frac: number): void {
    if (this.view && this.full) this.set(panBand(this.view, frac, this.full));
  }

  reset(): void {
    if (this.full) this.set(this.full);
  }

  /** The receiver's band; what was zoomed to stays when it is still received. */
  setFull(full: Band): void {
    if (this.full && sameBand(full, this.full)) return;
    const wasFull = !this.view || !this.full || sameBand(this.view, this.full);
    const wanted = this.wanted ?? (wasFull ? full : (this.view ?? full));
    this.wanted = null;
    this.full = full;
    const overlap = Math.min(wanted.hi, full.hi) - Math.max(wanted.lo, full.lo);
    this.view = overlap > 0 ? clampBand(wanted, full) : full;
    this.changed();
  }
}
