// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// teach: what the product promises, on a running `g20 serve`: boxes drawn on the waterfall become
// samples out of the ring, a training of them a head, and the name comes up on the live picture.

import { axeFaults, check } from './lib.mjs';

export const teachTests = [];
const test = (name, at, fn, sets = []) => teachTests.push({ name, at, sets, fn });

const TRAINING_MS = 400_000; // half a minute on a machine that is free
const WAIT_MS = 60_000;
const BOXES = 12; // taught from so many at least
const LOOSE = 6; // pixels that a hand leaves around a signal
const SCENE = [
  'source.driver=scene',
  'source.sample_rate_hz=1e6',
  'fft.waterfall_nfft=4096',
  'source.args=kind=chirp,seed=7,density=4,snr_min=18,impairments=off',
];

/** Closed emissions that lie whole in the editor's picture, with their rectangles there. */
async function inThePicture(page, messages) {
  const canvas = page.locator('canvas.drawn');
  const box = await canvas.boundingBox();
  const s = await canvas.evaluate((e) =>
    Object.fromEntries(Object.entries(e.dataset).map(([k, v]) => [k, Number(v)])),
  );
  const height = box.height - 22; // the axis is below
  return messages
    .filter((m) => m.type === 'emission' && m.event === 'close')
    .map((m) => ({
      x0: ((m.f_lo_hz - s.fLo) / (s.fHi - s.fLo)) * box.width,
      x1: ((m.f_hi_hz - s.fLo) / (s.fHi - s.fLo)) * box.width,
      y0: (s.topUs - m.start_us - m.duration_s * 1e6) / s.usPerPx,
      y1: (s.topUs - m.start_us) / s.usPerPx,
      snr: m.snr_db,
    }))
    .filter((r) => r.y0 > 4 && r.y1 < height - 4 && r.x0 > 2 && r.x1 < box.width - 2 - LOOSE)
    .filter((r) => r.y1 - r.y0 >= 3 && r.x1 - r.x0 >= 3 && r.snr > 10)
    .map((r) => ({ ...r, left: box.x, top: box.y }));
}

/** As a hand does: around it, with room to spare. */
async function drawBox(page, r) {
  await page.mouse.move(r.left + Math.max(1, r.x0 - LOOSE), r.top + Math.max(1, r.y0 - LOOSE));
  await page.mouse.down();
  await page.mouse.move(r.left + (r.x0 + r.x1) / 2, r.top + (r.y0 + r.y1) / 2);
  await page.mouse.move(r.left + r.x1 + LOOSE, r.top + r.y1 + LOOSE);
  await page.mouse.up();
}

/** Rectangles that keep clear of each other: a drag that begins on a box would move it. */
function apart(list) {
  const out = [];
  const gap = LOOSE + 9;
  const near = (a, b) =>
    a.x0 - gap < b.x1 && b.x0 - gap < a.x1 && a.y0 - gap < b.y1 && b.y0 - gap < a.y1;
  for (const r of list) if (!out.some((o) => near(r, o))) out.push(r);
  return out;
}

