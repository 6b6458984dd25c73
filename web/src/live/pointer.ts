// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// pointer: mouse, pen and fingers on the plots: pan, zoom, box zoom, scroll back, select, menu.

import { yToTime } from '../model/timebase';
import { xToHz } from '../model/view';
import type { Place } from './actions';
import type { Live } from './live.svelte';
import { GUTTER, type Painter } from './painter';

const DRAG_PX = 4; // less than this is a click
const LONG_PRESS_MS = 550;

interface Drag {
  x0: number;
  y0: number;
  x: number;
  y: number;
  zoom: boolean;
  moved: boolean;
}

export class Pointer {
  cursor: { x: number; y: number; onSpectrum: boolean } | null = null;
  zoomBox: { x: number; y: number; w: number; h: number } | null = null;
  private drag: Drag | null = null;
  private readonly fingers = new Map<number, number>(); // pointer id -> x, for pinching
  private press: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly live: Live,
    private readonly painter: () => Painter | null,
    private readonly openMenu: (at: { x: number; y: number }, place: Place) => void,
  ) {}

  private get width(): number {
    return this.painter()?.width ?? 1;
  }

  private local(e: MouseEvent): { x: number; y: number } {
    const r = (e.currentTarget as HTMLElement).getBoundingClientRect();
    return {
      x: Math.min(Math.max(e.clientX - r.left - GUTTER, 0), this.width),
      y: e.clientY - r.top,
    };
  }

  private isSpectrum(e: MouseEvent): boolean {
    return (e.currentTarget as HTMLElement).classList.contains('spectrum');
  }

  wheel = (e: WheelEvent): void => {
    e.preventDefault();
    const step = e.deltaMode === 1 ? 16 : 1;
    const height = this.painter()?.time.height ?? 1;
    if (e.altKey) this.live.scroll((e.deltaY * step) / height);
    else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY))
      this.live.viewport.pan((((e.deltaX || e.deltaY) * step) / this.width) * 0.8);
    else this.live.viewport.zoom(Math.exp(e.deltaY * step * 0.0015), this.local(e).x / this.width);
  };

  down = (e: PointerEvent): void => {
    if (e.button !== 0) return;
    (e.currentTarget as HTMLElement).setPointerCapture(e.pointerId);
    const { x, y } = this.local(e);
    this.fingers.set(e.pointerId, x);
    this.drag = { x0: x, y0: y, x, y, zoom: e.shiftKey, moved: false };
    if (e.pointerType === 'touch') {
      const at = { x: e.clientX, y: e.clientY };
      const place = this.placeAt(x, y, this.isSpectrum(e));
      this.press = setTimeout(() => {
        if (this.drag && !this.drag.moved) this.openMenu(at, place);
        this.drag = null;
      }, LONG_PRESS_MS);
    }
  };

  move = (e: PointerEvent): void => {
    const p = this.local(e);
    this.cursor = { ...p, onSpectrum: this.isSpectrum(e) };
    const before = this.fingers.get(e.pointerId);
    const d = this.drag;
    if (this.fingers.size === 2 && before !== undefined) {
      this.pinch(e.pointerId, before, p.x);
    } else if (d) {
      d.moved ||= Math.hypot(p.x - d.x0, p.y - d.y0) >= DRAG_PX;
      if (d.moved) this.dragTo(d, p);
    }
    if (before !== undefined) this.fingers.set(e.pointerId, p.x);
    this.live.invalidate();
  };

  private dragTo(d: Drag, p: { x: number; y: number }): void {
    const height = this.painter()?.time.height ?? 1;
    if (!d.zoom) {
      this.live.viewport.pan((d.x - p.x) / this.width);
      if (this.live.paused) this.live.scroll((d.y - p.y) / height);
    }
    d.x = p.x;
    d.y = p.y;
    // While the picture runs on, a box has no fixed time: it is a band of all of it.
    const inTime = this.live.paused && Math.abs(d.y - d.y0) > 24 && !this.cursor?.onSpectrum;
    this.zoomBox = d.zoom
      ? {
          x: Math.min(d.x0, d.x),
          w: Math.abs(d.x - d.x0),
          y: inTime ? Math.min(d.y0, d.y) : 0,
          h: inTime ? Math.abs(d.y - d.y0) : height,
        }
      : null;
  }

  private pinch(id: number, from: number, to: number): void {
    const other = [...this.fingers].find(([k]) => k !== id)?.[1] ?? from;
    const [a, b] = [Math.abs(from - other), Math.abs(to - other)];
    if (a > 8 && b > 8) this.live.viewport.zoom(a / b, (other + to) / 2 / this.width);
  }

  up = (e: PointerEvent): void => {
    if (this.press !== null) clearTimeout(this.press);
    this.fingers.delete(e.pointerId);
    const d = this.drag;
    const box = this.zoomBox;
    this.drag = null;
    this.zoomBox = null;
    if (box && d?.moved) this.zoomTo(box);
    else if (d && !d.moved) this.click(e);
    this.live.invalidate();
  };

  private zoomTo(box: { x: number; y: number; w: number; h: number }): void {
    const { view } = this.live;
    const time = this.painter()?.time;
    if (!view || !time) return;
    if (box.h < time.height)
      this.live.time.show(yToTime(box.y + box.h, time), yToTime(box.y, time));
    this.live.viewport.set({
      lo: xToHz(box.x, view, this.width),
      hi: xToHz(box.x + box.w, view, this.width),
    });
  }

  private click(e: PointerEvent): void {
    const { x, y } = this.local(e);
    const place = this.placeAt(x, y, this.isSpectrum(e));
    if (e.ctrlKey || e.metaKey) void this.live.tune({ center_freq_hz: place.hz });
    else if (!this.isSpectrum(e)) this.live.select(place.emission?.id ?? null);
  }

  leave = (): void => {
    this.cursor = null;
    this.live.invalidate();
  };

  menu = (e: MouseEvent): void => {
    e.preventDefault();
    const { x, y } = this.local(e);
    this.openMenu({ x: e.clientX, y: e.clientY }, this.placeAt(x, y, this.isSpectrum(e)));
  };

  placeAt(x: number, y: number, onSpectrum: boolean): Place {
    const painter = this.painter();
    const view = this.live.view;
    if (!painter || !view) return { hz: 0, us: null, emission: null };
    this.cursor = { x, y, onSpectrum };
    const emission = painter.hit(this)?.emission ?? null;
    return {
      hz: xToHz(Math.floor(x) + 0.5, view, painter.width),
      us: onSpectrum ? this.live.time.newestUs : yToTime(Math.floor(y) + 0.5, painter.time),
      emission,
    };
  }
}
