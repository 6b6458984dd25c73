// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// measure: what the page costs on a running daemon; no test, prints figures for docs/web.md.
// usage: node tests/e2e/measure.mjs http://127.0.0.1:PORT/ [SECONDS_FOR_MEMORY]

import { openBrowser } from './lib.mjs';

const url = process.argv[2];
const memoryS = Number(process.argv[3] ?? 120);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const quantile = (list, q) => list.toSorted((a, b) => a - b)[Math.floor(q * (list.length - 1))];

const browser = await openBrowser();

async function open(width, height, hash = '') {
  const page = await browser.newPage({ viewport: { width, height } });
  const net = { bytes: 0, rows: 0 };
  page.on('websocket', (ws) =>
    ws.on('framereceived', ({ payload }) => {
      net.bytes += payload.length;
      if (typeof payload !== 'string') net.rows++;
    }),
  );
  await page.addInitScript(() => {
    const real = window.requestAnimationFrame.bind(window);
    window.g20 = { took: [], gaps: [], last: 0 };
    window.requestAnimationFrame = (f) =>
      real((t) => {
        const start = performance.now();
        if (window.g20.last) window.g20.gaps.push(t - window.g20.last);
        window.g20.last = t;
        f(t);
        window.g20.took.push(performance.now() - start);
      });
  });
  await page.goto(url + hash);
  await page.waitForFunction(() => Number(document.querySelector('.stage')?.dataset.rows) > 0);
  const firstRowMs = await page.evaluate(() => performance.now());
  return { page, net, firstRowMs };
}

const machine = await browser.newBrowserCDPSession();

/** Processor seconds of the browser's processes so far: rendering in software is among them. */
async function processes() {
  const { processInfo } = await machine.send('SystemInfo.getProcessInfo');
  const of = (type) =>
    processInfo.filter((p) => p.type === type).reduce((sum, p) => sum + p.cpuTime, 0);
  return { gpu: of('GPU'), page: of('renderer') };
}

/** Processor seconds of the main thread: what others do to the machine does not lengthen them. */
async function busy(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (name) => metrics.find((m) => m.name === name)?.value ?? 0;
  return { task: of('TaskDuration'), script: of('ScriptDuration'), heap: of('JSHeapUsedSize') };
}

const first = [];
for (let i = 0; i < 5; i++) {
  const { page, firstRowMs } = await open(1280, 720);
  first.push(firstRowMs);
  if (i === 0) {
    const sizes = await page.evaluate(() =>
      performance.getEntriesByType('resource').reduce((sum, e) => sum + e.encodedBodySize, 0),
    );
    console.log(`first load, scripts and styles as sent: ${(sizes / 1000).toFixed(1)} kB`);
  }
  await page.close();
}
console.log(`page load to first row: median ${quantile(first, 0.5).toFixed(0)} ms`);

for (const fps of [10, 20, 30, 60]) {
  const { page, net } = await open(1280, 720, `#/live?fps=${fps}`);
  await sleep(2000);
  const from = { ...net };
  await sleep(5000);
  const kB = (net.bytes - from.bytes) / 5000;
  console.log(
    `asked ${fps} rows/s: ${((net.rows - from.rows) / 5).toFixed(1)} binary messages/s, ${kB.toFixed(1)} kB/s`,
  );
  await page.close();
}

const { page } = await open(2560, 1600, '#/live?fps=60');
for (let i = 0; i < 3; i++) {
  const b = await page.locator('canvas.picture').boundingBox();
  const v = page.viewportSize();
  await page.setViewportSize({
    width: Math.round(v.width + 2048 - b.width),
    height: Math.round(v.height + (1024 - b.height) / 0.7),
  });
  await sleep(500);
}
const b = await page.locator('canvas.picture').boundingBox();
const cdp = await page.context().newCDPSession(page);
await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
await sleep(3000);
await page.evaluate(() => Object.assign(window.g20, { took: [], gaps: [], last: 0 }));
const [before, processesBefore] = [await busy(cdp), await processes()];
await sleep(15000);
const [after, processesAfter] = [await busy(cdp), await processes()];
const { took, gaps } = await page.evaluate(() => ({
  took: window.g20.took,
  gaps: window.g20.gaps,
}));
const say = (name, list) =>
  console.log(
    `${name}: median ${quantile(list, 0.5).toFixed(2)} ms, 95 % ${quantile(list, 0.95).toFixed(2)} ms (${list.length} frames)`,
  );
console.log(`waterfall ${Math.round(b.width)} x ${Math.round(b.height)}, software GL, 15 s:`);
say('script of a frame', took);
say('from frame to frame', gaps);
console.log(
  `main thread, processor time: ${((100 * (after.task - before.task)) / 15).toFixed(1)} % busy, ${((100 * (after.script - before.script)) / 15).toFixed(1)} % script`,
);

const each = (a, b) => `${((1000 * (a - b)) / took.length).toFixed(1)} ms`;
console.log(
  `processor time of a frame: ${each(after.task, before.task)} of the main thread (script ${each(after.script, before.script)}), ` +
    `${each(processesAfter.gpu, processesBefore.gpu)} of GL in software`,
);

for (let s = 0; s <= memoryS; s += 30) {
  await cdp.send('HeapProfiler.collectGarbage');
  console.log(`after ${s} s: ${((await busy(cdp)).heap / 1e6).toFixed(2)} MB of JavaScript heap`);
  if (s < memoryS) await sleep(30000);
}
await browser.close();
