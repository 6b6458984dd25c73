// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// socket: the live connection. Reconnects with back-off for as long as the page is open.

export type LinkState =
  | { kind: 'connecting' }
  | { kind: 'open' }
  | { kind: 'lost'; retryAtMs: number; reason: string };

export interface SocketHandlers {
  state(s: LinkState): void;
  open(): void; // after the state; the place to send what the server must know
  text(data: string): void;
  binary(data: ArrayBuffer): void;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8000;

export class LiveSocket {
  private ws: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private attempts = 0;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly token: () => string,
    private readonly on: SocketHandlers,
  ) {}

  connect(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.on.state({ kind: 'connecting' });
    const ws = new WebSocket(this.url, socketProtocols(this.token()));
    ws.binaryType = 'arraybuffer';
    this.ws = ws;
    ws.onopen = () => {
      this.attempts = 0;
      this.on.state({ kind: 'open' });
      this.on.open();
    };
    ws.onmessage = (e: MessageEvent<unknown>) => {
      if (typeof e.data === 'string') this.on.text(e.data);
      else if (e.data instanceof ArrayBuffer) this.on.binary(e.data);
    };
    ws.onclose = (e) => this.lost(e);
  }

  /** Connects at once instead of after the back-off. */
  retryNow(): void {
    if (this.timer !== null) this.connect();
  }

  /** False when there is no connection: nothing is queued, state is sent again on open. */
  send(message: Record<string, unknown>): boolean {
    if (this.ws?.readyState !== WebSocket.OPEN) return false;
    this.ws.send(JSON.stringify(message));
    return true;
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.ws?.close();
  }

  private lost(e: CloseEvent): void {
    if (this.closed) return;
    const wait = retryDelayMs(this.attempts++, Math.random());
    this.timer = setTimeout(() => this.connect(), wait);
    this.on.state({ kind: 'lost', retryAtMs: Date.now() + wait, reason: e.reason });
  }
}

/** Doubles from half a second to eight; a quarter of it is random, so clients do not march in step. */
export function retryDelayMs(attempt: number, random: number): number {
  const base = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));
  return base * (0.75 + 0.25 * random);
}

/** ws://… beside the page. */
export function socketUrl(page: { protocol: string; host: string }, path: string): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${path}`;
}

/** How a page shows its token: a browser can set no header here, and an address would be logged. */
export const socketProtocols = (token: string): string[] =>
  token ? ['g20', `bearer.${token}`] : [];

/** What a token may consist of (docs/security.md). */
export const isToken = (text: string): boolean => /^[\w.~+-]{1,128}$/.test(text);
