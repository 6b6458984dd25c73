// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// run: the page in headless Chromium against the mock server's known picture.
// usage: node tests/e2e/run.mjs [BUILT_PAGE_DIR]; last line "N passed, N failed, N skipped".

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SCENE, startMock } from '../mock/server.mjs';
import { axeFaults, brightness, check, drawn, picture, rowsAfter, runAll, shown } from './lib.mjs';
import { bookTests } from './book.mjs';
import { drawingTests, expectedColumn } from './drawing.mjs';
import { liveTests } from './live.mjs';
import { operateTests } from './operate.mjs';
import { screenTests } from './screens.mjs';
import { shellTests } from './shell.mjs';
import { troubleTests } from './trouble.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const dir = resolve(process.argv[2] ?? resolve(here, '../../dist'));
const tests = [];
const test = (name, fn) => tests.push({ name, fn });

test('double_click_shows_the_whole_span_again', async ({ page }) => {
  await page.locator('.stage').focus();
  await page.keyboard.press('+');
  await page.locator('canvas.overlay').dblclick({ position: { x: 300, y: 100 } });
  await drawn(page);
  const s = await shown(page);
  check(Math.abs(s.fHi - s.fLo - SCENE.rateHz) < 1, 'not the whole span');
});

test('shift_drag_zooms_to_the_band', async ({ page }) => {
  const b = await page.locator('canvas.picture').boundingBox();
  const before = await shown(page);
  await page.keyboard.down('Shift');
  await page.mouse.move(b.x + 100, b.y + 100);
  await page.mouse.down();
  await page.mouse.move(b.x + 300, b.y + 120, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await page.waitForFunction(
    (lo) => Number(document.querySelector('.stage').dataset.fLo) !== lo,
    before.fLo,
  );
  const s = await shown(page);
  const perPx = (before.fHi - before.fLo) / b.width;
  check(Math.abs(s.fLo - (before.fLo + 100 * perPx)) < 2 * perPx, 'left edge');
  check(Math.abs(s.fHi - (before.fLo + 300 * perPx)) < 2 * perPx, 'right edge');
});

test('a_box_lies_on_its_burst_and_links_to_the_table', async ({ page }) => {
  await page.waitForSelector('tbody tr');
  await page.getByRole('button', { name: 'Boxes' }).click(); // first the bare picture
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.mouse.move(5, 5);
  await page.waitForTimeout(300);
  const { png, box } = await picture(page);
  const s = await shown(page);
  const lastId = Number(await page.locator('tbody tr').first().getAttribute('data-id'));
  const startUs = lastId * SCENE.burstEveryUs;
  const y1 = (s.topUs - startUs) / s.usPerPx; // bottom edge of its box
  const y0 = (s.topUs - startUs - SCENE.burstUs) / s.usPerPx;
  const x =
    ((SCENE.centerHz + (SCENE.burstLoHz + SCENE.burstHiHz) / 2 - s.fLo) / (s.fHi - s.fLo)) *
    box.width;
  const lit = (y) => brightness(png.at(Math.round(box.x + x), Math.round(box.y + y))) > 330;
  // A row may be missing on a loaded machine, not all of them.
  const inside = [0.3, 0.4, 0.5, 0.6, 0.7].map((part) => y0 + part * (y1 - y0));
  check(inside.some(lit), 'nothing lit in the box');
  check(!lit(y0 - 8) && !lit(y1 + 8), 'lit outside the box');
  await page.getByRole('button', { name: 'Boxes' }).click();
  await page.waitForTimeout(300); // boxes are placed when they are drawn
  await page.mouse.click(box.x + x, box.y + (y0 + y1) / 2);
  const selected = await page.locator('tbody tr[aria-selected=true]').getAttribute('data-id');
  check(Number(selected) === lastId, `row ${selected} selected, not ${lastId}`);
});

test('the_readout_tells_the_frequency_and_level_of_the_tone', async ({ page }) => {
  const b = await page.locator('canvas.picture').boundingBox();
  const x = expectedColumn(await shown(page), b.width);
  await page.mouse.move(b.x + Math.floor(x) + 0.5, b.y + 100);
  await page.locator('footer .cursor', { hasText: 'dBFS' }).waitFor();
  const text = await page.locator('footer .cursor').innerText();
  const mhz = Number(text.match(/^[\d.\u202f]+/)[0].replaceAll('\u202f', ''));
  const db = Number(text.match(/(\u2212?[\d.]+) dBFS/)[1].replace('\u2212', '-'));
  check(
    Math.abs(mhz * 1e6 - SCENE.centerHz - SCENE.toneHz) < 2 * (SCENE.rateHz / b.width) + 1000,
    text,
  );
  check(Math.abs(db - SCENE.toneDb) <= 0.6, text);
});

test('a_lost_connection_is_said_and_comes_back_by_itself', async ({ page, restart }) => {
  await restart(async () => {
    await page.getByText('Connection lost').waitFor();
    check(await page.locator('.stage.dim').count(), 'the old picture is not dimmed');
  });
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 15000 });
  await rowsAfter(page, 5);
});

test('the_address_restores_the_view', async ({ page }) => {
  await page.locator('.stage').focus();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await page.waitForTimeout(600);
  const before = await shown(page);
  await page.reload();
  await page.waitForFunction(() => Number(document.querySelector('.stage')?.dataset.rows) > 3);
  const after = await shown(page);
  check(
    Math.abs(after.fLo - before.fLo) <= 1 && Math.abs(after.fHi - before.fHi) <= 1,
    'another view',
  );
});

test('axe_finds_no_serious_fault', async ({ page }) => {
  await page.waitForSelector('tbody tr');
  const bad = await axeFaults(page);
  check(bad.length === 0, bad.join('; '));
});

await runAll(
  [
    ...tests,
    ...drawingTests,
    ...liveTests,
    ...operateTests,
    ...shellTests,
    ...troubleTests,
    ...screenTests,
    ...bookTests,
  ],
  resolve(dir, 'index.html'),
  async ({ state }) => {
    let mock = await startMock(dir, 0, { ...state });
    return {
      url: `http://127.0.0.1:${mock.port}/`,
      with: {
        mock,
        restart: async (between) => {
          const { port } = mock;
          await mock.stop();
          await between();
          mock = await startMock(dir, port, mock.state);
        },
      },
      stop: () => mock.stop(),
    };
  },
);
