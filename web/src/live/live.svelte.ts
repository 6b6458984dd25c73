// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// live: the live page's state, what the operator does to it and what the daemon's messages do. The
// fields marked $state are what the components show; rows, traces and emissions are plain data that
// the plots read when they draw. Rows never go through the component tree. The conversation itself
// is feed.svelte.ts; which rows are shown timeline.svelte.ts, which band viewport.svelte.ts, which
// levels levels.svelte.ts; the URL address.ts.

import { EmissionStore, type TrackedEmission } from '../model/emissions';
import { parseHash } from '../model/hash';
import { PsdTraces } from '../model/psd';
import { bandOf, span, type Band } from '../model/view';
import type { Capabilities } from '../net/api';
import {
  WF_RETUNED,
  type MissionNews,
  type ServerMessage,
  type SourceStatus,
  type WaterfallRows,
} from '../net/protocol';
import type { LinkState } from '../net/socket';
import type { Session } from '../shell/session.svelte';
import { megahertz } from '../draw/format';
import { AddressBar, isPalette, readAddress } from './address';
import { Choice } from './choice.svelte';
import { Feed, type Stats } from './feed.svelte';
import { Levels } from './levels.svelte';
import { Marks } from './marks.svelte';
import { paletteNames } from './palettes';
import { Timeline } from './timeline.svelte';
import { Viewport } from './viewport.svelte';

const LIST_MS = 400; // the table follows at most this often
const SAY_MS = 8000;

export interface Hover {
  hz: number;
  resolutionHz: number;
  db: number;
  us: number | null; // null: over the spectrum, the newest row
  emission: TrackedEmission | null;
  x: number; // in the plot, CSS pixels
  y: number;
}

export class Live {
  link = $state<LinkState>({ kind: 'connecting' });
  everConnected = $state(false);
  source = $state<SourceStatus>({});
  error = $state('');
  colormap = $state(paletteNames[0] ?? '');
  fps = $state<number | null>(null);
  paused = $state(false);
  showAverage = $state(false);
  showPeak = $state(true);
  showFloor = $state(true);
  showBoxes = $state(true);
  hasRows = $state(false);
  hover = $state<Hover | null>(null);
  selectedId = $state<number | null>(null);
  emissions = $state.raw<TrackedEmission[]>([]);
  missionNews = $state.raw<MissionNews | null>(null);
  said = $state(''); // something done, for people
  readonly choice = new Choice();
  readonly marks = new Marks(() => this.invalidate());
  readonly levels = new Levels(() => this.viewChanged());
  readonly viewport: Viewport;
  readonly time = new Timeline({
    send: (m) => this.feed.send(m),
    key: () => `${this.view?.lo} ${this.view?.hi} ${this.width} ${this.levels.scale.dbMin}`,
    changed: () => this.changed(),
  });
  readonly traces = new PsdTraces();
  readonly store = new EmissionStore();
  /** Called whenever the plots are out of date; the instrument sets it. */
  invalidate: () => void = () => {};

  private readonly feed: Feed;
  private readonly address = new AddressBar(this);
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private listStale = false;
  private shown = true;
  private width = 1024; // device pixels of the plot
  private sayTimer: ReturnType<typeof setTimeout> | null = null;
  private wantedUs: number | null; // the time that the URL asks for, until rows come

  constructor(private readonly session: Session) {
    const wanted = readAddress(this);
    this.viewport = new Viewport(wanted.band, () => this.viewChanged());
    this.wantedUs = wanted.topUs;
    this.feed = new Feed(() => session.api.token, {
      state: (s) => {
        this.link = s;
        // A socket that is refused does not say why; a request does.
        if (s.kind === 'lost') void session.loadCapabilities();
      },
      open: () => {
        this.time.past.forget();
        this.everConnected = true;
        this.error = '';
        void this.loadCapabilities();
        if (this.paused || !this.shown) this.feed.send({ command: 'pause' });
      },
      message: (m) => this.onMessage(m),
      tile: (d) => this.store.addTile(d),
      history: (m) => {
        if (this.time.past.take(m)) this.invalidate();
      },
      rows: (m) => this.onRows(m),
      view: () => this.viewRequest(),
    });
  }

