// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// timeline: which time the picture shows, and the rows it is made of: those that came while the
// page was open, and older ones that the daemon is asked for.

import { RowRing } from '../model/rows';
import { History } from './history.svelte';

const BINS = 4096;
const ROWS = 2048;

export interface TimelineOwner {
  send(message: Record<string, unknown>): boolean;
  key(): string; // of band, width and levels: rows of another one do not fit
  changed(): void;
}

export class Timeline {
  topUs = $state<number | null>(null); // top of the picture; null: follows the newest row
  chosenS = $state<number | null>(null); // null: one pixel a row
  height = 512; // of the picture, device pixels
  readonly ring = new RowRing(BINS, ROWS);
  readonly past: History;

  constructor(private readonly owner: TimelineOwner) {
    this.past = new History(BINS, ROWS, (m) => owner.send(m));
  }

  static readonly mostBins = BINS;

  get newestUs(): number {
    return this.ring.newest?.endUs ?? 0;
  }

  private get oldestUs(): number {
    return this.ring.at(this.ring.first)?.timeUs ?? 0;
  }

  /** Seconds from the top to the bottom edge; one pixel a row while nobody chose. */
  spanS(): number {
    if (this.chosenS !== null) return this.chosenS;
    const row = this.ring.newest;
    return row ? ((row.endUs - row.timeUs) / 1e6) * this.height : 5;
  }

  /** Follows the newest row again. */
  follow(): void {
    this.topUs = null;
    this.past.forget();
  }

  /** Moves by @frac of the picture, positive to older rows; the picture then stands. */
  scroll(frac: number): void {
    this.moveTo((this.topUs ?? this.newestUs) - frac * this.spanS() * 1e6);
  }

  /** Shows just this time; the picture stands. */
  show(fromUs: number, toUs: number): void {
    this.chosenS = Math.max(0.02, Number(((toUs - fromUs) / 1e6).toPrecision(3)));
    this.moveTo(toUs);
  }

  moveTo(topUs: number): void {
    const known = this.past.refusal ? this.oldestUs : this.past.oldestUs;
    const least = known > 0 ? known + this.spanS() * 5e5 : 0;
    this.topUs = Math.min(this.newestUs, Math.max(topUs, least));
    this.wantHistory();
    this.owner.changed();
  }

  wantHistory(): void {
    if (this.topUs !== null) this.wantRows(this.topUs, this.spanS());
  }

  /** Asks the daemon for a picture's rows that this page does not have. */
  wantRows(topUs: number, spanS: number): void {
    const fromUs = topUs - spanS * 1e6;
    if (fromUs < this.oldestUs)
      this.past.want({ fromUs, toUs: topUs, rows: this.height }, this.owner.key());
  }

  /** Whether the picture reaches back before the rows that this page keeps. */
  beyondMemory(): boolean {
    return this.topUs !== null && this.topUs - this.spanS() * 1e6 < this.oldestUs;
  }

  /** The rows for a picture that reaches back to @fromUs. */
  ringFor(fromUs: number, standing = this.topUs !== null): RowRing {
    const oldest = this.past.ring.at(this.past.ring.first);
    const own = this.ring.at(this.ring.first);
    const better = oldest && own && oldest.timeUs < own.timeUs && fromUs < own.timeUs;
    return standing && better ? this.past.ring : this.ring;
  }

  /** Level at a time and frequency, dBFS; of the newest row without a time. NaN: no row there. */
  levelAt(us: number | null, hz: number): number {
    const ring = us === null ? this.ring : this.ringFor(us);
    return ring.levelAt(us === null ? ring.count - 1 : ring.find(us), hz);
  }
}
