// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// live: what the operator does on the Live screen, against the mock server's known picture.

import { SCENE } from '../mock/server.mjs';
import { axeFaults, brightestColumn, check, drawn, rowsAfter, shown } from './lib.mjs';

export const liveTests = [];
const test = (name, fn, more = {}) => liveTests.push({ name, fn, ...more });

const columnOf = (s, width, hz) => ((hz - s.fLo) / (s.fHi - s.fLo)) * width;

async function toneIsAtItsPixel(page) {
  await page.mouse.move(5, 5);
  const width = (await page.locator('canvas.picture').boundingBox()).width;
  const at = await brightestColumn(page);
  const want = columnOf(await shown(page), width, SCENE.centerHz + SCENE.toneHz);
  check(Math.abs(at + 0.5 - want) <= 1.5, `tone in column ${at}, expected ${want.toFixed(1)}`);
}

/** Middle of the newest finished burst on the page, and its id. */
async function burst(page) {
  await page.waitForSelector('tbody tr');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.mouse.move(5, 5);
  await drawn(page);
  const box = await page.locator('canvas.picture').boundingBox();
  const s = await shown(page);
  const id = Number(await page.locator('tbody tr').first().getAttribute('data-id'));
  const middleUs = id * SCENE.burstEveryUs + SCENE.burstUs / 2;
  const hz = SCENE.centerHz + (SCENE.burstLoHz + SCENE.burstHiHz) / 2;
  return { id, x: box.x + columnOf(s, box.width, hz), y: box.y + (s.topUs - middleUs) / s.usPerPx };
}

test('after_a_retune_by_typing_the_tone_is_at_its_pixel', async ({ page, mock }) => {
  const field = page.getByLabel('Centre frequency, MHz');
  await field.fill('434.1');
  await field.press('Enter');
  await page.waitForFunction(
    () => Math.abs(Number(document.querySelector('.stage').dataset.fLo) - 433.1e6) < 1,
  );
  check(mock.tunes.at(-1).center_freq_hz === 434.1e6, JSON.stringify(mock.tunes));
  check(mock.tunes.at(-1).channel_id === 0, 'no channel');
  await page.getByText('Tuned to').waitFor();
  await rowsAfter(page, 130); // none of the rows looked at is of before
  await toneIsAtItsPixel(page);
});

test('a_box_has_a_menu_by_mouse_and_by_keyboard', async ({ page, mock }) => {
  const at = await burst(page);
  await page.mouse.click(at.x, at.y, { button: 'right' });
  const menu = page.getByRole('menu');
  await menu.waitFor();
  const items = await menu.getByRole('menuitem').allInnerTexts();
  for (const want of ['Capture IQ', 'Teach this', 'Hide', 'Open in Signals', 'Copy address'])
    check(
      items.some((i) => i.startsWith(want)),
      `no '${want}' among ${items}`,
    );
  const bad = await axeFaults(page);
  check(bad.length === 0, bad.join('; '));
  await page.keyboard.press('Escape');
  check((await menu.count()) === 0, 'Escape does not close it');

  await page.locator('.stage').focus();
  await page.keyboard.press('Enter'); // of the emission that the right click selected
  await menu.getByRole('menuitem', { name: 'Capture IQ' }).press('Enter');
  await page.getByText('Captured').waitFor();
  const asked = mock.captures.at(-1);
  const before = at.id * SCENE.burstEveryUs - asked.start_us; // some of what was before it
  check(before > 0 && before <= 100e3, JSON.stringify(asked));
  check(Math.abs(asked.bandwidth_hz - 48e3) < 2, JSON.stringify(asked));

  await page.keyboard.press('h'); // hides it: no row, no box
  await page.waitForFunction(
    (id) => !document.querySelector(`tbody tr[data-id="${id}"]`),
    String(at.id),
  );
  await page.getByRole('button', { name: '1 hidden: show' }).click();
  await page.waitForSelector(`tbody tr[data-id="${at.id}"]`);
});

