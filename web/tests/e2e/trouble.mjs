// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// trouble: what goes wrong is said, on every screen, and no screen is wider than its window;
// against the mock server.

import { axeFaults, check } from './lib.mjs';

export const troubleTests = [];
const test = (name, fn, more = {}) => troubleTests.push({ name, fn, ...more });
const T0 = 1_790_000_000e6;
const LOSS = 'pipeline: losing samples: 4 % of the last 8 s';
const PARTS = { source: 'ok', pipeline: 'losing samples: 4 % of the last 8 s', model: 'ok' };

test(
  'lost_samples_are_told_on_every_screen_until_they_are_over',
  async ({ page, mock, keepPicture }) => {
    const banner = page.getByRole('status', { name: 'Problems' });
    await banner.getByText('losing samples: 4 %').waitFor();
    check(await page.locator('header .state.warn').count(), 'the state looks as if all were well');
    await keepPicture();
    const bad = await axeFaults(page);
    check(bad.length === 0, bad.join('; '));
    for (const name of ['Training', 'Signals', 'Missions', 'Captures']) {
      await page.getByRole('navigation').getByRole('link', { name }).click();
      await banner.getByText('losing samples').waitFor();
    }
    await banner.getByRole('link', { name: 'System' }).click();
    await page.getByRole('list', { name: 'Problems' }).getByText(LOSS).waitFor();
    await page.getByRole('list', { name: 'Health' }).getByText('losing samples').waitFor();
    mock.state.health = { status: 'ok', problems: [], parts: { source: 'ok' } };
    await page.getByRole('list', { name: 'Problems' }).waitFor({ state: 'detached' });
    await page.getByRole('navigation').getByRole('link', { name: 'Live' }).click();
    await banner.waitFor({ state: 'detached' });
  },
  { state: { health: { status: 'degraded', problems: [LOSS], parts: PARTS } } },
);

test(
  'a_device_that_is_not_there_and_a_model_that_is_not_there_are_said',
  async ({ page, mock, restart }) => {
    await page.getByText('There is no signal source: no such device. Next try in 4 s.').waitFor();
    check((await page.locator('header .state').innerText()) === 'Source failed', 'state');
    mock.state.status = { model: { ok: false, detail: 'hydra.onnx: no such file' } };
    await restart(async () => {});
    await page.getByText('Nothing is being detected: hydra.onnx: no such file.').waitFor();
  },
  {
    at: '#/live',
    state: {
      status: { source: { state: 'failed', ok: false, detail: 'no such device', retry_in_s: 3.2 } },
    },
  },
);

test(
  'errors_of_the_server_are_said_with_its_words_and_can_be_tried_again',
  async ({ page, mock }) => {
    for (const name of ['Signals', 'Missions', 'Captures']) {
      await page.getByRole('navigation').getByRole('link', { name }).click();
      const notice = page.getByRole('alert');
      await notice.getByText('The daemon reports an error').waitFor();
      await notice.getByText('the database is locked').waitFor();
      const bad = await axeFaults(page);
      check(bad.length === 0, `${name}: ${bad.join('; ')}`);
    }
    mock.state.broken = '';
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Nothing is recorded yet').waitFor();
  },
  {
    at: '#/live',
    state: {
      broken: 'the database is locked',
      records: { captures: [], signals: [], missions: [] },
    },
  },
);

