// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// system: what the System screen shows: /health, /metrics over the last minutes, /api/config,
// /api/models.

import { parseMetrics, type Metrics } from '../model/prometheus';
import { bool, isObject, num, object, objects, str, strings, type Json } from '../net/json';
import { Resource } from '../shell/resource.svelte';
import type { Session } from '../shell/session.svelte';
import { Rates, type Values } from './rates';

export interface Health {
  ok: boolean;
  status: string;
  problems: string[];
  parts: { name: string; ok: boolean; off: boolean; text: string }[];
  version: string;
  uptimeS: number;
}

export interface ConfigRow {
  key: string;
  value: string;
  origin: string;
  live: boolean;
  help: string;
  isDefault: boolean;
}

export interface Models {
  active: string;
  names: string[];
  heads: { name: string; version: string }[];
}

export function parseHealth(x: unknown): Health {
  const o = object(x);
  const parts = Object.entries(object(o.parts)).map(([name, v]) => {
    const text = isObject(v) ? (str(v, 'detail') ?? str(v, 'status') ?? '') : String(v);
    const said = isObject(v) ? bool(v, 'ok') : undefined;
    const off = said === undefined && /^off\b/.test(text);
    return { name, ok: said ?? (off || /^ok\b/.test(text)), off, text };
  });
  return {
    ok: str(o, 'status') === 'ok',
    status: str(o, 'status') ?? 'unknown',
    problems: strings(o.problems),
    parts,
    version: str(o, 'version') ?? '',
    uptimeS: num(o, 'uptime_s') ?? NaN,
  };
}

const shown = (v: unknown): string =>
  v === null || v === undefined ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v);

export function parseConfig(x: unknown): ConfigRow[] {
  return Object.entries(object(x))
    .filter((pair): pair is [string, Json] => isObject(pair[1]))
    .map(([key, o]) => ({
      key,
      value: shown(o.value),
      origin: str(o, 'origin') ?? '',
      live: bool(o, 'live') ?? false,
      help: str(o, 'help') ?? '',
      isDefault: /default/.test(str(o, 'origin') ?? ''),
    }));
}

export function parseModels(x: unknown): Models {
  const o = object(x);
  const name = (v: unknown): string => (isObject(v) ? (str(v, 'name') ?? '') : String(v));
  return {
    active: str(o, 'active') ?? '',
    names: (Array.isArray(o.models) ? o.models : []).map(name).filter((n) => n !== ''),
    heads: objects(o.heads).map((h) => ({
      name: str(h, 'name') ?? '',
      version: str(h, 'version') ?? '',
    })),
  };
}

const KEPT = 120; // readings, one a second

/** Rates over the last two minutes, for the small curves. */
export class Trend {
  readonly values: number[] = [];
  push(v: number): void {
    this.values.push(v);
    if (this.values.length > KEPT) this.values.shift();
  }
}

export class System {
  readonly health: Resource<Health>;
  readonly config: Resource<ConfigRow[]>;
  readonly models: Resource<Models>;
  readonly metrics: Resource<Metrics>;
  trends = $state.raw<Record<string, readonly number[]>>({});
  rates = $state.raw<Values>({}); // of counters, for the figures
  private readonly kept = new Map<string, Trend>();
  private readonly counters = new Rates();

  constructor({ api }: Session) {
    this.health = new Resource(async () => parseHealth(await api.json('/health', { alsoOk: 503 })));
    this.config = new Resource(async () => parseConfig(await api.json('/api/config')));
    this.models = new Resource(async () => parseModels(await api.json('/api/models')));
    this.metrics = new Resource(async () => {
      const m = parseMetrics(await api.text('/metrics'));
      this.note(m);
      return m;
    });
  }

  start(): () => void {
    const ends = [
      this.health.poll(2000),
      this.metrics.poll(1000),
      this.models.poll(5000),
      this.config.poll(15000),
    ];
    return () => ends.forEach((end) => end());
  }

  private note(m: Metrics): void {
    const { last, mean } = this.counters.push(m);
    for (const [n, v] of Object.entries(last)) this.trend(n, v);
    for (const [n, v] of m.values) if (!n.endsWith('_total')) this.trend(n, v);
    this.rates = mean;
    this.trends = Object.fromEntries([...this.kept].map(([k, t]) => [k, [...t.values]]));
  }

  private trend(name: string, v: number): void {
    let t = this.kept.get(name);
    if (!t) this.kept.set(name, (t = new Trend()));
    t.push(v);
  }
}
