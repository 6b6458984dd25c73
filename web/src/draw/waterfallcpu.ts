// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// waterfallcpu: the picture without a graphics processor. It lies in memory as a ring of pixel
// rows, one a slot of time; a frame paints the slots that new rows changed and copies the ring to
// the canvas in two parts. Only another view, range, palette or size paints all of it.

import type { RowInfo, RowRing } from '../model/rows';
import { rowMapping, sameBand, type Band } from '../model/view';
import { pixelRows } from './pixelrows';
import type { Waterfall, WaterfallFrame } from './waterfall';

/** What the picture in memory shows. */
interface Drawn {
  frame: WaterfallFrame;
  top: number; // slot of the topmost pixel row
  count: number; // rows of the ring
  generation: number; // of the ring
}

export class CpuWaterfall implements Waterfall {
  private readonly ctx: CanvasRenderingContext2D;
  private readonly empty: number; // colour where there is no data
  private readonly colours = new Uint32Array(256);
  private image = new ImageData(1, 1);
  private pixels = new Uint32Array(1); // those of the image
  private line = new Int16Array(1); // places in the palette of one pixel row, -1: no data
  private slots = new Int32Array(0); // rows of each pixel row, as pixelRows() gives them
  private drawn: Drawn | null = null;
  private readonly bins = new BinTable();
  private readonly places = new PlaceTable();

  /** Throws when the browser has no canvas to draw on. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private ring: RowRing,
  ) {
    const ctx = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
    if (!ctx) throw new Error('This browser offers no canvas, which the waterfall needs.');
    this.ctx = ctx;
    const [r = 0, g = 0, b = 0] = getComputedStyle(canvas).backgroundColor.match(/\d+/g) ?? [];
    this.empty = opaque(Number(r), Number(g), Number(b));
  }

  setRing(ring: RowRing): void {
    if (ring !== this.ring) this.drawn = null;
    this.ring = ring;
  }

  setPalette(rgb: Uint8Array): void {
    for (let i = 0; i < 256; i++)
      this.colours[i] = opaque(rgb[3 * i] ?? 0, rgb[3 * i + 1] ?? 0, rgb[3 * i + 2] ?? 0);
    this.drawn = null;
  }

  free(): void {
    this.drawn = null;
    this.image = new ImageData(1, 1);
    this.canvas.width = this.canvas.height = 0;
  }

  draw(f: WaterfallFrame): void {
    const { width, height } = this.canvas;
    if (width === 0 || height === 0) return;
    this.fit(width, height);
    const top = Math.round(f.time.topUs / f.time.usPerPx) - 1;
    this.paint(f, top, this.stale(f, top));
    const { count, generation } = this.ring;
    this.drawn = { frame: f, top, count, generation };

    const first = this.imageRow(top);
    this.ctx.putImageData(this.image, 0, -first, 0, first, width, height - first);
    if (first > 0) this.ctx.putImageData(this.image, 0, height - first, 0, 0, width, first);
  }

  private fit(width: number, height: number): void {
    if (this.image.width === width && this.image.height === height) return;
    this.image = new ImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.line = new Int16Array(width);
    this.slots = new Int32Array(2 * height);
    this.drawn = null;
  }

  /** Slots grow upwards, rows of the image downwards. */
  private imageRow(slot: number): number {
    const { height } = this.image;
    return (height - 1 - (slot % height) + height) % height;
  }

  /** How many pixel rows from the top are not as @f wants them. */
  private stale(f: WaterfallFrame, top: number): number {
    const { ring, drawn } = this;
    const same =
      drawn &&
      drawn.generation === ring.generation &&
      drawn.top <= top &&
      drawn.frame.time.usPerPx === f.time.usPerPx &&
      drawn.frame.range.lo === f.range.lo &&
      drawn.frame.range.hi === f.range.hi &&
      sameBand(drawn.frame.view, f.view);
    if (!same) return f.time.height;
    const fresh = ring.at(Math.max(drawn.count, ring.first));
    const oldest = fresh ? Math.floor(fresh.timeUs / f.time.usPerPx) : top + 1;
    return Math.min(f.time.height, Math.max(top - drawn.top, top + 1 - oldest));
  }

