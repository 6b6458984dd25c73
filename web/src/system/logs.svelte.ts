// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// logs: the daemon's log as it grows: asks for what is new and keeps the last lines.

import { failureOf, query, type Failure } from '../net/http';
import { num, object, objects, str, type Json } from '../net/json';
import type { Session } from '../shell/session.svelte';

export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;
export type Level = (typeof LEVELS)[number];

export interface LogLine {
  n: number; // counts up; a key
  time: string; // 10:11:12.345
  date: string;
  level: Level;
  module: string;
  message: string;
  fields: string; // "port=50051 why=..."
}

const KEPT = 1000;
const POLL_MS = 2000;
const OWN = new Set(['timestamp', 'level', 'module', 'message']);

export function parseLine(o: Json, n: number): LogLine {
  const stamp = str(o, 'timestamp') ?? '';
  const [date = '', time = ''] = stamp.replace('Z', '').split('T');
  return {
    n,
    date,
    time,
    level: LEVELS.find((l) => l === o.level) ?? 'INFO',
    module: str(o, 'module') ?? '',
    message: str(o, 'message') ?? '',
    fields: Object.entries(o)
      .filter(([k]) => !OWN.has(k))
      .map(([k, v]) => `${k}=${typeof v === 'string' ? v : JSON.stringify(v)}`)
      .join('  '),
  };
}

/** Lines at or above @level that hold all words of @query. */
export function chooseLines(lines: readonly LogLine[], level: Level, query: string): LogLine[] {
  const least = LEVELS.indexOf(level);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter((l) => {
    if (LEVELS.indexOf(l.level) < least) return false;
    const text = `${l.module} ${l.message} ${l.fields}`.toLowerCase();
    return words.every((w) => text.includes(w));
  });
}

export class Logs {
  lines = $state.raw<readonly LogLine[]>([]);
  missed = $state(0); // lines that came and went between two questions
  failure = $state.raw<Failure | null>(null);
  private next = 0;
  private asking = false;

  constructor(private readonly session: Session) {}

  start(): () => void {
    void this.ask();
    const timer = setInterval(() => {
      if (!document.hidden) void this.ask();
    }, POLL_MS);
    return () => clearInterval(timer);
  }

  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      this.take(object(await this.session.api.json(`/api/logs${query({ after: this.next })}`)));
      this.failure = null;
    } catch (e) {
      this.failure = failureOf(e);
    }
    this.asking = false;
  }

  private take(o: Json): void {
    const next = num(o, 'next') ?? 0;
    const fresh = objects(o.lines);
    const again = next < this.next; // another daemon: its numbers begin anew
    if (again) this.missed = 0;
    if (this.next > 0 && !again) this.missed += num(o, 'missed') ?? 0;
    const before = this.lines.at(-1)?.n ?? 0;
    this.next = next;
    if (fresh.length === 0) return;
    const added = fresh.map((l, i) => parseLine(l, before + 1 + i));
    this.lines = [...this.lines, ...added].slice(-KEPT);
  }
}
