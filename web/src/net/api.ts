// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// api: what the daemon offers (GET /api/capabilities). The page hard-codes no option: what is
// missing here has no control.

export interface Capabilities {
  version: string;
  colormaps: string[];
  fps: number[];
  timeSpansS: number[];
  defaults: { fps?: number; timeSpanS?: number; colormap?: string };
}

type Json = Record<string, unknown>;
const object = (x: unknown): Json =>
  typeof x === 'object' && x !== null && !Array.isArray(x) ? (x as Json) : {};
const list = <T>(x: unknown, ok: (v: unknown) => v is T): T[] =>
  Array.isArray(x) ? x.filter(ok) : [];
const isPositive = (v: unknown): v is number => typeof v === 'number' && v > 0 && v < Infinity;
const isText = (v: unknown): v is string => typeof v === 'string' && v !== '';

export function parseCapabilities(x: unknown): Capabilities {
  const o = object(x);
  const display = object(o.display);
  const defaults: Capabilities['defaults'] = {};
  if (isPositive(display.fps)) defaults.fps = display.fps;
  if (isPositive(display.time_span_s)) defaults.timeSpanS = display.time_span_s;
  if (isText(display.colormap)) defaults.colormap = display.colormap;
  return {
    version: isText(o.version) ? o.version : '',
    colormaps: list(display.colormap_options, isText),
    fps: list(display.fps_options, isPositive),
    timeSpansS: list(display.time_span_options, isPositive),
    defaults,
  };
}

/** Throws with a text for people. */
export async function fetchCapabilities(signal?: AbortSignal): Promise<Capabilities> {
  const r = await fetch('/api/capabilities', signal ? { signal } : {});
  if (!r.ok) throw new Error(`/api/capabilities answered ${r.status}`);
  return parseCapabilities(await r.json());
}
