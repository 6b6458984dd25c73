// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
/// <reference types="svelte" />
/// <reference types="vite/client" />

declare const __G20_VERSION__: string; // of package.json

declare module 'virtual:g20-colormaps' {
  const data: { names: string[]; rgbBase64: string[] };
  export default data;
}
