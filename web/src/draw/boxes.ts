// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// boxes: where emissions lie on the waterfall, which label goes where, and what the mouse is on.
// Pure geometry in CSS pixels of the waterfall; drawing is overlay.ts.

import type { TileBox, TrackedEmission } from '../model/emissions';
import { timeToY, type TimeWindow } from '../model/timebase';
import { hzToX, type Band } from '../model/view';

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface PlacedBox extends Rect {
  emission: TrackedEmission;
}

export interface Label extends Rect {
  id: number;
  text: string;
}

interface Span {
  startUs: number;
  endUs: number;
  fLoHz: number;
  fHiHz: number;
}

/** The rectangle of a time-frequency span; may reach beyond the picture. */
export function spanRect(s: Span, view: Band, time: TimeWindow, width: number): Rect {
  const x = hzToX(s.fLoHz, view, width);
  const y = timeToY(s.endUs, time);
  return { x, y, w: hzToX(s.fHiHz, view, width) - x, h: timeToY(s.startUs, time) - y };
}

const visible = (r: Rect, width: number, height: number): boolean =>
  r.x < width && r.x + r.w > 0 && r.y < height && r.y + r.h > 0;

export function placeEmissions(
  list: readonly TrackedEmission[],
  view: Band,
  time: TimeWindow,
  width: number,
): PlacedBox[] {
  const out: PlacedBox[] = [];
  for (const emission of list) {
    const endUs = emission.startUs + emission.durationS * 1e6;
    const r = spanRect({ ...emission, endUs }, view, time, width);
    if (visible(r, width, time.height)) out.push({ ...r, emission });
  }
  return out;
}

export function placeTiles(
  list: readonly TileBox[],
  view: Band,
  time: TimeWindow,
  width: number,
): Rect[] {
  return list
    .map((t) => spanRect(t, view, time, width))
    .filter((r) => visible(r, width, time.height));
}

const overlaps = (a: Rect, b: Rect, gap: number): boolean =>
  a.x < b.x + b.w + gap && b.x < a.x + a.w + gap && a.y < b.y + b.h + gap && b.y < a.y + a.h + gap;

const LABEL_H = 14;
const MOST_LABELS = 80; // more cover the picture
const TOO_SMALL_PX = 5; // a box under this in both directions gets its label on hover only

export type Detail = 'all' | 'names';
const [FEW, MANY] = [14, 22]; // boxes in sight

/**
 * What labels tell, after @before: all of every box while there are few of them; among many the
 * names alone, of those that have one, or the labels hide the picture. Between the two numbers it
 * stays as it was, or labels would come and go.
 */
export function detailFor(count: number, before: Detail): Detail {
  if (count > MANY) return 'names';
  return count < FEW ? 'all' : before;
}

export const MIN_BOX_PX = 6; // a smaller box is drawn this large around its middle: it would hide
const ENDS_PX = 24; // what is less wide has no room between its ends

/** Whether of @r only the ends are drawn: among many boxes the long sides of low ones, one above
 * the other, hide the picture. */
export const isDrawnByEnds = (r: Rect, detail: Detail): boolean =>
  detail === 'names' && r.h < MIN_BOX_PX && r.w > ENDS_PX;

/**
 * Labels that overlap neither each other nor the edge. Order decides who wins: the selected box,
 * then boxes that reach out of the top (their label is pinned there), then the oldest, so that a
 * label once shown stays while everything scrolls by. A box whose text is '' has none.
 */
export function placeLabels(
  boxes: readonly PlacedBox[],
  text: (e: TrackedEmission) => string,
  measure: (s: string) => number,
  width: number,
  height: number,
  selectedId: number | null,
): Label[] {
  const rank = (b: PlacedBox): number => (b.emission.id === selectedId ? 0 : b.y < LABEL_H ? 1 : 2);
  const order = [...boxes].sort((a, b) => rank(a) - rank(b) || a.emission.id - b.emission.id);
  const out: Label[] = [];
  for (const b of order) {
    if (out.length >= MOST_LABELS) break;
    if (b.w < TOO_SMALL_PX && b.h < TOO_SMALL_PX && b.emission.id !== selectedId) continue;
    const s = text(b.emission);
    if (s === '') continue;
    const w = Math.ceil(measure(s)) + 8;
    const x = Math.min(Math.max(b.x - 0.5, 0), width - w);
    // Above the box; else just inside its top edge, pinned to the picture's; else below it.
    const candidates = [b.y - LABEL_H - 1, Math.max(b.y, 0) + 2, b.y + b.h + 1];
    for (const y of candidates) {
      const r = { x: Math.round(x), y: Math.round(y), w, h: LABEL_H };
      if (r.x < 0 || r.y < 0 || r.y + r.h > height) continue;
      if (r.y > b.y && r.y < b.y + b.h && (b.h < LABEL_H + 4 || b.w < 12)) continue; // hides it
      if (out.some((o) => overlaps(o, r, 2))) continue;
      out.push({ ...r, id: b.emission.id, text: s });
      break;
    }
  }
  return out;
}

/** The smallest box under the point, with a few pixels of grace for thin ones. */
export function hitBox(
  boxes: readonly PlacedBox[],
  x: number,
  y: number,
  grace = 4,
): PlacedBox | null {
  let best: PlacedBox | null = null;
  for (const b of boxes) {
    const inside =
      x >= b.x - grace && x <= b.x + b.w + grace && y >= b.y - grace && y <= b.y + b.h + grace;
    if (inside && (best === null || b.w * b.h < best.w * best.h)) best = b;
  }
  return best;
}
