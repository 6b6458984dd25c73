// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
import { describe, expect, it } from 'vitest';
import {
  detailFor,
  hitBox,
  isDrawnByEnds,
  placeEmissions,
  placeLabels,
  type Label,
} from '../../src/draw/boxes';
import { bandwidth, baseName, duration, megahertz } from '../../src/draw/format';
import { pixelRows } from '../../src/draw/pixelrows';
import { clock, frequencyTicks, levelTicks, niceStep, timeTicks } from '../../src/draw/ticks';
import { AutoRange, scaleFor } from '../../src/model/autorange';
import { EmissionStore, matches, type TrackedEmission } from '../../src/model/emissions';
import { formatHash, parseHash } from '../../src/model/hash';
import { PsdTraces } from '../../src/model/psd';
import { RowRing } from '../../src/model/rows';
import { timeToY, timeWindow, yToTime } from '../../src/model/timebase';
import { bandOf, clampBand, hzToX, rowMapping, span, xToHz, zoomBand } from '../../src/model/view';
import { parseCapabilities } from '../../src/net/api';
import type { WaterfallRows } from '../../src/net/protocol';
import { retryDelayMs } from '../../src/net/socket';

const T0 = 1_700_000_000e6;
const full = bandOf(100e6, 20e6);

function message(over: Partial<WaterfallRows> = {}): WaterfallRows {
  return {
    flags: 0,
    timeUs: T0,
    rowIndex: 0,
    centerHz: 100e6,
    spanHz: 20e6,
    bins: 8,
    rows: 1,
    format: 0,
    dbMin: -100,
    dbMax: 0,
    noiseFloorDb: -90,
    rowPeriodS: 0.01,
    data: new Uint8Array(8),
    ...over,
  };
}

function emission(over: Partial<TrackedEmission> = {}): TrackedEmission {
  return {
    id: 1,
    channel: 0,
    className: 'fsk',
    confidence: 0.9,
    startUs: T0,
    durationS: 0.1,
    fLoHz: 99e6,
    fHiHz: 101e6,
    absolute: true,
    levelDbfs: -30,
    peakDbfs: -25,
    snrDb: 20,
    duty: 1,
    model: 'energy',
    open: false,
    ...over,
  };
}

describe('view', () => {
  it('zoom_keeps_the_frequency_under_the_cursor', () => {
    for (const frac of [0.1, 0.5, 0.83]) {
      const z = zoomBand(full, 0.2, frac, full);
      expect(xToHz(frac, z, 1)).toBeCloseTo(xToHz(frac, full, 1), 3);
      expect(span(z)).toBeCloseTo(4e6, 3);
    }
  });

  it('a_view_never_leaves_the_span', () => {
    expect(clampBand({ lo: 0, hi: 1e9 }, full)).toEqual(full);
    expect(clampBand({ lo: 109e6, hi: 112e6 }, full)).toEqual({ lo: 107e6, hi: 110e6 });
  });

  it('higher_frequencies_lie_to_the_right', () => {
    expect(hzToX(105e6, full, 1000)).toBe(750);
  });

  it('an_old_row_is_stretched_to_its_own_frequencies', () => {
    const view = bandOf(101e6, 2e6);
    const m = rowMapping(view, full); // u of the view's middle must be where 101 MHz lies in the row
    expect(m.scale * 0.5 + m.offset).toBeCloseTo(0.55, 12);
  });
});

describe('time', () => {
  it('slots_are_whole_so_a_row_keeps_its_pixels_while_it_scrolls', () => {
    const a = timeWindow(T0 + 10_000, 5, 500);
    const b = timeWindow(T0 + 47_123, 5, 500);
    const moved = timeToY(T0, b) - timeToY(T0, a);
    expect(moved).toBeCloseTo(Math.round(moved), 6);
    expect(yToTime(timeToY(T0, a), a)).toBeCloseTo(T0, 0);
  });

  it('each_pixel_row_shows_the_rows_of_its_time_and_gaps_stay_empty', () => {
    const ring = new RowRing(8, 64);
    ring.push(message({ rows: 4, data: new Uint8Array(32) })); // 0..40 ms
    ring.push(message({ timeUs: T0 + 100_000 })); // after a gap: 100..110 ms
    const out = new Int32Array(22);
    pixelRows(ring, { topUs: T0 + 110_000, usPerPx: 10_000, height: 11 }, out);
    expect([...out].filter((_, i) => i % 2 === 0)).toEqual([4, -1, -1, -1, -1, -1, -1, 3, 2, 1, 0]);
    const coarse = new Int32Array(4);
    pixelRows(ring, { topUs: T0 + 40_000, usPerPx: 20_000, height: 2 }, coarse);
    expect([...coarse]).toEqual([2, 2, 0, 2]);
  });
});

