// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// resource: something fetched from the daemon, with its state. A failed refresh keeps the last
// good value and says that it is old.

import { failureOf, type Failure } from '../net/http';

export class Resource<T> {
  value = $state.raw<T | null>(null);
  failure = $state.raw<Failure | null>(null);
  loading = $state(false);
  private timer: ReturnType<typeof setInterval> | null = null;
  private turn = 0;

  constructor(private readonly fetcher: () => Promise<T>) {}

  /** Later calls win over earlier ones that answer late. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    this.loading = true;
    try {
      const v = await this.fetcher();
      if (turn !== this.turn) return;
      this.value = v;
      this.failure = null;
    } catch (e) {
      if (turn === this.turn) this.failure = failureOf(e);
    } finally {
      if (turn === this.turn) this.loading = false;
    }
  }

  /** Loads now and every @ms while the page is visible; returns what ends it. */
  poll(ms: number): () => void {
    void this.load();
    this.timer = setInterval(() => {
      if (!document.hidden && !this.loading) void this.load();
    }, ms);
    return () => {
      if (this.timer !== null) clearInterval(this.timer);
      this.turn++;
    };
  }
}
