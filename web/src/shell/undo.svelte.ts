// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// undo: deletions that are carried out only when the time to take them back is over, or when the
// operator leaves the screen.

const TIME_MS = 8000;

interface Waiting {
  id: string;
  text: string;
  run: () => Promise<void>;
  timer: ReturnType<typeof setTimeout>;
}

export class Undo {
  waiting = $state.raw<readonly Waiting[]>([]);

  /** Hides @id now; @run deletes it for good. */
  later(id: string, text: string, run: () => Promise<void>): void {
    const timer = setTimeout(() => void this.finish(id), TIME_MS);
    this.waiting = [...this.waiting, { id, text, run, timer }];
  }

  has(id: string): boolean {
    return this.waiting.some((w) => w.id === id);
  }

  takeBack(id: string): void {
    for (const w of this.waiting) if (w.id === id) clearTimeout(w.timer);
    this.waiting = this.waiting.filter((w) => w.id !== id);
  }

  /** Deletes everything that waits, now; resolves when all of it is done. */
  async flush(): Promise<void> {
    await Promise.allSettled(this.waiting.map((w) => this.finish(w.id)));
  }

  private async finish(id: string): Promise<void> {
    const w = this.waiting.find((x) => x.id === id);
    if (!w) return;
    clearTimeout(w.timer);
    await w.run().finally(() => (this.waiting = this.waiting.filter((x) => x !== w)));
  }
}
