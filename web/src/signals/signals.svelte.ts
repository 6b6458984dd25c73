// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// signals: what the Signals screen shows and does: rename, merge, delete, export, import, in both
// places where a signal has something (book.ts).

import { failureOf, type Api } from '../net/http';
import { listIn, num, object, str, type Json } from '../net/json';
import { listAll, parseSignal, recordPath, type SignalRecord } from '../net/records';
import { Resource } from '../shell/resource.svelte';
import type { Session } from '../shell/session.svelte';
import { Lessons } from '../training/lessons.svelte';
import { joinSignals, type Entry } from './book';

export class Signals {
  readonly records: Resource<SignalRecord[]>;
  readonly lessons: Lessons;
  said = $state('');
  private figures = $state.raw<ReadonlyMap<string, Entry['figures']>>(new Map());
  private readonly api: Api;

  constructor(session: Session) {
    this.api = session.api;
    this.lessons = new Lessons(session);
    this.records = new Resource(() => listAll(session.api, 'signals', parseSignal));
  }

  start(): () => void {
    const ends = [this.records.poll(10000), this.lessons.start()];
    return () => ends.forEach((end) => end());
  }

  get entries(): Entry[] {
    return joinSignals(this.records.value ?? [], this.lessons.signals ?? [], this.figures);
  }

  /** F1 and its like of the version in use, for signals that have one. */
  async loadFigures(): Promise<void> {
    const next = new Map<string, Entry['figures']>();
    for (const t of this.lessons.signals ?? []) {
      if (!t.active) continue;
      const ask = { command: 'list_versions', signal_name: t.name };
      const r = await this.lessons.ask(ask, true);
      const v = listIn(r, 'versions').find((x) => num(x, 'version') === t.active);
      const m = { ...object(v?.metrics), ...v };
      const of = (key: string): number => num(m, key) ?? NaN;
      next.set(t.name, { f1: of('f1'), precision: of('precision'), recall: of('recall') });
    }
    this.figures = next;
  }

  private async attempt(what: () => Promise<unknown>): Promise<boolean> {
    this.said = '';
    try {
      await what();
      return true;
    } catch (e) {
      this.said = failureOf(e).message;
      return false;
    } finally {
      await this.records.load();
      await this.lessons.refresh();
    }
  }

  /** A command of /ws/training that must go well. */
  private async must(request: Json): Promise<Json> {
    const r = await this.lessons.ask(request);
    if (!r) throw new Error(this.lessons.said);
    return r;
  }

  async create(): Promise<string> {
    const used = new Set(this.entries.map((e) => e.name));
    let n = 1;
    while (used.has(`signal-${n}`)) n++;
    const name = `signal-${n}`;
    const ok = await this.attempt(() => this.post({ name }));
    return ok ? name : '';
  }

  private post(body: object): Promise<unknown> {
    return this.api.json('/api/signals', { method: 'POST', body });
  }

  /** What is known of @e as @body says; a new name goes to samples and versions too. */
  async save(e: Entry, body: { name: string } & Record<string, unknown>): Promise<boolean> {
    const ok = await this.attempt(async () => {
      if (e.taught && body.name !== e.name)
        await this.must({
          command: 'rename_signal',
          signal_name: e.name,
          new_name: body.name,
        });
      if (e.record)
        await this.api.json(recordPath('signals', e.record.id), { method: 'PATCH', body });
      else await this.post(body);
    });
    if (ok) this.said = 'Saved.';
    return ok;
  }

  remove(e: Entry): Promise<boolean> {
    return this.attempt(async () => {
      if (e.taught) await this.must({ command: 'delete_signal', signal_name: e.name });
      if (e.record) await this.api.json(recordPath('signals', e.record.id), { method: 'DELETE' });
    });
  }

  /** Samples of @from become samples of @into, then @from goes. One that cannot be moved ends it
   * with both still there: a sample that is saved twice is one sample. */
  merge(from: Entry, into: Entry): Promise<boolean> {
    return this.attempt(async () => {
      const list = from.taught
        ? await this.must({ command: 'list_samples', signal_name: from.name })
        : {};
      for (const s of listIn(list, 'samples')) {
        const id = str(s, 'sample_id') ?? '';
        const whole = await this.must({ command: 'get_sample', sample_id: id, with_iq: true });
        await this.must(moved(whole, into.name));
      }
      if (from.taught) await this.must({ command: 'delete_signal', signal_name: from.name });
      if (from.record) {
        const notes = [into.record?.notes, from.record.notes].filter(Boolean).join('\n');
        if (into.record && from.record.notes)
          await this.api.json(recordPath('signals', into.record.id), {
            method: 'PATCH',
            body: { notes },
          });
        await this.api.json(recordPath('signals', from.record.id), { method: 'DELETE' });
      }
    });
  }

  /** New names only: a signal that is there stays as it is. */
  async importFile(file: File): Promise<void> {
    let list: SignalRecord[];
    try {
      list = listIn(JSON.parse(await file.text()), 'signals').map(parseSignal);
    } catch {
      this.said = `${file.name} is not JSON.`;
      return;
    }
    const known = new Set((this.records.value ?? []).map((s) => s.name));
    const fresh = list.filter((s) => s.name !== '' && !known.has(s.name));
    const ok = await this.attempt(async () => {
      for (const s of fresh) await this.post(fieldsOf(s));
    });
    if (ok) this.said = `${fresh.length} imported, ${list.length - fresh.length} there already.`;
  }
}

const fieldsOf = (s: SignalRecord): object => ({
  name: s.name,
  ...(s.notes === undefined ? {} : { notes: s.notes }),
  ...(s.modulation === undefined ? {} : { modulation: s.modulation }),
  ...(s.bandwidthHz === undefined ? {} : { bandwidth_hz: s.bandwidthHz }),
});

/** The save_sample that makes @sample (an answer of get_sample) one of @signal. */
export function moved(sample: Json, signal: string): Json {
  const time = num(sample, 'time_us') ?? 0;
  const recording = str(sample, 'recording') ?? '';
  return {
    command: 'save_sample',
    signal_name: signal,
    iq_data: sample.iq_data,
    boxes: listIn(sample, 'boxes').map((b) => ({
      f_lo_hz: num(b, 'f_lo_hz'),
      f_hi_hz: num(b, 'f_hi_hz'),
      t_start_s: num(b, 't_start_s'),
      t_stop_s: num(b, 't_stop_s'),
    })),
    metadata: {
      sample_rate_hz: num(sample, 'sample_rate_hz'),
      center_freq_hz: num(sample, 'center_freq_hz'),
      ...(time >= 1 ? { time_us: Math.round(time) } : {}),
      ...(recording ? { recording } : {}),
      ...(sample.complete === true ? { complete: true } : {}),
    },
  };
}
