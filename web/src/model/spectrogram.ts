// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// spectrogram: a small picture of complex samples, for thumbnails: no instrument, its levels are
// relative to the strongest.

export interface SmallPicture {
  width: number; // levels of a row, lowest frequency first
  height: number; // rows, oldest first
  codes: Uint8Array; // (height, width) 0: 50 dB and more under the strongest .. 255: the strongest
}

/** A part of a picture. */
export interface Share {
  x0: number; // 0..1 of the band, low to high
  x1: number;
  y0: number; // 0..1 of the time, old to new
  y1: number;
}

const RANGE_DB = 50;
const MOST_LOOKS = 24; // spectra a row: what is shorter than a gap between them may be missed

/** In-place complex FFT; the length is a power of two. */
export function fft(re: Float32Array, im: Float32Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j] ?? 0, re[i] ?? 0];
    [im[i], im[j]] = [im[j] ?? 0, im[i] ?? 0];
  }
  for (let len = 2; len <= n; len <<= 1) {
    const half = len >> 1;
    for (let k = 0; k < half; k++) {
      const [c, s] = [Math.cos((-2 * Math.PI * k) / len), Math.sin((-2 * Math.PI * k) / len)];
      for (let i = k; i < n; i += len) {
        const [a, b] = [re[i + half] ?? 0, im[i + half] ?? 0];
        const [tr, ti] = [a * c - b * s, a * s + b * c];
        const [ur, ui] = [re[i] ?? 0, im[i] ?? 0];
        re[i] = ur + tr;
        im[i] = ui + ti;
        re[i + half] = ur - tr;
        im[i + half] = ui - ti;
      }
    }
  }
}

/** Samples anywhere: writes I and Q in turn of @n samples from @start on. */
export interface IqReader {
  samples: number;
  read: (start: number, n: number, out: Float32Array) => void;
}

export const readerOf = (iq: Float32Array): IqReader => ({
  samples: iq.length >> 1,
  read: (start, n, out) => out.set(iq.subarray(2 * start, 2 * (start + n))),
});

/** Bytes of a SigMF data file; null for a datatype that is not complex or not known. */
export function readerOfBytes(bytes: Uint8Array, datatype: string): IqReader | null {
  const m = /^c([fiu])(8|16|32)(?:_(le|be))?$/.exec(datatype);
  if (!m) return null;
  const [, kind, bits = '8', end] = m;
  const size = Number(bits) / 8;
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = end !== 'be';
  const readers: Record<string, (at: number) => number> = {
    f32: (at) => v.getFloat32(at, little),
    i16: (at) => v.getInt16(at, little) / 32768,
    i8: (at) => v.getInt8(at) / 128,
    u8: (at) => (v.getUint8(at) - 127.5) / 127.5,
  };
  const one = readers[`${kind}${bits}`];
  if (!one) return null;
  return {
    samples: Math.floor(bytes.length / (2 * size)),
    read: (start, n, out) => {
      for (let i = 0; i < 2 * n; i++) {
        const at = (2 * start + i) * size;
        out[i] = at + size <= bytes.length ? one(at) : 0;
      }
    },
  };
}

/**
 * Each row is the strongest of a few spectra of @width bins that lie in its
 * share of the time, so that a short burst stays visible.
 */
export function smallSpectrogram(iq: IqReader, width: number, height: number): SmallPicture {
  const { samples } = iq;
  const some = new Float32Array(2 * width);
  const levels = new Float32Array(width * height).fill(-Infinity);
  const [re, im] = [new Float32Array(width), new Float32Array(width)];
  const looks = Math.min(MOST_LOOKS, Math.max(1, Math.floor(samples / (width * height))));
  let most = -Infinity;
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < looks; k++) {
      const room = Math.max(0, samples - width);
      const start = Math.round((room * (y + k / looks)) / height);
      some.fill(0);
      iq.read(start, Math.min(width, samples), some);
      for (let i = 0; i < width; i++) {
        const w = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / width);
        re[i] = (some[2 * i] ?? 0) * w;
        im[i] = (some[2 * i + 1] ?? 0) * w;
      }
      fft(re, im);
      for (let i = 0; i < width; i++) {
        const bin = (i + width / 2) % width; // DC in the middle
        const db = 10 * Math.log10((re[bin] ?? 0) ** 2 + (im[bin] ?? 0) ** 2 + 1e-30);
        const at = y * width + i;
        if (db > (levels[at] ?? 0)) levels[at] = db;
        if (db > most) most = db;
      }
    }
  }
  const codes = new Uint8Array(width * height);
  for (let i = 0; i < codes.length; i++)
    codes[i] = Math.max(0, Math.min(255, 255 * (1 + ((levels[i] ?? 0) - most) / RANGE_DB)));
  return { width, height, codes };
}
