// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// live: the live page's state and its conversation with the daemon. The fields marked $state are
// what the components show; rows, traces and emissions are plain data that the plots read when
// they draw. Rows never go through the component tree.

import { AutoRange, scaleFor, type Range } from '../model/autorange';
import { EmissionStore, type TrackedEmission } from '../model/emissions';
import { formatHash, parseHash } from '../model/hash';
import { PsdTraces } from '../model/psd';
import { RowRing } from '../model/rows';
import { bandOf, clampBand, panBand, sameBand, span, zoomBand, type Band } from '../model/view';
import { fetchCapabilities, type Capabilities } from '../net/api';
import {
  decodeDetections,
  decodeText,
  decodeWaterfall,
  frameType,
  WF_DROPPED,
  WF_RETUNED,
  type SourceStatus,
} from '../net/protocol';
import { LiveSocket, socketUrl, type LinkState } from '../net/socket';
import { paletteNames } from './palettes';

const RING_BINS = 4096;
const RING_ROWS = 2048;
const VIEW_DELAY_MS = 60; // set_view goes out this long after the last change,
const VIEW_MAX_DELAY_MS = 200; // but not later than this after the first
const LIST_MS = 250; // the table follows at most this often
const STALL_MS = 3000;

export interface Hover {
  hz: number;
  resolutionHz: number;
  db: number;
  us: number | null; // null: over the spectrum, the newest row
  emission: TrackedEmission | null;
  x: number; // in the plot, CSS pixels
  y: number;
}

export interface Stats {
  rowsPerS: number;
  bytesPerS: number;
  droppedMessages: number; // messages that said rows were lost before them
  unreadable: number; // frames this page could not decode
}

export class Live {
  link = $state<LinkState>({ kind: 'connecting' });
  everConnected = $state(false);
  caps = $state<Capabilities | null>(null);
  capsError = $state('');
  source = $state<SourceStatus>({});
  error = $state('');
  full = $state<Band | null>(null);
  view = $state<Band | null>(null);
  range = $state<Range>({ lo: -110, hi: -40 });
  autoRange = $state(true);
  colormap = $state(paletteNames[0] ?? '');
  fps = $state<number | null>(null);
  timeSpanS = $state<number | null>(null); // null: one pixel a row
  paused = $state(false);
  showAverage = $state(false);
  showPeak = $state(true);
  showBoxes = $state(true);
  hasRows = $state(false);
  stalled = $state(false);
  hover = $state<Hover | null>(null);
  selectedId = $state<number | null>(null);
  emissions = $state.raw<TrackedEmission[]>([]);
  stats = $state<Stats>({ rowsPerS: 0, bytesPerS: 0, droppedMessages: 0, unreadable: 0 });

  readonly ring = new RowRing(RING_BINS, RING_ROWS);
  readonly traces = new PsdTraces();
  readonly store = new EmissionStore();
  /** Called whenever the plots are out of date; the instrument sets it. */
  invalidate: () => void = () => {};

  private readonly auto = new AutoRange();
  private readonly socket: LiveSocket;
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private viewTimer: ReturnType<typeof setTimeout> | null = null;
  private viewSince = 0;
  private listStale = false;
  private width = 1024; // device pixels of the plot
  private lastRowMs = 0;
  private counted = { rows: 0, bytes: 0, atMs: performance.now() };
  private hashTimer: ReturnType<typeof setTimeout> | null = null;
  private wanted: Band | null = null; // from the URL, until the full span is known

  constructor() {
    this.readHash();
    this.socket = new LiveSocket(socketUrl(location, '/ws/pipeline'), {
      state: (s) => (this.link = s),
      open: () => {
        this.everConnected = true;
        this.error = '';
        this.lastRowMs = performance.now();
        void this.loadCapabilities();
        if (this.paused) this.socket.send({ command: 'pause' });
        this.sendView();
      },
      text: (t) => this.onText(t),
      binary: (b) => this.onBinary(b),
    });
  }

  start(): void {
    this.socket.connect();
    this.timers.push(setInterval(() => this.everySecond(), 1000));
    this.timers.push(setInterval(() => this.refreshList(), LIST_MS));
  }

  stop(): void {
    this.socket.close();
    this.timers.forEach(clearInterval);
  }

  retryNow(): void {
    this.socket.retryNow();
  }

  // --- what the operator does -------------------------------------------------------------

