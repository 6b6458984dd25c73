// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// activity: what each receive channel is doing: recording, scanning for a mission, or where
// somebody put it by hand; and what /health says is not well. Asked of the daemon every few
// seconds; a daemon without a store or without missions leaves its part out.

import { failureOf } from '../net/http';
import { listIn, num, object, str, strings, type Json } from '../net/json';
import type { Session } from './session.svelte';

export type Doing = 'recording' | 'scanning' | 'manual';

export interface Channel {
  name: string; // RX1, RX2, ...
  doing: Doing;
  detail: string; // of what
}

const POLL_MS = 3000;
const ON = new Set(['waiting', 'sweeping', 'running', 'scanning']);

/** @captures that record and @missions that run, as the API lists them. */
export function channelsOf(
  count: number,
  captures: readonly Json[],
  missions: readonly Json[],
): Channel[] {
  return Array.from({ length: Math.max(1, count) }, (_, i) => {
    const name = `RX${i + 1}`;
    const records = captures.filter(
      (c) => str(c, 'state') === 'recording' && (num(c, 'channel') ?? 0) === i,
    );
    if (records.length > 0) {
      const what = records.map((c) => str(c, 'class') ?? str(c, 'path') ?? '').join(', ');
      return { name, doing: 'recording', detail: what };
    }
    const mission = i === 0 ? missions.find((m) => ON.has(str(m, 'state') ?? '')) : undefined;
    if (mission) return { name, doing: 'scanning', detail: str(mission, 'name') ?? '' };
    return { name, doing: 'manual', detail: '' };
  });
}

/** What an answer of /health says is wrong; never empty when the daemon is not well. */
export function problemsOf(health: unknown): string[] {
  const o = object(health);
  const [list, status] = [strings(o.problems), str(o, 'status') ?? 'ok'];
  return list.length > 0 || status === 'ok' ? list : [status];
}

export class Activity {
  channels = $state.raw<Channel[]>([]);
  problems = $state.raw<string[]>([]); // "pipeline: 3 % of the samples were lost", ...

  constructor(private readonly session: Session) {}

  start(): () => void {
    const timer = setInterval(() => {
      if (!document.hidden) void this.look();
    }, POLL_MS);
    void this.look();
    return () => clearInterval(timer);
  }

  private async look(): Promise<void> {
    const [captures, missions, problems] = await Promise.all([
      this.list('captures', '?state=recording&limit=20'),
      this.list('missions', '?limit=100'),
      this.askHealth(),
    ]);
    const next = channelsOf(this.session.caps?.channels ?? 1, captures, missions);
    if (JSON.stringify(next) !== JSON.stringify(this.channels)) this.channels = next;
    if (problems.join('\n') !== this.problems.join('\n')) this.problems = problems;
  }

  /** A daemon that does not answer is another banner's. */
  private async askHealth(): Promise<string[]> {
    try {
      return problemsOf(await this.session.api.json('/health', { alsoOk: 503 }));
    } catch (e) {
      return failureOf(e).kind === 'broken' ? ['its health is not told'] : [];
    }
  }

  private async list(kind: string, query: string): Promise<Json[]> {
    try {
      return listIn(await this.session.api.json(`/api/${kind}${query}`), kind);
    } catch {
      return [];
    }
  }
}
