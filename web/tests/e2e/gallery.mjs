// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// gallery: pictures of every screen of a running daemon, at each size, to be looked at; no test.
// usage: node tests/e2e/gallery.mjs http://127.0.0.1:PORT/ FOLDER [WIDTHxHEIGHT,...]
// The pictures of docs/images are these, of a daemon that was taught (docs/web.md).

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from './lib.mjs';

const [url, folder, sizes = '1280x720,1920x1080,800x1280,390x844'] = process.argv.slice(2);
const SETTLE_MS = 6000; // the picture of the waterfall fills
const SCREENS = ['live', 'training', 'signals', 'missions', 'captures', 'system'];

mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
for (const size of sizes.split(',')) {
  const [width, height] = size.split('x').map(Number);
  const page = await browser.newPage({ viewport: { width, height } });
  await page.goto(url);
  await page.waitForFunction(() => Number(document.querySelector('.stage')?.dataset.rows) > 0);
  await page.waitForTimeout(SETTLE_MS);
  for (const screen of SCREENS) {
    if (screen !== 'live') {
      await page.goto(`${url}#/${screen}`);
      await page.waitForTimeout(1500);
    }
    await page.screenshot({ path: join(folder, `${screen}-${size}.png`) });
    const over = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (over > 0) console.log(`${screen} at ${size}: ${over} px wider than the window`);
  }
  await page.close();
}
await browser.close();
