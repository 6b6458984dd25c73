// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// items: emissions that the daemon looked at for teaching (docs/websocket.md): what a new version
// would find, what is like a box, what no head claims.

import { bytesOf } from '../model/base64';
import { defined, listIn, num, object, str, type Json } from '../net/json';

export const PICTURE_SIDE = 64; // moments, and levels of each

export type Answer = 'accept' | 'reject';

export interface Item {
  id: string;
  timeUs: number; // 0: not known
  durationS: number;
  fLoHz: number;
  fHiHz: number;
  snrDb: number;
  signal: string; // the head that claims it; '' for none
  score: number;
  picture: Uint8Array | null; // (moments, levels) oldest and lowest first
  similarity?: number;
  source?: string;
  recording?: string;
  startS?: number;
  answer: Answer | null;
}

export interface Review {
  signal: string;
  version: number;
  state: string;
  recordings: number;
  searchedS: number;
  truncated: boolean;
  items: Item[];
}

export interface Cluster {
  id: string;
  count: number;
  firstUs: number;
  lastUs: number;
  bandwidthHz: number;
  durationS: number;
  examples: Item[];
}

export function parseItem(o: Json): Item {
  const raw = bytesOf(str(o, 'picture') ?? '');
  const answer = str(o, 'answer');
  return {
    id: str(o, 'item_id') ?? '',
    timeUs: num(o, 'time_us') ?? 0,
    durationS: num(o, 'duration_s') ?? NaN,
    fLoHz: num(o, 'f_lo_hz') ?? NaN,
    fHiHz: num(o, 'f_hi_hz') ?? NaN,
    snrDb: num(o, 'snr_db') ?? NaN,
    signal: str(o, 'signal_name') ?? '',
    score: num(o, 'score') ?? NaN,
    picture: raw?.length === PICTURE_SIDE * PICTURE_SIDE ? raw : null,
    answer: answer === 'accept' || answer === 'reject' ? answer : null,
    ...defined({
      similarity: num(o, 'similarity'),
      source: str(o, 'source'),
      recording: str(o, 'recording'),
      startS: num(o, 'start_s'),
    }),
  };
}

export const parseItems = (o: Json): Item[] => listIn(object(o), 'items').map(parseItem);

export function parseReview(o: Json): Review {
  return {
    signal: str(o, 'signal_name') ?? '',
    version: num(o, 'version') ?? 0,
    state: str(o, 'state') ?? '',
    recordings: num(o, 'recordings') ?? 0,
    searchedS: num(o, 'searched_s') ?? 0,
    truncated: o.truncated === true,
    items: parseItems(o),
  };
}

export function parseClusters(o: Json): Cluster[] {
  return listIn(o, 'clusters').map((c) => ({
    id: str(c, 'cluster_id') ?? String(num(c, 'cluster_id') ?? ''),
    count: num(c, 'count') ?? 0,
    firstUs: num(c, 'first_us') ?? 0,
    lastUs: num(c, 'last_us') ?? 0,
    bandwidthHz: num(c, 'bandwidth_hz') ?? NaN,
    durationS: num(c, 'duration_s') ?? NaN,
    examples: listIn(c, 'examples').map(parseItem),
  }));
}

/** The item to look at after number @from has its answer: the next without one, or none (-1). */
export function nextOpen(items: readonly Item[], from: number): number {
  for (let k = 1; k <= items.length; k++) {
    const i = (from + k) % items.length;
    if (items[i]?.answer === null) return i;
  }
  return -1;
}