  setView(b: Band): void {
    if (!this.full) return;
    const next = clampBand(b, this.full);
    if (this.view && sameBand(next, this.view)) return;
    this.view = next;
    this.viewChanged();
  }

  zoom(factor: number, frac: number): void {
    if (this.view && this.full) this.setView(zoomBand(this.view, factor, frac, this.full));
  }

  pan(frac: number): void {
    if (this.view && this.full) this.setView(panBand(this.view, frac, this.full));
  }

  resetView(): void {
    if (this.full) this.setView(this.full);
  }

  setWidth(devicePixels: number): void {
    const width = Math.min(Math.max(64, Math.round(devicePixels)), RING_BINS);
    if (width === this.width) return;
    this.width = width;
    this.viewChanged();
  }

  setFps(fps: number): void {
    this.fps = fps;
    this.viewChanged();
  }

  setRange(r: Range): void {
    this.autoRange = false;
    this.range = r;
    this.viewChanged();
  }

  setAutoRange(on: boolean): void {
    this.autoRange = on;
    if (on) this.range = this.auto.range;
    this.viewChanged();
  }

  togglePause(): void {
    this.paused = !this.paused;
    this.socket.send({ command: this.paused ? 'pause' : 'resume' });
    this.lastRowMs = performance.now();
  }

  clearPeak(): void {
    this.traces.clearPeak();
    this.invalidate();
  }

  select(id: number | null): void {
    this.selectedId = id;
    this.invalidate();
  }

  /** Something drawn or shared in the URL changed, but not what the server must send. */
  changed(): void {
    this.invalidate();
    if (this.hashTimer !== null) clearTimeout(this.hashTimer);
    this.hashTimer = setTimeout(() => this.writeHash(), 250);
  }

  // --- what the daemon says ---------------------------------------------------------------

  private onText(text: string): void {
    const m = decodeText(text);
    if (!m) {
      this.stats.unreadable++;
    } else if (m.type === 'emission') {
      this.store.apply(m.event, m.emission);
      this.listStale = true;
      this.invalidate();
    } else if (m.type === 'error') {
      this.error = m.message;
    } else if (m.type === 'status') {
      this.onStatus(m.status);
    }
  }

  private onStatus(s: SourceStatus): void {
    this.source = { ...this.source, ...s };
    if (s.centerHz !== undefined && s.rateHz !== undefined && s.rateHz > 0)
      this.setFull(bandOf(s.centerHz, s.rateHz));
  }

  private setFull(full: Band): void {
    if (this.full && sameBand(full, this.full)) return;
    const wasFull = !this.view || !this.full || sameBand(this.view, this.full);
    const wanted = this.wanted ?? (wasFull ? full : (this.view ?? full));
    this.wanted = null;
    this.full = full;
    const overlap = Math.min(wanted.hi, full.hi) - Math.max(wanted.lo, full.lo);
    this.view = overlap > 0 ? clampBand(wanted, full) : full;
    this.viewChanged();
  }

  private onBinary(buf: ArrayBuffer): void {
    this.counted.bytes += buf.byteLength;
    if (frameType(buf) === 'DT01') {
      const d = decodeDetections(buf);
      if (d) this.store.addTile(d);
      else this.stats.unreadable++;
      return;
    }
    const m = decodeWaterfall(buf);
    if (!m) {
      this.stats.unreadable++;
      return;
    }
    if (this.paused) return; // on its way when the pause was asked for
    if ((m.flags & WF_DROPPED) !== 0) this.stats.droppedMessages++;
    if ((m.flags & WF_RETUNED) !== 0) this.socket.send({ command: 'status' });
    if (!this.full) this.setFull(bandOf(m.centerHz, m.spanHz));

    const before = this.ring.count;
    if (!this.ring.push(m)) return;
    if (this.ring.count < before) this.restarted();
    this.counted.rows += m.rows;
    this.lastRowMs = performance.now();
    this.stalled = false;
    this.hasRows = true;
    for (let n = Math.max(this.ring.first, this.ring.count - m.rows); n < this.ring.count; n++) {
      const row = this.ring.at(n);
      if (!row) continue;
      this.traces.push(row, this.ring.codesOf(n));
      this.auto.push(row, this.ring.codesOf(n));
    }
    this.followAutoRange();
    this.invalidate();
  }

