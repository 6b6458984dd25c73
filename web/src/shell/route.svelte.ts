// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// route: which screen is shown, from the URL's fragment: #/signals?q=fsk. Screens keep what is
// worth sharing in the parameters.

export const SCREENS = [
  { id: 'live', title: 'Live' },
  { id: 'training', title: 'Training' },
  { id: 'signals', title: 'Signals' },
  { id: 'missions', title: 'Missions' },
  { id: 'captures', title: 'Captures' },
  { id: 'system', title: 'System' },
] as const;

export type ScreenId = (typeof SCREENS)[number]['id'];

export function splitHash(hash: string): { screen: ScreenId; params: URLSearchParams } {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const screen = SCREENS.find((s) => s.id === path)?.id ?? 'live';
  return { screen, params: new URLSearchParams(query) };
}

export class Route {
  screen = $state<ScreenId>('live');
  params = $state.raw(new URLSearchParams());

  constructor() {
    this.read();
  }

  listen(): () => void {
    const read = (): void => this.read();
    window.addEventListener('hashchange', read);
    return () => window.removeEventListener('hashchange', read);
  }

  /** A new place in the browser's history. */
  go(screen: ScreenId, params: Record<string, string> = {}): void {
    location.hash = format(screen, params);
  }

  /** The same place, described better; '' takes a parameter out. */
  set(params: Record<string, string>): void {
    const all = { ...Object.fromEntries(this.params), ...params };
    history.replaceState(null, '', format(this.screen, all));
    this.read();
  }

  private read(): void {
    const { screen, params } = splitHash(location.hash);
    this.screen = screen;
    this.params = params;
  }
}

function format(screen: ScreenId, params: Record<string, string>): string {
  const kept = Object.entries(params).filter(([, v]) => v !== '');
  const q = new URLSearchParams(kept).toString();
  return `#/${screen}${q ? '?' + q : ''}`;
}
