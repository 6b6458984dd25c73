// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// operate: the controls of the Live screen one by one, by mouse and by keyboard, against the mock
// server's known picture.

import { SCENE } from '../mock/server.mjs';
import { brightestColumn, check, drawn, picture, rowsAfter, shown } from './lib.mjs';

export const operateTests = [];
const test = (name, fn, more = {}) => operateTests.push({ name, fn, ...more });

const stageIs = (page, what, value) =>
  page.waitForFunction(
    ([k, v]) => document.querySelector('.stage').dataset[k] !== v,
    [what, String(value)],
  );

const near = ([r, g, b], [x, y, z]) => Math.hypot(r - x, g - y, b - z) < 60;
const SELECTED = [255, 176, 0];

/** How many pixels of the picture have @colour. */
async function count(page, colour) {
  const { png, box } = await picture(page);
  let n = 0;
  for (let y = 0; y < Math.floor(box.height); y++)
    for (let x = 0; x < Math.floor(box.width); x++)
      if (near(png.at(Math.round(box.x) + x, Math.round(box.y) + y), colour)) n++;
  return n;
}

async function paused(page) {
  await page.waitForSelector('tbody tr[data-id]');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.mouse.move(5, 5);
  await drawn(page);
}

test('a_row_of_the_table_marks_its_box_and_only_a_filter_takes_it_away', async ({ page }) => {
  await paused(page);
  check((await count(page, SELECTED)) < 20, 'something is marked already');
  const row = page.locator('tbody tr[data-id]').first();
  await row.click();
  await page.mouse.move(5, 5);
  await drawn(page);
  check((await count(page, SELECTED)) > 50, 'no box is marked');
  const filter = page.getByLabel('Filter emissions');
  await filter.fill('433.52'); // the bursts' middle
  await row.waitFor();
  await filter.fill('900');
  await page.getByText('Nothing matches the filter.').waitFor();
  await filter.fill('burst');
  await row.waitFor();
  await row.click(); // again: none is selected
  check((await row.getAttribute('aria-selected')) === 'false', 'still selected');
});

test('the_spectrum_has_the_tone_over_its_column_of_the_waterfall', async ({ page }) => {
  await page.getByLabel('Lowest level, dBFS').fill('-120');
  await page.getByLabel('Lowest level, dBFS').press('Enter');
  for (const name of ['Peak', 'Floor', 'Boxes'])
    await page.getByRole('button', { name, exact: true }).click();
  await page.mouse.move(5, 5);
  await rowsAfter(page, 70);
  const b = await page.locator('canvas.spectrum').boundingBox();
  const { png, box } = await picture(page);
  const highest = (x) => {
    for (let y = 0; y < b.height - 40; y++)
      if (png.at(x, Math.round(b.y) + y).every((c) => c > 140)) return y;
    return Infinity;
  };
  const tops = Array.from({ length: Math.floor(box.width) }, (_, x) =>
    highest(Math.round(box.x) + x),
  );
  const at = tops.indexOf(Math.min(...tops));
  let below = await brightestColumn(page);
  for (let i = 0; i < 20 && Math.abs(at - below) > 1; i++) {
    await rowsAfter(page, 20); // a loaded machine leaves rows out, and most of a column dark
    below = await brightestColumn(page);
  }
  check(Math.abs(at - below) <= 1, `peak over column ${at}, tone in column ${below}`);
  await page.getByRole('button', { name: 'Pause' }).click(); // nothing but the trace may change
  const spectrum = async () => {
    await page.mouse.move(5, 5);
    await drawn(page);
    return (await picture(page)).png;
  };
  for (const name of ['Average', 'Peak', 'Floor']) {
    const without = await spectrum();
    await page.getByRole('button', { name, exact: true }).click();
    const withIt = await spectrum();
    let n = 0;
    for (let y = 0; y < b.height - 40; y++)
      for (let x = 90; x < b.width - 20; x++) {
        const [px, py] = [Math.round(b.x) + x, Math.round(b.y) + y];
        if (String(without.at(px, py)) !== String(withIt.at(px, py))) n++;
      }
    check(n > 100, `${name} changes ${n} pixels`);
  }
});

