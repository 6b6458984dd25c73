// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// history: rows from before this page came, asked of the daemon when the operator scrolls back
// beyond what the page keeps. A daemon that has no history says so, once.

import { RowRing } from '../model/rows';
import type { WaterfallRows } from '../net/protocol';

const WAIT_MS = 150; // after the last movement

export interface HistoryRequest {
  fromUs: number;
  toUs: number;
  rows: number;
}

export class History {
  /** Why there is none; '' while that is not known. */
  refusal = $state('');
  waiting = $state(false);
  readonly ring: RowRing;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private asked: HistoryRequest | null = null;
  private key = '';
  private pending = 0; // requests without their end
  oldestUs = 0; // what the daemon keeps goes back to here; 0: it did not say

  constructor(
    bins: number,
    rows: number,
    private readonly send: (m: Record<string, unknown>) => boolean,
  ) {
    this.ring = new RowRing(bins, rows);
  }

  /** @key changes with the view: the same time is then asked for again. */
  want(r: HistoryRequest, key: string): void {
    if (this.refusal || (this.key === key && this.asked && covers(this.asked, r))) return;
    if (this.timer !== null) clearTimeout(this.timer);
    const margin = (r.toUs - r.fromUs) / 2; // scrolling on a little needs no new request
    this.timer = setTimeout(() => {
      this.timer = null;
      this.asked = {
        fromUs: Math.round(r.fromUs - margin),
        toUs: Math.round(r.toUs + margin),
        rows: Math.min(2 * r.rows, this.ring.capacity),
      };
      this.key = key;
      const { fromUs, toUs, rows } = this.asked;
      this.ring.clear();
      this.waiting = this.send({ command: 'history', from_us: fromUs, to_us: toUs, rows });
      if (this.waiting) this.pending++;
    }, WAIT_MS);
  }

  /** A row of the past; false for one of a request that a later one has replaced. */
  take(m: WaterfallRows): boolean {
    return this.pending <= 1 && this.ring.push(m);
  }

  /** The daemon is through with a request, or has given it up for the next one. */
  ended(oldestUs: number | undefined): void {
    this.pending = Math.max(0, this.pending - 1);
    this.waiting = this.pending > 0;
    if (oldestUs !== undefined && oldestUs > 0) this.oldestUs = oldestUs;
  }

  refuse(message: string): void {
    this.waiting = false;
    this.pending = 0;
    this.refusal = message;
  }

  forget(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.asked = null;
    this.pending = 0;
    this.waiting = false;
    this.ring.clear();
  }
}

const covers = (a: HistoryRequest, b: HistoryRequest): boolean =>
  a.fromUs <= b.fromUs && a.toUs >= b.toUs;
