// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// prometheus: reads the text of /metrics, and what can be told from two readings of it.

export interface Bucket {
  le: number; // seconds; Infinity is the last
  count: number; // in this bucket alone
}

export interface Metrics {
  /** By name, or name{labels} as written. */
  values: Map<string, number>;
  histograms: Map<string, Bucket[]>;
  help: Map<string, string>;
}

const LINE = /^([a-zA-Z_:][\w:]*)(\{[^}]*\})?\s+(\S+)/;

const numberOf = (s: string): number =>
  s === '+Inf' ? Infinity : s === '-Inf' ? -Infinity : Number(s);

/** Lines it cannot read are left out. */
export function parseMetrics(text: string): Metrics {
  const out: Metrics = { values: new Map(), histograms: new Map(), help: new Map() };
  for (const line of text.split('\n')) {
    if (line.startsWith('# HELP ')) {
      const [name = '', ...words] = line.slice(7).split(' ');
      out.help.set(name, words.join(' '));
    }
    const m = line.startsWith('#') ? null : LINE.exec(line);
    if (!m) continue;
    const [, name = '', labels = '', value = ''] = m;
    const le = /le="([^"]+)"/.exec(labels)?.[1];
    const v = numberOf(value);
    if (Number.isNaN(v)) continue;
    if (name.endsWith('_bucket') && le !== undefined) {
      const key = name.slice(0, -'_bucket'.length);
      const list = out.histograms.get(key) ?? [];
      list.push({ le: numberOf(le), count: v });
      out.histograms.set(key, list);
    } else {
      out.values.set(name + labels, v);
    }
  }
  for (const list of out.histograms.values()) {
    list.sort((a, b) => a.le - b.le); // cumulative in the text, each alone here
    for (let i = list.length - 1; i > 0; i--) {
      const [b, before] = [list[i], list[i - 1]];
      if (b && before) b.count -= before.count;
    }
  }
  return out;
}

/** Upper bound of the bucket that holds the @q quantile, and its share; NaN when all are empty. */
export function quantile(buckets: readonly Bucket[], q: number): number {
  const total = buckets.reduce((sum, b) => sum + b.count, 0);
  if (!(total > 0)) return NaN;
  let sum = 0;
  let lower = 0;
  for (const b of buckets) {
    if (sum + b.count >= q * total) {
      // Within a bucket as if its values were spread evenly; the last has no end.
      if (b.le === Infinity) return lower;
      return lower + (b.le - lower) * ((q * total - sum) / Math.max(b.count, 1e-9));
    }
    sum += b.count;
    lower = b.le;
  }
  return lower;
}

/** How fast a counter grew, a second; NaN when it is not there or began again. */
export function rate(now: Metrics, before: Metrics, seconds: number, name: string): number {
  const [a, b] = [before.values.get(name), now.values.get(name)];
  return a === undefined || b === undefined || b < a || seconds <= 0 ? NaN : (b - a) / seconds;
}
