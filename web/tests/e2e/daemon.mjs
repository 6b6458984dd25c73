// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// daemon: the page in headless Chromium on a running `g20 serve`: from samples to pixels.
// usage: node tests/e2e/daemon.mjs PATH_OF_G20; last line "N passed, N failed, N skipped".
// The built page is the one beside the program. SCREENSHOTS=FOLDER keeps a picture of each test.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { brightestColumn, brightness, check, picture, rowsAfter, runAll, shown } from './lib.mjs';
import { recordingTests } from './recordings.mjs';
import { screenTests } from './daemon_screens.mjs';
import { teachTests } from './teach.mjs';
import { RECORDING, writeRecording } from './recording.mjs';

const exe = resolve(process.argv[2] ?? '../build/g20');
const folder = mkdtempSync(join(tmpdir(), 'g20-e2e-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const recording = join(folder, 'known');
const FILE = ['source.driver=file', `source.args=${recording}.sigmf-meta`];
const tests = [];
const test = (name, sets, fn) => tests.push({ name, sets, fn });
// G20_SHARED and the like are not the daemon's.
const env = Object.fromEntries(Object.entries(process.env).filter(([k]) => !k.startsWith('G20_')));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** A daemon with its own runtime folder on any free port. */
async function startDaemon({ name, sets }) {
  if (sets === FILE && !existsSync(`${recording}.sigmf-meta`)) writeRecording(recording);
  const run = mkdtempSync(join(folder, 'run-'));
  const all = [
    'server.ws_port=0',
    'server.grpc_port=0',
    `paths.runtime_dir=${run}`,
    `paths.cache_dir=${folder}`,
    `paths.data_dir=${run}`,
    `paths.training_dir=${run}/training`,
    `paths.capture_dir=${run}/captures`,
    ...sets,
  ];
  const child = spawn(exe, ['serve', '-q', ...all.flatMap((s) => ['--set', s])], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  const ended = new Promise((done) => child.on('exit', done));
  const ports = join(run, 'ports.json');
  for (let i = 0; i < 400 && child.exitCode === null && !existsSync(ports); i++) await sleep(50);
  check(existsSync(ports), 'the daemon did not come up');
  return {
    url: `http://127.0.0.1:${JSON.parse(readFileSync(ports, 'utf8')).http}/`,
    with: {},
    stop: async () => {
      child.kill('SIGTERM');
      check((await ended) === 0, 'the daemon did not end well');
    },
  };
}

/** Column of @offsetHz from the centre in a picture of @width pixels. */
const columnOf = (s, width, offsetHz) =>
  ((RECORDING.centerHz + offsetHz - s.fLo) / (s.fHi - s.fLo)) * width;

/** The newest finished burst; the tone is an emission too. */
const isBurst = (m) =>
  m.type === 'emission' &&
  m.event === 'close' &&
  m.f_hi_hz < RECORDING.centerHz - RECORDING.rateHz / 8;

test('a_tone_in_the_samples_is_at_its_pixel_not_mirrored', FILE, async ({ page, keepPicture }) => {
  await page.getByRole('button', { name: 'Boxes' }).click(); // the bare picture
  await page.mouse.move(5, 5);
  await rowsAfter(page, 40);
  const width = (await page.locator('canvas.picture').boundingBox()).width;
  const at = await brightestColumn(page);
  const want = columnOf(await shown(page), width, RECORDING.toneHz);
  await keepPicture();
  check(Math.abs(at + 0.5 - want) <= 1.5, `tone in column ${at}, expected ${want.toFixed(1)}`);
  check(at > width / 2, 'mirrored');
});

for (const [steps, name] of [
  [2, 'zoomed_in_some'],
  [7, 'zoomed_in_far'],
])
  test(`${name}_the_tone_in_the_samples_is_still_at_its_pixel`, FILE, async ({ page }) => {
    await page.getByRole('button', { name: 'Boxes' }).click();
    const b = await page.locator('canvas.picture').boundingBox();
    await page.mouse.move(b.x + columnOf(await shown(page), b.width, RECORDING.toneHz) + 40, 400);
    for (let i = 0; i < steps; i++) await page.mouse.wheel(0, -150);
    await page.mouse.move(5, 5);
    await page.waitForTimeout(400);
    await rowsAfter(page, 70);
    const s = await shown(page);
    check(s.fHi - s.fLo < RECORDING.rateHz * 0.75, 'not zoomed');
    const at = await brightestColumn(page);
    const want = columnOf(s, b.width, RECORDING.toneHz);
    check(Math.abs(at + 0.5 - want) <= 1.5, `tone in column ${at}, expected ${want.toFixed(1)}`);
  });

test('the_readout_has_the_level_that_the_samples_have', FILE, async ({ page }) => {
  const b = await page.locator('canvas.picture').boundingBox();
  const x = columnOf(await shown(page), b.width, RECORDING.toneHz);
  await page.mouse.move(b.x + Math.floor(x) + 0.5, b.y + 60);
  await page.waitForTimeout(300);
  const text = await page.locator('footer .cursor').innerText();
  const db = Number(text.match(/(\u2212?[\d.]+) dBFS/)[1].replace('\u2212', '-'));
  check(Math.abs(db - RECORDING.toneDb) <= 0.5, text);
});

test(
  'a_burst_in_the_samples_is_boxed_where_it_is',
  FILE,
  async ({ page, messages, keepPicture }) => {
    for (let i = 0; i < 200 && !messages.some(isBurst); i++) await sleep(50);
    const m = messages.findLast(isBurst);
    check(m, `no burst among ${messages.filter((x) => x.type === 'emission').length} emissions`);
    const lo = m.f_lo_hz - RECORDING.centerHz;
    const hi = m.f_hi_hz - RECORDING.centerHz;
    check(Math.abs(lo - RECORDING.burstLoHz) < 4000, `lower edge ${lo}`);
    check(Math.abs(hi - RECORDING.burstHiHz) < 4000, `upper edge ${hi}`);
    const lastsS = m.duration_s;
    const endUs = m.start_us + lastsS * 1e6;
    check(m.level_dbfs > RECORDING.burstDb - 1 && m.level_dbfs < RECORDING.burstDb + 1, 'level');
    check(m.peak_dbfs < m.level_dbfs, `peak ${m.peak_dbfs}`); // a sweep: no bin has all of it
    check(Math.abs(lastsS - RECORDING.burstS) < 0.01, `lasts ${lastsS} s`);

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.mouse.move(5, 5);
    await page.waitForTimeout(300);
    await keepPicture();
    await page.getByRole('button', { name: 'Boxes' }).click(); // now the bare picture
    await page.waitForTimeout(300);
    const { png, box } = await picture(page);
    const s = await shown(page);
    const x = columnOf(s, box.width, (RECORDING.burstLoHz + RECORDING.burstHiHz) / 2);
    const y0 = (s.topUs - endUs) / s.usPerPx;
    const y1 = (s.topUs - m.start_us) / s.usPerPx;
    const light = (y) => brightness(png.at(Math.round(box.x + x), Math.round(box.y + y)));
    const inside = [0.3, 0.4, 0.5, 0.6, 0.7].map((part) => light(y0 + part * (y1 - y0)));
    const outside = Math.max(light(y0 - 8), light(y1 + 8));
    check(Math.max(...inside) > outside + 100, `inside ${inside}, outside ${outside}`);
    await page.getByRole('button', { name: 'Boxes' }).click();
    await page.waitForTimeout(300);
    await page.mouse.click(box.x + x, box.y + (y0 + y1) / 2);
    const selected = await page.locator('tbody tr[aria-selected=true]').getAttribute('data-id');
    check(selected === String(m.id), `row ${selected} selected, not ${m.id}`);
  },
);

test(
  'with_nothing_configured_the_scene_plays_and_is_boxed',
  [],
  async ({ page, messages, keepPicture }) => {
    await page.waitForSelector('tbody tr');
    await rowsAfter(page, 60);
    await keepPicture();
    const emissions = messages.filter((m) => m.type === 'emission');
    check(emissions.length > 0, 'no emission');
    for (const m of emissions) check(m.f_lo_hz < m.f_hi_hz && m.duration_s >= 0, JSON.stringify(m));
  },
);

test('after_a_reload_the_daemon_tells_what_was_before', FILE, async ({ page, keepPicture }) => {
  await page.getByRole('button', { name: 'Boxes' }).click();
  await page.reload();
  await page.waitForFunction(() => Number(document.querySelector('.stage')?.dataset.rows) > 5);
  await page.getByRole('button', { name: 'Boxes' }).click();
  await page.locator('.stage').focus();
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => Number(document.querySelector('.stage').dataset.history) > 20);
  await page.mouse.move(5, 5);
  await page.waitForTimeout(500);
  await keepPicture();
  const width = (await page.locator('canvas.picture').boundingBox()).width;
  const at = await brightestColumn(page);
  const want = columnOf(await shown(page), width, RECORDING.toneHz);
  check(Math.abs(at + 0.5 - want) <= 1.5, `tone in column ${at}, expected ${want.toFixed(1)}`);
});

test('a_retuned_scene_keeps_its_signals_at_their_frequency', [], async ({ page, messages }) => {
  await page.waitForSelector('tbody tr');
  await page.getByLabel('Centre frequency, MHz').fill('436.92');
  await page.getByLabel('Centre frequency, MHz').press('Enter');
  await page.waitForFunction(
    () => Math.abs(Number(document.querySelector('.stage').dataset.fLo) - 426.92e6) < 1,
  );
  await page.getByText('Tuned to').waitFor();
  const before = messages.length;
  await rowsAfter(page, 100);
  const later = messages.slice(before).filter((m) => m.type === 'emission' && m.event === 'close');
  check(later.length > 0, 'nothing is found after the retune');
});

await runAll([...tests, ...recordingTests, ...screenTests, ...teachTests], exe, startDaemon);
