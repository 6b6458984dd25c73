// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// part: which part of a long sample a small picture shows, and where the sample's boxes lie in it.

import type { Share } from '../model/spectrogram';

export interface Part {
  from: number; // shares of the sample's time
  to: number;
}

/** At most @most (a share) of the sample: the first box in its middle, or from its begin on. */
export function partFor(boxes: readonly Share[], most: number): Part {
  if (!(most < 1)) return { from: 0, to: 1 };
  const first = boxes.reduce<Share | null>((a, b) => (a && a.y0 <= b.y0 ? a : b), null);
  const shown = first ? Math.min(first.y1, first.y0 + most) : 0;
  const middle = first ? (first.y0 + shown) / 2 : 0;
  const from = Math.min(Math.max(0, middle - most / 2), 1 - most);
  return { from, to: from + most };
}

/** The boxes as shares of @part; those beside it are left out. */
export function boxesIn(boxes: readonly Share[], part: Part): Share[] {
  const within = (y: number): number =>
    Math.min(1, Math.max(0, (y - part.from) / (part.to - part.from)));
  return boxes
    .filter((b) => b.y0 < part.to && b.y1 > part.from)
    .map((b) => ({ ...b, y0: within(b.y0), y1: within(b.y1) }));
}
