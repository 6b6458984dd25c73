// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// address: the live view in the URL, so that it can be shared and comes back on a reload.

import { formatHash, parseHash } from '../model/hash';
import { sameBand, type Band } from '../model/view';
import type { Live } from './live.svelte';
import { paletteNames } from './palettes';

const DELAY_MS = 250; // after the last change

export const isPalette = (name: string | undefined): name is string =>
  name !== undefined && paletteNames.includes(name);

/** @live as the address has it; the band and the time that it asks for wait until rows come. */
export function readAddress(live: Live): { band: Band | null; topUs: number | null } {
  const s = parseHash(location.hash);
  if (isPalette(s.colormap)) live.colormap = s.colormap;
  if (s.range) {
    live.levels.range = s.range;
    live.levels.automatic = false;
  }
  live.fps = s.fps ?? null;
  live.time.chosenS = s.timeSpanS ?? null;
  live.choice.minScore = s.minScore ?? 0;
  live.choice.offClasses = new Set(s.offClasses ?? []);
  return { band: s.band ?? null, topUs: s.topUs ?? null };
}

export function addressOf(live: Live): string {
  const whole = !live.view || !live.full || sameBand(live.view, live.full);
  return formatHash({
    page: 'live',
    ...(whole || !live.view ? {} : { band: live.view }),
    ...(live.levels.automatic ? {} : { range: live.levels.range }),
    ...(live.time.chosenS !== null ? { timeSpanS: live.time.chosenS } : {}),
    ...(live.fps !== null ? { fps: live.fps } : {}),
    ...(live.paused ? { topUs: live.time.topUs ?? live.time.newestUs } : {}),
    colormap: live.colormap,
    minScore: live.choice.minScore,
    offClasses: [...live.choice.offClasses],
  });
}

/** Writes it, a little after the last change; only while the live screen is the one shown: another
 * one's address is not ours, and the link back would lead to where the page is already. */
export class AddressBar {
  isOurs = false;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly live: Live) {}

  changed(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), DELAY_MS);
  }

  private write(): void {
    const hash = addressOf(this.live);
    if (this.isOurs && hash !== location.hash) history.replaceState(null, '', hash);
  }
}
