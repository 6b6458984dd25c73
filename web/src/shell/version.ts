// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// version: whether this page and the daemon are of one release. The daemon serves the page, so
// they differ only when the daemon was replaced while the page stayed open, or behind a proxy.

export const PAGE_VERSION: string = __G20_VERSION__;

/** 'older' or 'newer': what the daemon is; 'same' also when it does not say. */
export function compareVersions(daemon: string, page: string): 'same' | 'older' | 'newer' {
  const parts = (s: string): number[] | null => {
    const m = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(s);
    return m ? [Number(m[1]), Number(m[2]), Number(m[3] ?? 0)] : null;
  };
  const [a, b] = [parts(daemon), parts(page)];
  if (!a || !b) return 'same';
  for (let i = 0; i < 3; i++) {
    const d = (a[i] ?? 0) - (b[i] ?? 0);
    if (d !== 0) return d < 0 ? 'older' : 'newer';
  }
  return 'same';
}
