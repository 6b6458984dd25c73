// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// http: requests to the daemon's HTTP API. Every failure is a Failure with a text for people and
// a kind that tells a screen which state to show.

/** offline: no answer; login: a token is wanted; forbidden: this token may not; absent: this
 * daemon has no such thing; refused: the request was not acceptable; broken: the daemon failed. */
export type FailureKind = 'offline' | 'login' | 'forbidden' | 'absent' | 'refused' | 'broken';

export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly status = 0,
  ) {
    super(message);
  }
}

export const failureOf = (e: unknown): Failure =>
  e instanceof Failure ? e : new Failure('broken', e instanceof Error ? e.message : String(e));

export function kindOf(status: number): FailureKind {
  if (status === 401) return 'login';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 405 || status === 501) return 'absent';
  return status >= 500 ? 'broken' : 'refused';
}

/** What the daemon says went wrong: JSON {message} or {error}, or its first line of text. */
export function messageOf(body: string, status: number, path: string): string {
  const plain = body.trim().split('\n')[0]?.slice(0, 300) ?? '';
  try {
    const o = JSON.parse(body) as Record<string, unknown> | null;
    const inner = o && typeof o.error === 'object' ? (o.error as Record<string, unknown>) : o;
    for (const key of ['message', 'error', 'detail']) {
      const v = inner?.[key];
      if (typeof v === 'string' && v !== '') return v;
    }
  } catch {
    // not JSON: the text itself
  }
  return plain !== '' && !plain.startsWith('<') && !plain.startsWith('{')
    ? plain
    : `${path} answered ${status}`;
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  body?: unknown; // sent as JSON; a Blob as it is
  signal?: AbortSignal;
  alsoOk?: number; // a status that is an answer too: /health says 503 with JSON
}

export class Api {
  token = '';

  /** @onLogin is called whenever the daemon asks for a token. */
  constructor(private readonly onLogin: () => void = () => {}) {}

  async request(path: string, o: RequestOptions = {}): Promise<Response> {
    const headers: Record<string, string> = {};
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    const raw = o.body instanceof Blob;
    if (o.body !== undefined && !raw) headers['content-type'] = 'application/json';
    const init: RequestInit = { method: o.method ?? 'GET', headers, cache: 'no-store' };
    if (o.body !== undefined) init.body = raw ? (o.body as Blob) : JSON.stringify(o.body);
    if (o.signal) init.signal = o.signal;

    let r: Response;
    try {
      r = await fetch(path, init);
    } catch {
      throw new Failure('offline', 'The daemon does not answer.');
    }
    if (r.ok || r.status === o.alsoOk) return r;
    const kind = kindOf(r.status);
    if (kind === 'login') this.onLogin();
    throw new Failure(kind, messageOf(await r.text().catch(() => ''), r.status, path), r.status);
  }

  async json(path: string, o: RequestOptions = {}): Promise<unknown> {
    const r = await this.request(path, o);
    if (r.status === 204) return null;
    const body = await r.text();
    if (body === '') return null;
    try {
      return JSON.parse(body) as unknown;
    } catch {
      throw new Failure('broken', `${path} did not answer with JSON.`, r.status);
    }
  }

  async text(path: string, o: RequestOptions = {}): Promise<string> {
    return (await this.request(path, o)).text();
  }

  async blob(path: string, o: RequestOptions = {}): Promise<Blob> {
    return (await this.request(path, o)).blob();
  }
}

/** "?a=1&b=2" of what is set; '' when nothing is. */
export function query(fields: Record<string, string | number | undefined>): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(fields)) if (v !== undefined && v !== '') q.set(k, String(v));
  const s = q.toString();
  return s ? `?${s}` : '';
}
