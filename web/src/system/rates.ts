// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// rates: how fast the daemon's counters grow, by its own clock: an answer that takes its time, or a
// timer of the page that is late, changes no rate.

import { rate, type Metrics } from '../model/prometheus';

const CLOCK = 'g20_uptime_seconds';
const MEAN_S = 10; // blocks and tiles come in lumps: a second of them says two digits at most

export type Values = Record<string, number>;

export class Rates {
  private readings: Metrics[] = []; // of the last MEAN_S and one more, oldest first

  /** Takes the newest reading: rates since the one before, and over the last MEAN_S. */
  push(m: Metrics): { last: Values; mean: Values } {
    const before = this.readings.at(-1);
    if (before && !(seconds(before, m) > 0)) this.readings = []; // the daemon was started again
    this.readings.push(m);
    while (seconds(this.readings[1] ?? m, m) >= MEAN_S) this.readings.shift();
    return { last: since(this.readings.at(-2), m), mean: since(this.readings[0], m) };
  }
}

const seconds = (from: Metrics, to: Metrics): number =>
  (to.values.get(CLOCK) ?? NaN) - (from.values.get(CLOCK) ?? NaN);

function since(before: Metrics | undefined, m: Metrics): Values {
  if (!before || before === m) return {};
  const names = [...m.values.keys()].filter((n) => n.endsWith('_total'));
  return Object.fromEntries(names.map((n) => [n, rate(m, before, seconds(before, m), n)]));
}
