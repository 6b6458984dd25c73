// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { colormaps } from './build/colormaps';
import { precompress } from './build/precompress';

const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(resolve(here, 'package.json'), 'utf8')) as {
  version: string;
};

export default defineConfig({
  plugins: [
    svelte(),
    colormaps(resolve(here, '../src/dsp/colormap_tables.c')),
    precompress(300_000),
  ],
  define: { __G20_VERSION__: JSON.stringify(version) },
  // Relative addresses: the page works under any path a proxy gives it.
  base: './',
  build: {
    outDir: process.env['G20_WEB_OUT'] ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy allows no data: addresses
    modulePreload: false, // one script; nothing to preload
    reportCompressedSize: false,
  },
  server: {
    // By number: a bare chroot's /etc/hosts need not know "localhost".
    host: '127.0.0.1',
    proxy: {
      '/api': proxyTarget(),
      '/health': proxyTarget(),
      '/ws': { target: proxyTarget(), ws: true },
    },
  },
  test: { include: ['tests/unit/**/*.test.ts'], environment: 'node' },
});

/** Where `npm run dev` finds a daemon, or the mock. */
function proxyTarget(): string {
  return process.env['G20_URL'] ?? 'http://127.0.0.1:50052';
}
