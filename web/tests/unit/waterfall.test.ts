// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
import { beforeAll, describe, expect, it } from 'vitest';
import { CpuWaterfall } from '../../src/draw/waterfallcpu';
import { RowRing } from '../../src/model/rows';
import { timeWindow } from '../../src/model/timebase';
import { bandOf, type Band } from '../../src/model/view';

const T0 = 1_700_000_000e6;
const SLOT_US = 10_000;
const [WIDTH, HEIGHT] = [8, 10];
const full = bandOf(100e6, 8e6);
const range = { lo: -100, hi: 0 };
const EMPTY = [6, 9, 13]; // the page's background

/** As much of a canvas as the waterfall needs: its pixels. */
class FakeCanvas {
  width = WIDTH;
  height = HEIGHT;
  readonly bytes = new Uint8ClampedArray(4 * WIDTH * HEIGHT);

  getContext(): unknown {
    return {
      putImageData: (
        i: ImageData,
        dx: number,
        dy: number,
        x: number,
        y: number,
        w: number,
        h: number,
      ) => {
        for (let v = y; v < y + h; v++)
          for (let u = x; u < x + w; u++) {
            const from = 4 * (v * i.width + u);
            const to = 4 * ((v + dy) * this.width + u + dx);
            this.bytes.set(i.data.subarray(from, from + 4), to);
          }
      },
    };
  }

  at(x: number, y: number): number[] {
    const at = 4 * (y * this.width + x);
    return [...this.bytes.subarray(at, at + 3)];
  }
}

beforeAll(() => {
  const fakes = {
    ImageData: class {
      readonly data: Uint8ClampedArray;
      constructor(
        readonly width: number,
        readonly height: number,
      ) {
        this.data = new Uint8ClampedArray(4 * width * height);
      }
    },
    getComputedStyle: () => ({ backgroundColor: `rgb(${EMPTY.join(', ')})` }),
  };
  Object.assign(globalThis, fakes);
});

const grey = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));

function pictureOf(ring: RowRing): { canvas: FakeCanvas; draw: (view?: Band) => number[] } {
  const canvas = new FakeCanvas();
  const waterfall = new CpuWaterfall(canvas as unknown as HTMLCanvasElement, ring);
  waterfall.setPalette(grey);
  const draw = (view = full): number[] => {
    const newest = ring.newest?.endUs ?? 0;
    const time = timeWindow(newest, (HEIGHT * SLOT_US) / 1e6, HEIGHT);
    waterfall.draw({ view, time, range });
    return [...canvas.bytes];
  };
  return { canvas, draw };
}

/** A row of eight bins of code @code at T0 + @ms. */
function push(ring: RowRing, ms: number, code: number | number[], periodMs = 10): void {
  const data = Uint8Array.from(Array.isArray(code) ? code : new Array<number>(8).fill(code));
  ring.push({
    flags: 0,
    timeUs: T0 + ms * 1000,
    rowIndex: 0,
    centerHz: 100e6,
    spanHz: 8e6,
    bins: data.length,
    rows: 1,
    format: 0,
    dbMin: -100,
    dbMax: 0,
    noiseFloorDb: -90,
    rowPeriodS: periodMs / 1000,
    data,
  });
}

describe('waterfall without a graphics processor', () => {
  it('codes_become_the_colours_of_their_levels_the_newest_at_the_top', () => {
    const ring = new RowRing(8, 64);
    push(ring, 0, [0, 51, 102, 153, 204, 255, 10, 20]);
    push(ring, 10, 200);
    const { canvas, draw } = pictureOf(ring);
    draw();
    expect(canvas.at(3, 0)).toEqual([200, 200, 200]);
    expect([0, 1, 5].map((x) => canvas.at(x, 1)[0])).toEqual([0, 51, 255]);
    expect(canvas.at(0, 2)).toEqual(EMPTY);
  });

  it('drawn_row_by_row_it_is_as_if_drawn_at_once', () => {
    const ring = new RowRing(8, 64);
    const { draw } = pictureOf(ring);
    let n = 0;
    // Two rows in a slot, slots without one, a gap, a jump of more than the picture.
    for (const ms of [0, 4, 9, 21, 30, 33, 61, 72, 79, 82, 95, 111, 115, 260, 269, 272]) {
      push(
        ring,
        ms,
        Array.from({ length: 8 }, (_, i) => (37 * ++n + 11 * i) % 256),
      );
      expect(draw(), `after the row at ${ms} ms`).toEqual(pictureOf(ring).draw());
    }
  });

  it('another_view_ring_or_palette_paints_all_of_it', () => {
    const ring = new RowRing(8, 64);
    for (let i = 0; i < 10; i++) push(ring, 10 * i, [0, 0, 0, 0, 0, 0, 250, 0]);
    const { canvas, draw } = pictureOf(ring);
    draw();
    expect(canvas.at(6, 5)[0]).toBe(250);
    draw({ lo: 102e6, hi: 104e6 });
    expect([0, 3, 4, 7].map((x) => canvas.at(x, 5)[0])).toEqual([250, 250, 0, 0]);
    draw({ lo: 106e6, hi: 114e6 });
    expect(canvas.at(3, 5)).toEqual(EMPTY); // beside the band of the rows
    ring.clear();
    push(ring, 1000, 99);
    draw();
    expect([0, 1].map((y) => canvas.at(0, y))).toEqual([[99, 99, 99], EMPTY]);
  });
});
