// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// emissions: what the server's events say, newest first, and the tile boxes not yet covered.

import type { Detections, Emission, EmissionEvent } from '../net/protocol';

export interface TrackedEmission extends Emission {
  open: boolean;
}

/** A detection of one tile in real units: provisional, drawn lighter than an emission. */
export interface TileBox {
  startUs: number;
  endUs: number;
  fLoHz: number;
  fHiHz: number;
  confidence: number;
  isKnown: boolean; // an emission accounts for it
}

export class EmissionStore {
  private readonly byId = new Map<number, TrackedEmission>(); // in order of arrival
  private tiles: TileBox[] = [];

  constructor(
    private readonly maxEmissions = 1000,
    private readonly maxTiles = 2000,
  ) {}

  apply(event: EmissionEvent, e: Emission): void {
    this.byId.set(e.id, { ...e, open: event !== 'close' });
    if (this.byId.size > this.maxEmissions) {
      for (const [id, old] of this.byId) {
        if (this.byId.size <= this.maxEmissions) break;
        if (!old.open) this.byId.delete(id);
      }
    }
  }

  addTile(d: Detections): void {
    const lo = d.centerHz - d.spanHz / 2;
    for (const b of d.boxes) {
      this.tiles.push({
        startUs: d.timeUs + b.y1 * d.durationS * 1e6,
        endUs: d.timeUs + b.y2 * d.durationS * 1e6,
        fLoHz: lo + b.x1 * d.spanHz,
        fHiHz: lo + b.x2 * d.spanHz,
        confidence: b.confidence,
        isKnown: false,
      });
    }
    if (this.tiles.length > this.maxTiles) this.tiles = this.tiles.slice(-this.maxTiles);
  }

  get(id: number): TrackedEmission | undefined {
    return this.byId.get(id);
  }

  get size(): number {
    return this.byId.size;
  }

  /** Newest start first. */
  list(): TrackedEmission[] {
    return [...this.byId.values()].sort((a, b) => b.startUs - a.startUs || b.id - a.id);
  }

  between(fromUs: number, toUs: number): TrackedEmission[] {
    return [...this.byId.values()].filter(
      (e) => e.startUs < toUs && e.startUs + e.durationS * 1e6 > fromUs,
    );
  }

  /** Tile boxes in the window that no emission accounts for; forgets those older than @fromUs. */
  provisional(fromUs: number, toUs: number, minScore = 0): TileBox[] {
    this.tiles = this.tiles.filter((t) => t.endUs > fromUs);
    const known = this.between(fromUs, toUs);
    return this.tiles.filter((t) => {
      t.isKnown ||= known.some((e) => covers(e, t)); // once is enough: this runs at every frame
      return !t.isKnown && t.startUs < toUs && !(t.confidence < minScore);
    });
  }

  clear(): void {
    this.byId.clear();
    this.tiles = [];
  }
}

/** An emission accounts for a tile box when it holds the box's middle. */
function covers(e: TrackedEmission, t: TileBox): boolean {
  const f = (t.fLoHz + t.fHiHz) / 2;
  const us = (t.startUs + t.endUs) / 2;
  const slack = (t.endUs - t.startUs) / 2; // an emission is refined to be shorter than its boxes
  return (
    f >= Math.min(e.fLoHz, t.fLoHz) &&
    f <= Math.max(e.fHiHz, e.fLoHz) + (t.fHiHz - t.fLoHz) / 2 &&
    us >= e.startUs - slack &&
    us <= e.startUs + e.durationS * 1e6 + slack
  );
}

/** True when @e holds all words of @query: class, or a frequency in MHz as it is written. */
export function matches(e: TrackedEmission, query: string): boolean {
  const mhz = ((e.fLoHz + e.fHiHz) / 2e6).toFixed(6);
  const text = `${e.className} ${mhz} ${e.open ? 'open' : 'closed'}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