  /** Time ran backwards: another recording, or a daemon with another clock. */
  private restarted(): void {
    this.store.clear();
    this.traces.reset();
    this.auto.reset();
    this.selectedId = null;
    this.listStale = true;
  }

  private followAutoRange(): void {
    const { lo, hi } = this.auto.range;
    if (!this.autoRange || (lo === this.range.lo && hi === this.range.hi)) return;
    const before = scaleFor(this.range);
    this.range = { lo, hi };
    const after = scaleFor(this.range);
    if (before.dbMin !== after.dbMin || before.dbMax !== after.dbMax) this.viewChanged();
  }

  // --- what the daemon is told ------------------------------------------------------------

  private viewChanged(): void {
    this.changed();
    const now = performance.now();
    if (this.viewTimer === null) this.viewSince = now;
    else clearTimeout(this.viewTimer);
    const wait = Math.min(VIEW_DELAY_MS, Math.max(0, this.viewSince + VIEW_MAX_DELAY_MS - now));
    this.viewTimer = setTimeout(() => this.sendView(), wait);
  }

  private sendView(): void {
    if (this.viewTimer !== null) clearTimeout(this.viewTimer);
    this.viewTimer = null;
    const { dbMin, dbMax } = scaleFor(this.range);
    const message: Record<string, unknown> = {
      command: 'set_view',
      width: this.width,
      db_min: dbMin,
      db_max: dbMax,
    };
    if (this.view) {
      message.f_lo_hz = this.view.lo;
      message.f_hi_hz = this.view.hi;
    }
    if (this.fps !== null) message.fps = this.fps;
    this.socket.send(message);
  }

  private async loadCapabilities(): Promise<void> {
    try {
      const caps = await fetchCapabilities();
      this.caps = caps;
      this.capsError = '';
      const known = (name: string | undefined): name is string =>
        name !== undefined && paletteNames.includes(name);
      // Where the daemon names no default: the middle of what it offers.
      const middle = (list: number[]): number | undefined => list[list.length >> 1];
      const fps = caps.defaults.fps ?? middle(caps.fps);
      if (this.fps === null && fps !== undefined) this.setFps(fps);
      this.timeSpanS ??= caps.defaults.timeSpanS ?? middle(caps.timeSpansS) ?? null;
      if (!parseHash(location.hash).colormap && known(caps.defaults.colormap))
        this.colormap = caps.defaults.colormap;
      this.changed();
    } catch (e) {
      this.capsError = e instanceof Error ? e.message : String(e);
    }
  }

  // --- housekeeping -----------------------------------------------------------------------

  private refreshList(): void {
    if (!this.listStale) return;
    this.listStale = false;
    this.emissions = this.store.list();
  }

  private everySecond(): void {
    const now = performance.now();
    const seconds = (now - this.counted.atMs) / 1000;
    this.stats.rowsPerS = this.counted.rows / seconds;
    this.stats.bytesPerS = this.counted.bytes / seconds;
    this.counted = { rows: 0, bytes: 0, atMs: now };
    this.stalled = this.link.kind === 'open' && !this.paused && now - this.lastRowMs > STALL_MS;
    if (this.stalled) this.socket.send({ command: 'status' }); // it knows why no row comes
  }

  private readHash(): void {
    const s = parseHash(location.hash);
    this.wanted = s.band ?? null;
    if (s.colormap && paletteNames.includes(s.colormap)) this.colormap = s.colormap;
    if (s.range) {
      this.range = s.range;
      this.autoRange = false;
    }
    this.fps = s.fps ?? null;
    this.timeSpanS = s.timeSpanS ?? null;
  }

  private writeHash(): void {
    const whole = !this.view || !this.full || sameBand(this.view, this.full);
    const hash = formatHash({
      page: 'live',
      ...(whole || !this.view ? {} : { band: this.view }),
      ...(this.autoRange ? {} : { range: this.range }),
      ...(this.timeSpanS !== null ? { timeSpanS: this.timeSpanS } : {}),
      ...(this.fps !== null ? { fps: this.fps } : {}),
      colormap: this.colormap,
    });
    if (hash !== location.hash) history.replaceState(null, '', hash);
  }

  /** Hertz a pixel or a bin, whichever is coarser: what a readout is worth. */
  resolutionHz(plotWidthPx: number): number {
    if (!this.view) return 1;
    const row = this.ring.newest;
    return Math.max(span(this.view) / plotWidthPx, row ? span(row.band) / row.bins : 0);
  }
}