test('levels_are_set_by_hand_and_by_themselves', async ({ page, mock }) => {
  await page.getByLabel('Lowest level, dBFS').fill('-140');
  await page.getByLabel('Lowest level, dBFS').press('Enter');
  await page.waitForTimeout(500);
  check(/range=-140~/.test(page.url()), page.url());
  check(mock.views.at(-1).db_min <= -140, JSON.stringify(mock.views.at(-1)));
  const auto = page.getByRole('button', { name: 'Auto' });
  check((await auto.getAttribute('aria-pressed')) === 'false', 'still automatic');
  await auto.click();
  await page.waitForTimeout(500);
  check(!/range=/.test(page.url()), page.url());
  const lowest = Number(await page.getByLabel('Lowest level, dBFS').inputValue());
  check(Math.abs(lowest - SCENE.floorDb) < 25, `lowest level ${lowest}`);
});

test('colours_time_and_rate_are_chosen_from_what_the_daemon_offers', async ({ page, mock }) => {
  const options = (name) => page.getByLabel(name).locator('option').allInnerTexts();
  check((await options('Colours')).join() === 'viridis,plasma,inferno,magma,turbo', 'colours');
  check((await options('Rows a second')).length === 5, 'rates');
  await page.getByLabel('Rows a second').selectOption('60');
  await page.waitForTimeout(300);
  check(mock.views.at(-1).fps === 60, JSON.stringify(mock.views.at(-1)));
  const before = await shown(page);
  await page.getByLabel('Time shown').selectOption('10');
  await page.waitForTimeout(300);
  const after = await shown(page);
  check(Math.abs(after.usPerPx / before.usPerPx - 2) < 0.05, `${before.usPerPx} ${after.usPerPx}`);
  const redness = async () => {
    const { png, box } = await picture(page);
    const [r, , b] = png.at(Math.round(box.x) + 30, Math.round(box.y) + 30);
    return r - b;
  };
  const viridis = await redness();
  await page.getByLabel('Colours').selectOption('turbo');
  await page.waitForTimeout(400);
  check((await redness()) !== viridis, 'the picture has the old colours');
  check(/map=turbo/.test(page.url()) && /fps=60/.test(page.url()), page.url());
});

test('a_drag_pans_by_as_many_pixels_and_a_paused_box_zooms_in_time_too', async ({ page }) => {
  await page.locator('.stage').focus();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await page.waitForTimeout(300);
  const b = await page.locator('canvas.picture').boundingBox();
  const s0 = await shown(page);
  const drag = async (x0, y0, x1, y1) => {
    await page.mouse.move(b.x + x0, b.y + y0);
    await page.mouse.down();
    await page.mouse.move(b.x + x1, b.y + y1, { steps: 4 });
    await page.mouse.up();
  };
  await drag(300, 100, 250, 100);
  await stageIs(page, 'fLo', s0.fLo);
  const s1 = await shown(page);
  const perPx = (s0.fHi - s0.fLo) / b.width;
  check(Math.abs((s1.fLo - s0.fLo) / perPx - 50) < 1.5, `${(s1.fLo - s0.fLo) / perPx} px`);

  await paused(page);
  const s2 = await shown(page);
  await page.keyboard.down('Shift');
  await drag(100, 50, 300, 150);
  await page.keyboard.up('Shift');
  await stageIs(page, 'usPerPx', s2.usPerPx);
  const s3 = await shown(page);
  check(Math.abs(s3.topUs - (s2.topUs - 50 * s2.usPerPx)) <= 2 * s2.usPerPx, 'top edge');
  const wantUs = 100 * s2.usPerPx;
  check(Math.abs(s3.usPerPx * b.height - wantUs) < 0.03 * wantUs, 'length of the time shown');
});