describe('rows', () => {
  it('levels_are_read_back_at_their_frequency', () => {
    const ring = new RowRing(8, 4);
    ring.push(message({ data: Uint8Array.of(0, 0, 0, 0, 0, 0, 255, 0) }));
    expect(ring.levelAt(0, 106e6)).toBeCloseTo(0);
    expect(ring.levelAt(0, 94e6)).toBeCloseTo(-100);
    expect(ring.levelAt(0, 120e6)).toBeNaN();
  });

  it('the_ring_keeps_the_newest_and_time_running_backwards_starts_again', () => {
    const ring = new RowRing(8, 4);
    for (let i = 0; i < 6; i++) ring.push(message({ timeUs: T0 + i * 10_000 }));
    expect([ring.first, ring.count]).toEqual([2, 6]);
    expect(ring.find(T0 + 55_000)).toBe(5);
    expect(ring.find(T0)).toBe(-1);
    ring.push(message({ timeUs: T0 - 1e9 }));
    expect(ring.count).toBe(1);
  });

  it('wide_rows_are_pooled_by_maximum', () => {
    const ring = new RowRing(4, 2);
    ring.push(message({ data: Uint8Array.of(1, 9, 2, 3, 4, 4, 0, 7) }));
    expect([...ring.codesOf(0)]).toEqual([9, 3, 4, 7]);
  });
});

describe('spectrum', () => {
  const push = (t: PsdTraces, m: WaterfallRows): void => {
    const ring = new RowRing(64, 1);
    ring.push(m);
    const row = ring.at(0);
    if (row) t.push(row, ring.codesOf(0));
  };

  it('peak_hold_holds_until_cleared', () => {
    const t = new PsdTraces();
    push(t, message({ data: new Uint8Array(8).fill(200) }));
    push(t, message({ data: new Uint8Array(8).fill(100) }));
    expect(t.peak[3]).toBeCloseTo((200 / 255) * 100 - 100, 3);
    expect(t.live[3]).toBeCloseTo((100 / 255) * 100 - 100, 3);
    t.clearPeak();
    push(t, message({ data: new Uint8Array(8).fill(100) }));
    expect(t.peak[3]).toBeCloseTo(t.live[3] ?? 0, 3);
  });

  it('the_average_is_of_power_not_of_decibels', () => {
    const t = new PsdTraces();
    push(t, message({ data: new Uint8Array(8).fill(255) })); // 0 dB
    push(t, message({ data: new Uint8Array(8).fill(0) })); // -100 dB
    expect(t.average[0]).toBeCloseTo(10 * Math.log10(0.5), 3);
  });

  it('peaks_stay_at_their_frequency_through_a_zoom', () => {
    const t = new PsdTraces();
    push(t, message({ data: Uint8Array.of(0, 0, 0, 0, 0, 0, 255, 0) })); // 105..107.5 MHz
    push(t, message({ centerHz: 106e6, spanHz: 8e6 }));
    const hot = [...t.peak].map((v, i) => (v > -1 ? i : -1)).filter((i) => i >= 0);
    // Bins of 1 MHz from 102 MHz; one belongs to the old bin that holds its middle.
    expect(hot).toEqual([3, 4]);
  });

  it('the_automatic_range_holds_the_noise_and_the_signal', () => {
    const a = new AutoRange();
    const ring = new RowRing(1000, 1);
    const data = new Uint8Array(1000).map((_, i) => (i < 5 ? 240 : 50 + (i % 10)));
    ring.push(message({ bins: 1000, data }));
    const row = ring.at(0);
    if (row) a.push(row, ring.codesOf(0));
    expect(a.range.lo).toBeLessThan(-80);
    expect(a.range.hi).toBeGreaterThan(-7);
    expect(scaleFor(a.range).dbMin).toBeLessThan(a.range.lo);
  });
});

