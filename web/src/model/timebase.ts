// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// timebase: time on the waterfall's vertical axis, newest at the top.
//
// A pixel row stands for a fixed slot of absolute time: slot k is [k, k + 1) * usPerPx. The top of
// the picture moves in whole slots, so a row of data keeps the same pixels while it scrolls and
// its boxes stay exactly with it.

export interface TimeWindow {
  topUs: number; // end of the newest slot; a whole multiple of usPerPx
  usPerPx: number;
  height: number; // pixels
}

export function timeWindow(newestUs: number, spanS: number, height: number): TimeWindow {
  const usPerPx = (spanS * 1e6) / Math.max(1, height);
  return { topUs: Math.ceil(newestUs / usPerPx) * usPerPx, usPerPx, height };
}

/** Pixels below the top edge; fractions are kept. */
export const timeToY = (us: number, w: TimeWindow): number => (w.topUs - us) / w.usPerPx;
export const yToTime = (y: number, w: TimeWindow): number => w.topUs - y * w.usPerPx;
export const bottomUs = (w: TimeWindow): number => w.topUs - w.height * w.usPerPx;
