// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeDetections, decodeText, decodeWaterfall, frameType } from '../../src/net/protocol';

function wf01(
  opts: { header?: number; bins?: number; rows?: number; cut?: number; format?: number } = {},
): ArrayBuffer {
  const { header = 64, bins = 4, rows = 2, cut = 0, format = 0 } = opts;
  const buf = new ArrayBuffer(header + bins * rows * (format === 1 ? 4 : 1) - cut);
  const v = new DataView(buf);
  [...'WF01'].forEach((c, i) => v.setUint8(i, c.charCodeAt(0)));
  v.setUint16(4, header, true);
  v.setUint16(6, 1, true);
  v.setBigUint64(8, 1_700_000_000_123_456n, true);
  v.setBigUint64(16, 77n, true);
  v.setFloat64(24, 433.92e6, true);
  v.setFloat64(32, 2e6, true);
  v.setUint32(40, bins, true);
  v.setUint16(44, rows, true);
  v.setUint8(46, format);
  v.setFloat32(48, -120, true);
  v.setFloat32(52, 0, true);
  v.setFloat32(56, -101.5, true);
  v.setFloat32(60, 0.05, true);
  for (let i = header; i < buf.byteLength; i++) v.setUint8(i, i - header);
  return buf;
}

function dt01(boxes: number[][], extra = 0): ArrayBuffer {
  const buf = new ArrayBuffer(44 + 24 * boxes.length + extra);
  const v = new DataView(buf);
  [...'DT01'].forEach((c, i) => v.setUint8(i, c.charCodeAt(0)));
  v.setBigUint64(4, 1_000_000n, true);
  v.setUint32(12, 3, true);
  v.setFloat64(16, 100e6, true);
  v.setFloat64(24, 1e6, true);
  v.setFloat64(32, 0.5, true);
  v.setUint32(40, boxes.length, true);
  boxes.forEach((b, i) => {
    const at = 44 + 24 * i;
    b.slice(0, 4).forEach((x, k) => v.setFloat32(at + 4 * k, x, true));
    v.setInt32(at + 16, b[4] ?? 0, true);
    v.setFloat32(at + 20, b[5] ?? 0, true);
  });
  return buf;
}

