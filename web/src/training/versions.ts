// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// versions: two versions of a head side by side.

import { bool, isObject, str, type Json } from '../net/json';

export interface Version {
  version: number;
  active: boolean;
  f1: number;
  precision: number;
  recall: number;
  preset: string;
  trained: string;
  why: string; // it was put in use at its end, or was not; '': nobody said
  all: Json; // everything that is known of it
}

/** What became of a version when it was made, in words. */
export function decisionOf(o: Json): string {
  const why = str(o, 'promotion') ?? '';
  return (
    why &&
    `${bool(o, 'promoted') ? 'Put in use automatically' : 'Not put in use automatically'}: ${why}`
  );
}

type Figure = number | string | boolean | undefined;

export interface Compared {
  name: string;
  a: Figure;
  b: Figure;
  difference: string;
  better: '' | 'up' | 'down'; // what the second is to the first, where more is better
}

/** Higher is better; other figures are shown without a judgement. */
const GOOD = /^(f1|precision|recall|kept|invariance)/;
const HIDDEN = new Set(['version', 'active', 'job_id', 'type', 'trained', 'promoted', 'promotion']);

/** Single values by name, those of objects as "invariance.shift". */
function flat(o: Json, prefix = ''): Map<string, Figure> {
  const out = new Map<string, Figure>();
  for (const [k, v] of Object.entries(o)) {
    if (isObject(v)) for (const [kk, vv] of flat(v, `${prefix}${k}.`)) out.set(kk, vv);
    else if (['number', 'string', 'boolean'].includes(typeof v)) out.set(prefix + k, v as Figure);
  }
  return out;
}

export function figureOf(v: Figure): string {
  if (v === undefined || v === '') return '\u2013';
  if (typeof v !== 'number') return String(v).slice(0, 16);
  return Number.isInteger(v) ? String(v) : v.toFixed(3);
}

export function compareVersions(a: Version, b: Version): Compared[] {
  const [x, y] = [flat(a.all), flat(b.all)];
  const names = [...new Set([...x.keys(), ...y.keys()])].filter((n) => !HIDDEN.has(n));
  return names.map((name) => {
    const [p, q] = [x.get(name), y.get(name)];
    const d = typeof p === 'number' && typeof q === 'number' ? q - p : NaN;
    const same = Number.isNaN(d) ? p === q : d === 0;
    const judged = GOOD.test(name) && !Number.isNaN(d) && d !== 0;
    return {
      name,
      a: p,
      b: q,
      difference: same
        ? 'same'
        : Number.isNaN(d)
          ? 'differs'
          : `${d > 0 ? '+' : '\u2212'}${figureOf(Math.abs(d))}`,
      better: !judged ? '' : d > 0 ? 'up' : 'down',
    };
  });
}
