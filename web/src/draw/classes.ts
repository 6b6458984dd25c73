// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// classes: a colour for each class of emissions, from a set that the common kinds of colour
// blindness tell apart (Okabe and Ito), light enough for the dark picture. The name is always
// written too.

const COLOURS = ['#ffb74d', '#6cc5f5', '#2fd39b', '#f0e442', '#f59ac4', '#ff8a5c', '#b9a6ff'];
const PLAIN = '#ffffff'; // found, not named
const UNNAMED = new Set(['signal', 'background', '']);

/** Somebody taught it, or a model knows it. */
export const isNamed = (name: string): boolean => !UNNAMED.has(name);

export function classColour(name: string): string {
  if (!isNamed(name)) return PLAIN;
  let h = 0;
  for (let i = 0; i < name.length; i++) h = (h * 31 + name.charCodeAt(i)) >>> 0;
  return COLOURS[h % COLOURS.length] ?? PLAIN;
}
