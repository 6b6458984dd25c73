// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// lessons: the conversation on /ws/training: signals, their samples and versions, and the job that
// runs. A daemon that has none of it answers so, and the screen says it.

import { bool, isObject, listIn, num, object, str, strings, type Json } from '../net/json';
import type { SmallPicture } from '../model/spectrogram';
import { LiveSocket, socketUrl, type LinkState } from '../net/socket';
import type { Session } from '../shell/session.svelte';
import { decisionOf, type Version } from './versions';

export interface TaughtSignal {
  name: string;
  samples: number;
  active: number | null;
}

export interface Sample {
  id: string;
  signal: string;
  boxes: number;
  durationS: number;
  rateHz: number;
  centerHz: number;
  timeUs: number;
}

export interface Job {
  id: string;
  signal: string;
  epoch: number;
  epochs: number;
  etaS: number;
  loss: number[];
  metrics: Record<string, number[]>;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  message: string;
  version: number; // that came of it; 0: none yet
  reviewItems: number; // what it would have found waits for answers
}

export interface Thumbnail {
  picture: SmallPicture;
  boxes: { x0: number; x1: number; y0: number; y1: number }[];
}

const WAIT_MS = 20000;

export const isSignalName = (s: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$/.test(s.trim());

const list = (x: Json, ...keys: string[]): Json[] => listIn(x, ...keys);

export function parseTaught(x: Json): TaughtSignal[] {
  return list(x, 'signals', 'registry').map((o) => ({
    name: str(o, 'name') ?? str(o, 'signal_name') ?? '',
    samples: num(o, 'samples') ?? (Array.isArray(o.samples) ? o.samples.length : 0),
    active: num(o, 'active_version') ?? num(o, 'active') ?? null,
  }));
}

export function parseSamples(x: Json): Sample[] {
  return list(x, 'samples').map((o) => ({
    id: str(o, 'sample_id') ?? str(o, 'id') ?? '',
    signal: str(o, 'signal_name') ?? str(o, 'signal') ?? '',
    boxes: num(o, 'boxes') ?? (Array.isArray(o.boxes) ? o.boxes.length : 0),
    durationS: num(o, 'duration_s') ?? NaN,
    rateHz: num(o, 'sample_rate_hz') ?? NaN,
    centerHz: num(o, 'center_freq_hz') ?? NaN,
    timeUs: num(o, 'time_us') ?? 0,
  }));
}

export function parseVersions(x: Json): Version[] {
  return list(x, 'versions')
    .map((o) => {
      const m = { ...object(o.metrics), ...o };
      return {
        version: num(o, 'version') ?? 0,
        active: bool(o, 'active') ?? false,
        f1: num(m, 'f1') ?? NaN,
        precision: num(m, 'precision') ?? NaN,
        recall: num(m, 'recall') ?? NaN,
        preset: str(o, 'preset') ?? '',
        trained: str(o, 'trained') ?? '',
        why: decisionOf(o),
        all: o,
      };
    })
    .sort((a, b) => b.version - a.version);
}

/** @job after an event of its training; null for an event of another kind. */
export function jobAfter(job: Job | null, o: Json): Job | null {
  const type = str(o, 'type') ?? '';
  const id = str(o, 'job_id') ?? '';
  const ends: Record<string, Job['state']> = {
    training_done: 'done',
    training_failed: 'failed',
    training_cancelled: 'cancelled',
  };
  if (type !== 'progress' && type !== 'training_started' && !ends[type]) return null;
  const now: Job =
    job && job.id === id
      ? job
      : {
          id,
          signal: str(o, 'signal_name') ?? '',
          epoch: 0,
          epochs: 0,
          etaS: NaN,
          loss: [],
          metrics: {},
          state: 'running',
          message: '',
          version: 0,
          reviewItems: 0,
        };
  const end = ends[type];
  if (end)
    return {
      ...now,
      state: end,
      etaS: 0,
      message: str(o, 'message') ?? decisionOf(o),
      version: num(o, 'version') ?? 0,
      reviewItems: num(o, 'review_items') ?? 0,
    };
  if (type === 'training_started') return { ...now, signal: str(o, 'signal_name') ?? now.signal };
  const metrics = { ...now.metrics };
  for (const [k, v] of Object.entries(object(o.metrics)))
    if (typeof v === 'number') metrics[k] = [...(metrics[k] ?? []), v];
  const loss = num(o, 'loss');
  return {
    ...now,
    epoch: num(o, 'epoch') ?? now.epoch,
    epochs: num(o, 'epochs') ?? now.epochs,
    etaS: num(o, 'eta_s') ?? NaN,
    loss: loss === undefined ? now.loss : [...now.loss, loss],
    metrics,
  };
}

export class Lessons {
  link = $state<LinkState>({ kind: 'connecting' });
  unavailable = $state('');
  signals = $state.raw<TaughtSignal[] | null>(null);
  samples = $state.raw<Sample[]>([]);
  versions = $state.raw<Version[]>([]);
  chosen = $state('');
  presets = $state.raw<string[]>([]);
  job = $state.raw<Job | null>(null);
  said = $state('');
  /** Of samples that this page saved: what it showed of them. */
  readonly pictures = new Map<string, Thumbnail>();
  private readonly socket: LiveSocket;
  private readonly open = new Map<string, (o: Json) => void>();
  private next = 0;

  constructor(session: Session) {
    this.socket = new LiveSocket(socketUrl(location, '/ws/training'), () => session.api.token, {
      state: (s) => (this.link = s),
      open: () => void this.refresh(),
      text: (t) => this.onText(t),
      binary: () => {},
    });
  }

  start(): () => void {
    this.socket.connect();
    return () => this.socket.close();
  }

  /** The reply; null (and .said, unless @quietly) when there is none or it is an error. */
  async ask(request: Json, quietly = false): Promise<Json | null> {
    const id = `t${this.next++}`;
    if (!this.socket.send({ ...request, id })) {
      this.said = 'Not connected.';
      return null;
    }
    const reply = await new Promise<Json | null>((done) => {
      const timer = setTimeout(() => done(null), WAIT_MS);
      this.open.set(id, (o) => {
        clearTimeout(timer);
        done(o);
      });
    });
    this.open.delete(id);
    if (!reply && !quietly) this.said = 'The daemon did not answer.';
    if (reply?.type !== 'error') return reply;
    const message = str(reply, 'message') ?? 'unknown error';
    // One command that is missing leaves the others; without the registry there is nothing.
    if (reply.code === 'not_implemented' && request.command === 'get_registry')
      this.unavailable = message;
    if (!quietly) this.said = message;
    return null;
  }

  async refresh(): Promise<void> {
    const r = await this.ask({ command: 'get_registry' });
    if (!r) return;
    this.unavailable = '';
    this.signals = parseTaught(r);
    this.presets = strings(r.presets);
    await this.choose(this.chosen || (this.signals[0]?.name ?? ''));
    const job = await this.ask({ command: 'job_status' });
    const o = list(job ?? {}, 'jobs').find((j) => str(j, 'state') === 'running');
    const running = o && jobAfter(null, { ...o, type: 'progress' });
    if (running && this.job?.id !== running.id) this.job = running;
  }

  async choose(name: string): Promise<void> {
    if (name !== this.chosen || !name) {
      this.samples = [];
      this.versions = [];
    }
    this.chosen = name;
    if (!name || !this.signals?.some((s) => s.name === name)) return;
    const [s, v] = await Promise.all([
      this.ask({ command: 'list_samples', signal_name: name }),
      this.ask({ command: 'list_versions', signal_name: name }),
    ]);
    if (this.chosen !== name) return;
    if (s) this.samples = parseSamples(s);
    if (v) this.versions = parseVersions(v);
  }

  /** Sends @request, tells what came of it, and reads the lists again; @first is called before. */
  async act(
    request: Json,
    done: (reply: Json) => string,
    first: (reply: Json) => void = () => {},
  ): Promise<boolean> {
    this.said = '';
    const r = await this.ask(request);
    if (!r) return false;
    first(r);
    await this.refresh();
    this.said = done(r);
    return true;
  }

  private onText(text: string): void {
    let o: unknown;
    try {
      o = JSON.parse(text);
    } catch {
      return;
    }
    if (!isObject(o)) return;
    const reply = this.open.get(str(o, 'id') ?? '');
    if (reply) reply(o);
    const job = jobAfter(this.job, o);
    if (!job) return;
    this.job = job;
    if (job.state !== 'running') void this.refresh();
  }
}
