// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// session: who talks to the daemon, and what the daemon offers. One for the whole page.

import { parseCapabilities, type Capabilities } from '../net/api';
import { Api, failureOf } from '../net/http';
import { isToken } from '../net/socket';

const KEY = 'g20.token';

/** Storage that may be switched off in the browser. */
function stored(): string {
  try {
    const token = sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY) ?? '';
    return isToken(token) ? token : '';
  } catch {
    return '';
  }
}

function store(token: string, keep: boolean): void {
  try {
    sessionStorage.removeItem(KEY);
    localStorage.removeItem(KEY);
    if (token) (keep ? localStorage : sessionStorage).setItem(KEY, token);
  } catch {
    // the token then lives as long as the page
  }
}

export class Session {
  needsLogin = $state(false);
  hasToken = $state(false);
  loginError = $state('');
  caps = $state<Capabilities | null>(null);
  capsError = $state('');
  readonly api: Api;
  /** Called when a token was accepted: connections start again. */
  onLogin: () => void = () => {};

  constructor() {
    this.api = new Api(() => (this.needsLogin = true));
    this.api.token = stored();
    this.hasToken = this.api.token !== '';
  }

  /** Asks what the daemon offers; also how the page learns that a token is wanted. */
  async loadCapabilities(): Promise<Capabilities | null> {
    try {
      this.caps = parseCapabilities(await this.api.json('/api/capabilities'));
      this.capsError = '';
      this.needsLogin = false;
    } catch (e) {
      this.capsError = failureOf(e).message;
    }
    return this.caps;
  }

  async login(token: string, keep: boolean): Promise<void> {
    if (!isToken(token)) {
      this.loginError = 'A token has only letters, digits and - . _ ~ +';
      return;
    }
    this.api.token = token;
    try {
      this.caps = parseCapabilities(await this.api.json('/api/capabilities'));
    } catch (e) {
      const f = failureOf(e);
      this.api.token = '';
      this.loginError = f.kind === 'login' ? 'The daemon does not know this token.' : f.message;
      return;
    }
    store(token, keep);
    this.hasToken = true;
    this.loginError = '';
    this.capsError = '';
    this.needsLogin = false;
    this.onLogin();
  }

  logout(): void {
    store('', false);
    this.api.token = '';
    this.hasToken = false;
    this.needsLogin = true;
  }
}
