// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// screens: Training, Signals, Missions and Captures against the mock server.

import { SCENE } from '../mock/server.mjs';
import { axeFaults, check } from './lib.mjs';

export const screenTests = [];
const test = (name, at, state, fn) => screenTests.push({ name, at, state, fn });
const T0 = 1_790_000_000e6;

async function noFaults(page) {
  const bad = await axeFaults(page);
  check(bad.length === 0, bad.join('; '));
}

const signals = () => [
  {
    id: 's1',
    name: 'tpms',
    modulation: 'ook',
    bandwidth_hz: 40e3,
    notes: 'tyres',
    samples: 12,
    last_seen_us: T0,
    metrics: { f1: 0.91, precision: 0.95, recall: 0.88 },
  },
  { id: 's2', name: 'remote', metrics: {} },
];

test(
  'signals_are_searched_renamed_and_deleted_with_undo',
  '#/signals',
  {
    records: {
      signals: signals(),
      emissions: [
        {
          id: 1,
          class: 'tpms',
          start_us: T0,
          duration_s: 0.02,
          f_lo_hz: 433e6,
          f_hi_hz: 433.1e6,
          snr_db: 20,
        },
      ],
    },
  },
  async ({ page, mock, keepPicture }) => {
    const list = mock.state.records.signals;
    await page.getByLabel('Search signals').fill('tyre');
    await page.getByRole('button', { name: 'tpms' }).click();
    check((await page.locator('main > .both tbody tr th button').count()) === 1, 'not filtered');
    await page.getByText('433.0500').waitFor(); // its last emission
    await noFaults(page);
    await keepPicture();
    await page.getByRole('textbox', { name: 'Name' }).fill('tpms-eu');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    check(list[0].name === 'tpms-eu' && list[0].bandwidth_hz === 40e3, JSON.stringify(list[0]));
    check(page.url().includes('q=tyre') && page.url().includes('id=tpms-eu'), page.url());

    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'tpms-eu' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    check(list.length === 2, 'deleted before the time to undo was over');
    await page.getByRole('link', { name: 'System' }).click(); // leaving carries it out
    for (let i = 0; i < 50 && list.length > 1; i++) await page.waitForTimeout(100);
    check(list.length === 1 && list[0].name === 'remote', JSON.stringify(list));
  },
);

test(
  'nothing_in_the_store_is_said_plainly',
  '#/captures',
  { records: { captures: [], signals: [], missions: [] } },
  async ({ page }) => {
    await page.getByText('Nothing is recorded yet').waitFor();
    await page.getByRole('link', { name: 'Signals' }).click();
    await page.getByText('No signal has a name yet').waitFor();
    await page.getByRole('link', { name: 'Missions' }).click();
    await page.getByText('No plan yet').waitFor();
  },
);

test(
  'a_mission_is_planned_checked_started_and_changed',
  '#/missions',
  { records: { missions: [] } },
  async ({ page, mock, keepPicture }) => {
    const list = mock.state.records.missions;
    await page.getByRole('button', { name: 'New mission' }).click();
    await page.getByLabel('Name').fill('airband');
    await page.getByLabel('From, MHz').fill('137');
    await page.getByLabel('To, MHz').fill('118');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Range 1: the upper end must lie above the lower').waitFor();
    check(list.length === 0, 'a wrong plan was sent');
    await page.getByLabel('From, MHz').fill('118');
    await page.getByLabel('To, MHz').fill('137');
    await page.getByLabel('Record').selectOption('emissions');
    await page.getByRole('button', { name: 'mon' }).click();
    await noFaults(page);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Start' }).waitFor();
    const want = {
      ranges: [{ f_lo_hz: 118e6, f_hi_hz: 137e6 }],
      record: { when: 'emissions' },
      schedule: { days: ['mon'] },
    };
    check(JSON.stringify(list[0].plan) === JSON.stringify(want), JSON.stringify(list[0].plan));
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    check(list[0].enabled === true, 'not enabled');
    await keepPicture();
    await page.getByRole('button', { name: 'Edit' }).click();
    check((await page.getByLabel('To, MHz').inputValue()) === '137', 'the form lost the range');
    await noFaults(page);
  },
);

