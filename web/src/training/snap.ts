// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// snap: a hand draws around a signal, with room to spare (a row of the picture alone may be fifty
// times as long as a burst). What was found in there has the true edges. Pure.

import type { Emission } from '../net/protocol';
import type { DrawnBox } from './boxes';

const INSIDE = 0.6; // share of a find that the hand's box must hold
const SPLINTER = 0.1; // of the largest one's area: what is smaller is a part of something
const FILLED = 0.5; // of a box about all of them: from here on they are one signal's pieces
const MOST = 20; // boxes out of one drag

const area = (b: DrawnBox): number => (b.fHiHz - b.fLoHz) * (b.stopUs - b.startUs);

/** The box of an emission; one without a duration has a tenth of a millisecond. */
export const boxOfEmission = (
  e: Pick<Emission, 'fLoHz' | 'fHiHz' | 'startUs' | 'durationS'>,
): DrawnBox => ({
  fLoHz: e.fLoHz,
  fHiHz: e.fHiHz,
  startUs: e.startUs,
  stopUs: e.startUs + Math.max(e.durationS * 1e6, 100),
});

function common(a: DrawnBox, b: DrawnBox): number {
  const hz = Math.min(a.fHiHz, b.fHiHz) - Math.max(a.fLoHz, b.fLoHz);
  const us = Math.min(a.stopUs, b.stopUs) - Math.max(a.startUs, b.startUs);
  return Math.max(hz, 0) * Math.max(us, 0);
}

const around = (list: readonly DrawnBox[]): DrawnBox => ({
  fLoHz: Math.min(...list.map((b) => b.fLoHz)),
  fHiHz: Math.max(...list.map((b) => b.fHiHz)),
  startUs: Math.min(...list.map((b) => b.startUs)),
  stopUs: Math.max(...list.map((b) => b.stopUs)),
});

/**
 * What @drawn is about, out of what was @found: one box around the pieces of one signal, or a box
 * for each of several bursts. @drawn itself where nothing was found, or too much to be meant.
 */
export function snapped(drawn: DrawnBox, found: readonly DrawnBox[]): DrawnBox[] {
  const inside = found.filter((f) => common(drawn, f) >= INSIDE * area(f));
  const least = SPLINTER * Math.max(0, ...inside.map(area));
  const whole = inside.filter((f) => area(f) >= least);
  if (whole.length === 0 || whole.length > MOST) return [drawn];
  const all = around(whole);
  const filled = whole.reduce((sum, f) => sum + area(f), 0);
  return filled >= FILLED * area(all) ? [all] : whole;
}
