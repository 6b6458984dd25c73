// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// lib: a browser, what the page shows in it, and the loop that runs tests.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { decodePng } from './png.mjs';

const AXE = new URL('../../node_modules/axe-core/axe.min.js', import.meta.url);
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const check = (ok, text) => {
  if (!ok) throw new Error(text);
};

/** Pixels of the picture: screenshot, and where the waterfall lies in it. */
export async function picture(page) {
  const box = await page.locator('canvas.picture').boundingBox();
  return { png: decodePng(await page.screenshot()), box };
}

export const brightness = ([r, g, b]) => r + g + b;

/**
 * The brightest column of the waterfall, counted from its left edge, by its median over rows: the
 * bursts are on a quarter of the time and may be as bright as the tone once the range saturates.
 */
export async function brightestColumn(page) {
  const { png, box } = await picture(page);
  const sums = Array.from({ length: Math.floor(box.width) }, (_, x) => {
    const column = Array.from({ length: 100 }, (_, y) =>
      brightness(png.at(Math.round(box.x) + x, Math.round(box.y) + 20 + y)),
    );
    return column.sort((a, b) => a - b)[50];
  });
  return sums.indexOf(Math.max(...sums));
}

/** What the page says of its view: fLo, fHi (Hz), topUs, usPerPx, rows. */
export const shown = (page) =>
  page
    .locator('.stage')
    .evaluate((e) => Object.fromEntries(Object.entries(e.dataset).map(([k, v]) => [k, Number(v)])));

/** Until what was asked for is drawn, however slow the machine is. */
export const drawn = (page) =>
  page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );

export const rowsAfter = async (page, n) => {
  const before = (await shown(page)).rows;
  await page.waitForFunction(
    ([b, k]) => Number(document.querySelector('.stage').dataset.rows) >= b + k,
    [before, n],
  );
};

/** Serious faults that axe-core finds on the page, as text. */
export async function axeFaults(page) {
  // Through the debugger, because the page's own policy forbids foreign script.
  await page.evaluate(readFileSync(AXE, 'utf8'));
  return page.evaluate(async () =>
    (await window.axe.run()).violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .map((v) => `${v.id}: ${v.nodes[0]?.html}`),
  );
}

/** Headless Chromium as it is on a machine without a graphics processor: the page is put together
 * by the processor, and GL, where a page asks for it, runs in software. */
export const openBrowser = () =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--enable-unsafe-swiftshader',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });

/** A test's @at is where it begins: a hash of the page; the live screen when it has none. Its
 * @draw: which of the page's ways to draw the waterfall. */
async function runOne(browser, { fn, ...test }, start) {
  const server = await start(test);
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  const faults = [];
  page.setDefaultTimeout(30000);
  page.on('pageerror', (e) => faults.push(e.message));
  page.on('console', (m) => {
    if (m.text().includes('Content Security Policy')) faults.push(m.text());
  });
  try {
    const messages = [];
    page.on('websocket', (ws) =>
      ws.on('framereceived', ({ payload }) => {
        if (typeof payload === 'string') messages.push(JSON.parse(payload));
      }),
    );
    await page.goto(server.url + (test.draw ? `?draw=${test.draw}` : '') + (test.at ?? ''));
    if (test.at === undefined)
      await page.waitForFunction(() => Number(document.querySelector('.stage')?.dataset.rows) > 70);
    const keepPicture = async (more = '') => {
      if (!process.env.SCREENSHOTS) return;
      const path = join(process.env.SCREENSHOTS, `${test.name}${more && `_${more}`}.png`);
      await page.screenshot({ path });
    };
    await fn({ page, messages, keepPicture, ...server.with });
    check(faults.length === 0, faults.join('; '));
  } finally {
    await page.close();
    await server.stop();
  }
}

/**
 * Each of @tests {name, fn} with a server of its own: @start(test) gives {url, with, stop}. Prints
 * a line for each and "N passed, N failed, N skipped", and ends the process. Without @needs (a
 * file) or a browser all are skipped, without a test's own needs that one.
 */
export async function runAll(tests, needs, start) {
  const missing = [CHROMIUM, needs].find((path) => !existsSync(path));
  if (missing) {
    console.log(`skipped: there is no ${missing}`);
    console.log(`0 passed, 0 failed, ${tests.length} skipped`);
    process.exit(0);
  }
  const browser = await openBrowser();
  let [failed, skipped] = [0, 0];
  const only = process.env.ONLY; // part of a name
  const chosen = tests.filter((t) => !only || t.name.includes(only));
  for (const test of chosen) {
    if (test.needs && !existsSync(test.needs)) {
      skipped++;
      console.log(`skipped ${test.name}: there is no ${test.needs}`);
      continue;
    }
    try {
      await runOne(browser, test, start);
      console.log(`ok ${test.name}`);
    } catch (e) {
      failed++;
      console.log(`not ok ${test.name}: ${e.message}`);
    }
  }
  await browser.close();
  const passed = chosen.length - failed - skipped;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed > 0 ? 1 : 0);
}