  private paint(f: WaterfallFrame, top: number, height: number): void {
    const { ring, line, colours, pixels, slots } = this;
    pixelRows(ring, { ...f.time, height }, slots);
    for (let y = 0; y < height; y++) {
      line.fill(-1);
      const first = slots[2 * y] ?? 0;
      for (let n = first; n < first + (slots[2 * y + 1] ?? 0); n++) this.addRow(f, n);
      const at = this.imageRow(top - y) * line.length;
      for (let x = 0; x < line.length; x++) {
        const place = line[x] ?? -1;
        pixels[at + x] = place < 0 ? this.empty : (colours[place] ?? 0);
      }
    }
  }

  /** The strongest of the row's bins in each pixel, where it is stronger than what is there. */
  private addRow(f: WaterfallFrame, n: number): void {
    const { ring, line } = this;
    const row = ring.at(n);
    if (!row) return;
    const bins = this.bins.of(row, f.view, line.length);
    const places = this.places.of(row, f.range);
    const codes = ring.codesOf(n);
    for (let x = 0; x < line.length; x++) {
      const last = bins[2 * x + 1] ?? -1;
      let code = 0;
      for (let i = bins[2 * x] ?? 0; i <= last; i++) {
        const c = codes[i] ?? 0;
        if (c > code) code = c;
      }
      const place = last < 0 ? -1 : (places[code] ?? 0);
      if (place > (line[x] ?? -1)) line[x] = place;
    }
  }
}

/** First and last of a row's bins in each pixel; 0 and -1 outside its band. Most rows are alike. */
class BinTable {
  private table = new Int32Array(0);
  private band: Band = { lo: 0, hi: 0 };
  private view: Band = { lo: 0, hi: 0 };
  private bins = 0;

  of(row: RowInfo, view: Band, width: number): Int32Array {
    const { table } = this;
    const same = sameBand(row.band, this.band) && sameBand(view, this.view);
    if (same && row.bins === this.bins && table.length === 2 * width) return table;
    this.band = row.band;
    this.view = view;
    this.bins = row.bins;
    this.table = new Int32Array(2 * width);
    const { scale, offset } = rowMapping(view, row.band);
    for (let x = 0; x < width; x++) {
      const from = (scale * (x / width) + offset) * row.bins;
      const to = (scale * ((x + 1) / width) + offset) * row.bins;
      let first = Math.max(0, Math.ceil(from - 0.5));
      let last = Math.min(row.bins - 1, Math.ceil(to - 0.5) - 1);
      if (last < first) first = last = Math.floor((from + to) / 2);
      const inside = first >= 0 && first < row.bins;
      this.table[2 * x] = inside ? first : 0;
      this.table[2 * x + 1] = inside ? last : -1;
    }
    return this.table;
  }
}

/** Where in the palette each code of a row is. */
class PlaceTable {
  private readonly table = new Uint8Array(256);
  private key = '';

  of(row: RowInfo, range: WaterfallFrame['range']): Uint8Array {
    const key = `${row.dbMin} ${row.dbMax} ${range.lo} ${range.hi}`;
    if (key === this.key) return this.table;
    this.key = key;
    for (let code = 0; code < 256; code++) {
      const db = row.dbMin + (code / 255) * (row.dbMax - row.dbMin);
      const share = (db - range.lo) / (range.hi - range.lo);
      this.table[code] = Math.floor(Math.min(Math.max(share, 0), 1) * 255 + 0.5);
    }
    return this.table;
  }
}

/** As the bytes of an image lie in a 32-bit word of every machine that a browser runs on. */
const opaque = (r: number, g: number, b: number): number =>
  ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
