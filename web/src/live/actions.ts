// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// actions: what can be done with an emission or with a place on the waterfall: capture, teach,
// hide, open elsewhere, hand over to a listener. The same list feeds the menu and its tests.

import { bandwidth, duration, megahertz } from '../draw/format';
import type { TrackedEmission } from '../model/emissions';
import type { Route } from '../shell/route.svelte';
import type { Session } from '../shell/session.svelte';
import { failureOf, query } from '../net/http';
import { num, object } from '../net/json';
import { socketUrl } from '../net/socket';
import type { Live } from './live.svelte';

export interface Action {
  label: string;
  run: () => void | Promise<void>;
}

export interface Place {
  hz: number;
  us: number | null;
  emission: TrackedEmission | null;
}

export const middle = (e: TrackedEmission): number => (e.fLoHz + e.fHiHz) / 2;

/** Where a demodulator elsewhere gets the samples of @e: its band and a fifth more. */
export function iqAddress(page: { protocol: string; host: string }, e: TrackedEmission): string {
  const bandwidth_hz = Math.ceil((e.fHiHz - e.fLoHz) * 1.2);
  return socketUrl(page, `/ws/iq${query({ center_hz: Math.round(middle(e)), bandwidth_hz })}`);
}

export function actionsFor(p: Place, live: Live, route: Route, session: Session): Action[] {
  const e = p.emission;
  const list: Action[] = [];
  if (e) {
    list.push(
      { label: 'Capture IQ', run: () => capture(e, live, session) },
      { label: 'Teach this\u2026', run: () => route.go('training', teachParams(e)) },
      { label: 'Open in Signals', run: () => route.go('signals', { q: e.className }) },
      { label: 'Copy address of its IQ', run: () => copy(iqAddress(location, e), live) },
      { label: 'Zoom to it', run: () => zoomTo(e, live) },
      { label: 'Hide', run: () => hide(e, live) },
    );
  }
  const hz = e ? middle(e) : p.hz;
  const name = megahertz(hz, 1000);
  list.push({ label: `Tune to ${name}`, run: () => live.tune({ center_freq_hz: hz }) });
  if (p.us !== null && !e)
    list.push(
      { label: 'Marker 1 here', run: () => live.mark(0, p.hz, p.us) },
      { label: 'Marker 2 here', run: () => live.mark(1, p.hz, p.us) },
    );
  if (live.choice.hidden.size > 0)
    list.push({ label: 'Show hidden ones', run: () => live.choice.showHidden() });
  return list;
}

const teachParams = (e: TrackedEmission): Record<string, string> => ({
  start_us: String(Math.round(e.startUs)),
  duration_us: String(Math.round(e.durationS * 1e6)),
  f: `${Math.round(e.fLoHz)}~${Math.round(e.fHiHz)}`,
});

function zoomTo(e: TrackedEmission, live: Live): void {
  const half = Math.max(e.fHiHz - e.fLoHz, 2000);
  live.viewport.set({ lo: middle(e) - half, hi: middle(e) + half });
  live.select(e.id);
}

function hide(e: TrackedEmission, live: Live): void {
  live.choice.hide(e.id);
  if (live.selectedId === e.id) live.select(null);
  live.invalidate();
}

async function copy(text: string, live: Live): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    live.say(`Copied ${text}`);
  } catch {
    live.say(text); // a page that is not served by TLS or from this machine may not copy
  }
}

const PRE_ROLL_US = 50e3; // before and after an emission

const capture = (e: TrackedEmission, live: Live, session: Session): Promise<void> =>
  record(
    {
      start_us: Math.round(e.startUs - PRE_ROLL_US),
      duration_us: Math.round(e.durationS * 1e6 + 2 * PRE_ROLL_US),
      center_hz: middle(e),
      bandwidth_hz: Math.ceil((e.fHiHz - e.fLoHz) * 1.2),
      emission_id: e.id,
    },
    live,
    session,
  );

/** The last @seconds of the band that is shown. */
export function recordShown(seconds: number, live: Live, session: Session): Promise<void> {
  const view = live.view ?? { lo: 0, hi: 1 };
  return record(
    {
      start_us: Math.round(live.time.newestUs - seconds * 1e6),
      duration_us: seconds * 1e6,
      center_hz: (view.lo + view.hi) / 2,
      bandwidth_hz: Math.ceil(view.hi - view.lo),
    },
    live,
    session,
  );
}

export interface CaptureRequest {
  start_us: number;
  duration_us: number;
  center_hz: number;
  bandwidth_hz: number;
  emission_id?: number;
}

/** UTC from which on the daemon has samples; 0: it does not say. */
async function heldFromUs(session: Session): Promise<number> {
  try {
    return num(object(await session.api.json('/api/ring')), 'from_us') ?? 0;
  } catch {
    return 0;
  }
}

/** The part of @r that is held from @fromUs on; all of it where that is nothing: the daemon says why. */
export function heldPart(r: CaptureRequest, fromUs: number): CaptureRequest {
  const late = Math.max(0, fromUs - r.start_us);
  return late < r.duration_us
    ? { ...r, start_us: r.start_us + late, duration_us: r.duration_us - late }
    : r;
}

async function record(wanted: CaptureRequest, live: Live, session: Session): Promise<void> {
  const body = heldPart(wanted, await heldFromUs(session));
  try {
    await session.api.json('/api/captures', { method: 'POST', body });
    live.say(
      `Captured ${duration(body.duration_us / 1e6)} of ${bandwidth(body.bandwidth_hz)} at ${megahertz(body.center_hz, 1000)}. It is on the Captures screen.`,
    );
  } catch (x) {
    const f = failureOf(x);
    live.error = f.kind === 'absent' ? 'This daemon records no captures.' : f.message;
  }
}
