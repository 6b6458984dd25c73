// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
import { describe, expect, it } from 'vitest';
import { formOf, planOf } from '../../src/missions/plan';
import { parseCapture, parseMission, parseSignal } from '../../src/net/records';
import { BoxEditor, dragged, sampleRequest } from '../../src/training/boxes';
import { jobAfter, parseSamples, parseVersions } from '../../src/training/lessons.svelte';
import { boxesIn, partFor } from '../../src/training/part';
import { boxOfEmission, snapped } from '../../src/training/snap';

const BOX = { fLoHz: 100, fHiHz: 200, startUs: 1e6, stopUs: 2e6 };
const at = (hz: number, us: number): { hz: number; us: number } => ({ hz, us });

describe('boxes', () => {
  it('a_new_box_may_be_drawn_from_any_corner', () => {
    expect(dragged(BOX, 'new', at(50, 9), at(20, 3))).toEqual({
      fLoHz: 20,
      fHiHz: 50,
      startUs: 3,
      stopUs: 9,
    });
  });

  it('an_edge_that_is_dragged_past_the_other_turns_the_box', () => {
    expect(dragged(BOX, 'l', at(100, 0), at(250, 0))).toMatchObject({ fLoHz: 200, fHiHz: 250 });
    expect(dragged(BOX, 'rt', at(0, 0), at(5, 7))).toEqual({ ...BOX, fHiHz: 205, stopUs: 2e6 + 7 });
    expect(dragged(BOX, 'move', at(0, 0), at(5, 7)).startUs).toBe(1e6 + 7);
  });

  it('every_change_can_be_undone_and_done_again_until_another_is_made', () => {
    const e = new BoxEditor();
    e.add(BOX);
    e.replace(0, { ...BOX, fHiHz: 300 });
    e.remove(0);
    e.undo();
    e.undo();
    expect(e.boxes).toEqual([BOX]);
    e.redo();
    expect(e.boxes[0]?.fHiHz).toBe(300);
    e.add(BOX);
    expect(e.canRedo).toBe(false);
    e.remove(7);
    expect(e.boxes.length).toBe(2);
  });

  it('a_sample_holds_its_boxes_and_some_noise_and_stays_within_the_band', () => {
    const r = sampleRequest([BOX, { ...BOX, fHiHz: 9e9 }], 'x', 150, 1000);
    expect(r).toEqual({
      command: 'save_sample',
      signal_name: 'x',
      capture: { start_us: 900_000, duration_us: 1_200_000 },
      boxes: [
        { f_lo_hz: -50, f_hi_hz: 50, t_start_s: 0.1, t_stop_s: 1.1 },
        { f_lo_hz: -50, f_hi_hz: 500, t_start_s: 0.1, t_stop_s: 1.1 },
      ],
      metadata: { sample_rate_hz: 1000, center_freq_hz: 150 },
    });
    expect(sampleRequest([], 'x', 0, 1)).toBeNull();
  });
});

describe('snapping', () => {
  const burst = (startUs: number, more = {}): typeof BOX => ({
    ...BOX,
    startUs,
    stopUs: startUs + 1000,
    ...more,
  });
  const wide = { fLoHz: 50, fHiHz: 260, startUs: 0, stopUs: 1e6 };

  it('a_loose_box_takes_the_edges_of_what_was_found_in_it', () => {
    expect(snapped(wide, [burst(5e5), burst(2e6)])).toEqual([burst(5e5)]);
    // Most of it is enough: hands are not exact.
    expect(snapped({ ...wide, fLoHz: 130 }, [burst(5e5)])).toEqual([burst(5e5)]);
    expect(snapped({ ...wide, fLoHz: 170 }, [burst(5e5)])).toEqual([{ ...wide, fLoHz: 170 }]);
  });

  it('pieces_of_one_signal_become_one_box_and_bursts_one_each', () => {
    const pieces = [burst(5e5, { fHiHz: 140 }), burst(5e5, { fLoHz: 150 })];
    expect(snapped(wide, pieces)).toEqual([burst(5e5)]);
    expect(snapped(wide, [burst(1e5), burst(5e5)])).toEqual([burst(1e5), burst(5e5)]);
    const splinter = burst(4e5, { stopUs: 4e5 + 50 });
    expect(snapped(wide, [splinter, burst(5e5)])).toEqual([burst(5e5)]);
  });

  it('where_nothing_or_too_much_was_found_a_box_stays_as_drawn', () => {
    expect(snapped(wide, [])).toEqual([wide]);
    expect(
      snapped(
        wide,
        Array.from({ length: 30 }, (_, i) => burst(i * 2e4)),
      ),
    ).toEqual([wide]);
  });

  it('an_emission_without_a_duration_has_a_box_all_the_same', () => {
    expect(boxOfEmission({ fLoHz: 1, fHiHz: 2, startUs: 7, durationS: 0 }).stopUs).toBe(107);
  });
});

