// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
import { describe, expect, it } from 'vitest';
import { annotationsOf, cutOf, previewOf } from '../../src/captures/preview';
import { parseAccount } from '../../src/missions/account';
import { formOf, planOf } from '../../src/missions/plan';
import { EmissionStore } from '../../src/model/emissions';
import { fft, readerOf, readerOfBytes, smallSpectrogram } from '../../src/model/spectrogram';
import { channelsOf } from '../../src/shell/activity.svelte';
import { findEntries, joinSignals } from '../../src/signals/book';
import { moved } from '../../src/signals/signals.svelte';
import { chooseLines, parseLine } from '../../src/system/logs.svelte';
import { RowRing } from '../../src/model/rows';
import { pictureOfRows } from '../../src/training/rowpicture';
import { nextOpen, parseClusters, parseItem, parseReview } from '../../src/training/items';
import { compareVersions } from '../../src/training/versions';

const picture = (n: number): string => btoa(String.fromCharCode(...new Uint8Array(n)));

describe('items of a lesson', () => {
  it('a_picture_of_another_size_is_none_and_an_answer_is_one_of_two', () => {
    const i = parseItem({ item_id: 'a', picture: picture(4096), answer: 'maybe', score: 0.5 });
    expect(i).toMatchObject({ id: 'a', answer: null, score: 0.5, timeUs: 0, signal: '' });
    expect(i.picture?.length).toBe(4096);
    expect(parseItem({ picture: picture(4095) }).picture).toBeNull();
    expect(parseItem({ picture: '!' }).picture).toBeNull();
  });

  it('a_review_goes_to_the_next_item_without_an_answer_and_ends', () => {
    const r = parseReview({
      state: 'ready',
      version: 3,
      items: [
        { item_id: 'a', answer: 'accept' },
        { item_id: 'b', answer: null },
        { item_id: 'c', answer: null },
      ],
    });
    expect([nextOpen(r.items, -1), nextOpen(r.items, 1), nextOpen(r.items, 2)]).toEqual([1, 2, 1]);
    expect(nextOpen(r.items.slice(0, 1), 0)).toBe(-1);
    expect(nextOpen([], 0)).toBe(-1);
  });

  it('a_cluster_has_examples', () => {
    const [c] = parseClusters({ clusters: [{ cluster_id: 7, count: 4, examples: [{}] }] });
    expect(c).toMatchObject({ id: '7', count: 4 });
    expect(c?.examples.length).toBe(1);
    expect(parseClusters({})).toEqual([]);
  });
});

describe('versions compared', () => {
  const v = (version: number, all: object): Parameters<typeof compareVersions>[0] => ({
    version,
    active: false,
    f1: 0,
    precision: 0,
    recall: 0,
    preset: '',
    trained: '',
    why: '',
    all: { version, ...all },
  });

  it('figures_have_a_difference_and_those_where_more_is_better_a_judgement', () => {
    const rows = compareVersions(
      v(1, { f1: 0.9, preset: 'quick', seed: 1, invariance: { shift: 1 } }),
      v(2, { f1: 0.95, preset: 'balanced', seed: 1, invariance: { shift: 0.5 }, samples: 4 }),
    );
    const by = Object.fromEntries(rows.map((r) => [r.name, r]));
    expect(by.f1).toMatchObject({ difference: '+0.050', better: 'up' });
    expect(by['invariance.shift']).toMatchObject({ difference: '\u22120.500', better: 'down' });
    expect(by.preset).toMatchObject({ difference: 'differs', better: '' });
    expect(by.seed?.difference).toBe('same');
    expect(by.samples).toMatchObject({ a: undefined, b: 4 });
    expect(by.version).toBeUndefined();
  });
});

describe('small spectrogram', () => {
  it('a_complex_tone_is_in_its_bin_and_not_mirrored', () => {
    const n = 16;
    const [re, im] = [new Float32Array(n), new Float32Array(n)];
    for (let i = 0; i < n; i++) {
      re[i] = Math.cos((2 * Math.PI * 3 * i) / n);
      im[i] = Math.sin((2 * Math.PI * 3 * i) / n);
    }
    fft(re, im);
    const power = Array.from(re, (x, i) => Math.hypot(x, im[i] ?? 0));
    expect(power[3]).toBeCloseTo(n, 3);
    expect(power[13]).toBeLessThan(1e-4);
  });

  it('a_tone_that_begins_in_the_middle_is_right_of_the_middle_in_the_later_rows', () => {
    const [samples, width, height] = [8192, 32, 8];
    const iq = new Float32Array(2 * samples);
    for (let i = samples / 2; i < samples; i++) {
      iq[2 * i] = Math.cos((2 * Math.PI * i) / 8); // an eighth of the rate above the centre
      iq[2 * i + 1] = Math.sin((2 * Math.PI * i) / 8);
    }
    const { codes } = smallSpectrogram(readerOf(iq), width, height);
    expect(codes[7 * width + width / 2 + width / 8]).toBeGreaterThan(250);
    expect(codes[7 * width + width / 2 - width / 8]).toBeLessThan(50);
    expect(Math.max(...codes.subarray(0, width))).toBe(0);
  });

  it('too_few_samples_for_a_row_make_a_picture_all_the_same', () => {
    expect(smallSpectrogram(readerOf(new Float32Array(6)), 16, 4).codes.length).toBe(64);
  });
});

