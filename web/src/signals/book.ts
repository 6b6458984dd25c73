// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// book: one list of signals out of two sources: the records that operators write (/api/signals)
// and what was taught (/ws/training). They meet in the name.

import type { SignalRecord } from '../net/records';
import type { TaughtSignal } from '../training/lessons.svelte';

export interface Entry {
  key: string; // the name
  name: string;
  record: SignalRecord | null; // null: taught, not described
  taught: TaughtSignal | null; // null: described, no sample yet
  samples: number;
  figures: { f1: number; precision: number; recall: number };
}

export function joinSignals(
  records: readonly SignalRecord[],
  taught: readonly TaughtSignal[],
  figures: ReadonlyMap<string, Entry['figures']> = new Map(),
): Entry[] {
  const names = [...new Set([...records.map((r) => r.name), ...taught.map((t) => t.name)])];
  return names
    .sort((a, b) => a.localeCompare(b))
    .map((name) => {
      const record = records.find((r) => r.name === name) ?? null;
      const t = taught.find((x) => x.name === name) ?? null;
      const m = record?.metrics ?? {};
      return {
        key: name,
        name,
        record,
        taught: t,
        samples: t?.samples ?? record?.samples ?? 0,
        figures: figures.get(name) ?? {
          f1: m.f1 ?? NaN,
          precision: m.precision ?? NaN,
          recall: m.recall ?? NaN,
        },
      };
    });
}

/** Entries that hold all words of @query in name, modulation or notes. */
export function findEntries(list: readonly Entry[], query: string): Entry[] {
  const words = query.toLowerCase().split(/\s+/);
  return list.filter(({ name, record }) => {
    const text = `${name} ${record?.modulation ?? ''} ${record?.notes ?? ''}`.toLowerCase();
    return words.every((w) => text.includes(w));
  });
}
