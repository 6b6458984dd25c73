// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// run: what Meson calls. NPM COLORMAPS.json OUT/web.stamp DEPFILE: installs the pinned packages
// when node_modules is not of this package-lock.json, builds into OUT, and tells ninja on which
// files the result depends.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [npm, colormaps, stamp, depfile] = process.argv.slice(2);
const web = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const lock = readFileSync(join(web, 'package-lock.json'), 'utf8');
const installed = join(web, 'node_modules', '.g20-lock'); // copy of the lock that was installed

if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lock) {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync(npm, args, { cwd: web, stdio: 'inherit' });
  writeFileSync(installed, lock);
}

const vite = join(web, 'node_modules', 'vite', 'bin', 'vite.js');
const env = {
  ...process.env,
  G20_COLORMAPS: resolve(colormaps),
  G20_WEB_OUT: resolve(dirname(stamp)),
};
execFileSync(process.execPath, [vite, 'build', '--logLevel=warn'], {
  cwd: web,
  stdio: 'inherit',
  env,
});

const files = [
  'package-lock.json',
  'vite.config.ts',
  'svelte.config.js',
  'tsconfig.json',
  'index.html',
];
for (const dir of ['src', 'public', 'build'])
  for (const f of readdirSync(join(web, dir), { recursive: true, withFileTypes: true }))
    if (f.isFile()) files.push(join(f.parentPath ?? f.path, f.name));
const deps = files.map((f) => resolve(web, f).replaceAll(' ', '\\ '));
writeFileSync(depfile, `${stamp}: ${deps.join(' ')}\n`);
writeFileSync(stamp, '');