describe('lessons', () => {
  it('a_job_gathers_its_curves_and_ends', () => {
    let j = jobAfter(null, { type: 'training_started', job_id: 'a', signal_name: 'x' });
    j = jobAfter(j, { type: 'progress', job_id: 'a', epoch: 1, epochs: 2, loss: 1, eta_s: 3 });
    j = jobAfter(j, { type: 'progress', job_id: 'a', epoch: 2, loss: 0.5, metrics: { f1: 0.9 } });
    expect(j).toMatchObject({ signal: 'x', epoch: 2, epochs: 2, loss: [1, 0.5], state: 'running' });
    expect(j?.metrics).toEqual({ f1: [0.9] });
    j = jobAfter(j, { type: 'training_failed', job_id: 'a', message: 'disk full' });
    expect(j).toMatchObject({ state: 'failed', message: 'disk full' });
    expect(jobAfter(j, { type: 'registry' })).toBeNull();
  });

  it('what_became_of_a_version_is_said_with_its_reason', () => {
    const not = { version: 2, promoted: false, promotion: 'F1 is under one half' };
    const j = jobAfter(null, { type: 'training_done', job_id: 'a', ...not });
    expect(j).toMatchObject({
      state: 'done',
      message: 'Not put in use automatically: F1 is under one half',
    });
    expect(
      parseVersions({ versions: [{ version: 1, promoted: true, promotion: 'a' }, not] }),
    ).toMatchObject([
      { why: 'Not put in use automatically: F1 is under one half' },
      { why: 'Put in use automatically: a' },
    ]);
    expect(parseVersions({ versions: [{ version: 1 }] })).toMatchObject([{ why: '' }]);
  });

  it('lists_are_read_whatever_is_missing', () => {
    expect(
      parseVersions({ versions: [{ version: 1 }, { version: 2, active: true, f1: 0.5 }] }),
    ).toMatchObject([
      { version: 2, active: true, f1: 0.5 },
      { version: 1, active: false },
    ]);
    expect(parseSamples({ samples: [{ sample_id: 'a', boxes: [{}, {}] }] })[0]).toMatchObject({
      id: 'a',
      boxes: 2,
    });
  });
});

describe('records', () => {
  it('fields_that_are_not_set_stay_unset', () => {
    expect(parseSignal({ id: '1', name: 'a', metrics: { f1: 1, junk: 'x' } })).toEqual({
      id: '1',
      name: 'a',
      metrics: { f1: 1 },
    });
    expect(parseCapture({ id: 'c', keep: 1 })).toEqual({ id: 'c', keep: true });
  });

  it('a_plan_goes_through_the_form_unchanged', () => {
    const plan = {
      ranges: [{ f_lo_hz: 433.05e6, f_hi_hz: 434.79e6 }],
      bandwidth_hz: 20e6,
      heads: ['tpms'],
      record: { when: 'emissions', min_snr_db: 10, pre_s: 1 },
      schedule: { days: ['mon'], start: '06:00', stop: '22:30' },
    };
    const m = parseMission({ id: 'm', name: 'n', enabled: true, plan });
    expect(planOf(formOf(m), m.plan)).toEqual({ plan });
  });

  it('a_plan_that_makes_no_sense_is_not_sent', () => {
    const good = { ...formOf(null), name: 'n', ranges: [{ lo: '1', hi: '2' }] };
    expect(planOf(good)).toHaveProperty('plan');
    for (const bad of [
      { ranges: [] },
      { ranges: [{ lo: '2', hi: '1' }] },
      { gain: 'much' },
      { from: '06:00' },
      { name: ' ' },
    ])
      expect(planOf({ ...good, ...bad })).toHaveProperty('fault');
  });
});

describe('thumbnails of samples', () => {
  const band = { x0: 0.2, x1: 0.3 };

  it('what_is_short_is_shown_whole', () => {
    expect(partFor([{ ...band, y0: 0.9, y1: 1 }], 1)).toEqual({ from: 0, to: 1 });
    expect(partFor([], NaN)).toEqual({ from: 0, to: 1 }); // of unknown length
  });

  it('of_a_long_one_the_first_box_is_shown_in_the_middle', () => {
    const all = [
      { ...band, y0: 0.8, y1: 0.81 },
      { ...band, y0: 0.6, y1: 0.62 },
    ];
    const part = partFor(all, 0.1);
    expect(part.from).toBeCloseTo(0.56);
    expect(part.to).toBeCloseTo(0.66);
    const [box, ...more] = boxesIn(all, part);
    expect(more).toEqual([]);
    expect(box?.y0).toBeCloseTo(0.4);
    expect(box?.y1).toBeCloseTo(0.6);
    expect(box).toMatchObject(band);
  });

  it('the_part_stays_in_the_sample_and_shows_the_begin_of_a_long_box', () => {
    expect(partFor([{ ...band, y0: 0, y1: 0.01 }], 0.1)).toEqual({ from: 0, to: 0.1 });
    expect(partFor([{ ...band, y0: 0.99, y1: 1 }], 0.1).to).toBeCloseTo(1);
    expect(partFor([{ ...band, y0: 0.3, y1: 0.9 }], 0.1).from).toBeCloseTo(0.3);
    expect(partFor([], 0.1)).toEqual({ from: 0, to: 0.1 });
  });
});