  get full(): Band | null {
    return this.viewport.full;
  }

  get view(): Band | null {
    return this.viewport.view;
  }

  get stats(): Stats {
    return this.feed.stats;
  }

  /** Rows are due, and none comes. */
  get stalled(): boolean {
    return this.feed.stalled;
  }

  start(): void {
    this.feed.connect();
    this.timers.push(setInterval(() => this.everySecond(), 1000));
    this.timers.push(setInterval(() => this.refreshList(), LIST_MS));
  }

  stop(): void {
    this.feed.close();
    this.timers.forEach(clearInterval);
  }

  retryNow(): void {
    this.feed.retryNow();
  }

  // --- what the operator does -------------------------------------------------------------

  /** Of the picture, in device pixels. */
  setSize(devicePixels: number, height: number): void {
    this.time.height = height;
    const width = Math.min(Math.max(64, Math.round(devicePixels)), Timeline.mostBins);
    if (width === this.width) return;
    this.width = width;
    this.viewChanged();
  }

  setFps(fps: number): void {
    this.fps = fps;
    this.viewChanged();
  }

  togglePause(): void {
    this.paused = !this.paused;
    if (!this.paused) this.time.follow();
    this.tellPaused();
    this.changed();
  }

  /** Moves in time by @frac of the picture, positive to older rows; the picture then stands. */
  scroll(frac: number): void {
    if (!this.hasRows) return;
    if (!this.paused) this.togglePause();
    this.time.scroll(frac);
  }

  centreHz(): number {
    return this.view ? (this.view.lo + this.view.hi) / 2 : 0;
  }

  /** Marker 0 or 1, by default at the cursor. */
  mark(i: 0 | 1, hz = this.hover?.hz, us: number | null = this.hover?.us ?? null): void {
    if (hz === undefined) return;
    const at = us ?? this.time.newestUs;
    this.marks.set(i, { hz, us: at, db: this.time.levelAt(at, hz) });
  }

  /** Asks the device of channel 0; its answer or its refusal is shown. */
  tune(to: { center_freq_hz?: number; bandwidth_hz?: number; gain_db?: number }): void {
    this.error = '';
    if (!this.feed.send({ command: 'tune', id: 'tune', channel_id: 0, ...to }))
      this.error = 'Not connected.';
  }

  say(text: string): void {
    this.error = '';
    this.said = text;
    if (this.sayTimer !== null) clearTimeout(this.sayTimer);
    this.sayTimer = setTimeout(() => (this.said = ''), SAY_MS);
  }

  /** Rows are not sent while a screen without a waterfall is shown; the address of one that is not
   * the live screen is left alone. */
  setShown(shown: boolean, hasAddress: boolean): void {
    this.address.isOurs = hasAddress;
    if (shown === this.shown) return;
    this.shown = shown;
    this.tellPaused();
  }

  private tellPaused(): void {
    this.feed.send({ command: this.paused || !this.shown ? 'pause' : 'resume' });
    this.feed.wait();
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
    this.address.changed();
  }

  // --- what the daemon says ---------------------------------------------------------------

  private onMessage(m: ServerMessage): void {
    if (m.type === 'emission') {
      this.store.apply(m.event, m.emission);
      this.listStale = true;
      this.invalidate();
    } else if (m.type === 'error' && m.id === undefined && m.message.startsWith('history')) {
      this.time.past.refuse(m.message);
    } else if (m.type === 'error') {
      this.error = m.message;
    } else if (m.type === 'history') {
      this.time.past.ended(m.oldestUs);
      this.invalidate();
    } else if (m.type === 'tuned') {
      this.say(`Tuned to ${megahertz(m.centerHz, 100)}`);
      this.feed.send({ command: 'status' });
    } else if (m.type === 'mission') {
      this.missionNews = m.news;
    } else if (m.type === 'status') {
      this.onStatus(m.status);
    }
  }