describe('labels and boxes', () => {
  const time = { topUs: T0 + 1e6, usPerPx: 2000, height: 500 };
  it('a_box_lies_at_its_frequencies_and_times', () => {
    const [b] = placeEmissions([emission()], full, time, 1000);
    expect(b).toMatchObject({ x: 450, w: 100, y: 450, h: 50 });
  });

  it('labels_never_overlap_nor_leave_the_picture', () => {
    const list = Array.from({ length: 60 }, (_, i) =>
      emission({
        id: i,
        startUs: T0 + (i % 7) * 5e4,
        fLoHz: 91e6 + i * 2e5,
        fHiHz: 91.5e6 + i * 2e5,
      }),
    );
    const labels = placeLabels(
      placeEmissions(list, full, time, 1000),
      () => 'x',
      () => 80,
      1000,
      500,
      59,
    );
    const apart = (a: Label, b: Label): boolean =>
      a.x >= b.x + b.w || b.x >= a.x + a.w || a.y >= b.y + b.h || b.y >= a.y + a.h;
    expect(labels.length).toBeGreaterThan(5);
    expect(labels.some((l) => l.id === 59)).toBe(true); // the selected one always gets its label
    labels.forEach((a, i) => labels.slice(i + 1).forEach((b) => expect(apart(a, b)).toBe(true)));
    labels.forEach((l) =>
      expect(l.x >= 0 && l.y >= 0 && l.x + l.w <= 1000 && l.y + l.h <= 500).toBe(true),
    );
  });

  it('among_many_boxes_labels_tell_names_alone_and_do_not_come_and_go', () => {
    const seen = [3, 18, 30, 18, 3, 18].reduce<('all' | 'names')[]>(
      (list, n) => [...list, detailFor(n, list.at(-1) ?? 'all')],
      [],
    );
    expect(seen).toEqual(['all', 'all', 'names', 'names', 'all', 'all']);
    const boxes = placeEmissions([emission({ id: 1 }), emission({ id: 2 })], full, time, 1000);
    const named = (e: { id: number }): string => (e.id === 1 ? 'fm' : '');
    const labels = placeLabels(boxes, named, () => 20, 1000, 500, null);
    expect(labels.map((l) => l.id)).toEqual([1]);
  });

  it('among_many_a_low_box_is_drawn_by_its_ends', () => {
    const low = { x: 0, y: 0, w: 300, h: 2 };
    expect(isDrawnByEnds(low, 'all')).toBe(false);
    expect(isDrawnByEnds(low, 'names')).toBe(true);
    expect(isDrawnByEnds({ ...low, w: 10 }, 'names')).toBe(false);
    expect(isDrawnByEnds({ ...low, h: 20 }, 'names')).toBe(false);
  });

  it('the_smallest_box_under_the_mouse_is_the_one', () => {
    const boxes = placeEmissions(
      [emission({ id: 1, fLoHz: 95e6, fHiHz: 105e6 }), emission({ id: 2 })],
      full,
      time,
      1000,
    );
    expect(hitBox(boxes, 500, 475)?.emission.id).toBe(2);
    expect(hitBox(boxes, 300, 475)?.emission.id).toBe(1);
    expect(hitBox(boxes, 10, 10)).toBeNull();
  });

  it('tile_boxes_give_way_to_the_emission_they_became', () => {
    const s = new EmissionStore();
    s.addTile({
      timeUs: T0,
      frameIdx: 0,
      centerHz: 100e6,
      spanHz: 20e6,
      durationS: 1,
      boxes: [
        { x1: 0.45, x2: 0.55, y1: 0, y2: 0.1, classId: 0, confidence: 1 },
        { x1: 0.8, x2: 0.9, y1: 0, y2: 0.1, classId: 0, confidence: 1 },
      ],
    });
    s.apply('open', emission());
    expect(s.provisional(T0 - 1, T0 + 2e6).map((t) => Math.round(t.fLoHz / 1e6))).toEqual([106]);
    expect(matches(emission(), 'FSK 100.0')).toBe(true);
    expect(matches(emission(), 'fm')).toBe(false);
  });
});

describe('axes and texts', () => {
  it('ticks_are_round_numbers_within_the_axis', () => {
    expect([niceStep(0.03), niceStep(3), niceStep(20)]).toEqual([0.05, 5, 20]);
    const majors = frequencyTicks(433.1e6, 434.7e6, 800).filter((t) => t.major);
    expect(majors.map((t) => t.label)).toEqual([
      '433.2',
      '433.4',
      '433.6',
      '433.8',
      '434.0',
      '434.2',
      '434.4',
      '434.6',
    ]);
    expect(levelTicks(-100, -40, 120).map((t) => t.value)).toEqual([-100, -80, -60, -40]);
    expect(timeTicks(T0, T0 + 5e6, 500).map((t) => t.label)).toContain('22:13:21.0');
  });

  it('times_carry_over_and_undated_recordings_count_from_zero', () => {
    expect(clock(T0 + 59_999_900, 3)).toBe('22:14:20.000');
    expect(clock(1_500_000, 1)).toBe('+1.5\u202fs');
  });

  it('a_readout_has_the_digits_that_its_resolution_warrants', () => {
    expect(megahertz(433_920_125, 1)).toBe('433.920\u202f125\u202fMHz');
    expect(megahertz(433_920_125, 1000)).toBe('433.920\u202fMHz');
    expect(megahertz(433_920_125, 100)).toBe('433.9201\u202fMHz');
    expect(baseName('/data/night.sigmf-meta')).toBe('night.sigmf-meta');
    expect(baseName('scene')).toBe('scene');
    expect([bandwidth(12_500), duration(0.02), duration(1e-4)]).toEqual([
      '12.5\u202fkHz',
      '20.0\u202fms',
      '100\u202f\u00b5s',
    ]);
  });

  it('the_address_holds_the_view_and_ignores_nonsense', () => {
    const s = {
      page: 'live',
      band: { lo: 433e6, hi: 434e6 },
      range: { lo: -110, hi: -40 },
      colormap: 'turbo',
      timeSpanS: 2.5,
      fps: 30,
    };
    expect(parseHash(formatHash(s))).toEqual(s);
    expect(parseHash('#/live?f=5~1&range=a~b&fps=-3')).toEqual({ page: 'live' });
  });

  it('options_come_from_the_daemon_only', () => {
    expect(parseCapabilities({}).fps).toEqual([]);
    expect(parseCapabilities({ display: { fps_options: [10, 'x', -1, 30] } }).fps).toEqual([
      10, 30,
    ]);
  });

  it('retries_back_off_to_eight_seconds', () => {
    expect(retryDelayMs(0, 1)).toBe(500);
    expect(retryDelayMs(20, 0)).toBe(6000);
  });
});
