// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// painter: draws the live screen's canvases from its state, one display frame at a time, and keeps
// where the boxes came to lie, for the pointer.

import {
  detailFor,
  hitBox,
  placeEmissions,
  placeLabels,
  placeTiles,
  type Detail,
  type PlacedBox,
} from '../draw/boxes';
import { classColour, isNamed } from '../draw/classes';
import { decibels, percent } from '../draw/format';
import { drawOverlay } from '../draw/overlay';
import { drawSpectrum } from '../draw/spectrumplot';
import { FONT, INK, measure, sizeOf } from '../draw/surface';
import { isDated } from '../draw/ticks';
import { waterfallOn, type Waterfall } from '../draw/waterfall';
import type { TrackedEmission } from '../model/emissions';
import { bottomUs, timeWindow, yToTime, type TimeWindow } from '../model/timebase';
import { hzToX, xToHz } from '../model/view';
import type { Live } from './live.svelte';
import { palette } from './palettes';
import type { Pointer } from './pointer';

export const GUTTER = 78;
export const AXIS = 28;

export interface Canvases {
  stage: HTMLElement;
  picture: HTMLCanvasElement;
  overlay: HTMLCanvasElement;
  spectrum: HTMLCanvasElement;
}

const labels = new WeakMap<TrackedEmission, string>(); // an emission that changes is a new object

function labelOf(e: TrackedEmission): string {
  let text = labels.get(e);
  if (text === undefined) {
    text = `${e.className} ${percent(e.confidence)} ${decibels(e.snrDb, 0)}\u202fdB`;
    labels.set(e, text);
  }
  return text;
}

export class Painter {
  boxes: PlacedBox[] = [];
  time: TimeWindow = { topUs: 0, usPerPx: 1, height: 1 }; // in CSS pixels
  readonly renderer: Waterfall;
  private shownPalette = '';
  private detail: Detail = 'all';
  private readonly widths = new Map<string, number>(); // of labels

  /** Throws when the browser cannot draw a waterfall. */
  constructor(
    private readonly live: Live,
    private readonly on: Canvases,
  ) {
    this.renderer = waterfallOn(on.picture, live.time.ring);
  }

  get width(): number {
    return Math.max(1, sizeOf(this.on.overlay).width - GUTTER);
  }

  fit(): void {
    const dpr = window.devicePixelRatio || 1;
    const { picture, overlay, spectrum } = this.on;
    const { width, height } = measure(picture);
    measure(overlay);
    measure(spectrum);
    picture.width = Math.max(1, Math.round(width * dpr));
    picture.height = Math.max(1, Math.round(height * dpr));
    this.live.setSize(picture.width, picture.height);
  }

  draw(pointer: Pointer): void {
    const { live } = this;
    const { picture, overlay } = this.on;
    const view = live.view;
    if (!view) return;
    if (this.shownPalette !== live.colormap) this.renderer.setPalette(palette(live.colormap));
    this.shownPalette = live.colormap;
    // Boxes and axis use the picture's own grid of slots, in CSS pixels.
    const device = timeWindow(
      live.time.topUs ?? live.time.newestUs,
      live.time.spanS(),
      picture.height,
    );
    const { height } = sizeOf(overlay);
    const time = { ...device, usPerPx: (device.usPerPx * picture.height) / height, height };
    this.time = time;
    this.renderer.setRing(live.time.ringFor(bottomUs(time)));
    this.renderer.draw({ view, time: device, range: live.levels.range });
    this.drawBoxes(pointer);
    this.drawTraces(pointer);
    this.readout(pointer);
    this.describe();
  }

