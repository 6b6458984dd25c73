// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// pixelrows: which stored rows each pixel row of the waterfall shows.

import type { RowRing } from '../model/rows';
import type { TimeWindow } from '../model/timebase';

/**
 * Fills @out with (number of the first row, count) for each of win.height pixel rows, top first;
 * count 0 where there is no data. Rows that begin in a pixel's slot of time belong to it; a slot
 * in which none begins shows the row that is still going on in its middle.
 */
export function pixelRows(ring: RowRing, win: TimeWindow, out: Int32Array): void {
  let n = ring.count - 1; // walks to older rows as y grows
  for (let y = 0; y < win.height; y++) {
    const to = win.topUs - y * win.usPerPx;
    const from = to - win.usPerPx;
    while (n >= ring.first && (ring.at(n)?.timeUs ?? 0) >= to) n--;
    let count = 0;
    while (n - count >= ring.first && (ring.at(n - count)?.timeUs ?? 0) >= from) count++;
    if (count > 0) {
      out[2 * y] = n - count + 1;
      out[2 * y + 1] = count;
      n -= count;
      continue;
    }
    const going = ring.at(n);
    const mid = (from + to) / 2;
    const shown = going !== undefined && mid < going.endUs + (going.endUs - going.timeUs) / 2;
    out[2 * y] = shown ? n : -1;
    out[2 * y + 1] = shown ? 1 : 0;
  }
}
