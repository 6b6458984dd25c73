// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// hash: what is worth sharing of the page's state, in the URL's fragment:
// #/live?f=433.1e6~434.9e6&map=viridis&range=-110~-40&span=5&fps=30&t=1790000000000000

import type { Range } from './autorange';
import type { Band } from './view';

export interface SharedState {
  page: string;
  band?: Band; // absent: the whole span
  colormap?: string;
  range?: Range; // absent: automatic
  timeSpanS?: number;
  fps?: number;
  topUs?: number; // of a picture that stands; absent: the newest
  minScore?: number;
  offClasses?: string[];
}

function pair(text: string | null): [number, number] | null {
  const parts = (text ?? '').split('~');
  const a = Number(parts[0]);
  const b = Number(parts[1]);
  const ok = parts.length === 2 && parts.every((p) => p.trim() !== '');
  return ok && Number.isFinite(a) && Number.isFinite(b) && a < b ? [a, b] : null;
}

function positive(text: string | null): number | undefined {
  const v = Number(text ?? '');
  return Number.isFinite(v) && v > 0 ? v : undefined;
}

/** Reads what it can; a value it cannot read is as if absent. */
export function parseHash(hash: string): SharedState {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const q = new URLSearchParams(query);
  const out: SharedState = { page: path || 'live' };
  const band = pair(q.get('f'));
  const range = pair(q.get('range'));
  const map = q.get('map');
  const timeSpanS = positive(q.get('span'));
  const fps = positive(q.get('fps'));
  if (band) out.band = { lo: band[0], hi: band[1] };
  if (range) out.range = { lo: range[0], hi: range[1] };
  if (map) out.colormap = map;
  if (timeSpanS !== undefined) out.timeSpanS = timeSpanS;
  if (fps !== undefined) out.fps = fps;
  const topUs = positive(q.get('t'));
  if (topUs !== undefined) out.topUs = topUs;
  const score = positive(q.get('score'));
  if (score !== undefined && score <= 1) out.minScore = score;
  const off = (q.get('off') ?? '').split(',').filter((c) => c !== '');
  if (off.length > 0) out.offClasses = off;
  return out;
}

export function formatHash(s: SharedState): string {
  const parts: string[] = [];
  if (s.band) parts.push(`f=${Math.round(s.band.lo)}~${Math.round(s.band.hi)}`);
  if (s.colormap) parts.push(`map=${encodeURIComponent(s.colormap)}`);
  if (s.range) parts.push(`range=${s.range.lo}~${s.range.hi}`);
  if (s.timeSpanS !== undefined) parts.push(`span=${s.timeSpanS}`);
  if (s.fps !== undefined) parts.push(`fps=${s.fps}`);
  if (s.topUs !== undefined) parts.push(`t=${Math.round(s.topUs)}`);
  if (s.minScore) parts.push(`score=${s.minScore}`);
  if (s.offClasses?.length) parts.push(`off=${s.offClasses.map(encodeURIComponent).join(',')}`);
  return `#/${s.page}${parts.length > 0 ? '?' + parts.join('&') : ''}`;
}