describe('samples of a file', () => {
  const values = (bytes: number[], type: string): number[] => {
    const r = readerOfBytes(Uint8Array.from(bytes), type);
    const out = new Float32Array(2 * (r?.samples ?? 0));
    r?.read(0, r.samples, out);
    return [...out];
  };

  it('every_datatype_of_a_capture_is_read_and_others_are_refused', () => {
    expect(values([0, 0x40, 0, 0x80], 'ci16_le')).toEqual([0.5, -1]);
    expect(values([0x40, 0, 0x80, 0], 'ci16_be')).toEqual([0.5, -1]);
    expect(values([64, 128], 'ci8')).toEqual([0.5, -1]);
    expect(values([0, 255, 7], 'cu8')).toEqual([-1, 1]); // half a sample at the end is none
    expect(values([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], 'cf32_le')).toEqual([1, -2]);
    for (const bad of ['rf32_le', 'cf64_le', 'cu32_le', ''])
      expect(readerOfBytes(new Uint8Array(8), bad)).toBeNull();
  });
});

describe('captures', () => {
  const meta = {
    global: { 'core:datatype': 'ci16_le', 'core:sample_rate': 1e6 },
    captures: [
      {
        'core:sample_start': 0,
        'core:frequency': 100e6,
        'core:datetime': '1970-01-01T00:00:05.000Z',
      },
    ],
  };
  const p = previewOf(meta, new Uint8Array(4 * 2e6), 5e6);

  it('metadata_that_says_no_rate_or_a_strange_type_makes_no_picture', () => {
    expect(p).toMatchObject({ centerHz: 100e6, rateHz: 1e6, durationS: 2, startUs: 5e6 });
    expect(
      previewOf({ ...meta, global: { 'core:datatype': 'ci16_le' } }, new Uint8Array(8), 0),
    ).toBeNull();
    expect(
      previewOf(
        { ...meta, global: { 'core:datatype': 'x', 'core:sample_rate': 1 } },
        new Uint8Array(8),
        0,
      ),
    ).toBeNull();
    expect(previewOf(null, new Uint8Array(8), 0)).toBeNull();
    expect(previewOf(meta, new Uint8Array(0), 0)).toBeNull();
  });

  it('annotations_and_cuts_are_shares_of_the_same_picture', () => {
    if (!p) throw new Error('no preview');
    const [a] = annotationsOf(
      {
        annotations: [
          {
            'core:sample_start': 500_000,
            'core:sample_count': 1_000_000,
            'core:freq_lower_edge': 100e6,
            'core:freq_upper_edge': 100.25e6,
            'core:label': 'x',
          },
          { 'core:freq_lower_edge': 200e6, 'core:freq_upper_edge': 201e6 },
        ],
      },
      p,
    );
    expect(a).toMatchObject({ x0: 0.5, x1: 0.75, y0: 0.25, y1: 0.75, label: 'x', durationS: 1 });
    if (!a) throw new Error('no annotation');
    expect(cutOf('id', p, a)).toEqual({
      capture_id: 'id',
      start_us: 5.5e6,
      duration_us: 1e6,
      center_hz: 100.125e6,
      bandwidth_hz: 250e3,
    });
  });
});

describe('missions', () => {
  it('the_account_of_each_band_is_read', () => {
    const a = parseAccount({
      coverage: 0.5,
      steps: 4,
      why: 'x',
      bands: [{ f_lo_hz: 1, f_hi_hz: 2, share: 0.1, intercept: { '1ms': 0.2, '100ms': 0.9 } }],
    });
    expect(a).toMatchObject({ coverage: 0.5, steps: 4, why: 'x', tuneFailures: 0 });
    expect(a.bands[0]?.intercept).toEqual([
      { burst: '1 ms', share: 0.2 },
      { burst: '100 ms', share: 0.9 },
    ]);
    expect(parseAccount({}).bands).toEqual([]);
  });

  it('heads_keep_their_thresholds_through_the_form', () => {
    const plan = {
      ranges: [{ f_lo_hz: 1e6, f_hi_hz: 2e6 }],
      heads: ['a', { name: 'b', threshold: 0.7 }],
      rounds: 2,
    };
    const form = formOf({
      id: '1',
      name: 'n',
      enabled: false,
      plan,
      ranges: plan.ranges,
      progress: {},
    });
    const made = planOf(form, plan);
    expect(made).toMatchObject({ plan: { heads: plan.heads, rounds: 2 } });
    form.heads = [{ name: ' ', threshold: '' }];
    expect(
      'plan' in planOf(form, plan) && 'heads' in (planOf(form, plan) as { plan: object }).plan,
    ).toBe(false);
  });

  it('a_channel_records_before_it_scans_before_it_is_manual', () => {
    const runs = [{ name: 'vhf', state: 'running' }];
    const two = channelsOf(2, [{ state: 'recording', channel: 1, class: 'x' }], runs);
    expect(two.map((c) => `${c.name} ${c.doing} ${c.detail}`)).toEqual([
      'RX1 scanning vhf',
      'RX2 recording x',
    ]);
    expect(channelsOf(0, [{ state: 'done' }], [{ state: 'idle' }])).toEqual([
      { name: 'RX1', doing: 'manual', detail: '' },
    ]);
  });
});

