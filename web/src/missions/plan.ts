// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// plan: a mission's plan as the form edits it, and back as JSON. What the form does not know is
// kept as it is.

import { duration } from '../draw/format';
import { num, object, str, strings, type Json } from '../net/json';
import type { MissionRecord } from '../net/records';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const POLICIES = ['never', 'emissions', 'always'] as const;

/** Texts as they are typed: megahertz, seconds, dB; '' is not set. */
export interface PlanForm {
  name: string;
  notes: string;
  ranges: { lo: string; hi: string }[];
  bandwidth: string;
  gain: string;
  dwell: string;
  revisit: string;
  rounds: string;
  heads: { name: string; threshold: string }[];
  record: (typeof POLICIES)[number];
  minSnr: string;
  days: string[];
  from: string;
  to: string;
}

const text = (v: number | undefined, scale = 1): string =>
  v === undefined ? '' : String(Number((v / scale).toPrecision(12)));

/** A head is its name, or an object that may have a threshold. */
const headsOf = (x: unknown): PlanForm['heads'] =>
  (Array.isArray(x) ? x : []).map((h: unknown) =>
    typeof h === 'string'
      ? { name: h, threshold: '' }
      : { name: str(object(h), 'name') ?? '', threshold: text(num(object(h), 'threshold')) },
  );

export function formOf(m: MissionRecord | null): PlanForm {
  const plan = m?.plan ?? {};
  const record = object(plan.record);
  const schedule = object(plan.schedule);
  const when = str(record, 'when');
  return {
    name: m?.name ?? '',
    notes: m?.notes ?? '',
    ranges: m
      ? m.ranges.map((r) => ({
          lo: text(r.f_lo_hz, 1e6),
          hi: text(r.f_hi_hz, 1e6),
        }))
      : [{ lo: '', hi: '' }],
    bandwidth: text(num(plan, 'bandwidth_hz'), 1e6),
    gain: text(num(plan, 'gain_db')),
    dwell: text(num(plan, 'dwell_s')),
    revisit: text(num(plan, 'revisit_s')),
    rounds: text(num(plan, 'rounds')),
    heads: headsOf(plan.heads),
    record: POLICIES.find((p) => p === when) ?? 'never',
    minSnr: text(num(record, 'min_snr_db')),
    days: strings(schedule.days),
    from: str(schedule, 'start') ?? '',
    to: str(schedule, 'stop') ?? '',
  };
}

/** The plan to send, or what is wrong with the form. */
export function planOf(f: PlanForm, before: Json = {}): { plan: Json } | { fault: string } {
  const plan: Json = { ...before };
  let fault = '';
  const number = (s: string, what: string, scale = 1): number | undefined => {
    if (s.trim() === '') return undefined;
    const v = Number(s.replace(',', '.'));
    if (!Number.isFinite(v)) fault ||= `${what}: not a number`;
    return v * scale;
  };
  const put = (o: Json, key: string, v: unknown): void => {
    if (v === undefined || v === '') delete o[key];
    else o[key] = v;
  };
  plan.ranges = f.ranges.map((r, i) => {
    const [lo, hi] = [number(r.lo, `Range ${i + 1}`, 1e6), number(r.hi, `Range ${i + 1}`, 1e6)];
    if (lo === undefined || hi === undefined || !(lo < hi))
      fault ||= `Range ${i + 1}: the upper end must lie above the lower`;
    return { f_lo_hz: lo, f_hi_hz: hi };
  });
  if (f.ranges.length === 0) fault ||= 'A plan needs a range';
  put(plan, 'bandwidth_hz', number(f.bandwidth, 'Bandwidth', 1e6));
  put(plan, 'gain_db', number(f.gain, 'Gain'));
  put(plan, 'dwell_s', number(f.dwell, 'Dwell'));
  put(plan, 'revisit_s', number(f.revisit, 'Revisit'));
  put(plan, 'rounds', number(f.rounds, 'Rounds'));
  const heads = f.heads
    .filter((h) => h.name.trim() !== '')
    .map((h) => {
      const threshold = number(h.threshold, `Threshold of ${h.name}`);
      return threshold === undefined ? h.name.trim() : { name: h.name.trim(), threshold };
    });
  put(plan, 'heads', heads.length > 0 ? heads : undefined);
  const record: Json = { ...object(before.record), when: f.record };
  put(record, 'min_snr_db', number(f.minSnr, 'SNR'));
  put(plan, 'record', f.record === 'never' ? undefined : record);
  const schedule: Json = { ...object(before.schedule) };
  put(schedule, 'days', f.days.length > 0 ? f.days : undefined);
  put(schedule, 'start', f.from);
  put(schedule, 'stop', f.to);
  put(plan, 'schedule', Object.keys(schedule).length > 0 ? schedule : undefined);
  if ((f.from === '') !== (f.to === '')) fault ||= 'From and to go together';
  if (f.name.trim() === '') fault ||= 'A mission needs a name';
  return fault ? { fault } : { plan };
}

/** The plan in a line: "430 to 440 MHz; 500 ms a step; records emissions from 6 dB; mon, tue". */
export function inWords(m: MissionRecord): string {
  const f = formOf(m);
  const list = f.ranges.map((r) => `${r.lo} to ${r.hi}`).join(', ');
  const seconds = (s: string): string => duration(Number(s));
  const [hours, days] = [f.from && `${f.from} to ${f.to} UTC`, f.days.join(', ')];
  const parts = [
    list && `${list}\u202fMHz`,
    f.dwell && `${seconds(f.dwell)} a step`,
    f.revisit && `a round each ${seconds(f.revisit)}`,
    f.rounds && `${f.rounds} rounds`,
    f.heads.length > 0 && `heads ${f.heads.map((h) => h.name).join(', ')}`,
    f.record !== 'never' &&
      `records ${f.record === 'always' ? 'all' : 'emissions'}${f.minSnr && ` from ${f.minSnr}\u202fdB`}`,
    [days, hours].filter((p) => p !== '').join(' ') || 'at any time',
  ];
  return parts.filter((p) => p).join('; ');
}
