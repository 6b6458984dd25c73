// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// waterfallgl: the picture, by WebGL2. Codes lie in an R8 texture used as a ring of rows; a second
// texture says where each row lies in the view and what its codes mean, a third which rows each
// pixel row shows, a fourth is the colormap. A new row is one small upload; zoom, range and
// colormap change nothing but uniforms and those small textures.

import type { RowRing } from '../model/rows';
import type { TimeWindow } from '../model/timebase';
import { rowMapping, type Band } from '../model/view';
import { pixelRows } from './pixelrows';
import type { Waterfall, WaterfallFrame } from './waterfall';

const VERTEX = `#version 300 es
void main() { // one triangle that covers the screen
  vec2 p = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(p, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp isampler2D;
uniform sampler2D codes;  // (capacity, width) R8
uniform sampler2D rows;   // (capacity, 2) scale, offset, bins, 0; dB of code 0, dB a unit, 0, 0
uniform isampler2D pixels; // (1, height) slot of the first row, number of rows
uniform sampler2D palette; // (1, 256)
uniform vec2 size;
uniform vec2 range; // dBFS at the palette's ends
uniform int capacity;
out vec4 color;

const int MAX_ROWS = 8;
const int MAX_BINS = 32;

// Largest code of row 'slot' among the bins whose centres lie in this pixel, or the bin under
// the pixel's centre when there is none; -1 outside the row's band.
float strongest(int slot, float x) {
  vec4 map = texelFetch(rows, ivec2(0, slot), 0);
  float from = (map.x * (x / size.x) + map.y) * map.z;
  float to = (map.x * ((x + 1.0) / size.x) + map.y) * map.z;
  int bins = int(map.z);
  int first = max(0, int(ceil(from - 0.5)));
  int last = min(bins - 1, int(ceil(to - 0.5)) - 1);
  if (last < first) {
    first = int(floor((from + to) * 0.5));
    last = first;
    if (first < 0 || first >= bins) return -1.0;
  }
  int stride = (last - first) / MAX_BINS + 1;
  float best = 0.0;
  for (int i = 0; i < MAX_BINS; i++) {
    int bin = first + i * stride;
    if (bin > last) break;
    best = max(best, texelFetch(codes, ivec2(bin, slot), 0).r);
  }
  return best;
}

void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  ivec2 show = texelFetch(pixels, ivec2(int(size.y) - 1 - p.y, 0), 0).xy;
  float db = -1e9;
  for (int i = 0; i < MAX_ROWS; i++) {
    if (i >= show.y) break;
    int slot = show.x + i;
    if (slot >= capacity) slot -= capacity;
    float code = strongest(slot, float(p.x));
    vec2 level = texelFetch(rows, ivec2(1, slot), 0).xy;
    if (code >= 0.0) db = max(db, level.x + code * level.y);
  }
  if (db < -1e8) {
    color = vec4(0.0, 0.0, 0.0, 0.0); // no data: the page's own background shows
    return;
  }
  float t = clamp((db - range.x) / (range.y - range.x), 0.0, 1.0);
  color = vec4(texelFetch(palette, ivec2(int(t * 255.0 + 0.5), 0), 0).rgb, 1.0);
}`;

interface Textures {
  codes: WebGLTexture;
  rows: WebGLTexture;
  pixels: WebGLTexture;
  palette: WebGLTexture;
}

export class GlWaterfall implements Waterfall {
  private readonly gl: WebGL2RenderingContext;
  private program: WebGLProgram | null = null;
  private tex: Textures | null = null;
  private generation = 0; // of the ring
  private uploaded = 0; // rows of the ring that the texture holds
  private readonly at: Record<'size' | 'range' | 'capacity', WebGLUniformLocation | null> = {
    size: null,
    range: null,
    capacity: null,
  };
  private paletteRgb: Uint8Array = new Uint8Array(768);
  private paletteStale = true;
  private readonly meta: Float32Array;
  private metaView: Band = { lo: 0, hi: 0 }; // of what is in the texture
  private pixels = new Int32Array(0);

