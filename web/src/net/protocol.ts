// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// protocol: the one file that decodes what the daemon sends (protocol.md sections 1, 2 and 8).
// Every decoder checks type, length and version, returns null for a message it cannot read, and
// hands out views into the message instead of copies. Nothing here keeps state.

import { bool, isObject, num, object, str, strings, type Json } from './json';

export const WF01_HEADER_BYTES = 64;
export const DT01_HEADER_BYTES = 44; // up to and including the count
const BOX_BYTES = 24;

export const WF_DROPPED = 1; // rows were dropped before this one
export const WF_RETUNED = 2; // retuned since the last message
export const WF_HISTORY = 4; // a reply to a scroll-back request, not live

/** Waterfall rows. Frequencies in hertz, times in UTC microseconds, levels in dBFS. */
export interface WaterfallRows {
  flags: number;
  timeUs: number; // of the first sample of the first row; exact up to 2^53 us, year 2255
  rowIndex: number;
  centerHz: number;
  spanHz: number;
  bins: number;
  rows: number;
  format: 0 | 1; // 0: a byte of quantised dB a bin, 1: RGBA8
  dbMin: number; // dBFS of code 0
  dbMax: number; // dBFS of code 255
  noiseFloorDb: number;
  rowPeriodS: number;
  data: Uint8Array; // rows x bins x (1 or 4), oldest row first, lowest frequency first
}

export interface DetectionBox {
  x1: number; // 0..1 of the tile's span, low to high
  y1: number; // 0..1 of the tile's time, old to new
  x2: number;
  y2: number;
  classId: number;
  confidence: number;
}

export interface Detections {
  timeUs: number;
  frameIdx: number;
  centerHz: number;
  spanHz: number;
  durationS: number;
  boxes: DetectionBox[];
}

function magic(v: DataView): string {
  return v.byteLength < 4
    ? ''
    : String.fromCharCode(v.getUint8(0), v.getUint8(1), v.getUint8(2), v.getUint8(3));
}

/** 'WF01', 'DT01', ... or '' when the message is too short to say. */
export function frameType(buf: ArrayBuffer): string {
  return magic(new DataView(buf));
}

export function decodeWaterfall(buf: ArrayBuffer): WaterfallRows | null {
  const v = new DataView(buf);
  if (v.byteLength < WF01_HEADER_BYTES || magic(v) !== 'WF01') return null;
  const headerBytes = v.getUint16(4, true); // a longer header holds fields this reader skips
  const format = v.getUint8(46);
  if (headerBytes < WF01_HEADER_BYTES || (format !== 0 && format !== 1)) return null;

  const bins = v.getUint32(40, true);
  const rows = v.getUint16(44, true);
  const bytes = rows * bins * (format === 1 ? 4 : 1);
  if (bins === 0 || rows === 0 || v.byteLength - headerBytes !== bytes) return null;

  const out: WaterfallRows = {
    flags: v.getUint16(6, true),
    timeUs: Number(v.getBigUint64(8, true)),
    rowIndex: Number(v.getBigUint64(16, true)),
    centerHz: v.getFloat64(24, true),
    spanHz: v.getFloat64(32, true),
    bins,
    rows,
    format,
    dbMin: v.getFloat32(48, true),
    dbMax: v.getFloat32(52, true),
    noiseFloorDb: v.getFloat32(56, true),
    rowPeriodS: v.getFloat32(60, true),
    data: new Uint8Array(buf, headerBytes, bytes),
  };
  const sane =
    Number.isFinite(out.centerHz) &&
    out.spanHz > 0 &&
    Number.isFinite(out.spanHz) &&
    out.dbMax > out.dbMin &&
    Number.isFinite(out.dbMax - out.dbMin) &&
    out.rowPeriodS > 0 &&
    Number.isFinite(out.rowPeriodS);
  return sane ? out : null;
}

export function decodeDetections(buf: ArrayBuffer): Detections | null {
  const v = new DataView(buf);
  if (v.byteLength < DT01_HEADER_BYTES || magic(v) !== 'DT01') return null;
  const count = v.getUint32(40, true);
  if (v.byteLength !== DT01_HEADER_BYTES + count * BOX_BYTES) return null;

  const out: Detections = {
    timeUs: Number(v.getBigUint64(4, true)),
    frameIdx: v.getUint32(12, true),
    centerHz: v.getFloat64(16, true),
    spanHz: v.getFloat64(24, true),
    durationS: v.getFloat64(32, true),
    boxes: [],
  };
  if (!Number.isFinite(out.centerHz) || !(out.spanHz > 0) || !(out.durationS > 0)) return null;

  for (let i = 0, at = DT01_HEADER_BYTES; i < count; i++, at += BOX_BYTES) {
    const box = {
      x1: v.getFloat32(at, true),
      y1: v.getFloat32(at + 4, true),
      x2: v.getFloat32(at + 8, true),
      y2: v.getFloat32(at + 12, true),
      classId: v.getInt32(at + 16, true),
      confidence: v.getFloat32(at + 20, true),
    };
    // A box that is no box (NaN, inverted) is left out; the others still stand.
    if (box.x1 <= box.x2 && box.y1 <= box.y2) out.boxes.push(box);
  }
  return out;
}

