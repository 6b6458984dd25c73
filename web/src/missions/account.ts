// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// account: what a mission has done so far (docs/missions.md).

import { num, object, objects, str, type Json } from '../net/json';

export interface Band {
  fLoHz: number;
  fHiHz: number;
  share: number; // of the time that one of its frequencies was watched
  dwellS: number;
  revisitS: number;
  intercept: { burst: string; share: number }[];
}

export interface Account {
  startedUs: number;
  seconds: number;
  rounds: number;
  visits: number;
  tuneFailures: number;
  step: number;
  steps: number;
  coverage: number; // part of the steps that were visited
  centerHz: number;
  speedHzPerS: number;
  why: string;
  bands: Band[];
}

/** [["1 ms", 0.2], ...] however the daemon writes it: a list of shares or an object. */
function interceptOf(x: unknown): Band['intercept'] {
  const lengths = ['1 ms', '10 ms', '100 ms'];
  if (Array.isArray(x))
    return x.flatMap((v, i) =>
      typeof v === 'number' ? [{ burst: lengths[i] ?? '', share: v }] : [],
    );
  return Object.entries(object(x)).flatMap(([k, v]) =>
    typeof v === 'number' ? [{ burst: k.replace(/_?ms$/, ' ms'), share: v }] : [],
  );
}

export function parseAccount(o: Json): Account {
  const of = (key: string): number => num(o, key) ?? NaN;
  return {
    startedUs: num(o, 'started_us') ?? 0,
    seconds: of('seconds'),
    rounds: of('rounds'),
    visits: of('visits'),
    tuneFailures: num(o, 'tune_failures') ?? 0,
    step: of('step'),
    steps: of('steps'),
    coverage: of('coverage'),
    centerHz: of('center_hz'),
    speedHzPerS: of('speed_hz_per_s'),
    why: str(o, 'why') ?? '',
    bands: objects(o.bands).map((b) => ({
      fLoHz: num(b, 'f_lo_hz') ?? NaN,
      fHiHz: num(b, 'f_hi_hz') ?? NaN,
      share: num(b, 'share') ?? NaN,
      dwellS: num(b, 'dwell_s') ?? NaN,
      revisitS: num(b, 'revisit_s') ?? NaN,
      intercept: interceptOf(b.intercept),
    })),
  };
}