test(
  'captures_are_listed_annotated_kept_and_deleted',
  '#/captures',
  {
    records: {
      captures: [
        {
          id: 'c1',
          state: 'done',
          path: '2026/a',
          start_us: T0,
          duration_s: 2,
          center_hz: 433.92e6,
          sample_rate_hz: 2e6,
          bytes: 16e6,
          origin: 'box',
          class: 'tpms',
        },
        {
          id: 'c2',
          state: 'recording',
          path: '2026/b',
          start_us: T0 + 9e6,
          origin: 'command',
          dropped: 7,
        },
      ],
    },
  },
  async ({ page, mock, keepPicture }) => {
    const list = mock.state.records.captures;
    await page.getByText('7 samples lost').waitFor();
    await page.getByText('command, recording').waitFor();
    await noFaults(page);
    await keepPicture();
    await page.getByLabel('Notes of 2026/a').fill('front left');
    await page.getByLabel('Notes of 2026/a').press('Tab');
    await page.getByLabel('Keep 2026/a whatever its age').check();
    await page.waitForFunction(
      () => document.querySelector('[aria-label="Delete 2026/a"]').disabled,
    );
    check(list[0].notes === 'front left' && list[0].keep === true, JSON.stringify(list[0]));
    await page.getByRole('button', { name: 'Delete 2026/b' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    check((await page.locator('tbody tr').count()) === 1, 'still listed');
  },
);

test(
  'a_box_is_drawn_moved_undone_saved_and_trained',
  '#/training',
  {
    lessons: {
      samples: [],
      versions: [{ version: 1, active: true, f1: 0.6, precision: 0.7, recall: 0.5 }],
    },
  },
  async ({ page, mock, keepPicture }) => {
    const { lessons } = mock.state;
    const hold = page.getByRole('button', { name: 'Hold the picture' });
    await page.waitForFunction(() => Number(document.querySelector('.drawn')?.dataset.topUs) > 0);
    await page.waitForTimeout(2500); // some bursts
    await hold.click();
    await page.waitForTimeout(200);
    const b = await page.locator('canvas.drawn').boundingBox();
    const scale = await page
      .locator('canvas.drawn')
      .evaluate((e) => ({ topUs: Number(e.dataset.topUs), usPerPx: Number(e.dataset.usPerPx) }));
    const drag = async (x0, y0, x1, y1) => {
      await page.mouse.move(b.x + x0, b.y + y0);
      await page.mouse.down();
      await page.mouse.move(b.x + x1, b.y + y1, { steps: 4 });
      await page.mouse.up();
    };
    await page.keyboard.down('Alt'); // as drawn, whatever was found there
    await drag(300, 40, 400, 60);
    await page.keyboard.up('Alt');
    await drag(350, 50, 370, 90); // inside: moves it by 20, 40
    await drag(420, 90, 440, 90); // its right edge
    await page.getByRole('button', { name: 'Undo' }).click(); // the edge is back
    await page.getByLabel('Signal', { exact: true }).fill('burst');
    await page.getByRole('button', { name: 'Save sample (1 box)' }).click();
    await page.getByText('Saved as sample').waitFor();
    const { boxes, capture, metadata } = lessons.asked;
    const perPx = SCENE.rateHz / b.width;
    const wantLo = 320 * perPx - SCENE.rateHz / 2;
    check(Math.abs(boxes[0].f_lo_hz - wantLo) < 1.5 * perPx, JSON.stringify([boxes, wantLo]));
    check(Math.abs(boxes[0].f_hi_hz - boxes[0].f_lo_hz - 100 * perPx) < 1.5 * perPx, 'width');
    const stopUs = capture.start_us + boxes[0].t_stop_s * 1e6;
    check(Math.abs(stopUs - (scale.topUs - 80 * scale.usPerPx)) < 1.5 * scale.usPerPx, 'time');
    check(
      metadata.center_freq_hz === SCENE.centerHz && metadata.sample_rate_hz === SCENE.rateHz,
      JSON.stringify(metadata),
    );

    await page.getByRole('list', { name: 'Samples' }).getByText('1 box').waitFor();
    await page.getByRole('button', { name: 'Train burst' }).click();
    await page.getByText('epoch 5 of 5').waitFor();
    await page.getByText('2, in use').waitFor();
    const why = 'Put in use automatically: F1 is better by two points';
    await page.getByRole('cell', { name: why }).waitFor();
    check(await page.getByRole('status').filter({ hasText: why }).count(), 'the job does not say');
    await noFaults(page);
    await keepPicture();
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('1, in use').waitFor();
  },
);

test(
  'teach_this_opens_the_emission_boxed',
  '#/live',
  { lessons: { samples: [], versions: [] } },
  async ({ page }) => {
    await page.waitForSelector('tbody tr');
    await page.locator('tbody tr').first().click();
    await page.locator('.stage').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: /^Teach this/ }).click();
    await page.getByRole('button', { name: 'Save sample (1 box)' }).waitFor();
  },
);