/** An emission as in protocol.md section 8; fields that a reader does not need are left out. */
export interface Emission {
  id: number;
  channel: number;
  className: string;
  confidence: number;
  startUs: number;
  durationS: number;
  fLoHz: number;
  fHiHz: number;
  absolute: boolean; // f_ref: false when the recording's centre is not known
  levelDbfs: number;
  peakDbfs: number;
  snrDb: number;
  duty: number;
  model: string;
}

export type EmissionEvent = 'open' | 'update' | 'close';

export type ServerMessage =
  | { type: 'emission'; event: EmissionEvent; emission: Emission }
  | { type: 'error'; code: string; message: string; id?: string }
  | { type: 'tuned'; centerHz: number }
  | { type: 'history'; oldestUs: number | undefined }
  | { type: 'status'; status: SourceStatus }
  | { type: 'mission'; news: MissionNews }
  | { type: 'other'; name: string };

/** What a mission that changed, or runs, is up to. */
export interface MissionNews {
  id: string;
  name: string;
  state: string;
  progress: Json;
}

/** What hello and status messages say about the source; absent fields stay undefined. */
export interface SourceStatus {
  state?: string; // 'starting', 'running', 'ended', 'failed'
  detail?: string; // why it is not well
  driver?: string;
  name?: string; // path or device
  centerHz?: number;
  rateHz?: number;
  bandwidthHz?: number; // of the radio's filter now; it is not what is sampled
  gainDb?: number; // of the radio now
  agc?: boolean; // it chooses its gain by itself
  nfft?: number; // of the waterfall
  version?: string;
  retryInS?: number; // until the source is opened again
  modelOk?: boolean;
  modelName?: string;
  modelDetail?: string;
  classNames?: string[];
}

function decodeEmission(o: Json): Emission | null {
  const id = num(o, 'id');
  const startUs = num(o, 'start_us');
  const durationS = num(o, 'duration_s');
  const fLoHz = num(o, 'f_lo_hz');
  const fHiHz = num(o, 'f_hi_hz');
  if (id === undefined || startUs === undefined || durationS === undefined) return null;
  if (fLoHz === undefined || fHiHz === undefined || fHiHz < fLoHz || durationS < 0) return null;
  return {
    id,
    channel: num(o, 'channel') ?? 0,
    className: str(o, 'class') ?? 'signal',
    confidence: num(o, 'confidence') ?? NaN,
    startUs,
    durationS,
    fLoHz,
    fHiHz,
    absolute: str(o, 'f_ref') !== 'baseband',
    levelDbfs: num(o, 'level_dbfs') ?? NaN,
    peakDbfs: num(o, 'peak_dbfs') ?? NaN,
    snrDb: num(o, 'snr_db') ?? NaN,
    duty: num(o, 'duty') ?? NaN,
    model: str(o, 'model') ?? '',
  };
}

/** One text message; null when it is no JSON object with a type. */
export function decodeText(text: string): ServerMessage | null {
  let o: unknown;
  try {
    o = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(o)) return null;
  const type = str(o, 'type');
  if (type === undefined) return null;

  if (type === 'emission') {
    const emission = decodeEmission(isObject(o.emission) ? o.emission : o);
    const event = str(o, 'event');
    if (!emission || (event !== 'open' && event !== 'update' && event !== 'close')) return null;
    return { type, event, emission };
  }
  if (type === 'error')
    return {
      type,
      code: str(o, 'code') ?? '',
      message: str(o, 'message') ?? 'unknown error',
      ...(str(o, 'id') === undefined ? {} : { id: str(o, 'id') ?? '' }),
    };
  if (type === 'history') return { type, oldestUs: num(o, 'oldest_us') };
  if (type === 'mission')
    return {
      type,
      news: {
        id: str(o, 'id') ?? '',
        name: str(o, 'name') ?? '',
        state: str(o, 'state') ?? '',
        progress: object(o.progress),
      },
    };
  const tunedHz = num(o, 'center_freq_hz');
  if (type === 'tuned' && tunedHz !== undefined) return { type, centerHz: tunedHz };
  if (type === 'hello' || type === 'status') return { type: 'status', status: decodeStatus(o) };
  return { type: 'other', name: type };
}

function decodeStatus(o: Json): SourceStatus {
  const source = object(o.source);
  const stream = object(o.stream);
  const model = object(o.model);
  const out: SourceStatus = {};
  const set = <K extends keyof SourceStatus>(key: K, value: SourceStatus[K] | undefined): void => {
    if (value !== undefined) out[key] = value;
  };
  set('state', str(source, 'state'));
  set('detail', str(source, 'detail'));
  set('driver', str(source, 'driver'));
  set('name', str(source, 'name'));
  set('bandwidthHz', num(source, 'bandwidth_hz'));
  set('gainDb', num(source, 'gain_db'));
  set('agc', bool(source, 'agc'));
  set('centerHz', num(stream, 'center_hz'));
  set('rateHz', num(stream, 'rate_hz'));
  set('nfft', num(stream, 'nfft'));
  set('version', str(o, 'version'));
  set('retryInS', num(source, 'retry_in_s'));
  set('modelOk', bool(model, 'ok'));
  set('modelName', str(model, 'name'));
  set('modelDetail', str(model, 'detail'));
  if (Array.isArray(model.class_names)) out.classNames = strings(model.class_names);
  return out;
}
