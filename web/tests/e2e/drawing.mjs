// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// drawing: the mock server's tone is at its pixel, whichever way the waterfall is drawn, and both
// ways give the same picture.

import { SCENE } from '../mock/server.mjs';
import { brightestColumn, check, drawn, picture, rowsAfter, shown } from './lib.mjs';

export const drawingTests = [];
const test = (name, fn, more = {}) => drawingTests.push({ name, fn, ...more });

export const expectedColumn = (s, width) =>
  ((SCENE.centerHz + SCENE.toneHz - s.fLo) / (s.fHi - s.fLo)) * width;

async function toneIsAtItsPixel(page) {
  const width = (await page.locator('canvas.picture').boundingBox()).width;
  const at = await brightestColumn(page);
  const want = expectedColumn(await shown(page), width);
  check(Math.abs(at + 0.5 - want) <= 1.5, `tone in column ${at}, expected ${want.toFixed(1)}`);
  return { at, width };
}

for (const draw of ['cpu', 'gl']) {
  test(
    `a_tone_above_the_centre_is_at_its_pixel_right_of_the_middle_by_${draw}`,
    async ({ page }) => {
      const { at, width } = await toneIsAtItsPixel(page);
      check(at > width / 2, 'mirrored');
    },
    { draw },
  );

  for (const steps of [3, 8])
    test(
      `zoomed_in_by_${steps}_steps_the_tone_is_still_at_its_pixel_by_${draw}`,
      async ({ page, mock }) => {
        const box = await page.locator('canvas.overlay').boundingBox();
        const picture = await page.locator('canvas.picture').boundingBox();
        const x = picture.x + expectedColumn(await shown(page), picture.width) + 60;
        await page.mouse.move(x, box.y + 200);
        for (let i = 0; i < steps; i++) await page.mouse.wheel(0, -120);
        await page.waitForTimeout(400);
        await rowsAfter(page, 40);
        const s = await shown(page);
        const asked = mock.views.at(-1);
        check(s.fHi - s.fLo < SCENE.rateHz * 0.7, 'did not zoom');
        check(
          asked.f_lo_hz === s.fLo && asked.f_hi_hz === s.fHi,
          'the server was not asked for the view shown',
        );
        await page.mouse.move(5, 5);
        await toneIsAtItsPixel(page);
      },
      { draw },
    );
}

/** An hour ago, as the daemon has it: the same rows whenever they are asked for. */
async function pictureOfThePast(page, url, draw, view) {
  await page.goto('about:blank');
  await page.goto(`${url}?draw=${draw}#/live?range=-110~-30&span=5${view}`);
  await page.waitForFunction(() => Number(document.querySelector('.stage')?.dataset.history) > 50);
  await page.getByRole('button', { name: 'Boxes' }).click();
  await page.mouse.move(5, 5);
  await drawn(page);
  await page.waitForTimeout(500); // the last rows of the answer
  await drawn(page);
  return picture(page);
}

test('both_ways_to_draw_give_the_same_picture', async ({ page }) => {
  const url = page.url().split(/[?#]/)[0];
  const at = (Date.now() - 3600e3) * 1e3;
  for (const view of [`&t=${at}`, `&t=${at}&f=433100000~434370000`]) {
    const gl = await pictureOfThePast(page, url, 'gl', view);
    const cpu = await pictureOfThePast(page, url, 'cpu', view);
    const [x0, y0] = [Math.round(gl.box.x), Math.round(gl.box.y)];
    let [pixels, other, lit] = [0, 0, 0];
    for (let y = 2; y < Math.floor(gl.box.height) - 2; y++)
      for (let x = 2; x < Math.floor(gl.box.width) - 2; x++) {
        const [a, b] = [gl.png.at(x0 + x, y0 + y), cpu.png.at(x0 + x, y0 + y)];
        pixels++;
        if (Math.max(...a.map((v, i) => Math.abs(v - b[i]))) > 6) other++;
        if (a[0] + a[1] + a[2] > 330) lit++;
      }
    check(lit > pixels / 1000, `nothing in the picture: ${lit} lit of ${pixels}`);
    // The shader counts in 32 bits: a bin at the edge of a pixel may be in the next one.
    check(other < pixels / 1000, `${other} of ${pixels} pixels differ`);
  }
});
