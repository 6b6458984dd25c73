// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// records: what the daemon stores, as /api/signals, /api/captures, /api/missions and
// /api/emissions tell it. A field that is not there is undefined.

import { bool, defined, listIn, num, object, objects, str, type Json } from './json';
import type { Api } from './http';

export interface SignalRecord {
  id: string;
  name: string;
  notes?: string;
  modulation?: string;
  bandwidthHz?: number;
  samples?: number;
  lastSeenUs?: number;
  metrics: Record<string, number>;
}

export interface CaptureRecord {
  id: string;
  state?: string;
  path?: string;
  startUs?: number;
  durationS?: number;
  centerHz?: number;
  sampleRateHz?: number;
  bandwidthHz?: number;
  bytes?: number;
  dropped?: number;
  origin?: string;
  className?: string;
  notes?: string;
  keep?: boolean;
}

export interface PlanRange {
  f_lo_hz: number;
  f_hi_hz: number;
}

export interface MissionRecord {
  id: string;
  name: string;
  notes?: string;
  enabled: boolean;
  state?: string;
  plan: Json;
  ranges: PlanRange[];
  progress: Json;
}

const numbers = (x: unknown): Record<string, number> =>
  Object.fromEntries(
    Object.entries(object(x)).filter((p): p is [string, number] => typeof p[1] === 'number'),
  );

const flag = (o: Json, key: string): boolean => bool(o, key) ?? num(o, key) === 1;

export function parseSignal(o: Json): SignalRecord {
  return {
    id: str(o, 'id') ?? str(o, 'name') ?? '',
    name: str(o, 'name') ?? '',
    metrics: numbers(o.metrics),
    ...defined({
      notes: str(o, 'notes'),
      modulation: str(o, 'modulation'),
      bandwidthHz: num(o, 'bandwidth_hz'),
      samples: num(o, 'samples'),
      lastSeenUs: num(o, 'last_seen_us'),
    }),
  };
}

export function parseCapture(o: Json): CaptureRecord {
  return {
    id: str(o, 'id') ?? '',
    keep: flag(o, 'keep'),
    ...defined({
      state: str(o, 'state'),
      path: str(o, 'path'),
      startUs: num(o, 'start_us'),
      durationS: num(o, 'duration_s'),
      centerHz: num(o, 'center_hz'),
      sampleRateHz: num(o, 'sample_rate_hz'),
      bandwidthHz: num(o, 'bandwidth_hz'),
      bytes: num(o, 'bytes'),
      dropped: num(o, 'dropped'),
      origin: str(o, 'origin'),
      className: str(o, 'class'),
      notes: str(o, 'notes'),
    }),
  };
}

export function parseMission(o: Json): MissionRecord {
  const plan = object(o.plan);
  const ranges = objects(plan.ranges).flatMap((r) => {
    const [lo, hi] = [num(r, 'f_lo_hz'), num(r, 'f_hi_hz')];
    if (lo === undefined || hi === undefined || lo >= hi) return [];
    return [{ f_lo_hz: lo, f_hi_hz: hi }];
  });
  return {
    id: str(o, 'id') ?? '',
    name: str(o, 'name') ?? '',
    enabled: flag(o, 'enabled'),
    plan,
    ranges,
    progress: object(o.progress),
    ...defined({ notes: str(o, 'notes'), state: str(o, 'state') }),
  };
}

/** All records of a kind, page by page while the answer says there are more (up to @most). */
export async function listAll<T>(
  api: Api,
  kind: string,
  parse: (o: Json) => T,
  most = 2000,
): Promise<T[]> {
  const out: T[] = [];
  let cursor = '';
  do {
    const x = await api.json(
      `/api/${kind}${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`,
    );
    const page = listIn(x, kind, 'items', 'records');
    out.push(...page.map(parse));
    const next = str(object(x), 'next') ?? '';
    if (next === cursor || page.length === 0) break;
    cursor = next;
  } while (cursor && out.length < most);
  return out;
}

export const recordPath = (kind: string, id: string): string =>
  `/api/${kind}/${encodeURIComponent(id)}`;