const plan = {
  ranges: [
    { f_lo_hz: 118e6, f_hi_hz: 137e6 },
    { f_lo_hz: 430e6, f_hi_hz: 440e6 },
  ],
  dwell_s: 0.25,
  record: { when: 'emissions', min_snr_db: 6 },
  schedule: { days: ['mon', 'tue', 'wed', 'thu'], start: '22:00', stop: '05:00' },
};
const progress = {
  steps: 40,
  coverage: 0.5,
  rounds: 3,
  center_hz: 121e6,
  speed_hz_per_s: 2e6,
  bands: [
    {
      f_lo_hz: 118e6,
      f_hi_hz: 137e6,
      share: 0.2,
      dwell_s: 0.25,
      revisit_s: 9,
      intercept: [0.1, 0.2, 0.3],
    },
  ],
};
const capture = (n) => ({
  id: `c${n}`,
  state: 'done',
  path: `missions/box-20261129T213244.5${n}-43345891${n}Hz`,
  start_us: T0 + n * 1e6,
  duration_s: 2,
  center_hz: 433.92e6,
  sample_rate_hz: 2e6,
  bytes: 16e6,
  origin: 'mission',
  class: 'telemetry-of-the-neighbour',
  dropped: n,
});
const version = (n) => ({
  version: n,
  active: n === 1,
  f1: 0.6,
  precision: 0.7,
  recall: 0.5,
  preset: 'balanced',
  trained: '2026-11-29T21:35:44Z',
});

test(
  'no_screen_is_wider_than_its_window_and_no_button_out_of_sight',
  async ({ page, keepPicture }) => {
    await page.waitForFunction(() => Number(document.querySelector('.stage')?.dataset.rows) > 5);
    const wider = [];
    for (const width of [390, 800, 1280]) {
      await page.setViewportSize({ width, height: width === 1280 ? 720 : 1280 });
      for (const name of ['Live', 'Training', 'Signals', 'Missions', 'Captures', 'System']) {
        await page.getByRole('navigation').getByRole('link', { name }).click();
        if (name === 'Training') await page.getByRole('button', { name: /^burst/ }).click();
        if (name === 'Signals')
          await page.getByRole('button', { name: 'telemetry-of-the-neighbour' }).click();
        await page.waitForTimeout(500);
        await keepPicture(`${name}_${width}`);
        wider.push(...(await page.evaluate(outOfSight, `${name} at ${width}`)));
      }
    }
    check(wider.length === 0, wider.join('; '));
  },
  {
    state: {
      channels: 2,
      health: { status: 'degraded', problems: [LOSS], parts: PARTS },
      lessons: {
        samples: [1, 2, 3].map((n) => ({
          sample_id: `s${n}`,
          signal_name: 'burst',
          boxes: n,
          duration_s: 0.1,
          sample_rate_hz: 2e6,
          center_freq_hz: 433.92e6,
          time_us: T0,
        })),
        versions: [version(1), version(2)],
      },
      records: {
        captures: [1, 2, 3].map(capture),
        missions: [
          {
            id: 'm',
            name: 'night watch',
            state: 'running',
            enabled: true,
            plan,
            progress,
            notes: 'n',
          },
        ],
        signals: [
          {
            id: 's1',
            name: 'telemetry-of-the-neighbour',
            modulation: 'gfsk, 9600 baud',
            bandwidth_hz: 40e3,
            samples: 12,
            last_seen_us: T0,
            metrics: { f1: 0.91, precision: 0.95, recall: 0.88 },
          },
        ],
        emissions: [],
      },
    },
  },
);

/** In the page: what reaches over the window's edge, and buttons that a sideways scroll hides. The
 * navigation and the toolbar of a phone scroll on purpose. */
function outOfSight(where) {
  const { scrollWidth, clientWidth } = document.documentElement;
  const out =
    scrollWidth > clientWidth ? [`${where}: ${scrollWidth - clientWidth} px too wide`] : [];
  for (const e of document.querySelectorAll('button, input, select, a')) {
    const r = e.getBoundingClientRect();
    if (r.width < 2 || e.closest('nav, [role=toolbar], .visually-hidden')) continue;
    if (r.right > clientWidth + 1 || r.left < -1)
      out.push(`${where}: ${e.outerHTML.slice(0, 60)} ends at ${Math.round(r.right)}`);
  }
  for (const e of document.querySelectorAll('.screen, .screen .scroll'))
    if (e.scrollWidth > e.clientWidth + 1 && !e.closest('[aria-label^="Mission "]'))
      out.push(
        `${where}: .${e.className.split(' ')[0]} is ${e.scrollWidth - e.clientWidth} px wider`,
      );
  return out;
}