  /** Throws when the browser has no WebGL2. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private ring: RowRing,
  ) {
    const gl = canvas.getContext('webgl2', { antialias: false, depth: false, alpha: true });
    if (!gl) throw new Error('This browser offers no WebGL2, which the waterfall needs.');
    this.gl = gl;
    this.meta = new Float32Array(ring.capacity * 8);
    canvas.addEventListener('webglcontextlost', (e) => {
      e.preventDefault();
      this.program = null;
      this.tex = null;
    });
    canvas.addEventListener('webglcontextrestored', () => this.build());
    this.build();
  }

  setRing(ring: RowRing): void {
    if (ring === this.ring) return;
    this.ring = ring;
    this.uploaded = 0;
    this.generation = ring.generation;
  }

  free(): void {
    this.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  setPalette(rgb: Uint8Array): void {
    this.paletteRgb = rgb;
    this.paletteStale = true;
  }

  draw(f: WaterfallFrame): void {
    const { gl, program, tex } = this;
    if (!program || !tex) return;
    const from = this.uploadCodes();
    this.uploadMeta(f.view, from);
    this.uploadPixels(f.time);
    if (this.paletteStale) this.uploadPalette();

    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.useProgram(program);
    gl.uniform2f(this.at.size, this.canvas.width, this.canvas.height);
    gl.uniform2f(this.at.range, f.range.lo, f.range.hi);
    gl.uniform1i(this.at.capacity, this.ring.capacity);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  private build(): void {
    const { gl, ring } = this;
    const program = link(gl);
    gl.useProgram(program);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    for (const name of ['size', 'range', 'capacity'] as const)
      this.at[name] = gl.getUniformLocation(program, name);
    this.tex = {
      codes: texture(gl, 0, program, 'codes'),
      rows: texture(gl, 1, program, 'rows'),
      pixels: texture(gl, 2, program, 'pixels'),
      palette: texture(gl, 3, program, 'palette'),
    };
    gl.activeTexture(gl.TEXTURE0);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R8, ring.width, ring.capacity);
    gl.activeTexture(gl.TEXTURE1);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, 2, ring.capacity);
    this.program = program;
    this.uploaded = 0;
    this.pixels = new Int32Array(0);
    this.paletteStale = true;
  }

  /** New rows only, each as wide as it is; returns the number of the first. */
  private uploadCodes(): number {
    const { gl, ring } = this;
    if (this.generation !== ring.generation) this.uploaded = 0; // the ring was cleared
    this.generation = ring.generation;
    const from = Math.max(this.uploaded, ring.first);
    gl.activeTexture(gl.TEXTURE0);
    for (let n = from; n < ring.count; n++) {
      const codes = ring.codesOf(n);
      const slot = n % ring.capacity;
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, slot, codes.length, 1, gl.RED, gl.UNSIGNED_BYTE, codes);
    }
    this.uploaded = ring.count;
    return from;
  }

  /** Where the rows lie in the view: of the new ones, or of all when the view changed. */
  private uploadMeta(view: Band, from: number): void {
    const { gl, ring, meta } = this;
    const same = view.lo === this.metaView.lo && view.hi === this.metaView.hi;
    const first = Math.max(same ? from : 0, ring.first);
    if (first >= ring.count) return;
    this.metaView = view;
    for (let n = first; n < ring.count; n++) {
      const row = ring.at(n);
      if (!row) continue;
      const at = (n % ring.capacity) * 8;
      const map = rowMapping(view, row.band);
      meta[at] = map.scale;
      meta[at + 1] = map.offset;
      meta[at + 2] = row.bins;
      meta[at + 4] = row.dbMin;
      meta[at + 5] = row.dbMax - row.dbMin;
    }
    const [a, b] = [first % ring.capacity, (ring.count - 1) % ring.capacity];
    const [top, rows] = a <= b ? [a, b - a + 1] : [0, ring.capacity];
    const part = meta.subarray(top * 8, (top + rows) * 8);
    gl.activeTexture(gl.TEXTURE1);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, top, 2, rows, gl.RGBA, gl.FLOAT, part);
  }

  private uploadPixels(time: TimeWindow): void {
    const { gl, ring } = this;
    const resized = this.pixels.length !== 2 * time.height;
    if (resized) this.pixels = new Int32Array(2 * time.height);
    pixelRows(ring, time, this.pixels);
    for (let i = 0; i < this.pixels.length; i += 2) {
      const n = this.pixels[i] ?? -1;
      this.pixels[i] = n >= 0 ? n % ring.capacity : 0;
    }
    gl.activeTexture(gl.TEXTURE2);
    const [w, fmt, type] = [time.height, gl.RG_INTEGER, gl.INT] as const;
    if (resized) gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG32I, w, 1, 0, fmt, type, this.pixels);
    else gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, w, 1, fmt, type, this.pixels);
  }

  private uploadPalette(): void {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE3);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB8, 256, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, this.paletteRgb);
    this.paletteStale = false;
  }
}

function texture(
  gl: WebGL2RenderingContext,
  unit: number,
  program: WebGLProgram,
  name: string,
): WebGLTexture {
  const t = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, t);
  for (const p of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
    gl.texParameteri(gl.TEXTURE_2D, p, gl.NEAREST);
  for (const p of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
    gl.texParameteri(gl.TEXTURE_2D, p, gl.CLAMP_TO_EDGE);
  gl.uniform1i(gl.getUniformLocation(program, name), unit);
  return t;
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) throw new Error('WebGL: cannot make a shader');
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS))
    throw new Error(`WebGL: ${gl.getProgramInfoLog(program) ?? 'cannot link the shader'}`);
  return program;
}