describe('signals', () => {
  const record = { id: '1', name: 'b', notes: 'gate', metrics: { f1: 0.5 } };
  const taught = { name: 'a', samples: 3, active: 2 };

  it('records_and_lessons_meet_in_the_name', () => {
    const list = joinSignals(
      [record],
      [taught, { ...taught, name: 'b' }],
      new Map([['a', { f1: 1, precision: 1, recall: 1 }]]),
    );
    expect(list.map((e) => [e.name, e.samples, e.figures.f1])).toEqual([
      ['a', 3, 1],
      ['b', 3, 0.5],
    ]);
    expect(list[0]?.record).toBeNull();
    expect(findEntries(list, 'gate').map((e) => e.name)).toEqual(['b']);
  });

  it('a_sample_that_moves_keeps_what_it_was', () => {
    const m = moved(
      {
        iq_data: 'AA',
        boxes: [{ f_lo_hz: 1, f_hi_hz: 2, t_start_s: 0, t_stop_s: 1, x_min: 0 }],
        sample_rate_hz: 10,
        center_freq_hz: 5,
        time_us: 7,
        recording: 'r',
        complete: true,
      },
      'x',
    );
    expect(m).toEqual({
      command: 'save_sample',
      signal_name: 'x',
      iq_data: 'AA',
      boxes: [{ f_lo_hz: 1, f_hi_hz: 2, t_start_s: 0, t_stop_s: 1 }],
      metadata: {
        sample_rate_hz: 10,
        center_freq_hz: 5,
        time_us: 7,
        recording: 'r',
        complete: true,
      },
    });
  });
});

describe('log lines', () => {
  it('a_line_is_split_and_chosen_by_level_and_words', () => {
    const l = parseLine(
      {
        timestamp: '2026-11-29T10:00:01.500Z',
        level: 'ERROR',
        module: 'serve',
        message: 'no room',
        why: 'full',
        n: 2,
      },
      1,
    );
    expect(l).toMatchObject({
      date: '2026-11-29',
      time: '10:00:01.500',
      level: 'ERROR',
      fields: 'why=full  n=2',
    });
    expect(chooseLines([l], 'WARNING', 'ROOM full').length).toBe(1);
    expect(chooseLines([l], 'INFO', 'other').length).toBe(0);
    expect(chooseLines([parseLine({ level: 'odd' }, 2)], 'WARNING', '').length).toBe(0);
  });
});

describe('tile boxes', () => {
  it('one_that_an_emission_accounts_for_stays_accounted_for', () => {
    const s = new EmissionStore();
    const box = { x1: 0.4, y1: 0.4, x2: 0.6, y2: 0.6, classId: 0, confidence: 0.9 };
    s.addTile({ timeUs: 0, frameIdx: 0, centerHz: 100, spanHz: 100, durationS: 1, boxes: [box] });
    expect(s.provisional(0, 1e6).length).toBe(1);
    const e = {
      id: 1,
      channel: 0,
      className: 'x',
      confidence: 1,
      startUs: 4e5,
      durationS: 0.2,
      fLoHz: 90,
      fHiHz: 110,
      absolute: true,
      levelDbfs: 0,
      peakDbfs: 0,
      snrDb: 1,
      duty: 1,
      model: '',
    };
    s.apply('close', e);
    expect(s.provisional(0, 1e6).length).toBe(0);
    expect(s.provisional(2e6, 3e6).length).toBe(0);
  });
});

describe('a picture out of rows', () => {
  it('has_the_strongest_bin_of_each_column_and_nothing_where_there_is_no_row', () => {
    const ring = new RowRing(8, 4);
    const data = Uint8Array.from([0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0]);
    ring.push({
      flags: 0,
      timeUs: 1e6,
      rowIndex: 0,
      centerHz: 400,
      spanHz: 800,
      bins: 8,
      rows: 2,
      format: 0,
      dbMin: -100,
      dbMax: 0,
      noiseFloorDb: -90,
      rowPeriodS: 1,
      data,
    });
    const { codes } = pictureOfRows(ring, 1e6, 4e6, { lo: 0, hi: 800 }, 4, 3);
    expect([...codes]).toEqual([9, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0]);
    const half = pictureOfRows(ring, 1e6, 2e6, { lo: 0, hi: 400 }, 4, 1);
    expect([...half.codes]).toEqual([0, 9, 0, 0]);
  });
});
