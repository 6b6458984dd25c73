// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// precompress: writes a .gz beside each text file of the build, prints what the first load costs,
// and fails when it is more than it may be.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(html|js|css|svg|json|webmanifest)$/;

export function precompress(limitBytes: number): Plugin {
  let dir = '';
  return {
    name: 'g20-precompress',
    apply: 'build',
    configResolved(c) {
      dir = c.build.outDir;
    },
    closeBundle() {
      let total = 0;
      const files = readdirSync(dir, { recursive: true, withFileTypes: true });
      for (const f of files) {
        if (!f.isFile() || f.name.endsWith('.gz')) continue;
        const path = join(f.parentPath ?? f.path, f.name);
        const raw = readFileSync(path);
        const gz = TEXT.test(f.name) ? gzipSync(raw, { level: 9 }) : raw;
        if (gz !== raw) writeFileSync(`${path}.gz`, gz);
        total += gz.length;
      }
      console.log(
        `first load: ${(total / 1000).toFixed(1)} kB compressed (limit ${limitBytes / 1000} kB)`,
      );
      if (total > limitBytes) throw new Error('the web UI is larger than its limit');
    },
  };
}