test('what_the_daemon_cannot_do_is_said_and_nothing_pretended', async ({ page, mock }) => {
  mock.state.noCaptures = true;
  mock.state.noTuning = true;
  const at = await burst(page);
  await page.mouse.click(at.x, at.y, { button: 'right' });
  await page.getByRole('menuitem', { name: 'Capture IQ' }).click();
  await page.getByText('This daemon records no captures.').waitFor();
  await page.mouse.click(at.x, at.y, { button: 'right' });
  await page.getByRole('menuitem', { name: /^Tune to/ }).click();
  await page.getByText('a recording cannot be tuned').waitFor();
});

test('two_markers_tell_their_difference', async ({ page }) => {
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.waitForTimeout(200);
  const b = await page.locator('canvas.picture').boundingBox();
  const s = await shown(page);
  await page.locator('.stage').focus();
  await page.mouse.move(b.x + 100.5, b.y + 50.5);
  await page.waitForTimeout(150);
  await page.keyboard.press('1');
  await page.mouse.move(b.x + 300.5, b.y + 150.5);
  await page.waitForTimeout(150);
  await page.keyboard.press('2');
  await page.waitForTimeout(150);
  const text = await page.getByRole('group', { name: 'From marker 1 to marker 2' }).innerText();
  const [, khz] = text.match(/\+([\d.]+)\s?kHz/u) ?? [];
  const want = (200 * (s.fHi - s.fLo)) / b.width / 1e3;
  check(Math.abs(Number(khz) - want) < 0.01 * want, `${text}, expected ${want} kHz`);
  const wantMs = (100 * s.usPerPx) / 1e3;
  const [, value, unit] = text.match(/\u2212([\d.]+)\s?(ms|s)/u) ?? [];
  const ms = Number(value) * (unit === 's' ? 1000 : 1);
  check(Math.abs(ms - wantMs) < 0.01 * wantMs, `${text}, expected -${wantMs} ms`);
});

test('score_threshold_and_classes_choose_what_is_shown_and_the_address_keeps_it', async (t) => {
  const { page } = t;
  await page.waitForSelector('tbody tr');
  await page.getByLabel('Lowest score shown').fill('0.95'); // the bursts have 0.93
  await page.waitForFunction(() => !document.querySelector('tbody tr'));
  await page.getByLabel('Lowest score shown').fill('0.9');
  await page.waitForSelector('tbody tr');
  await page.getByRole('button', { name: /^burst/ }).click();
  await page.waitForFunction(() => !document.querySelector('tbody tr'));
  await page.waitForTimeout(400);
  check(/score=0\.9/.test(page.url()) && /off=burst/.test(page.url()), page.url());
});

test('a_column_sorts_and_says_so', async ({ page }) => {
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length >= 2);
  const head = page.getByRole('columnheader', { name: 'Start' });
  const ids = () =>
    page.locator('tbody tr').evaluateAll((rows) => rows.map((r) => Number(r.dataset.id)));
  const falling = await ids();
  check((await head.getAttribute('aria-sort')) === 'descending', 'not newest first');
  await head.getByRole('button').click();
  check((await head.getAttribute('aria-sort')) === 'ascending', 'not turned');
  const rising = await ids();
  check(falling[0] > falling[1] && rising[0] < rising[1], `${falling} ${rising}`);
});

test('scrolling_back_beyond_the_pages_memory_asks_for_history', async ({ page, mock }) => {
  await page.locator('.stage').focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('PageDown');
  await page.waitForFunction(() => Number(document.querySelector('.stage').dataset.history) > 50);
  const s = await shown(page);
  const asked = mock.asked.at(-1);
  const bottomUs = s.topUs - s.usPerPx * 400;
  check(asked.from_us <= bottomUs && asked.to_us >= s.topUs - 1, JSON.stringify([asked, s]));
  await page.waitForTimeout(300);
  await toneIsAtItsPixel(page);
  await page.getByRole('button', { name: 'Resume' }).click();
  await rowsAfter(page, 3);
});
