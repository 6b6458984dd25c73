// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// waterfall: the picture of a ring of rows on a canvas. Two draw the same one: the shader of
// waterfallgl.ts, and waterfallcpu.ts where no graphics processor would run it.

import type { Range } from '../model/autorange';
import type { RowRing } from '../model/rows';
import type { TimeWindow } from '../model/timebase';
import type { Band } from '../model/view';
import { CpuWaterfall } from './waterfallcpu';
import { GlWaterfall } from './waterfallgl';

export interface WaterfallFrame {
  view: Band;
  time: TimeWindow; // its height is the canvas's, in device pixels
  range: Range; // dBFS at the palette's ends
}

export interface Waterfall {
  /** Shows the rows of @ring, which is as large as the first one, from now on. */
  setRing(ring: RowRing): void;
  /** @rgb: 256 x 3 bytes. */
  setPalette(rgb: Uint8Array): void;
  draw(f: WaterfallFrame): void;
  /** Gives the memory back; the waterfall is of no use any more. */
  free(): void;
}

/** Throws when the browser can draw neither. */
export function waterfallOn(canvas: HTMLCanvasElement, ring: RowRing): Waterfall {
  const asked = new URLSearchParams(location.search).get('draw');
  const shader = asked === 'gl' || (asked !== 'cpu' && hasGraphicsProcessor());
  return shader ? new GlWaterfall(canvas, ring) : new CpuWaterfall(canvas, ring);
}

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * Whether WebGL2 runs on one, and not in software, where a shader takes a hundred times as long as
 * the same pixels written one by one. Asked of another canvas: one that had GL has nothing else.
 */
function hasGraphicsProcessor(): boolean {
  const gl = document
    .createElement('canvas')
    .getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (!gl) return false;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return !SOFTWARE.test(name);
}
