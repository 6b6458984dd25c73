// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// feed: the live page's half of the conversation with the daemon: what comes is decoded and
// counted here, what is to be shown changes with a delay. Knows nothing of what is done with it.

import {
  decodeDetections,
  decodeText,
  decodeWaterfall,
  frameType,
  WF_DROPPED,
  WF_HISTORY,
  type Detections,
  type ServerMessage,
  type WaterfallRows,
} from '../net/protocol';
import { LiveSocket, socketUrl, type LinkState } from '../net/socket';

const VIEW_DELAY_MS = 60; // set_view goes out this long after the last change,
const VIEW_MAX_DELAY_MS = 200; // but not later than this after the first
const STALL_MS = 3000;

export interface Stats {
  rowsPerS: number;
  bytesPerS: number;
  droppedMessages: number; // messages that said rows were lost before them
  unreadable: number; // frames this page could not decode
}

export interface FeedHandlers {
  state(s: LinkState): void;
  open(): void;
  message(m: ServerMessage): void;
  tile(d: Detections): void;
  history(m: WaterfallRows): void;
  rows(m: WaterfallRows): boolean; // false: not taken, they do not count
  view(): Record<string, unknown>; // what set_view is to say now
}

export class Feed {
  stats = $state<Stats>({ rowsPerS: 0, bytesPerS: 0, droppedMessages: 0, unreadable: 0 });
  stalled = $state(false);
  private readonly socket: LiveSocket;
  private counted = { rows: 0, bytes: 0, atMs: performance.now() };
  private lastRowMs = 0;
  private viewTimer: ReturnType<typeof setTimeout> | null = null;
  private viewSince = 0;

  constructor(
    token: () => string,
    private readonly on: FeedHandlers,
  ) {
    this.socket = new LiveSocket(socketUrl(location, '/ws/pipeline'), token, {
      state: (s) => on.state(s),
      open: () => {
        this.wait();
        on.open();
        this.sendView();
      },
      text: (t) => {
        const m = decodeText(t);
        if (m) on.message(m);
        else this.stats.unreadable++;
      },
      binary: (b) => this.onBinary(b),
    });
  }

  connect(): void {
    this.socket.connect();
  }

  close(): void {
    this.socket.close();
  }

  retryNow(): void {
    this.socket.retryNow();
  }

  /** False when there is no connection. */
  send(message: Record<string, unknown>): boolean {
    return this.socket.send(message);
  }

  /** Rows may take their time from now on: they were just asked for. */
  wait(): void {
    this.lastRowMs = performance.now();
  }

  /** The daemon is told soon, not at every step of a wheel. */
  viewChanged(): void {
    const now = performance.now();
    if (this.viewTimer === null) this.viewSince = now;
    else clearTimeout(this.viewTimer);
    const wait = Math.min(VIEW_DELAY_MS, Math.max(0, this.viewSince + VIEW_MAX_DELAY_MS - now));
    this.viewTimer = setTimeout(() => this.sendView(), wait);
  }

  private sendView(): void {
    if (this.viewTimer !== null) clearTimeout(this.viewTimer);
    this.viewTimer = null;
    this.send({ command: 'set_view', ...this.on.view() });
  }

  /** Rates; and @isExpecting rows that do not come, it asks the daemon, which knows why. */
  everySecond(isExpecting: boolean): void {
    const now = performance.now();
    const seconds = (now - this.counted.atMs) / 1000;
    this.stats.rowsPerS = this.counted.rows / seconds;
    this.stats.bytesPerS = this.counted.bytes / seconds;
    this.counted = { rows: 0, bytes: 0, atMs: now };
    this.stalled = isExpecting && now - this.lastRowMs > STALL_MS;
    if (this.stalled) this.send({ command: 'status' });
  }

  private onBinary(buf: ArrayBuffer): void {
    this.counted.bytes += buf.byteLength;
    if (frameType(buf) === 'DT01') {
      const d = decodeDetections(buf);
      if (d) this.on.tile(d);
      else this.stats.unreadable++;
      return;
    }
    const m = decodeWaterfall(buf);
    if (!m) this.stats.unreadable++;
    else if ((m.flags & WF_HISTORY) !== 0) this.on.history(m);
    else if (this.on.rows(m)) {
      if ((m.flags & WF_DROPPED) !== 0) this.stats.droppedMessages++;
      this.counted.rows += m.rows;
      this.lastRowMs = performance.now();
      this.stalled = false;
    }
  }
}