/** Holds the picture, boxes what is in it, and saves; how many boxes were saved. */
async function saveSome(page, messages, n) {
  await page.getByRole('button', { name: 'Hold the picture' }).click();
  await page.waitForTimeout(1500); // what has just ended is told
  const all = apart(await inThePicture(page, messages)).sort((a, b) => a.y1 - b.y1);
  const found = all.filter((r) => r.y1 - all[0].y0 < 110).slice(0, 6); // a sample is short
  for (const [i, r] of found.entries())
    if (i % 2 === 0) await drawBox(page, r);
    else await page.mouse.click(r.left + (r.x0 + r.x1) / 2, r.top + (r.y0 + r.y1) / 2);
  const save = page.getByRole('button', { name: /Save sample/ });
  const boxes = Number((await save.innerText()).match(/\((\d+)/)[1]);
  check(boxes >= found.length, `${boxes} boxes of ${found.length} drawn`);
  if (boxes > 0) {
    await save.click();
    await page
      .waitForFunction(
        (k) => document.querySelectorAll('[aria-label="Samples"] li').length >= k,
        n,
        { timeout: WAIT_MS },
      )
      .catch(async () => check(false, `not saved: ${await page.locator('.said').innerText()}`));
  }
  await page.getByRole('button', { name: 'Let it run' }).click();
  return boxes;
}

test(
  'boxes_drawn_on_the_waterfall_teach_a_name_that_comes_up_on_the_live_picture',
  '#/training',
  async ({ page, messages, keepPicture }) => {
    await page.waitForFunction(() => Number(document.querySelector('.drawn')?.dataset.topUs) > 0);
    await page.getByLabel('Signal', { exact: true }).fill('sweep');
    let [boxes, samples] = [0, 0];
    for (let i = 0; i < 40 && (boxes < BOXES || samples < 3); i++) {
      await page.waitForTimeout(4000); // other emissions come
      const n = await saveSome(page, messages, samples + 1);
      boxes += n;
      if (n > 0) samples++;
      if (samples === 1 && n > 0) await keepPicture('drawn');
    }
    check(boxes >= BOXES, `only ${boxes} boxes in ${samples} samples`);

    await page.getByRole('button', { name: 'Train sweep' }).click();
    const told = page.locator('section[aria-label="Training"] p[role="status"]');
    await page.waitForFunction(
      () => document.querySelectorAll('figure path').length > 0, // the curve
      null,
      { timeout: TRAINING_MS },
    );
    await keepPicture('curve');
    await told.getByText(/sweep: (done|failed)/).waitFor({ timeout: TRAINING_MS });
    check(/done/.test(await told.innerText()), await told.innerText());
    await page.getByRole('row', { name: /^1/ }).waitFor();
    const bad = await axeFaults(page);
    check(bad.length === 0, bad.join('; '));
    const use = page.getByRole('button', { name: 'Use version 1' });
    if (await use.count()) await use.click(); // not good enough to be promoted by itself
    await page.getByRole('row', { name: /1, in use/ }).waitFor();
    await keepPicture('trained');

    await page.getByRole('link', { name: 'Live' }).click();
    await page
      .locator('tr[data-id] td.class', { hasText: 'sweep' })
      .first()
      .waitFor({ timeout: WAIT_MS });
    await page.getByRole('button', { name: /^sweep \d/ }).waitFor();
    await keepPicture('named');

    await page.getByRole('link', { name: 'Signals' }).click();
    const list = page.getByRole('region', { name: 'List of signals' }); // Live's rows go a moment later
    await list.getByRole('row', { name: /sweep/ }).waitFor();
  },
  SCENE,
);

test(
  'a_box_is_captured_from_the_ring_looked_at_cut_and_deleted',
  '#/live',
  async ({ page, keepPicture }) => {
    await page.locator('tr[data-id]').nth(3).waitFor({ timeout: WAIT_MS });
    await page.waitForTimeout(1000);
    await page.getByRole('button', { name: 'Record' }).click();
    await page.getByRole('menuitem', { name: 'The last 2 s' }).click();
    await page.getByText('It is on the Captures screen').waitFor();
    await page.locator('tr[data-id]').nth(2).click();
    await page.locator('.stage').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Capture IQ' }).click();
    await page.getByRole('link', { name: 'Captures' }).click();
    await page.getByRole('group', { name: 'Ring of IQ' }).waitFor();
    const rows = page.getByRole('button', { name: /^Open / });
    await page.waitForFunction(
      () => document.querySelectorAll('tbody button[aria-expanded]').length === 2,
    );
    await page.waitForFunction(
      () => ![...document.querySelectorAll('tbody tr')].some((r) => /recording/.test(r.innerText)),
      null,
      { timeout: WAIT_MS },
    );
    await rows.last().click(); // the older one: two seconds of all
    const look = page.locator('.look .picture canvas');
    await look.waitFor();
    const bad = await axeFaults(page);
    check(bad.length === 0, bad.join('; '));
    await keepPicture();
    const b = await look.boundingBox();
    await page.mouse.move(b.x + 60, b.y + 40);
    await page.mouse.down();
    await page.mouse.move(b.x + 200, b.y + 120, { steps: 3 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Cut this out' }).click();
    await page.getByText('Cut out.').waitFor();
    await page.waitForFunction(
      () => document.querySelectorAll('tbody button[aria-expanded]').length === 3,
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /Download samples/ }).click(),
    ]);
    check(/\.sigmf-data$/.test(download.suggestedFilename()), download.suggestedFilename());
    await page
      .getByRole('button', { name: /^Delete / })
      .first()
      .click();
    await page.getByRole('link', { name: 'System' }).click(); // leaving carries it out
    await page.getByRole('link', { name: 'Captures' }).click();
    await page.waitForFunction(
      () => document.querySelectorAll('tbody button[aria-expanded]').length === 2,
    );
  },
  SCENE,
);
