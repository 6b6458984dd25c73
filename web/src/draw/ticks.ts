// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// ticks: where an axis puts its marks, and what it writes beside them.

export interface Tick {
  value: number;
  label: string;
  major: boolean;
}

/** The smallest of 1, 2, 5 x 10^n that is >= @raw. */
export function niceStep(raw: number): number {
  const pow = 10 ** Math.floor(Math.log10(raw));
  const f = raw / pow;
  return (f <= 1.0000001 ? 1 : f <= 2.0000001 ? 2 : f <= 5.0000001 ? 5 : 10) * pow;
}

const decimalsOf = (step: number): number => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));

/** Multiples of @step in [lo, hi], free of accumulated rounding. */
function multiples(lo: number, hi: number, step: number): number[] {
  const out: number[] = [];
  for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + step * 1e-9; k++) out.push(k * step);
  return out;
}

/** Frequency: labels in MHz, at least @minPx pixels apart on an axis @width pixels wide. */
export function frequencyTicks(lo: number, hi: number, width: number, minPx = 90): Tick[] {
  const step = niceStep(((hi - lo) * minPx) / Math.max(1, width));
  const minor = step / (String(step).startsWith('2') ? 4 : 5);
  const decimals = decimalsOf(step / 1e6);
  return multiples(lo, hi, minor).map((value) => {
    const major = Math.abs(value / step - Math.round(value / step)) < 1e-6;
    const mhz = value / 1e6;
    return { value, major, label: major ? (Math.abs(mhz) < 1e-9 ? 0 : mhz).toFixed(decimals) : '' };
  });
}

/** Level in dB. */
export function levelTicks(lo: number, hi: number, height: number, minPx = 28): Tick[] {
  const step = Math.max(1, niceStep(((hi - lo) * minPx) / Math.max(1, height)));
  return multiples(lo, hi, step).map((value) => ({
    value,
    major: true,
    label: String(Math.round(value)).replace('-', '\u2212'),
  }));
}

const TIME_STEPS_US = [
  1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 1.5e7, 3e7, 6e7, 1.2e8, 3e8, 6e8,
];

/** Time: UTC clock times, or seconds since the start for a recording without a date. */
export function timeTicks(fromUs: number, toUs: number, height: number, minPx = 44): Tick[] {
  const raw = ((toUs - fromUs) * minPx) / Math.max(1, height);
  const step = TIME_STEPS_US.find((s) => s >= raw) ?? 1.8e9;
  return multiples(fromUs, toUs, step).map((value) => ({
    value,
    major: true,
    label: clock(value, step >= 1e6 ? 0 : decimalsOf(step / 1e6)),
  }));
}

/** Before 2001: the recording has no date and its time counts from zero. */
export const isDated = (us: number): boolean => us >= 978307200e6;

/** "12:34:56.789" UTC, or "+56.789 s" when there is no date. */
export function clock(us: number, decimals: number): string {
  if (!isDated(us)) return `+${(us / 1e6).toFixed(decimals)}\u202fs`;
  const scale = 10 ** decimals;
  const t = Math.round((us * scale) / 1e6); // in units of the last digit, so carries are right
  const s = Math.floor(t / scale);
  const two = (n: number): string => String(n).padStart(2, '0');
  const hms = `${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return decimals > 0 ? `${hms}.${String(t % scale).padStart(decimals, '0')}` : hms;
}

export const utcDate = (us: number): string =>
  isDated(us) ? new Date(us / 1000).toISOString().slice(0, 10) : '';
