// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// recordings: what a receiver recorded, played by the daemon: its known emissions are in the table
// and in the waterfall. Skipped where the shared recordings are not.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brightness, check, drawn, picture, shown } from './lib.mjs';

const SHARED =
  process.env.G20_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const EMPTY = 60; // brightness under which there is no row
const PLAYS_MS = 30_000; // until every emission of the recording was heard, on a loaded machine

/** The true emissions of the recording @meta. */
function truthOf(meta) {
  const { global, annotations } = JSON.parse(readFileSync(meta, 'utf8'));
  const rate = global['core:sample_rate'];
  return annotations
    .filter((a) => !a['g20:ignore'])
    .map((a) => ({
      loHz: a['core:freq_lower_edge'],
      hiHz: a['core:freq_upper_edge'],
      lastsS: a['core:sample_count'] / rate,
    }));
}

/** The newest of @messages that is @t and over before @untilUs: its middle in the band, and about
 * as long. */
const heard = (messages, t, untilUs = Infinity) =>
  messages.findLast(
    (m) =>
      m.type === 'emission' &&
      m.event === 'close' &&
      m.start_us + m.duration_s * 1e6 < untilUs &&
      (m.f_lo_hz + m.f_hi_hz) / 2 > t.loHz &&
      (m.f_lo_hz + m.f_hi_hz) / 2 < t.hiHz &&
      Math.abs(m.duration_s / t.lastsS - 1) < 0.3,
  );

/** Brightness of each row of the picture, the brightest of the columns from @x0 to @x1. */
async function rowsOf(page, x0, x1) {
  const { png, box } = await picture(page);
  return Array.from({ length: Math.floor(box.height) }, (_, y) => {
    let most = 0;
    for (let x = Math.max(0, Math.floor(x0)); x < Math.min(x1, box.width); x++)
      most = Math.max(most, brightness(png.at(Math.round(box.x) + x, Math.round(box.y) + y)));
    return most;
  });
}

function recording(name) {
  const meta = join(SHARED, 'data/iq', `${name}.sigmf-meta`);
  const fn = async ({ page, messages, keepPicture }) => {
    const list = truthOf(meta);
    for (let ms = 0; ms < PLAYS_MS && !list.every((t) => heard(messages, t)); ms += 100)
      await page.waitForTimeout(100);
    check(list.length > 0, 'a recording with nothing in it');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.mouse.move(5, 5);
    await page.waitForTimeout(600); // the table follows
    await keepPicture();
    await page.getByRole('button', { name: 'Boxes' }).click(); // now the bare picture
    await drawn(page);
    const s = await shown(page);
    for (const t of list) {
      const m = heard(messages, t, s.topUs);
      check(m, `nothing of ${t.lastsS} s from ${t.loHz} to ${t.hiHz} Hz`);
      const row = page.locator(`tbody tr[data-id="${m.id}"]`);
      await page.getByLabel('Filter emissions').fill(((m.f_lo_hz + m.f_hi_hz) / 2e6).toFixed(6));
      const mhz = Number((await row.locator('td').nth(2).innerText()).trim());
      check(mhz * 1e6 > t.loHz && mhz * 1e6 < t.hiHz, `the table says ${mhz} MHz`);

      const box = await page.locator('canvas.picture').boundingBox();
      const x = (hz) => ((hz - s.fLo) / (s.fHi - s.fLo)) * box.width;
      const rows = await rowsOf(page, x(m.f_lo_hz), x(m.f_hi_hz));
      const y = (us) => (s.topUs - us) / s.usPerPx;
      const endUs = m.start_us + m.duration_s * 1e6;
      const [from, to] = [y(endUs), y(m.start_us)];
      const within = rows.filter((_, i) => i > from - 1 && i < to + 1);
      const drawnRows = rows.filter((r) => r > EMPTY).toSorted((a, b) => a - b);
      const median = drawnRows[drawnRows.length >> 1];
      const most = Math.max(...within);
      check(most > median + 60, `brightness ${most} where it is, ${median} elsewhere`);
    }
  };
  const sets = ['source.driver=file', `source.args=${meta}`];
  return { name: `the_emissions_of_${name}_are_found_and_seen`, sets, fn, needs: meta };
}

export const recordingTests = [recording('wmbus_868.95M_1M6')];
