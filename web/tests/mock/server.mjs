// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// mock: a stand-in for the daemon with a known picture, for UI work and tests without a build of
// the C side. A tone at +TONE_HZ from the centre, bursts of known times, noise; views, pause and
// DT01/emission messages as in protocol.md. `node tests/mock/server.mjs [port]` runs it alone.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { answerRecords, bodyOf } from './records.mjs';
import { teach } from './lessons.mjs';

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

/** 0..1, the same at the same time and place whoever asks: what was shown can be asked for again. */
function noise(timeUs, i) {
  let h = Math.imul(i ^ Math.imul(timeUs % 2 ** 32, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** Row @index of what @view shows of a radio tuned to @centerHz. */
function waterfall(view, timeUs, periodS, index, centerHz, flags = 0) {
  const out = Buffer.alloc(64 + view.width);
  out.writeUInt16LE(flags, 6);
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
    let db = SCENE.floorDb + 3 + noise(timeUs, i) * 7;
    if (a <= SCENE.toneHz && SCENE.toneHz < a + step) db = SCENE.toneDb;
    if (on && a + step > SCENE.burstLoHz && a < SCENE.burstHiHz)
      db = SCENE.burstDb + noise(timeUs, i) * 4;
    if (Math.abs(a + SCENE.centerHz - centerHz) > SCENE.rateHz / 2) db = -400;
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

const PAGE = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const hello = (type, { version = PAGE.version, status = {} }, centerHz = SCENE.centerHz) =>
  JSON.stringify({
    type,
    version,
    ok: true,
    stream: { center_hz: centerHz, rate_hz: SCENE.rateHz },
    source: { state: 'running', ok: true, driver: 'mock', name: 'tone and bursts' },
    ...status,
  });

/**
 * Starts on any free port (or @port); @dir holds the built page. @state.token: what must be shown;
 * @state.version: the daemon's, the page's own unless given; @state.status: parts of its status
 * messages, a radio's if its source has a gain and a bandwidth; @state.hardware: parts of the capabilities;
 * @state.health: what /health says; @state.broken: why every request fails. All may
 * change while it runs.
 */
export async function startMock(dir, port = 0, state = {}) {
  const allowed = (req) =>
    !state.token ||
    req.headers.authorization === `Bearer ${state.token}` ||
    (req.headers['sec-websocket-protocol'] ?? '').includes(`bearer.${state.token}`);
  const [views, tunes, asked, captures] = [[], [], [], []];
  const http = createServer(async (req, res) => {
    const url = new URL(req.url, 'http://x');
    const path = url.pathname;
    if (path.startsWith('/api/') && !allowed(req)) {
      res.statusCode = 401;
      res.end(JSON.stringify({ error: 'a token is needed' }));
      return;
    }
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
      const hardware = { channels: state.channels ?? 1, ...state.hardware };
      res.end(JSON.stringify({ version: 'mock', display, hardware }));
      return;
    }
    if (path === '/health' && state.health) {
      res.statusCode = state.health.status === 'unavailable' ? 503 : 200;
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify(state.health));
      return;
    }
    if (state.broken && path.startsWith('/api/')) {
      res.statusCode = 500;
      res.end(JSON.stringify({ error: state.broken }));
      return;
    }
    if (await answerRecords(state.records, req, res, url)) return;
    if (path === '/api/captures' && req.method === 'POST' && !state.noCaptures) {
      captures.push(await bodyOf(req));
      res.statusCode = 201;
      res.end(JSON.stringify({ id: captures.length }));
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
      res.end('not found\n');
    }
  });
  const wss = new WebSocketServer({
    server: http,
    verifyClient: ({ req }) => allowed(req),
    handleProtocols: () => 'g20',
  });
  wss.on('connection', (ws, req) => {
    if (req.url.startsWith('/ws/training')) {
      teach(ws, state.lessons);
      return;
    }
    const view = {
      lo: SCENE.centerHz - SCENE.rateHz / 2,
      hi: SCENE.centerHz + SCENE.rateHz / 2,
      width: 1024,
      fps: 30,
      dbMin: -120,
      dbMax: 0,
    };
    let paused = false;
    let centerHz = SCENE.centerHz;
    let flags = 0;
    let index = 0;
    let timer;
    let burst = 0;
    const run = () => {
      clearInterval(timer);
      timer = setInterval(() => {
        if (paused) return;
        const now = Date.now() * 1000;
        ws.send(waterfall(view, now, 1 / view.fps, index++, centerHz, flags));
        flags = 0;
        const start = Math.floor(now / SCENE.burstEveryUs) * SCENE.burstEveryUs;
        if (start !== burst && now > start + SCENE.burstUs)
          ws.send(emission((burst = start), 'close'));
      }, 1000 / view.fps);
    };
    ws.send(hello('hello', state));
    run();
    ws.on('message', (text) => {
      const m = JSON.parse(text);
      if (m.command === 'status') ws.send(hello('status', state, centerHz));
      else if (m.command === 'tune') {
        tunes.push(m);
        if (state.noTuning) {
          const message = 'a recording cannot be tuned';
          ws.send(JSON.stringify({ type: 'error', code: 'not_supported', message, id: m.id }));
          return;
        }
        centerHz = m.center_freq_hz ?? centerHz;
        const source = state.status?.source;
        if (source && m.bandwidth_hz !== undefined) source.bandwidth_hz = m.bandwidth_hz;
        if (source && m.gain_db !== undefined) source.gain_db = Math.round(m.gain_db);
        flags = 2;
        ws.send(JSON.stringify({ type: 'tuned', channel_id: 0, center_freq_hz: centerHz }));
      } else if (m.command === 'history') {
        asked.push(m);
        const step = (m.to_us - m.from_us) / m.rows;
        for (let i = 0; i < m.rows; i++)
          ws.send(waterfall(view, Math.round(m.from_us + i * step), step / 1e6, i, centerHz, 4));
        ws.send(JSON.stringify({ type: 'history', rows: m.rows, oldest_us: 1 }));
      } else if (m.command === 'pause') paused = true;
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
    tunes,
    asked,
    captures,
    state,
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
