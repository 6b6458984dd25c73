// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// save: hands something to the browser as a file.

export function saveFile(name: string, content: string | Blob): void {
  const url = URL.createObjectURL(new Blob([content]));
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  URL.revokeObjectURL(url);
}