test('a_daemon_that_cannot_be_taught_says_so', '#/training', {}, async ({ page }) => {
  await page.getByText('It cannot be taught: not implemented yet.').waitFor();
  await noFaults(page);
});

test(
  'versions_are_compared_finds_reviewed_by_key_and_unknowns_taught',
  '#/training?signal=burst',
  {
    lessons: {
      samples: [{ sample_id: 's1', signal_name: 'burst', boxes: 1, duration_s: 0.1 }],
      versions: [
        { version: 1, active: true, f1: 0.6, precision: 0.7, recall: 0.5, preset: 'quick' },
        { version: 2, active: false, f1: 0.9, precision: 0.7, recall: 0.5, preset: 'balanced' },
      ],
    },
  },
  async ({ page, mock, keepPicture }) => {
    const { lessons } = mock.state;
    await page.getByLabel('Compare version 1').check();
    await page.getByLabel('Compare version 2').check();
    const rows = page.getByRole('table', { name: 'Comparison' });
    check(/f1\s+0\.600\s+0\.900\s+\+0\.300/.test(await rows.innerText()), await rows.innerText());

    await page.getByRole('button', { name: 'Review' }).first().click();
    await page.getByText('3 to answer').waitFor();
    await page.getByRole('list', { name: 'Finds' }).locator('li').first().focus();
    await page.keyboard.press('a');
    await page.getByText('2 to answer').waitFor();
    await page.keyboard.press('r'); // the focus went on by itself
    await page.getByText('1 to answer').waitFor();
    check(
      lessons.review.map((i) => i.answer).join() === 'accept,reject,',
      JSON.stringify(lessons.review.map((i) => i.answer)),
    );
    await noFaults(page);
    await keepPicture();

    await page.getByRole('button', { name: 'Show what no head claims' }).click();
    await page.getByLabel('Name of the 7 alike').fill('gate');
    await page
      .getByRole('region', { name: 'Unknowns' })
      .getByRole('button', { name: 'Teach' })
      .click();
    await page.getByText('2 samples of gate saved').waitFor();
    check(lessons.asked.cluster_id === 'c1' && lessons.asked.signal_name === 'gate', 'asked');
    await noFaults(page);
    await keepPicture('unknowns');
  },
);

test(
  'what_looks_like_a_box_is_proposed_and_saved',
  '#/training',
  { lessons: { samples: [], versions: [] } },
  async ({ page, mock }) => {
    await page.waitForFunction(() => Number(document.querySelector('.drawn')?.dataset.topUs) > 0);
    await page.waitForTimeout(1500);
    await page.getByRole('button', { name: 'Hold the picture' }).click();
    const b = await page.locator('canvas.drawn').boundingBox();
    await page.mouse.move(b.x + 300, b.y + 20);
    await page.mouse.down();
    await page.mouse.move(b.x + 400, b.y + 40, { steps: 3 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'More like this' }).click();
    const panel = page.getByRole('region', { name: 'More like this' });
    await panel.getByText('alike 90').waitFor();
    await page.getByLabel('Signal', { exact: true }).fill('gate');
    await panel.getByRole('button', { name: 'Save as gate' }).first().click();
    await panel.getByRole('button', { name: 'Saved' }).waitFor();
    check(mock.state.lessons.asked.signal_name === 'gate', 'not asked');
    await noFaults(page);
  },
);
