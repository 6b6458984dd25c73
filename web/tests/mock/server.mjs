// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// mock: a stand-in for the daemon with a known picture, for UI work and tests without a build of
// the C side. A tone at +TONE_HZ from the centre, bursts of known times, noise; views, pause and
// DT01/emission messages as in protocol.md. `node tests/mock/server.mjs [port]` runs it alone.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

export const SCENE = {
  centerHz: 433.92e6,
  rateHz: 2e6,
  toneHz: 350e3, // above the centre
  toneDb: -30,
  burstLoHz: -420e3,
  burstHiHz: -380e3,
  burstEveryUs: 1e6,
  burstUs: 250e3,
  burstDb: -45,
  floorDb: -95,
};
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const CSP =
  "default-src 'none'; img-src 'self' data:; script-src 'self'; font-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'self';";

function waterfall(view, timeUs, periodS, index) {
  const out = Buffer.alloc(64 + view.width);
  out.write('WF01', 0, 'latin1');
  out.writeUInt16LE(64, 4);
  out.writeBigUInt64LE(BigInt(timeUs), 8);
  out.writeBigUInt64LE(BigInt(index), 16);
  out.writeDoubleLE((view.lo + view.hi) / 2, 24);
  out.writeDoubleLE(view.hi - view.lo, 32);
  out.writeUInt32LE(view.width, 40);
  out.writeUInt16LE(1, 44);
  out.writeFloatLE(view.dbMin, 48);
  out.writeFloatLE(view.dbMax, 52);
  out.writeFloatLE(SCENE.floorDb, 56);
  out.writeFloatLE(periodS, 60);
  const step = (view.hi - view.lo) / view.width;
  const code = (db) =>
    Math.max(0, Math.min(255, Math.round(((db - view.dbMin) / (view.dbMax - view.dbMin)) * 255)));
  const on = timeUs % SCENE.burstEveryUs < SCENE.burstUs;
  for (let i = 0; i < view.width; i++) {
    const a = view.lo + i * step - SCENE.centerHz;
    let db = SCENE.floorDb + 3 + Math.random() * 7;
    if (a <= SCENE.toneHz && SCENE.toneHz < a + step) db = SCENE.toneDb;
    if (on && a + step > SCENE.burstLoHz && a < SCENE.burstHiHz)
      db = SCENE.burstDb + Math.random() * 4;
    if (a < -SCENE.rateHz / 2 || a >= SCENE.rateHz / 2) db = -400;
    out[64 + i] = code(db);
  }
  return out;
}

function emission(startUs, event) {
  const s = SCENE;
  return JSON.stringify({
    type: 'emission',
    event,
    id: Math.floor(startUs / s.burstEveryUs),
    channel: 0,
    class: 'burst',
    confidence: 0.93,
    start_us: startUs,
    duration_s: s.burstUs / 1e6,
    f_lo_hz: s.centerHz + s.burstLoHz,
    f_hi_hz: s.centerHz + s.burstHiHz,
    f_ref: 'absolute',
    level_dbfs: -31.2,
    peak_dbfs: -41,
    snr_db: 46.1,
    duty: 1,
    model: 'energy',
    model_version: '1',
  });
}

const hello = (type) =>
  JSON.stringify({
    type,
    version: 'mock',
    ok: true,
    stream: { center_hz: SCENE.centerHz, rate_hz: SCENE.rateHz },
    source: { state: 'running', ok: true, driver: 'mock', name: 'tone and bursts' },
  });

/** Starts on any free port (or @port); @dir holds the built page. */
export async function startMock(dir, port = 0) {
  const http = createServer(async (req, res) => {
    const path = new URL(req.url, 'http://x').pathname;
    if (path === '/api/capabilities') {
      res.setHeader('content-type', 'application/json');
      const display = {
        fps_options: [10, 15, 20, 30, 60],
        time_span_options: [1, 2.5, 5, 10],
        colormap_options: ['viridis', 'plasma', 'inferno', 'magma', 'turbo'],
        fps: 30,
        time_span_s: 5,
        colormap: 'viridis',
      };
      res.end(JSON.stringify({ version: 'mock', display }));
      return;
    }
    try {
      const file = resolve(dir, '.' + (path === '/' ? '/index.html' : path));
      if (!file.startsWith(resolve(dir))) throw new Error('outside');
      const body = await readFile(file);
      res.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      res.setHeader('content-security-policy', CSP);
      res.end(body);
    } catch {
      res.statusCode = 404;
      res.end();
    }
  });
  const views = [];
  const wss = new WebSocketServer({ server: http });
  wss.on('connection', (ws) => {
    const view = {
      lo: SCENE.centerHz - SCENE.rateHz / 2,
      hi: SCENE.centerHz + SCENE.rateHz / 2,
      width: 1024,
      fps: 30,
      dbMin: -120,
      dbMax: 0,
    };
    let paused = false;
    let index = 0;
    let timer;
    let burst = 0;
    const run = () => {
      clearInterval(timer);
      timer = setInterval(() => {
        if (paused) return;
        const now = Date.now() * 1000;
        ws.send(waterfall(view, now, 1 / view.fps, index++));
        const start = Math.floor(now / SCENE.burstEveryUs) * SCENE.burstEveryUs;
        if (start !== burst && now > start + SCENE.burstUs)
          ws.send(emission((burst = start), 'close'));
      }, 1000 / view.fps);
    };
    ws.send(hello('hello'));
    run();
    ws.on('message', (text) => {
      const m = JSON.parse(text);
      if (m.command === 'status') ws.send(hello('status'));
      else if (m.command === 'pause') paused = true;
      else if (m.command === 'resume') paused = false;
      else if (m.command === 'set_view') {
        views.push(m);
        Object.assign(view, {
          lo: m.f_lo_hz ?? view.lo,
          hi: m.f_hi_hz ?? view.hi,
          width: m.width ?? view.width,
          fps: m.fps ?? view.fps,
          dbMin: m.db_min ?? view.dbMin,
          dbMax: m.db_max ?? view.dbMax,
        });
        run();
      } else {
        const message = `Unknown command: ${m.command}`;
        ws.send(JSON.stringify({ type: 'error', code: 'unknown_command', message }));
      }
    });
    ws.on('close', () => clearInterval(timer));
  });
  await new Promise((done) => http.listen(port, '127.0.0.1', done));
  return {
    port: http.address().port,
    views,
    async stop() {
      for (const c of wss.clients) c.terminate();
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dir = fileURLToPath(new URL('../../dist', import.meta.url));
  const m = await startMock(dir, Number(process.argv[2] ?? 0));
  console.log(`http://127.0.0.1:${m.port}/`);
}