test('every_key_does_what_the_stage_says', async ({ page }) => {
  await page.waitForSelector('tbody tr[data-id]');
  await page.locator('.stage').focus();
  const width = async () => {
    await drawn(page);
    const s = await shown(page);
    return { lo: s.fLo, span: s.fHi - s.fLo, topUs: s.topUs };
  };
  const all = await width();
  await page.keyboard.press('+');
  const near2 = await width();
  check(Math.abs(near2.span * 1.5 - all.span) < 2, 'plus');
  await page.keyboard.press('ArrowRight');
  const right = await width();
  check(Math.abs(right.lo - near2.lo - near2.span / 10) < 2, 'arrow right');
  await page.keyboard.press('ArrowLeft');
  check(Math.abs((await width()).lo - near2.lo) < 2, 'arrow left');
  await page.keyboard.press('-');
  check(Math.abs((await width()).span - all.span) < 2, 'minus');
  await page.keyboard.press('+');
  await page.keyboard.press('0');
  check(Math.abs((await width()).span - all.span) < 2, '0');
  await page.keyboard.press(' ');
  const held = await width();
  await page.waitForTimeout(400);
  check((await width()).topUs === held.topUs, 'space does not pause');
  await page.keyboard.press('ArrowDown');
  check((await width()).topUs < held.topUs, 'arrow down');
  await page.keyboard.press('ArrowUp');
  check(Math.abs((await width()).topUs - held.topUs) < 1e5, 'arrow up');
  const b = await page.locator('canvas.picture').boundingBox();
  await page.mouse.move(b.x + 100, b.y + 60);
  await drawn(page);
  await page.keyboard.press('1');
  await page.mouse.move(b.x + 200, b.y + 60);
  await drawn(page);
  await page.keyboard.press('2');
  await page.getByRole('group', { name: 'From marker 1 to marker 2' }).waitFor();
  await page.keyboard.press('m');
  await page
    .getByRole('group', { name: 'From marker 1 to marker 2' })
    .waitFor({ state: 'detached' });
  await page.locator('tbody tr[data-id]').first().click();
  await page.locator('.stage').focus();
  await page.keyboard.press('Escape');
  check((await page.locator('tr[aria-selected=true]').count()) === 0, 'escape');
});

test('a_picture_of_the_past_is_in_the_address_and_comes_back', async ({ page, mock }) => {
  await page.locator('.stage').focus();
  await page.keyboard.press('+');
  await page.keyboard.press('PageDown');
  await page.waitForTimeout(700);
  const before = await shown(page);
  const url = page.url();
  check(/[?&]t=\d{16}/.test(url), url);
  await page.goto('about:blank');
  await page.goto(url); // as somebody who was sent it
  await page.waitForFunction(() => Number(document.querySelector('.stage')?.dataset.history) > 50);
  await page.waitForTimeout(300);
  const after = await shown(page);
  check(
    Math.abs(after.topUs - before.topUs) <= 2 * before.usPerPx,
    `${before.topUs} ${after.topUs}`,
  );
  check(Math.abs(after.fLo - before.fLo) <= 1, 'another band');
  check(mock.asked.length > 0, 'no history was asked for');
  await page.getByRole('button', { name: 'Resume' }).click();
  await rowsAfter(page, 3);
  await page.waitForTimeout(500);
  check(!/[?&]t=/.test(page.url()), page.url());
});

test('ctrl_click_and_t_tune_to_the_frequency_under_the_cursor', async ({ page, mock }) => {
  const b = await page.locator('canvas.picture').boundingBox();
  const s = await shown(page);
  const hzAt = (x) => s.fLo + ((Math.floor(x) + 0.5) / b.width) * (s.fHi - s.fLo);
  await page.mouse.move(b.x + 200.5, b.y + 60);
  await page.keyboard.down('Control');
  await page.mouse.click(b.x + 200.5, b.y + 60);
  await page.keyboard.up('Control');
  await page.getByText('Tuned to').waitFor();
  const perPx = (s.fHi - s.fLo) / b.width;
  const asked = () => mock.tunes.at(-1).center_freq_hz;
  check(Math.abs(asked() - hzAt(200)) <= perPx, `${asked()}, expected ${hzAt(200)}`);
  await page.waitForTimeout(500);
  const later = await shown(page);
  await page.locator('.stage').focus();
  await page.mouse.move(b.x + 400.5, b.y + 60);
  await drawn(page);
  await page.keyboard.press('t');
  await page.waitForTimeout(300);
  const want = later.fLo + (400.5 / b.width) * (later.fHi - later.fLo);
  check(Math.abs(asked() - want) <= perPx, `${asked()}, expected ${want}`);
});

const RADIO = { state: 'running', ok: true, driver: 'soapy', name: 'a radio' };
const GAINS = { gain_db: { min: 0, max: 60 } };

