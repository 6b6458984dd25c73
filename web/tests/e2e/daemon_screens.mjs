// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// daemon_screens: the screens other than Live on a running `g20 serve`.

import { axeFaults, check } from './lib.mjs';

export const screenTests = [];
const test = (name, at, fn, sets = []) => screenTests.push({ name, at, sets, fn });

const noFaults = async (page, where) => {
  const bad = await axeFaults(page);
  check(bad.length === 0, `${where}: ${bad.join('; ')}`);
};

test('system_shows_health_rates_latency_and_where_settings_come_from', '#/system', async (t) => {
  const { page } = t;
  const health = page.getByRole('list', { name: 'Health' });
  await health.getByText('source', { exact: true }).waitFor();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.gauge')].some((g) =>
      /Samples\s+[\d.]+\sMS\/s/.test(g.innerText.replaceAll('\u202f', ' ')),
    ),
  );
  await page.setViewportSize({ width: 390, height: 844 });
  const cut = await page
    .locator('.gauge .label')
    .evaluateAll((all) => all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.innerText));
  check(cut.length === 0, `cut off on a phone: ${cut.join(', ')}`);
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.getByText('A tile, from its last sample to its boxes').waitFor();
  await page.getByText('(in use)').waitFor();
  const log = page.getByRole('log', { name: 'Lines of the log' });
  await log.waitFor(); // the daemon is a quiet one here: there may be no line
  const lines = await page.evaluate(async () => (await fetch('/api/logs')).json());
  check(Array.isArray(lines.lines), JSON.stringify(lines));
  if (lines.lines.length === 0) await log.getByText('No line yet.').waitFor();

  await page.getByLabel('Filter settings').fill('ws_port');
  const row = page.getByRole('row', { name: /server\.ws_port/ });
  check((await row.innerText()).includes('command line'), await row.innerText());
  check((await page.locator('table.list tbody tr').count()) === 1, 'the filter does not filter');
  await page.reload();
  await page.getByRole('row', { name: /server\.ws_port/ }).waitFor(); // the address keeps the filter
  check((await page.getByLabel('Filter settings').inputValue()) === 'ws_port', 'filter is lost');
  await noFaults(page, 'system');
  await t.keepPicture('filtered');
  await page.getByLabel('Filter settings').fill('');
  await page.waitForTimeout(300);
  await t.keepPicture();
});

test(
  'signals_and_missions_are_kept_by_the_daemon_or_said_to_be_missing',
  '#/signals',
  async (t) => {
    const { page } = t;
    await page.getByRole('heading', { name: 'Signals' }).waitFor();
    const status = await page.evaluate(async () => (await fetch('/api/signals')).status);
    if (status === 404) {
      await page.getByText('Not available in this daemon').waitFor();
      return;
    }
    check(status === 200, `/api/signals answered ${status}`);
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('tpms');
    await page.getByRole('textbox', { name: 'Modulation' }).fill('ook');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.reload();
    await page.getByRole('row', { name: /tpms.*ook/ }).waitFor();
    await noFaults(page, 'signals');

    await page.getByRole('link', { name: 'Missions' }).click();
    await page.getByRole('button', { name: 'New mission' }).click();
    await page.getByLabel('Name').fill('airband');
    await page.getByLabel('From, MHz').fill('118');
    await page.getByLabel('To, MHz').fill('137');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('region', { name: 'Mission airband' }).waitFor();
    await page.reload();
    const card = page.getByRole('region', { name: 'Mission airband' });
    await card.getByRole('button', { name: 'Start' }).click();
    await card.getByText('running').waitFor();
    await card.getByText('steps visited').waitFor();
    await card
      .getByRole('table', { name: 'Bands of airband' })
      .getByText('118.0 to 137.0')
      .waitFor();
    await page.getByRole('list', { name: 'Channels' }).getByText('RX1 scanning').waitFor();
    await noFaults(page, 'missions');
    await card.getByRole('button', { name: 'Stop' }).click();
    await card.getByRole('button', { name: 'Start' }).waitFor();

    await page.getByRole('link', { name: 'Captures' }).click();
    await page.getByText('Nothing is recorded yet').waitFor();
  },
);

test('the_daemon_is_asked_to_keep_a_box_that_was_drawn', '#/training', async (t) => {
  const { page } = t;
  await page.waitForFunction(() => Number(document.querySelector('.drawn')?.dataset.topUs) > 0);
  await page.waitForTimeout(1500);
  await page.getByRole('button', { name: 'Hold the picture' }).click();
  const b = await page.locator('canvas.drawn').boundingBox();
  await page.mouse.move(b.x + 300, b.y + 20);
  await page.mouse.down();
  await page.mouse.move(b.x + 400, b.y + 40, { steps: 3 });
  await page.mouse.up();
  await page.getByLabel('Signal', { exact: true }).fill('remote');
  await noFaults(page, 'training');
  if (await page.getByText('It cannot be taught').count()) return; // a daemon without lessons
  await page.getByRole('button', { name: 'Save sample (1 box)' }).click();
  // Saved, or refused in the daemon's own words; never nothing.
  const said = page.locator('.said');
  await said.waitFor();
  const text = await said.innerText();
  check(/^(Saved as sample [0-9a-f]{16}|capture: )/.test(text), text);
  await t.keepPicture();
});
