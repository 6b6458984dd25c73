// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// boxes: the boxes an operator draws, in hertz and UTC microseconds, with undo. Pure: the screen
// turns pixels into these units.

export interface DrawnBox {
  fLoHz: number;
  fHiHz: number;
  startUs: number;
  stopUs: number;
}

/** What a drag moves: edges by letter (l, r, t = newer, b = older), all of it, or a new corner. */
export type Grip = 'l' | 'r' | 't' | 'b' | 'lt' | 'lb' | 'rt' | 'rb' | 'move' | 'new';

export interface Point {
  hz: number;
  us: number;
}

const ordered = (b: DrawnBox): DrawnBox => ({
  fLoHz: Math.min(b.fLoHz, b.fHiHz),
  fHiHz: Math.max(b.fLoHz, b.fHiHz),
  startUs: Math.min(b.startUs, b.stopUs),
  stopUs: Math.max(b.startUs, b.stopUs),
});

/** @b dragged by @grip from one point to another. */
export function dragged(b: DrawnBox, grip: Grip, from: Point, to: Point): DrawnBox {
  const [dHz, dUs] = [to.hz - from.hz, to.us - from.us];
  if (grip === 'new')
    return ordered({ fLoHz: from.hz, fHiHz: to.hz, startUs: from.us, stopUs: to.us });
  if (grip === 'move')
    return {
      fLoHz: b.fLoHz + dHz,
      fHiHz: b.fHiHz + dHz,
      startUs: b.startUs + dUs,
      stopUs: b.stopUs + dUs,
    };
  return ordered({
    fLoHz: b.fLoHz + (grip.includes('l') ? dHz : 0),
    fHiHz: b.fHiHz + (grip.includes('r') ? dHz : 0),
    startUs: b.startUs + (grip.includes('b') ? dUs : 0),
    stopUs: b.stopUs + (grip.includes('t') ? dUs : 0),
  });
}

export class BoxEditor {
  boxes: readonly DrawnBox[] = [];
  selected = -1;
  private readonly past: (readonly DrawnBox[])[] = [];
  private readonly future: (readonly DrawnBox[])[] = [];

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  private change(next: readonly DrawnBox[]): void {
    this.past.push(this.boxes);
    this.future.length = 0;
    this.boxes = next;
    this.selected = Math.min(this.selected, next.length - 1);
  }

  /** Several are one step. */
  add(...list: DrawnBox[]): void {
    this.change([...this.boxes, ...list]);
    this.selected = this.boxes.length - 1;
  }

  replace(i: number, b: DrawnBox): void {
    if (i in this.boxes) this.change(this.boxes.map((x, k) => (k === i ? b : x)));
  }

  remove(i: number): void {
    if (!(i in this.boxes)) return;
    this.change(this.boxes.filter((_, k) => k !== i));
    this.selected = -1;
  }

  undo(): void {
    const before = this.past.pop();
    if (!before) return;
    this.future.push(this.boxes);
    this.boxes = before;
    this.selected = -1;
  }

  redo(): void {
    const after = this.future.pop();
    if (!after) return;
    this.past.push(this.boxes);
    this.boxes = after;
    this.selected = -1;
  }

  clear(): void {
    if (this.boxes.length > 0) this.change([]);
    this.selected = -1;
  }
}

/** The save_sample request for @boxes of a stream of @rateHz around @centerHz: a little more than
 * the boxes on both sides, so that the noise beside the signal is in it. */
export function sampleRequest(
  boxes: readonly DrawnBox[],
  signal: string,
  centerHz: number,
  rateHz: number,
): Record<string, unknown> | null {
  if (boxes.length === 0) return null;
  const start = Math.min(...boxes.map((b) => b.startUs));
  const stop = Math.max(...boxes.map((b) => b.stopUs));
  const margin = Math.min(Math.max((stop - start) / 4, 5e3), 100e3);
  const from = Math.round(start - margin);
  const [lo, hi] = [-rateHz / 2, rateHz / 2];
  const inside = (hz: number): number => Math.min(Math.max(hz - centerHz, lo), hi);
  return {
    command: 'save_sample',
    signal_name: signal,
    capture: { start_us: from, duration_us: Math.round(stop - start + 2 * margin) },
    boxes: boxes.map((b) => ({
      f_lo_hz: inside(b.fLoHz),
      f_hi_hz: inside(b.fHiHz),
      t_start_s: (b.startUs - from) / 1e6,
      t_stop_s: (b.stopUs - from) / 1e6,
    })),
    metadata: { sample_rate_hz: rateHz, center_freq_hz: centerHz },
  };
}
