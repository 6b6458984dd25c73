// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// keys: the keyboard on the plots.

import type { Live } from './live.svelte';

export const describe =
  'Arrow left and right pan, up and down scroll in time, plus and minus zoom, 0 shows the whole ' +
  'span, space pauses, 1 and 2 set markers at the cursor, M clears them, T tunes to the cursor, ' +
  'H hides the selected emission, Enter opens its menu, P clears the peaks, Escape deselects.';

const actions: Record<string, (live: Live) => void> = {
  ArrowLeft: (l) => l.viewport.pan(-0.1),
  ArrowRight: (l) => l.viewport.pan(0.1),
  '+': (l) => l.viewport.zoom(1 / 1.5, 0.5),
  '=': (l) => l.viewport.zoom(1 / 1.5, 0.5),
  '-': (l) => l.viewport.zoom(1.5, 0.5),
  '0': (l) => l.viewport.reset(),
  Home: (l) => l.viewport.reset(),
  ' ': (l) => l.togglePause(),
  p: (l) => l.clearPeak(),
  Escape: (l) => l.select(null),
  ArrowDown: (l) => l.scroll(0.1), // older
  ArrowUp: (l) => l.scroll(-0.1),
  PageDown: (l) => l.scroll(0.9),
  PageUp: (l) => l.scroll(-0.9),
  '1': (l) => l.mark(0),
  '2': (l) => l.mark(1),
  m: (l) => l.marks.clear(),
  t: (l) => {
    if (l.hover) void l.tune({ center_freq_hz: l.hover.hz });
  },
  h: (l) => {
    if (l.selectedId === null) return;
    l.choice.hide(l.selectedId);
    l.select(null);
  },
};

export function keyAction(live: Live, e: KeyboardEvent): void {
  const act = actions[e.key];
  if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
  e.preventDefault();
  act(live);
}
