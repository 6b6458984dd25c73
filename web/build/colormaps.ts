// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// colormaps: the Vite plugin behind 'virtual:g20-colormaps'. The palettes come from the one C
// table: as the JSON that gen_colormaps prints (its path in G20_COLORMAPS, set by Meson), or, when
// the web UI is developed on its own, straight from src/dsp/colormap_tables.c.

import { existsSync, readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const ID = 'virtual:g20-colormaps';

interface Palettes {
  names: string[];
  rgb: number[][];
}

function fromJson(path: string): Palettes {
  return JSON.parse(readFileSync(path, 'utf8')) as Palettes;
}

/** Reads the initialisers `[G20_COLORMAP_NAME] = { {r,g,b}, ... }` of the C table. */
export function fromC(text: string): Palettes {
  const out: Palettes = { names: [], rgb: [] };
  const parts = text.split(/\[G20_COLORMAP_([A-Z]+)\]\s*=\s*\{/);
  for (let i = 1; i + 1 < parts.length; i += 2) {
    const triples = [...(parts[i + 1] ?? '').matchAll(/\{\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\}/g)];
    out.names.push((parts[i] ?? '').toLowerCase());
    out.rgb.push(triples.flatMap((t) => [Number(t[1]), Number(t[2]), Number(t[3])]));
  }
  return out;
}

function check(p: Palettes, where: string): Palettes {
  const ok =
    p.names.length > 0 &&
    p.names.length === p.rgb.length &&
    p.rgb.every((v) => v.length === 768 && v.every((x) => x >= 0 && x <= 255));
  if (!ok) throw new Error(`${where}: not a list of palettes of 256 colours`);
  return p;
}

export function load(tableInC: string): Palettes {
  const json = process.env['G20_COLORMAPS'];
  if (json) return check(fromJson(json), json);
  if (existsSync(tableInC)) return check(fromC(readFileSync(tableInC, 'utf8')), tableInC);
  throw new Error(`no palettes: set G20_COLORMAPS to colormaps.json (no ${tableInC} either)`);
}

export function colormaps(tableInC: string): Plugin {
  return {
    name: 'g20-colormaps',
    resolveId: (id) => (id === ID ? '\0' + ID : null),
    load(id) {
      if (id !== '\0' + ID) return null;
      const p = load(tableInC);
      const rgbBase64 = p.rgb.map((v) => Buffer.from(v).toString('base64'));
      return `export default ${JSON.stringify({ names: p.names, rgbBase64 })}`;
    },
  };
}
