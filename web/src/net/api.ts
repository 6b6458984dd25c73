// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// api: what the daemon offers (GET /api/capabilities). The page hard-codes no option: what is
// missing here has no control.

import { num, object, positives, str, strings } from './json';

export interface Capabilities {
  version: string;
  colormaps: string[];
  fps: number[];
  timeSpansS: number[];
  defaults: { fps?: number; timeSpanS?: number; colormap?: string };
  minFreqHz: number | null;
  maxFreqHz: number | null;
  bandwidthsHz: number[];
  gainDb: { min: number; max: number } | null;
  channels: number;
  models: string[];
  providers: string[];
  waterfallNfft: number[];
  presets: string[];
}

export function parseCapabilities(x: unknown): Capabilities {
  const o = object(x);
  const display = object(o.display);
  const hardware = object(o.hardware);
  const inference = object(o.inference);
  const gain = object(hardware.gain_db);
  const defaults: Capabilities['defaults'] = {};
  const fps = num(display, 'fps');
  const timeSpanS = num(display, 'time_span_s');
  const colormap = str(display, 'colormap');
  if (fps !== undefined && fps > 0) defaults.fps = fps;
  if (timeSpanS !== undefined && timeSpanS > 0) defaults.timeSpanS = timeSpanS;
  if (colormap) defaults.colormap = colormap;
  const presets = strings(object(o.training).presets);
  const mega = (v: number | undefined): number | null => (v === undefined ? null : v * 1e6);
  const [gainLo, gainHi] = [num(gain, 'min'), num(gain, 'max')];
  return {
    version: str(o, 'version') ?? '',
    colormaps: strings(display.colormap_options),
    fps: positives(display.fps_options),
    timeSpansS: positives(display.time_span_options),
    defaults,
    minFreqHz: mega(num(hardware, 'min_freq_mhz')),
    maxFreqHz: mega(num(hardware, 'max_freq_mhz')),
    bandwidthsHz: positives(hardware.bandwidth_options_mhz).map((v) => v * 1e6),
    gainDb: gainLo !== undefined && gainHi !== undefined ? { min: gainLo, max: gainHi } : null,
    channels: num(hardware, 'channels') ?? 1,
    models: strings(inference.models),
    providers: strings(inference.providers),
    presets: presets.length > 0 ? presets : ['quick', 'balanced', 'quality'], // protocol.md
    waterfallNfft: positives(object(o.fft).waterfall_nfft_options),
  };
}

/** What is offered, and what is set where that is none of it. */
export const withCurrent = (offered: number[], current: number | null): number[] =>
  current === null || offered.includes(current)
    ? offered
    : [...offered, current].sort((a, b) => a - b);
