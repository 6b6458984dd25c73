// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// palettes: the colormaps, from the C table (build/colormaps.ts feeds them in at build time).

import data from 'virtual:g20-colormaps';

export const paletteNames: readonly string[] = data.names;

/** 256 x 3 bytes; the first palette for a name that is unknown. */
export function palette(name: string): Uint8Array {
  const i = Math.max(0, data.names.indexOf(name));
  return Uint8Array.from(atob(data.rgbBase64[i] ?? ''), (c) => c.charCodeAt(0));
}