  private onStatus(s: SourceStatus): void {
    this.source = s; // each is whole: what it has not is not there
    if (s.centerHz !== undefined && s.rateHz !== undefined && s.rateHz > 0)
      this.viewport.setFull(bandOf(s.centerHz, s.rateHz));
  }

  private onRows(m: WaterfallRows): boolean {
    if (this.paused || !this.shown) return false; // on its way when the pause was asked for
    if ((m.flags & WF_RETUNED) !== 0) this.feed.send({ command: 'status' });
    if (!this.full) this.viewport.setFull(bandOf(m.centerHz, m.spanHz));

    const before = this.time.ring.count;
    if (!this.time.ring.push(m)) return false;
    if (this.time.ring.count < before) this.restarted();
    this.hasRows = true;
    for (
      let n = Math.max(this.time.ring.first, this.time.ring.count - m.rows);
      n < this.time.ring.count;
      n++
    ) {
      const row = this.time.ring.at(n);
      if (!row) continue;
      this.traces.push(row, this.time.ring.codesOf(n));
      this.levels.push(row, this.time.ring.codesOf(n));
    }
    this.levels.follow();
    this.showWanted();
    this.invalidate();
    return true;
  }

  /** The time that the address asked for, now that there is one to go back from. */
  private showWanted(): void {
    const us = this.wantedUs;
    this.wantedUs = null;
    if (us === null || us >= this.time.newestUs) return;
    if (!this.paused) this.togglePause();
    this.time.moveTo(us);
  }

  /** Time ran backwards: another recording, or a daemon with another clock. */
  private restarted(): void {
    this.store.clear();
    this.traces.reset();
    this.levels.forget();
    this.time.follow();
    this.selectedId = null;
    this.listStale = true;
  }

  // --- what the daemon is told ------------------------------------------------------------

  private viewChanged(): void {
    this.changed();
    this.time.wantHistory();
    this.feed.viewChanged();
  }

  private viewRequest(): Record<string, unknown> {
    const { dbMin, dbMax } = this.levels.scale;
    const message: Record<string, unknown> = { width: this.width, db_min: dbMin, db_max: dbMax };
    if (this.view) {
      message.f_lo_hz = this.view.lo;
      message.f_hi_hz = this.view.hi;
    }
    if (this.fps !== null) message.fps = this.fps;
    return message;
  }

  private async loadCapabilities(): Promise<void> {
    const caps = await this.session.loadCapabilities();
    if (caps) this.takeDefaults(caps);
  }

  private takeDefaults(caps: Capabilities): void {
    // Where the daemon names no default: the middle of what it offers.
    const middle = (list: number[]): number | undefined => list[list.length >> 1];
    const fps = caps.defaults.fps ?? middle(caps.fps);
    if (this.fps === null && fps !== undefined) this.setFps(fps);
    this.time.chosenS ??= caps.defaults.timeSpanS ?? middle(caps.timeSpansS) ?? null;
    if (!parseHash(location.hash).colormap && isPalette(caps.defaults.colormap))
      this.colormap = caps.defaults.colormap;
    this.changed();
  }

  // --- housekeeping -----------------------------------------------------------------------

  private refreshList(): void {
    if (!this.listStale) return;
    this.listStale = false;
    this.emissions = this.store.list();
  }

  private everySecond(): void {
    this.feed.everySecond(this.link.kind === 'open' && !this.paused && this.shown);
  }

  /** Hertz a pixel or a bin, whichever is coarser: what a readout is worth. */
  resolutionHz(plotWidthPx: number): number {
    if (!this.view) return 1;
    const row = this.time.ring.newest;
    return Math.max(span(this.view) / plotWidthPx, row ? span(row.band) / row.bins : 0);
  }
}
