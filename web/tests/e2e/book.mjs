// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// book: merging, exporting and importing signals, drawing a mission's ranges, promoting a version,
// against the mock server.

import { readFileSync } from 'node:fs';
import { check } from './lib.mjs';

export const bookTests = [];
const test = (name, at, state, fn) => bookTests.push({ name, at, state, fn });
const T0 = 1_790_000_000e6;

const sample = (id, signal_name) => ({
  sample_id: id,
  signal_name,
  boxes: 1,
  duration_s: 0.1,
  sample_rate_hz: 2e6,
  center_freq_hz: 433.92e6,
  time_us: T0,
});

test(
  'one_signal_is_merged_into_another_when_the_time_to_undo_is_over',
  '#/signals',
  {
    lessons: { samples: [sample('a1', 'remote'), sample('b1', 'gate')], versions: [] },
    records: {
      signals: [
        { id: 's1', name: 'remote', notes: 'two buttons', metrics: {} },
        { id: 's2', name: 'gate', notes: 'rolling code', metrics: {} },
      ],
      emissions: [],
    },
  },
  async ({ page, mock }) => {
    const { lessons, records } = mock.state;
    await page.getByRole('button', { name: 'remote' }).click();
    await page.getByLabel('Merge remote into').selectOption('gate');
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByText('remote merged into gate.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'remote' }).waitFor();
    check(records.signals.length === 2 && lessons.samples.length === 2, 'merged all the same');

    await page.getByRole('button', { name: 'remote' }).click();
    await page.getByLabel('Merge remote into').selectOption('gate');
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByRole('link', { name: 'System' }).click(); // leaving carries it out
    for (let i = 0; i < 50 && records.signals.length > 1; i++) await page.waitForTimeout(100);
    check(records.signals.map((s) => s.name).join() === 'gate', JSON.stringify(records.signals));
    check(records.signals[0].notes === 'rolling code\ntwo buttons', records.signals[0].notes);
    const names = lessons.samples.map((s) => s.signal_name).join();
    check(names === 'gate,gate', names);
  },
);

test(
  'signals_are_exported_and_imported_and_what_is_no_list_is_refused',
  '#/signals',
  { records: { signals: [{ id: 's1', name: 'tpms', modulation: 'ook', metrics: {} }] } },
  async ({ page, mock }) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export' }).click(),
    ]);
    const file = JSON.parse(readFileSync(await download.path(), 'utf8'));
    check(file.signals.length === 1 && file.signals[0].name === 'tpms', JSON.stringify(file));
    file.signals.push({ name: 'gate', modulation: 'fsk', notes: 'north' });
    const give = (name, text) =>
      page
        .getByLabel('File to import')
        .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
    await give('signals.json', JSON.stringify(file));
    await page.getByText('1 imported, 1 there already.').waitFor();
    await page.getByRole('row', { name: /gate.*fsk/ }).waitFor();
    check(mock.state.records.signals.length === 2, JSON.stringify(mock.state.records.signals));
    await give('holiday.jpg', 'no JSON');
    await page.getByText('holiday.jpg is not JSON.').waitFor();
  },
);

test(
  'a_drag_over_the_spectrum_bar_adds_a_range_to_a_plan',
  '#/missions',
  { records: { missions: [] } },
  async ({ page, mock }) => {
    await page.getByRole('button', { name: 'New mission' }).click();
    await page.getByLabel('Name').fill('sweep');
    const bar = page.getByRole('img', { name: 'Ranges: none' });
    const b = await bar.boundingBox();
    const [lo, hi] = [30e6, 6e9]; // a source that can be anywhere is shown as a receiver
    const hzAt = (x) => lo * (hi / lo) ** (x / b.width);
    await page.mouse.move(b.x + 200, b.y + 8);
    await page.mouse.down();
    await page.mouse.move(b.x + 300, b.y + 8, { steps: 3 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('region', { name: 'Mission sweep' }).waitFor();
    const [range] = mock.state.records.missions[0].plan.ranges;
    check(Math.abs(range.f_lo_hz / hzAt(200) - 1) < 0.005, `${range.f_lo_hz} ${hzAt(200)}`);
    check(Math.abs(range.f_hi_hz / hzAt(300) - 1) < 0.005, `${range.f_hi_hz} ${hzAt(300)}`);
    const words = await page.getByRole('region', { name: 'Mission sweep' }).innerText();
    check(/\d to \d.*MHz; at any time/.test(words), words);
  },
);

test(
  'a_version_is_put_to_use_and_taken_back',
  '#/training?signal=gate',
  {
    lessons: {
      samples: [sample('a1', 'gate')],
      versions: [
        { version: 1, active: true, f1: 0.6, precision: 0.7, recall: 0.5, preset: 'quick' },
        { version: 2, active: false, f1: 0.9, precision: 0.7, recall: 0.5, preset: 'quick' },
      ],
    },
  },
  async ({ page, mock }) => {
    await page.getByRole('button', { name: 'Use version 2' }).click();
    await page.getByRole('row', { name: /2, in use/ }).waitFor();
    check(mock.state.lessons.versions[1].active === true, 'not promoted');
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('row', { name: /1, in use/ }).waitFor();
  },
);
