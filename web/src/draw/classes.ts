// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// classes: a colour for each class of emissions, from a set that the common kinds of colour
// blindness tell apart (Okabe and Ito), light enough for the dark picture. The name is always
// written too.

export const COLOURS = [
  '#ffb74d',
  '#6cc5f5',
  '#2fd39b',
  '#f0e442',
  '#f59ac4',
  '#ff8a5c',
  '#b9a6ff',
] as const;
const PLAIN = '#ffffff'; // found, not named
const UNNAMED = new Set(['signal', 'background', '']);
const FORGET_MS = 30_000; // a colour that nobody asked for this long may become another name's

/** Somebody taught it, or a model knows it. */
export const isNamed = (name: string): boolean => !UNNAMED.has(name);

/**
 * A name keeps its colour while it is shown, and two that are shown have two while the colours
 * last. It wants the one that follows from its letters, so that it mostly has the same after a
 * reload too, and takes the next free one where that is another name's.
 */
export class ClassColours {
  private readonly held: ({ name: string; askedMs: number } | undefined)[] = COLOURS.map(
    () => undefined,
  );

  of(name: string, nowMs: number): string {
    const wanted = hash(name) % COLOURS.length;
    const own = this.held.findIndex((h) => h?.name === name);
    const at = own >= 0 ? own : this.free(wanted, nowMs);
    if (at >= 0) this.held[at] = { name, askedMs: nowMs };
    return COLOURS[at >= 0 ? at : wanted] ?? PLAIN;
  }

  /** The first from @wanted on that nobody has; -1: more names are shown than there are colours. */
  private free(wanted: number, nowMs: number): number {
    for (let i = 0; i < COLOURS.length; i++) {
      const at = (wanted + i) % COLOURS.length;
      if (nowMs - (this.held[at]?.askedMs ?? -Infinity) > FORGET_MS) return at;
    }
    return -1;
  }
}

function hash(name: string): number {
  let h = 0;
  for (let i = 0; i < name.length; i++) h = (h * 31 + name.charCodeAt(i)) >>> 0;
  return h;
}

const colours = new ClassColours();

export const classColour = (name: string): string =>
  isNamed(name) ? colours.of(name, performance.now()) : PLAIN;
