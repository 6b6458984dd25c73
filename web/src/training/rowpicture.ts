// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// rowpicture: a small picture out of waterfall rows that the page has: for a sample that was just
// saved, whose IQ may be too much to fetch for a thumbnail.

import type { RowRing } from '../model/rows';
import type { SmallPicture } from '../model/spectrogram';
import type { Band } from '../model/view';

/** Rows of @ring from @fromUs to @toUs over @band; codes as they are, 0 where there is no row. */
export function pictureOfRows(
  ring: RowRing,
  fromUs: number,
  toUs: number,
  band: Band,
  width: number,
  height: number,
): SmallPicture {
  const codes = new Uint8Array(width * height);
  const hz = (band.hi - band.lo) / width;
  for (let y = 0; y < height; y++) {
    const n = ring.find(fromUs + ((y + 0.5) / height) * (toUs - fromUs));
    const row = ring.at(n);
    if (!row) continue;
    const bins = ring.codesOf(n);
    const perHz = row.bins / (row.band.hi - row.band.lo);
    for (let x = 0; x < width; x++) {
      const first = Math.floor((band.lo + x * hz - row.band.lo) * perHz);
      const last = Math.max(first, Math.ceil((band.lo + (x + 1) * hz - row.band.lo) * perHz) - 1);
      let most = 0;
      for (let i = Math.max(0, first); i <= Math.min(last, row.bins - 1); i++)
        most = Math.max(most, bins[i] ?? 0);
      codes[y * width + x] = most;
    }
  }
  return { width, height, codes };
}
