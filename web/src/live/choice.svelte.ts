// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// choice: which emissions are shown, and in which order: score threshold, classes switched off,
// single ones hidden, the filter's words, the column that sorts.

import { matches, type TrackedEmission } from '../model/emissions';

export const COLUMNS = ['start', 'class', 'mhz', 'width', 'length', 'snr', 'score'] as const;
export type Column = (typeof COLUMNS)[number];

const KEYS: Record<Column, (e: TrackedEmission) => number | string> = {
  start: (e) => e.startUs,
  class: (e) => e.className,
  mhz: (e) => e.fLoHz + e.fHiHz,
  width: (e) => e.fHiHz - e.fLoHz,
  length: (e) => e.durationS,
  snr: (e) => e.snrDb,
  score: (e) => e.confidence,
};

export class Choice {
  minScore = $state(0);
  offClasses = $state.raw<ReadonlySet<string>>(new Set());
  hidden = $state.raw<ReadonlySet<number>>(new Set());
  query = $state('');
  sortBy = $state<Column>('start');
  descending = $state(true);

  /** Drawn on the waterfall. An emission that has no score is not held against a threshold. */
  shows(e: TrackedEmission): boolean {
    return (
      !(e.confidence < this.minScore) && !this.offClasses.has(e.className) && !this.hidden.has(e.id)
    );
  }

  /** In the table: shown, and as the filter says. */
  lists(e: TrackedEmission): boolean {
    const q = this.query.trim();
    return this.shows(e) && (q === '' || matches(e, q));
  }

  sorted(list: readonly TrackedEmission[]): TrackedEmission[] {
    const key = KEYS[this.sortBy];
    const sign = this.descending ? -1 : 1;
    return list
      .filter((e) => this.lists(e))
      .sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        const order = typeof x === 'string' ? x.localeCompare(String(y)) : compare(x, Number(y));
        return order !== 0 ? sign * order : b.id - a.id;
      });
  }

  sort(by: Column): void {
    this.descending = by === this.sortBy ? !this.descending : by !== 'class';
    this.sortBy = by;
  }

  toggleClass(name: string): void {
    const next = new Set(this.offClasses);
    if (!next.delete(name)) next.add(name);
    this.offClasses = next;
  }

  hide(id: number): void {
    this.hidden = new Set([...this.hidden, id]);
  }

  showHidden(): void {
    this.hidden = new Set();
  }
}

/** Unknown values sort below all others. */
const compare = (a: number, b: number): number =>
  (Number.isNaN(a) ? -Infinity : a) - (Number.isNaN(b) ? -Infinity : b) || 0;