describe('WF01', () => {
  it('reads_every_field', () => {
    const m = decodeWaterfall(wf01());
    expect(m).toMatchObject({
      flags: 1,
      timeUs: 1_700_000_000_123_456,
      rowIndex: 77,
      centerHz: 433.92e6,
      spanHz: 2e6,
      bins: 4,
      rows: 2,
      format: 0,
      dbMin: -120,
      dbMax: 0,
      noiseFloorDb: -101.5,
    });
    expect([...(m?.data ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('hands_out_a_view_not_a_copy', () => {
    const buf = wf01();
    expect(decodeWaterfall(buf)?.data.buffer).toBe(buf);
  });

  it('skips_header_bytes_that_it_does_not_know', () => {
    expect([...(decodeWaterfall(wf01({ header: 72 }))?.data ?? [])].slice(0, 3)).toEqual([0, 1, 2]);
  });

  it('refuses_what_it_cannot_read', () => {
    expect(decodeWaterfall(new ArrayBuffer(0))).toBeNull();
    expect(decodeWaterfall(wf01({ cut: 1 }))).toBeNull();
    expect(decodeWaterfall(wf01({ format: 2 }))).toBeNull();
    expect(decodeWaterfall(wf01({ bins: 0 }))).toBeNull();
    expect(decodeWaterfall(dt01([]))).toBeNull();
    for (const [at, value] of [
      [32, NaN],
      [32, -1],
      [24, Infinity],
    ] as const) {
      const buf = wf01();
      new DataView(buf).setFloat64(at, value, true);
      expect(decodeWaterfall(buf)).toBeNull();
    }
    const noHeader = wf01();
    new DataView(noHeader).setUint16(4, 60, true);
    expect(decodeWaterfall(noHeader)).toBeNull();
  });

  it('survives_any_truncation_and_any_flipped_byte', () => {
    const whole = new Uint8Array(wf01());
    for (let n = 0; n < whole.length; n++) {
      expect(decodeWaterfall(whole.slice(0, n).buffer)).toBeNull();
      const bent = whole.slice();
      bent[n] = (bent[n] ?? 0) ^ 0xff;
      expect(() => decodeWaterfall(bent.buffer)).not.toThrow();
    }
  });
});

describe('DT01', () => {
  it('reads_boxes_and_leaves_out_those_that_are_none', () => {
    const m = decodeDetections(
      dt01([
        [0.1, 0.2, 0.3, 0.4, 7, 0.5],
        [0.5, 0, 0.1, 1, 0, 1],
        [NaN, 0, 1, 1, 0, 1],
      ]),
    );
    expect(m?.boxes).toHaveLength(1);
    expect(m?.boxes[0]?.x2).toBeCloseTo(0.3);
    expect(m?.boxes[0]?.classId).toBe(7);
    expect(m).toMatchObject({
      timeUs: 1e6,
      frameIdx: 3,
      centerHz: 100e6,
      spanHz: 1e6,
      durationS: 0.5,
    });
  });

  it('refuses_a_count_that_does_not_fit_the_length', () => {
    expect(decodeDetections(dt01([], 1))).toBeNull();
    const buf = dt01([[0, 0, 1, 1, 0, 1]]);
    new DataView(buf).setUint32(40, 0xffffffff, true);
    expect(decodeDetections(buf)).toBeNull();
  });
});

describe('text', () => {
  it('reads_an_emission_event', () => {
    const m = decodeText(
      '{"type":"emission","event":"close","id":4,"class":"fm","confidence":0.9,"start_us":5,"duration_s":0.1,"f_lo_hz":1,"f_hi_hz":2,"f_ref":"baseband","snr_db":12,"later":1}',
    );
    expect(m).toMatchObject({
      type: 'emission',
      event: 'close',
      emission: { id: 4, className: 'fm', snrDb: 12, absolute: false },
    });
  });

  it('refuses_text_that_is_no_message', () => {
    for (const t of [
      '',
      '[]',
      '{}',
      'null',
      '{"type":1}',
      '{"type":"emission","event":"open","id":1}',
    ])
      expect(decodeText(t)).toBeNull();
  });

  it('reads_errors_and_the_status_of_the_source', () => {
    expect(decodeText('{"type":"error","code":"x","message":"no"}')).toEqual({
      type: 'error',
      code: 'x',
      message: 'no',
    });
    expect(
      decodeText(
        '{"type":"status","stream":{"center_hz":1e8,"rate_hz":2e6},"source":{"state":"running","driver":"scene"}}',
      ),
    ).toMatchObject({
      type: 'status',
      status: { centerHz: 1e8, rateHz: 2e6, driver: 'scene', state: 'running' },
    });
    const source = (text: string): unknown => decodeText(`{"type":"status","source":{${text}}}`);
    expect(source('"bandwidth_hz":5e6,"gain_db":12,"agc":false')).toEqual({
      type: 'status',
      status: { bandwidthHz: 5e6, gainDb: 12, agc: false },
    });
    expect(source('"gain_db":null,"agc":true')).toEqual({ type: 'status', status: { agc: true } });
  });
});

// The recorded messages that the C test decodes too (tests/data, written by the server's author).
const golden = new URL('../../../tests/data/', import.meta.url);
describe.skipIf(!existsSync(new URL('wf01.bin', golden)))('golden messages', () => {
  const load = (name: string): ArrayBuffer =>
    new Uint8Array(readFileSync(new URL(name, golden))).buffer;
  it('decode_like_in_C', () => {
    const wf = load('wf01.bin');
    const dt = load('dt01.bin');
    expect([frameType(wf), frameType(dt)]).toEqual(['WF01', 'DT01']);
    expect(decodeWaterfall(wf)).not.toBeNull();
    expect(decodeDetections(dt)).not.toBeNull();
  });
});
