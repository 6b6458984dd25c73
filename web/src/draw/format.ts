// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// format: numbers for people. Minus signs are real ones and units follow a narrow space.

const NNBSP = '\u202f';
const minus = (s: string): string => s.replace('-', '\u2212');

/** A frequency in MHz with the decimals that @resolutionHz warrants: "433.920 125 MHz"; four stand
 * together. */
export function megahertz(hz: number, resolutionHz: number): string {
  const decimals = Math.min(
    6,
    Math.max(0, Math.ceil(6 - Math.log10(Math.max(1, resolutionHz)) - 1e-9)),
  );
  const [whole = '', frac = ''] = (hz / 1e6).toFixed(decimals).split('.');
  const groups = frac.length === 4 ? frac : (frac.match(/.{1,3}/g)?.join(NNBSP) ?? '');
  return minus(`${whole}${groups ? '.' + groups : ''}${NNBSP}MHz`);
}

/** What a file is called, without the folders that it lies in. */
export const baseName = (path: string): string => path.split('/').pop() || path;

/** A width: "12.5 kHz", three significant digits. */
export function bandwidth(hz: number): string {
  const [v, unit] = hz >= 1e6 ? [hz / 1e6, 'MHz'] : hz >= 1e3 ? [hz / 1e3, 'kHz'] : [hz, 'Hz'];
  return `${significant(v)}${NNBSP}${unit}`;
}

export function duration(s: number): string {
  const [v, unit] = s >= 1 ? [s, 's'] : s >= 1e-3 ? [s * 1e3, 'ms'] : [s * 1e6, '\u00b5s'];
  return `${significant(v)}${NNBSP}${unit}`;
}

function significant(v: number): string {
  return v >= 99.95 ? v.toFixed(0) : v >= 9.995 ? v.toFixed(1) : v.toFixed(2);
}

export const decibels = (db: number, decimals = 1): string =>
  Number.isFinite(db) ? minus(db.toFixed(decimals)) : '\u2013';

export const percent = (x: number): string =>
  Number.isFinite(x) ? `${Math.round(x * 100)}${NNBSP}%` : '\u2013';

export function byteRate(bytesPerS: number): string {
  return bytesPerS >= 1e6
    ? `${(bytesPerS / 1e6).toFixed(1)}${NNBSP}MB/s`
    : `${(bytesPerS / 1e3).toFixed(0)}${NNBSP}kB/s`;
}

/** A rate: "20.0 MS/s", "12.3 /s". */
export function rateOf(perS: number, unit: string): string {
  const [v, prefix] =
    perS >= 1e9
      ? [perS / 1e9, 'G']
      : perS >= 1e6
        ? [perS / 1e6, 'M']
        : perS >= 1e4
          ? [perS / 1e3, 'k']
          : [perS, ''];
  const text = v === 0 ? '0' : significant(v);
  return `${text}${NNBSP}${prefix}${unit}`;
}

export function bytes(n: number): string {
  const [v, unit] =
    n >= 1e9 ? [n / 1e9, 'GB'] : n >= 1e6 ? [n / 1e6, 'MB'] : n >= 1e3 ? [n / 1e3, 'kB'] : [n, 'B'];
  return `${unit === 'B' ? v : significant(v)}${NNBSP}${unit}`;
}