test(
  'the_gain_field_shows_what_the_radio_says',
  async ({ page, mock }) => {
    const gain = page.getByLabel('Gain, dB');
    check((await gain.inputValue()) === '30', await gain.inputValue());
    await gain.fill('12.4');
    await gain.press('Enter');
    await page.waitForFunction(
      () => document.querySelector('[aria-label="Gain, dB"]').value === '12', // its steps are 1 dB
    );
    check(mock.tunes.at(-1).gain_db === 12.4, JSON.stringify(mock.tunes.at(-1)));
    const asked = mock.tunes.length;
    await gain.fill('');
    await gain.press('Enter');
    await page.getByText('The gain is a number of decibels.').waitFor();
    check(mock.tunes.length === asked, 'nothing was asked for, and sent');
    check((await gain.inputValue()) === '12', `after nothing: ${await gain.inputValue()}`);
  },
  { state: { hardware: GAINS, status: { source: { ...RADIO, gain_db: 30, agc: false } } } },
);

test(
  'a_radio_that_chooses_its_gain_says_agc',
  async ({ page }) => {
    await page.getByText('AGC', { exact: true }).waitFor();
    check((await page.getByLabel('Gain, dB').count()) === 0, 'there is a gain to set');
  },
  { state: { hardware: GAINS, status: { source: { ...RADIO, gain_db: null, agc: true } } } },
);

test(
  'the_bandwidth_is_the_filters_not_the_span',
  async ({ page, mock }) => {
    const list = page.getByLabel('Bandwidth of the filter');
    const chosen = () => list.locator('option:checked').innerText();
    check(/^1\.50\sMHz$/.test(await chosen()), await chosen()); // it is none of those offered
    check((await list.locator('option').count()) === 3, 'not the two offered and the one it has');
    await list.selectOption('5000000');
    await page.waitForFunction(
      () => document.querySelector('[aria-label="Bandwidth of the filter"]').value === '5000000',
    );
    await page.waitForFunction(
      () => document.querySelectorAll('[aria-label="Bandwidth of the filter"] option').length === 2,
    );
    check(mock.tunes.at(-1).bandwidth_hz === 5e6, JSON.stringify(mock.tunes.at(-1)));
    mock.state.status.source = { ...RADIO, bandwidth_hz: null };
    await page.reload();
    await rowsAfter(page, 3);
    check((await list.count()) === 0, 'a radio without a filter has a list of them');
  },
  {
    state: {
      hardware: { bandwidth_options_mhz: [5, 10] },
      status: { source: { ...RADIO, bandwidth_hz: 1.5e6 } },
    },
  },
);

test('the_address_of_an_emissions_iq_is_copied_and_it_opens_in_signals', async ({ page, mock }) => {
  mock.state.records = { signals: [] };
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await paused(page);
  await page.locator('tbody tr[data-id]').first().click();
  await page.locator('.stage').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Copy address of its IQ' }).click();
  await page.getByText('Copied').waitFor();
  const address = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  check(address.protocol === 'ws:' && address.pathname === '/ws/iq', String(address));
  const middle = SCENE.centerHz + (SCENE.burstLoHz + SCENE.burstHiHz) / 2;
  check(Number(address.searchParams.get('center_hz')) === middle, String(address));
  check(Number(address.searchParams.get('bandwidth_hz')) >= 40e3, String(address));
  await page.locator('.stage').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Open in Signals' }).click();
  await page.getByRole('heading', { name: 'Signals', level: 2 }).waitFor();
  check(/#\/signals\?q=burst/.test(page.url()), page.url());
});

test(
  'each_receiver_says_what_it_does',
  async ({ page, mock }) => {
    const list = page.getByRole('list', { name: 'Channels' });
    await list.getByText('RX1 scanning').waitFor();
    await list.getByText('RX2 recording').waitFor();
    for (const [width, height] of [
      [1280, 720],
      [800, 1280],
    ]) {
      await page.setViewportSize({ width, height });
      const b = await list.boundingBox();
      check(b.width > 100 && b.x + b.width <= width, `${width}: ${JSON.stringify(b)}`);
    }
    mock.state.records.missions[0].state = 'idle';
    await list.getByText('RX1 manual').waitFor();
  },
  {
    state: {
      channels: 2,
      records: {
        missions: [{ id: 'm', name: 'sweep', state: 'running', enabled: true, plan: {} }],
        captures: [{ id: 'c', state: 'recording', channel: 1, path: 'x' }],
      },
    },
  },
);
