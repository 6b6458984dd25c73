// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// overlay: what lies on the waterfall: time axis, boxes with labels, cursor, zoom band.

import { bottomUs, timeToY, type TimeWindow } from '../model/timebase';
import type { TrackedEmission } from '../model/emissions';
import { begin, crisp, FONT, INK } from './surface';
import { timeTicks } from './ticks';
import {
  isDrawnByEnds,
  MIN_BOX_PX,
  type Detail,
  type Label,
  type PlacedBox,
  type Rect,
} from './boxes';

export interface OverlayFrame {
  time: TimeWindow; // in CSS pixels
  gutter: number;
  boxes: readonly PlacedBox[];
  detail: Detail; // as many boxes allow
  tiles: readonly Rect[];
  labels: readonly Label[];
  hoverId: number | null;
  selectedId: number | null;
  cursor: { x: number; y: number | null } | null; // in the plot; y null: only the frequency line
  colourOf: (e: TrackedEmission) => string;
  marks: readonly ({ x: number; us: number } | null)[];
  zoomBand: Rect | null;
  dated: boolean;
}

const FOOT_PX = 4; // of the brackets that the ends of a box are

export function drawOverlay(canvas: HTMLCanvasElement, f: OverlayFrame): void {
  const s = begin(canvas);
  if (!s) return;
  const { ctx, height } = s;
  const w = s.width - f.gutter;
  ctx.font = FONT;
  if (f.time.topUs > f.time.usPerPx * f.time.height || !f.dated) drawTimeAxis(ctx, f, height);

  ctx.save();
  ctx.translate(f.gutter, 0);
  ctx.beginPath();
  ctx.rect(0, 0, w, height);
  ctx.clip();
  ctx.lineWidth = 1;
  ctx.setLineDash([3, 3]);
  ctx.strokeStyle = 'rgba(255, 255, 255, 0.4)';
  for (const r of f.tiles) strokeRect(ctx, r);
  ctx.setLineDash([]);
  for (const b of f.boxes) drawBox(ctx, b, f);
  for (const l of f.labels) drawLabel(ctx, l, l.id === f.selectedId || l.id === f.hoverId);
  drawMarks(ctx, f, height);
  drawCursor(ctx, f, w, height);
  ctx.restore();
}

function drawTimeAxis(ctx: CanvasRenderingContext2D, f: OverlayFrame, height: number): void {
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  for (const t of timeTicks(Math.max(bottomUs(f.time), 0), f.time.topUs, height)) {
    const y = timeToY(t.value, f.time);
    ctx.fillStyle = INK.axis;
    ctx.fillRect(f.gutter - 5, Math.round(y), 5, 1);
    if (y < 7 || y > height - 24) continue; // the unit is written at the bottom
    ctx.fillStyle = INK.text;
    ctx.fillText(t.label, f.gutter - 8, y);
  }
  ctx.fillStyle = INK.axis;
  ctx.fillText(f.dated ? 'UTC' : 'time', f.gutter - 8, height - 9);
}

/** The outline of @r, in the middle of pixels. */
function outline(r: Rect): Rect {
  const { x, y, w, h } = grow(r);
  return { x: crisp(x) - 1, y: crisp(y) - 1, w: Math.round(w) + 1, h: Math.round(h) + 1 };
}

function strokeRect(ctx: CanvasRenderingContext2D, r: Rect): void {
  const { x, y, w, h } = outline(r);
  ctx.strokeRect(x, y, w, h);
}

function strokeEnds(ctx: CanvasRenderingContext2D, r: Rect): void {
  const { x, y, w, h } = outline(r);
  ctx.beginPath();
  for (const [end, foot] of [
    [x, x + FOOT_PX],
    [x + w, x + w - FOOT_PX],
  ] as const) {
    ctx.moveTo(foot, y);
    ctx.lineTo(end, y);
    ctx.lineTo(end, y + h);
    ctx.lineTo(foot, y + h);
  }
  ctx.stroke();
}

/** At least MIN_BOX_PX in each direction, about the same middle. */
function grow(r: Rect): Rect {
  const w = Math.max(r.w, MIN_BOX_PX);
  const h = Math.max(r.h, MIN_BOX_PX);
  return { x: r.x - (w - r.w) / 2, y: r.y - (h - r.h) / 2, w, h };
}

function drawBox(ctx: CanvasRenderingContext2D, b: PlacedBox, f: OverlayFrame): void {
  const selected = b.emission.id === f.selectedId;
  const hovered = b.emission.id === f.hoverId;
  const stroke = isDrawnByEnds(b, f.detail) && !selected && !hovered ? strokeEnds : strokeRect;
  ctx.lineWidth = 3;
  ctx.strokeStyle = INK.halo;
  stroke(ctx, b);
  ctx.lineWidth = selected || hovered ? 2 : 1;
  ctx.strokeStyle = selected ? INK.selected : f.colourOf(b.emission);
  stroke(ctx, b);
}

function drawLabel(ctx: CanvasRenderingContext2D, l: Label, strong: boolean): void {
  ctx.fillStyle = INK.labelBack;
  ctx.fillRect(l.x, l.y, l.w, l.h);
  ctx.fillStyle = strong ? INK.selected : INK.box;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(l.text, l.x + 4, l.y + l.h / 2 + 0.5);
}

/** A marker: its frequency as a line, its place as a cross, its number. */
function drawMarks(ctx: CanvasRenderingContext2D, f: OverlayFrame, height: number): void {
  f.marks.forEach((m, i) => {
    if (!m) return;
    const y = timeToY(m.us, f.time);
    ctx.fillStyle = INK.mark;
    ctx.fillRect(Math.floor(m.x), 0, 1, height);
    ctx.fillRect(Math.floor(m.x) - 6, Math.floor(y), 13, 1);
    ctx.fillRect(Math.floor(m.x), Math.floor(y) - 6, 1, 13);
    ctx.textAlign = 'left';
    ctx.textBaseline = 'alphabetic';
    ctx.fillText(`M${i + 1}`, m.x + 4, Math.min(Math.max(y - 4, 12), height - 4));
  });
}

function drawCursor(
  ctx: CanvasRenderingContext2D,
  f: OverlayFrame,
  w: number,
  height: number,
): void {
  if (f.zoomBand) {
    ctx.fillStyle = 'rgba(255, 255, 255, 0.14)';
    const { x, y, w, h } = f.zoomBand;
    ctx.fillRect(x, y, w, h);
    ctx.strokeStyle = INK.box;
    ctx.lineWidth = 1;
    ctx.strokeRect(crisp(x), crisp(y) - 1, w, h + 1);
    return;
  }
  if (!f.cursor) return;
  ctx.fillStyle = INK.cursor;
  ctx.fillRect(Math.floor(f.cursor.x), 0, 1, height);
  if (f.cursor.y !== null) ctx.fillRect(0, Math.floor(f.cursor.y), w, 1);
}
