// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// gauges: which metrics the System screen shows as figures, and how each is written. A metric
// that this daemon does not have makes no gauge.

import { bytes, rateOf } from '../draw/format';
import type { Metrics } from '../model/prometheus';
import type { Values } from './rates';

export interface GaugeData {
  label: string;
  text: string;
  note?: string; // smaller, below
  values: readonly number[];
  tone: '' | 'warn' | 'bad';
  help: string;
}

interface Row {
  label: string;
  metric: string; // a counter is shown as its rate
  text: (v: number) => string;
  badAbove?: number; // a total above it is worth a warning
  badBelow?: number;
}

const plain = (v: number): string => (v < 1e6 ? String(Math.round(v)) : rateOf(v, '').trim());

const ROWS: readonly Row[] = [
  { label: 'Samples', metric: 'g20_samples_total', text: (v) => rateOf(v, 'S/s') },
  {
    label: 'Lost samples',
    metric: 'g20_samples_lost_total',
    text: (v) => rateOf(v, 'S/s'),
    badAbove: 0,
  },
  {
    label: 'Blocks dropped',
    metric: 'g20_blocks_dropped_total',
    text: (v) => rateOf(v, '/s'),
    badAbove: 0,
  },
  { label: 'Waterfall rows', metric: 'g20_rows_total', text: (v) => rateOf(v, '/s') },
  {
    label: 'Rows dropped',
    metric: 'g20_rows_dropped_total',
    text: (v) => rateOf(v, '/s'),
    badAbove: 0,
  },
  { label: 'Tiles', metric: 'g20_tiles_total', text: (v) => rateOf(v, '/s') },
  { label: 'Detections', metric: 'g20_detections_total', text: (v) => rateOf(v, '/s') },
  { label: 'Emissions on', metric: 'g20_emissions_open', text: plain },
  { label: 'Emissions ended', metric: 'g20_emissions_closed_total', text: (v) => rateOf(v, '/s') },
  { label: 'Clients', metric: 'g20_clients', text: plain },
  { label: 'Rows to clients', metric: 'g20_client_rows_sent_total', text: (v) => rateOf(v, '/s') },
  {
    label: 'Slow clients lost',
    metric: 'g20_client_rows_dropped_total',
    text: (v) => rateOf(v, '/s'),
  },
  { label: 'Rows in the queue', metric: 'g20_server_queue_rows', text: plain },
  {
    label: 'Queue dropped',
    metric: 'g20_server_queue_dropped_total',
    text: (v) => rateOf(v, '/s'),
    badAbove: 0,
  },
  {
    label: 'Processor',
    metric: 'process_cpu_seconds_total',
    text: (v) => `${v.toFixed(2)} cores`,
  },
  { label: 'Memory', metric: 'process_resident_memory_bytes', text: bytes },
  { label: 'Open files', metric: 'process_open_fds', text: plain },
  { label: 'Database', metric: 'g20_storage_database_bytes', text: bytes },
  { label: 'Disk free', metric: 'g20_storage_disk_free_bytes', text: bytes, badBelow: 1e9 },
  { label: 'Captures running', metric: 'g20_captures_running', text: plain },
];

const CELSIUS = 'g20_temperature_celsius';
const HOT_C = 90;

/** One for each zone that Linux knows; machines without any have none. */
function temperatures(m: Metrics, trends: Record<string, readonly number[]>): GaugeData[] {
  return [...m.values]
    .filter(([name]) => name.startsWith(`${CELSIUS}{`))
    .map(([name, v]) => {
      const type = /type="([^"]*)"/.exec(name)?.[1] ?? '';
      const zone = /zone="([^"]*)"/.exec(name)?.[1] ?? '';
      return {
        label: type || `Zone ${zone}`,
        text: `${v.toFixed(0)}\u202f\u00b0C`,
        values: trends[name] ?? [],
        tone: v >= HOT_C ? 'bad' : '',
        help: m.help.get(CELSIUS) ?? '',
      };
    });
}

/** @rates are the figures of counters, @trends the curves of all. */
export function gaugesOf(
  m: Metrics,
  trends: Record<string, readonly number[]>,
  rates: Values,
): GaugeData[] {
  const out: GaugeData[] = [];
  for (const r of ROWS) {
    const total = m.values.get(r.metric);
    if (total === undefined) continue;
    const values = trends[r.metric] ?? [];
    const isCounter = r.metric.endsWith('_total');
    const now = isCounter ? (rates[r.metric] ?? NaN) : total;
    const bad = r.badAbove !== undefined && total > r.badAbove;
    const text = Number.isFinite(now) ? r.text(now) : '\u2013';
    out.push({
      label: r.label,
      text,
      ...(bad && isCounter ? { note: `${plain(total)} in all` } : {}),
      values,
      tone: bad ? (now > 0 ? 'bad' : 'warn') : total < (r.badBelow ?? -Infinity) ? 'bad' : '',
      help: m.help.get(r.metric) ?? r.metric,
    });
  }
  return [...out, ...temperatures(m, trends)];
}
