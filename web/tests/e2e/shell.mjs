// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// shell: the frame around the screens, against the mock server: screens, login, versions.

import { axeFaults, check, rowsAfter } from './lib.mjs';

export const shellTests = [];
const test = (name, fn, more = {}) => shellTests.push({ name, fn, ...more });

test('each_screen_has_an_address_and_a_title', async ({ page }) => {
  for (const name of ['Training', 'Signals', 'Missions', 'Captures', 'System']) {
    await page.getByRole('navigation').getByRole('link', { name }).click();
    await page.getByRole('heading', { name, level: 2 }).waitFor({ state: 'attached' });
    check(page.url().includes(`#/${name.toLowerCase()}`), page.url());
    check((await page.title()).startsWith(name), await page.title());
  }
  await page.goBack();
  await page.getByRole('heading', { name: 'Captures', level: 2 }).waitFor({ state: 'attached' });
});

test('rows_stop_while_another_screen_is_shown_and_come_again', async ({ page }) => {
  await page.getByRole('link', { name: 'Signals' }).click();
  await page.getByRole('heading', { name: 'Signals', level: 2 }).waitFor({ state: 'attached' });
  await page.getByRole('link', { name: 'Live' }).click();
  await page.waitForSelector('.stage[data-rows]');
  await rowsAfter(page, 5);
});

test('training_keeps_its_address_and_the_link_leads_back_to_live', async ({ page }) => {
  await page.getByRole('link', { name: 'Training' }).click();
  await page.waitForFunction(() => Number(document.querySelector('.drawn')?.dataset.topUs) > 0);
  const b = await page.locator('canvas.drawn').boundingBox();
  await page.mouse.move(b.x + 200, b.y + 100);
  await page.mouse.wheel(0, -300); // another band: the live screen's address changes, not this one
  await page.waitForTimeout(600);
  check(page.url().endsWith('#/training'), page.url());
  await page.getByRole('link', { name: 'Live' }).click();
  await page.waitForSelector('.stage[data-rows]');
});

test(
  'what_a_daemon_does_not_have_is_said',
  async ({ page }) => {
    await page.getByText('Not available in this daemon').waitFor();
    const bad = await axeFaults(page);
    check(bad.length === 0, bad.join('; '));
  },
  { at: '#/missions' },
);

test(
  'a_token_is_asked_for_and_opens_the_page',
  async ({ page }) => {
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('does not know this token').waitFor();
    const bad = await axeFaults(page);
    check(bad.length === 0, bad.join('; '));
    await page.getByLabel('Token').fill('s3cret-token.0001');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForFunction(() => Number(document.querySelector('.stage')?.dataset.rows) > 3);
    check((await page.getByLabel('Token').count()) === 0, 'still asks');
    check(!page.url().includes('s3cret'), 'the token is in the address');
    await page.reload(); // the token lasts as long as the tab
    await page.waitForFunction(() => Number(document.querySelector('.stage')?.dataset.rows) > 3);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Token').waitFor();
  },
  { at: '#/live', state: { token: 's3cret-token.0001' } },
);

test('a_daemon_of_another_version_is_said', async ({ page, restart, mock }) => {
  for (const [version, word] of [
    ['99.0.0', 'newer'],
    ['0.0.1', 'older'],
  ]) {
    mock.state.version = version;
    await restart(async () => {});
    await page.getByText(`The daemon is version ${version}, ${word} than this page`).waitFor();
  }
});

test('no_screen_is_wider_than_a_phone_and_the_toolbar_is_one_line_on_a_laptop', async ({
  page,
}) => {
  const bar = await page.getByRole('toolbar', { name: 'Display' }).boundingBox();
  check(bar.height < 50, `the toolbar is ${bar.height} px high`);
  const level = page.getByLabel('Lowest level, dBFS');
  await level.fill('-120');
  check(
    await level.evaluate((e) => e.scrollWidth <= e.clientWidth),
    'a level of three figures is cut off',
  );
  await page.setViewportSize({ width: 390, height: 844 });
  for (const name of ['Live', 'Training', 'Signals', 'Missions', 'Captures', 'System']) {
    await page.getByRole('link', { name }).click();
    await page.waitForTimeout(200);
    const over = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    check(over <= 0, `${name} is ${over} px wider than the window`);
    const state = await page.locator('header .state').boundingBox();
    check(state.x + state.width <= 390, `${name}: the state of the connection is out of sight`);
  }
  const nav = page.getByRole('navigation', { name: 'Screens' });
  check(
    await nav.evaluate((e) => e.scrollWidth <= e.clientWidth),
    'not all screens are in sight on a phone',
  );
  await page.setViewportSize({ width: 320, height: 700 });
  for (const name of ['Live', 'System', 'Signals', 'Live']) {
    await page.getByRole('link', { name }).click();
    await page.waitForTimeout(200);
    const link = await page.getByRole('link', { name }).boundingBox();
    check(link.x >= 0 && link.x + link.width <= 320, `${name} is out of sight while it is shown`);
  }
});
