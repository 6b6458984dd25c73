// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// preview: the small spectrogram of a capture, its annotations in it, and what a drag over it cuts.

import {
  readerOfBytes,
  smallSpectrogram,
  type Share,
  type SmallPicture,
} from '../model/spectrogram';
import { num, object, objects, str } from '../net/json';

export interface Preview {
  picture: SmallPicture;
  centerHz: number;
  rateHz: number;
  startUs: number;
  durationS: number; // of what was read
}

const [WIDTH, HEIGHT] = [256, 140];

export interface Annotation extends Share {
  label: string;
  startS: number;
  durationS: number;
  loHz: number;
  hiHz: number;
}

/** The picture of @bytes, the begin of a SigMF data file with the metadata @meta; null: it has no
 * rate, or a datatype that this page does not read. */
export function previewOf(meta: unknown, bytes: Uint8Array, startUs: number): Preview | null {
  const global = object(object(meta).global);
  const first = objects(object(meta).captures)[0] ?? {};
  const rateHz = num(global, 'core:sample_rate') ?? 0;
  const iq = readerOfBytes(bytes, str(global, 'core:datatype') ?? '');
  if (!iq || iq.samples === 0 || !(rateHz > 0)) return null;
  return {
    picture: smallSpectrogram(iq, WIDTH, HEIGHT),
    centerHz: num(first, 'core:frequency') ?? 0,
    rateHz,
    startUs,
    durationS: iq.samples / rateHz,
  };
}

/** The begin of a body, at most @most bytes of it. */
export async function beginOf(r: Response, most: number): Promise<Uint8Array> {
  const out = new Uint8Array(most);
  const reader = r.body?.getReader();
  let n = 0;
  while (reader && n < most) {
    const { done, value } = await reader.read();
    if (done) return out.subarray(0, n);
    const part = value.subarray(0, most - n);
    out.set(part, n);
    n += part.length;
  }
  await reader?.cancel();
  return out.subarray(0, n);
}

/** The annotations of SigMF metadata as shares of the preview. */
export function annotationsOf(meta: unknown, p: Preview): Annotation[] {
  const samples = p.durationS * p.rateHz;
  const lo = p.centerHz - p.rateHz / 2;
  const within = (v: number): number => Math.min(1, Math.max(0, v));
  return objects(object(meta).annotations).flatMap((a) => {
    const start = num(a, 'core:sample_start') ?? 0;
    const count = num(a, 'core:sample_count') ?? 0;
    const loHz = num(a, 'core:freq_lower_edge') ?? lo;
    const hiHz = num(a, 'core:freq_upper_edge') ?? lo + p.rateHz;
    const box = {
      x0: within((loHz - lo) / p.rateHz),
      x1: within((hiHz - lo) / p.rateHz),
      y0: within(start / samples),
      y1: within((start + count) / samples),
    };
    if (box.x0 >= box.x1 || box.y0 > box.y1) return [];
    return [
      {
        ...box,
        label: str(a, 'core:label') ?? '',
        startS: start / p.rateHz,
        durationS: count / p.rateHz,
        loHz,
        hiHz,
      },
    ];
  });
}

/** The request that cuts @s out of capture @id: its time and band. */
export function cutOf(id: string, p: Preview, s: Share): Record<string, string | number> {
  const lo = p.centerHz - p.rateHz / 2;
  return {
    capture_id: id,
    start_us: Math.round(p.startUs + s.y0 * p.durationS * 1e6),
    duration_us: Math.max(1, Math.round((s.y1 - s.y0) * p.durationS * 1e6)),
    center_hz: Math.round(lo + ((s.x0 + s.x1) / 2) * p.rateHz),
    bandwidth_hz: Math.max(1, Math.round((s.x1 - s.x0) * p.rateHz)),
  };
}