  private drawBoxes(pointer: Pointer): void {
    const { live, time, width } = this;
    const view = live.view;
    if (!view) return;
    const [from, to] = [bottomUs(time), time.topUs];
    const list = live.showBoxes
      ? live.store.between(from, to + 1e6).filter((e) => live.choice.shows(e))
      : [];
    this.boxes = placeEmissions(list, view, time, width);
    const tiles = live.showBoxes ? live.store.provisional(from, to, live.choice.minScore) : [];
    const ctx = this.on.overlay.getContext('2d');
    if (ctx) ctx.font = FONT;
    const wide = (s: string): number => this.widthOf(ctx, s);
    const hit = this.hit(pointer);
    this.detail = detailFor(this.boxes.length, this.detail);
    drawOverlay(this.on.overlay, {
      time,
      gutter: GUTTER,
      boxes: this.boxes,
      detail: this.detail,
      tiles: placeTiles(tiles, view, time, width),
      labels: placeLabels(
        this.boxes,
        (e) => this.label(e),
        wide,
        width,
        time.height,
        live.selectedId,
      ),
      colourOf: (e) =>
        this.detail === 'all' || isNamed(e.className) ? classColour(e.className) : INK.boxDim,
      hoverId: hit?.emission.id ?? null,
      selectedId: live.selectedId,
      cursor: pointer.cursor && {
        x: pointer.cursor.x,
        y: pointer.cursor.onSpectrum ? null : pointer.cursor.y,
      },
      marks: live.marks.list.map((m) => m && { x: hzToX(m.hz, view, width), us: m.us }),
      zoomBand: pointer.zoomBox,
      dated: isDated(live.time.newestUs),
    });
  }

  private label(e: TrackedEmission): string {
    if (this.detail === 'all' || e.id === this.live.selectedId) return labelOf(e);
    return isNamed(e.className) ? e.className : '';
  }

  /** Measuring text costs more than drawing it, and the same labels come at every frame. */
  private widthOf(ctx: CanvasRenderingContext2D | null, s: string): number {
    let w = this.widths.get(s);
    if (w === undefined) {
      if (this.widths.size > 2000) this.widths.clear();
      w = ctx?.measureText(s).width ?? 0;
      this.widths.set(s, w);
    }
    return w;
  }

  private drawTraces(pointer: Pointer): void {
    const { live } = this;
    if (!live.view) return;
    const selected = live.selectedId === null ? undefined : live.store.get(live.selectedId);
    drawSpectrum(this.on.spectrum, {
      view: live.view,
      range: live.levels.range,
      fitPeaks: live.levels.automatic, // a range that was set by hand is the axis
      traces: live.traces,
      gutter: GUTTER,
      axisHeight: AXIS,
      showAverage: live.showAverage,
      showPeak: live.showPeak,
      showFloor: live.showFloor,
      cursorHz: pointer.cursor ? xToHz(pointer.cursor.x, live.view, this.width) : null,
      marksHz: live.marks.list.map((m) => m?.hz ?? null),
      selected: selected ? { lo: selected.fLoHz, hi: selected.fHiHz } : null,
    });
  }

  hit(pointer: Pointer): PlacedBox | null {
    const c = pointer.cursor;
    return c && !c.onSpectrum ? hitBox(this.boxes, c.x, c.y) : null;
  }

  private readout(pointer: Pointer): void {
    const { live } = this;
    const { cursor } = pointer;
    if (!cursor || !live.view) {
      if (live.hover) live.hover = null;
      return;
    }
    const hz = xToHz(Math.floor(cursor.x) + 0.5, live.view, this.width);
    const us = cursor.onSpectrum ? null : yToTime(Math.floor(cursor.y) + 0.5, this.time);
    const db = live.time.levelAt(us, hz);
    const emission = this.hit(pointer)?.emission ?? null;
    const h = live.hover;
    // The same again would have the page written anew at every frame.
    if (h && h.hz === hz && h.us === us && Object.is(h.db, db) && h.emission === emission) return;
    live.hover = {
      hz,
      us,
      resolutionHz: live.resolutionHz(this.width),
      db,
      emission,
      x: cursor.x,
      y: cursor.y,
    };
  }

  /** What is on screen, for tests and assistive tools. */
  private describe(): void {
    const { live, time } = this;
    const data = this.on.stage.dataset;
    data['fLo'] = String(live.view?.lo);
    data['fHi'] = String(live.view?.hi);
    data['topUs'] = String(time.topUs);
    data['usPerPx'] = String(time.usPerPx);
    data['rows'] = String(live.time.ring.count);
    data['history'] = String(live.time.past.ring.count);
  }
}
