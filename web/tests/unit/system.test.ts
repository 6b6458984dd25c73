// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { bytes, rateOf } from '../../src/draw/format';
import { heldPart, iqAddress } from '../../src/live/actions';
import { Choice } from '../../src/live/choice.svelte';
import { History } from '../../src/live/history.svelte';
import { difference } from '../../src/live/marks.svelte';
import type { TrackedEmission } from '../../src/model/emissions';
import { formatHash, parseHash } from '../../src/model/hash';
import { parseMetrics, quantile, rate } from '../../src/model/prometheus';
import { kindOf, messageOf, query } from '../../src/net/http';
import { listIn } from '../../src/net/json';
import { isToken, socketProtocols, socketUrl } from '../../src/net/socket';
import { splitHash } from '../../src/shell/route.svelte';
import { compareVersions, PAGE_VERSION } from '../../src/shell/version';
import { gaugesOf } from '../../src/system/gauges';
import { Rates } from '../../src/system/rates';
import { parseConfig, parseHealth, parseModels } from '../../src/system/system.svelte';

const TEXT = `# HELP g20_samples_total Samples read from the source
# TYPE g20_samples_total counter
g20_samples_total 2e6
g20_build_info{version="0.1.0"} 1
not a metric line at all
g20_tile_latency_seconds_bucket{le="0.001"} 10
g20_tile_latency_seconds_bucket{le="0.002"} 90
g20_tile_latency_seconds_bucket{le="+Inf"} 100
g20_tile_latency_seconds_sum 0.2
g20_tile_latency_seconds_count 100
`;

describe('metrics', () => {
  it('counters_labels_and_histograms_are_read_and_the_rest_left_out', () => {
    const m = parseMetrics(TEXT);
    expect(m.values.get('g20_samples_total')).toBe(2e6);
    expect(m.values.get('g20_build_info{version="0.1.0"}')).toBe(1);
    expect(m.help.get('g20_samples_total')).toBe('Samples read from the source');
    expect(m.histograms.get('g20_tile_latency_seconds')).toEqual([
      { le: 0.001, count: 10 },
      { le: 0.002, count: 80 },
      { le: Infinity, count: 10 },
    ]);
  });

  it('quantiles_lie_within_their_bucket', () => {
    const b = parseMetrics(TEXT).histograms.get('g20_tile_latency_seconds') ?? [];
    expect(quantile(b, 0.5)).toBeCloseTo(0.0015, 6);
    expect(quantile(b, 0.99)).toBe(0.002); // beyond the last bound: only 'more' is known
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('a_counter_that_began_again_has_no_rate', () => {
    const [a, b] = [parseMetrics('x_total 10\n'), parseMetrics('x_total 40\n')];
    expect(rate(b, a, 2, 'x_total')).toBe(15);
    expect(rate(a, b, 2, 'x_total')).toBeNaN();
    expect(rate(a, b, 2, 'y_total')).toBeNaN();
  });

  it('a_metric_that_is_not_there_makes_no_gauge_and_losses_are_marked', () => {
    const m = parseMetrics('g20_samples_total 5\ng20_samples_lost_total 7\n');
    const g = gaugesOf(m, {}, { g20_samples_total: 20e6, g20_samples_lost_total: 0 });
    expect(g.map((x) => x.label)).toEqual(['Samples', 'Lost samples']);
    expect(g[0]?.text).toBe('20.0\u202fMS/s');
    expect(g[1]).toMatchObject({ tone: 'warn', text: '0\u202fS/s', note: '7 in all' });
  });

  it('a_rate_is_the_mean_of_ten_seconds_of_the_daemons_clock', () => {
    const at = (s: number, samples: number): ReturnType<typeof parseMetrics> =>
      parseMetrics(`g20_uptime_seconds ${s}\ng20_samples_total ${samples}\n`);
    const rates = new Rates();
    expect(rates.push(at(100, 5e6))).toEqual({ last: {}, mean: {} });
    let r = rates.push(at(101, 5e6 + 2.04e6)); // 20 ms of samples that were late
    expect(r.last.g20_samples_total).toBeCloseTo(2.04e6, 0);
    for (let s = 2; s <= 40; s++)
      r = rates.push(at(100 + s, 5e6 + s * 2e6 + (s % 2 === 0 ? 0 : 0.04e6)));
    expect(r.last.g20_samples_total).toBeCloseTo(1.96e6, 0);
    expect(rateOf(r.mean.g20_samples_total ?? NaN, 'S/s')).toBe('2.00\u202fMS/s');
    r = rates.push(at(141, 5e6 + 40 * 2e6)); // the source stands still
    for (let s = 42; s <= 50; s++) r = rates.push(at(100 + s, 5e6 + 40 * 2e6));
    expect(r.mean.g20_samples_total).toBe(0);
    expect(rates.push(at(3, 9e9))).toEqual({ last: {}, mean: {} }); // started again
    expect(rates.push(at(4, 9e9 + 7)).mean.g20_samples_total).toBe(7);
  });

  it('bytes_and_rates_have_three_digits', () => {
    expect(bytes(1_234_567)).toBe('1.23\u202fMB');
    expect(bytes(12)).toBe('12\u202fB');
    expect(rateOf(43.21, '/s')).toBe('43.2\u202f/s');
  });
});

describe('what the daemon answers', () => {
  it('health_tells_parts_that_are_off_from_parts_that_are_ill', () => {
    const h = parseHealth({
      status: 'unavailable',
      problems: ['model: detector stopped'],
      parts: { source: 'ok', model: 'detector stopped', storage: 'off: nothing is recorded yet' },
      version: '0.1.0',
      uptime_s: 5,
    });
    expect(h.ok).toBe(false);
    expect(h.parts.map((p) => [p.name, p.ok, p.off])).toEqual([
      ['source', true, false],
      ['model', false, false],
      ['storage', true, true],
    ]);
  });

  it('settings_say_where_they_come_from', () => {
    const rows = parseConfig({
      'a.b': { value: 3, origin: 'built-in default', live: true, help: 'x' },
      'a.c': { value: null, origin: 'command line', live: false, help: '' },
      junk: 7,
    });
    expect(rows.map((r) => [r.key, r.value, r.isDefault])).toEqual([
      ['a.b', '3', true],
      ['a.c', '', false],
    ]);
  });

  it('models_may_be_names_or_objects', () => {
    expect(parseModels({ active: 'a', models: ['a', { name: 'b' }] }).names).toEqual(['a', 'b']);
    expect(parseModels(null).names).toEqual([]);
  });

  it('a_failure_has_a_kind_and_the_daemons_own_words', () => {
    expect([401, 403, 404, 405, 501, 400, 409, 500].map(kindOf)).toEqual([
      'login',
      'forbidden',
      'absent',
      'absent',
      'absent',
      'refused',
      'refused',
      'broken',
    ]);
    expect(messageOf('{"error":"no such signal"}', 404, '/x')).toBe('no such signal');
    expect(messageOf('{"error":{"message":"too big"}}', 413, '/x')).toBe('too big');
    expect(messageOf('not found\nmore', 404, '/x')).toBe('not found');
    expect(messageOf('<html>', 502, '/x')).toBe('/x answered 502');
  });

  it('a_list_is_found_bare_or_under_its_name', () => {
    expect(listIn([{ a: 1 }, 2], 'x')).toEqual([{ a: 1 }]);
    expect(listIn({ x: [{ a: 1 }] }, 'y', 'x')).toEqual([{ a: 1 }]);
    expect(listIn(null, 'x')).toEqual([]);
  });
});

describe('the frame', () => {
  it('an_unknown_screen_is_the_live_one', () => {
    expect(splitHash('#/system?q=ws').screen).toBe('system');
    expect(splitHash('#/system?q=ws').params.get('q')).toBe('ws');
    expect(splitHash('#/nonsense').screen).toBe('live');
    expect(splitHash('').screen).toBe('live');
  });

  it('versions_are_compared_by_number', () => {
    expect(compareVersions('0.10.0', '0.9.9')).toBe('newer');
    expect(compareVersions('0.1.0-12-gabc', '0.1.0')).toBe('same');
    expect(compareVersions('0.0.9', '0.1.0')).toBe('older');
    expect(compareVersions('mock', '0.1.0')).toBe('same');
  });

  it('the_page_has_the_version_of_the_program', () => {
    const meson = readFileSync(new URL('../../../meson.build', import.meta.url), 'utf8');
    expect(/version: '([^']+)'/.exec(meson)?.[1]).toBe(PAGE_VERSION);
  });

  it('a_token_is_shown_as_a_subprotocol_and_never_in_an_address', () => {
    expect(socketUrl({ protocol: 'https:', host: 'h:1' }, '/ws/a')).toBe('wss://h:1/ws/a');
    expect(socketProtocols('')).toEqual([]);
    expect(socketProtocols('a.b')).toEqual(['g20', 'bearer.a.b']);
    expect(['a-._~+B9', 'a b', 'a/b', ''].map(isToken)).toEqual([true, false, false, false]);
    expect(query({ a: 1, b: undefined, c: '' })).toBe('?a=1');
  });
});

describe('live helpers', () => {
  const e = (over: object): TrackedEmission =>
    ({
      id: 1,
      className: 'fsk',
      confidence: 0.8,
      startUs: 5,
      durationS: 1,
      fLoHz: 1e6,
      fHiHz: 1.01e6,
      snrDb: 10,
      open: false,
      ...over,
    }) as TrackedEmission;

  it('choice_filters_and_sorts_and_an_unknown_score_passes', () => {
    const c = new Choice();
    const list = [e({ id: 1, snrDb: 3 }), e({ id: 2, snrDb: NaN }), e({ id: 3, snrDb: 30 })];
    c.sort('snr');
    expect(c.sorted(list).map((x) => x.id)).toEqual([3, 1, 2]);
    c.sort('snr');
    expect(c.sorted(list).map((x) => x.id)).toEqual([2, 1, 3]);
    c.minScore = 0.9;
    expect(c.shows(e({}))).toBe(false);
    expect(c.shows(e({ confidence: NaN }))).toBe(true);
    c.hide(7);
    expect(c.shows(e({ id: 7, confidence: 1 }))).toBe(false);
    c.showHidden();
    c.toggleClass('fsk');
    expect(c.shows(e({ confidence: 1 }))).toBe(false);
  });

  it('the_address_of_an_emission_is_its_band_and_a_fifth_more', () => {
    expect(iqAddress({ protocol: 'http:', host: 'h:5' }, e({}))).toBe(
      'ws://h:5/ws/iq?center_hz=1005000&bandwidth_hz=12000',
    );
  });

  it('what_the_ring_has_not_any_more_is_not_asked_for', () => {
    const r = { start_us: 1000, duration_us: 500, center_hz: 1e6, bandwidth_hz: 1e5 };
    expect(heldPart(r, 0)).toEqual(r);
    expect(heldPart(r, 1200)).toEqual({ ...r, start_us: 1200, duration_us: 300 });
    expect(heldPart(r, 1500)).toEqual(r); // nothing of it is left: the daemon says so
  });

  it('a_difference_has_signs', () => {
    const a = { hz: 1000, us: 2e6, db: -50 };
    expect(difference(a, { hz: 500, us: 3e6, db: NaN })).toBe(
      '\u0394 \u2212500\u202fHz, +1.00\u202fs',
    );
  });

  it('history_is_asked_for_once_and_never_again_when_refused', () => {
    vi.useFakeTimers();
    const sent: unknown[] = [];
    const h = new History(8, 8, (m) => sent.push(m) > 0);
    h.want({ fromUs: 100, toUs: 200, rows: 4 }, 'k');
    vi.runAllTimers();
    h.want({ fromUs: 90, toUs: 190, rows: 4 }, 'k'); // within the margin of the first
    vi.runAllTimers();
    expect(sent).toEqual([{ command: 'history', from_us: 50, to_us: 250, rows: 8 }]);
    h.want({ fromUs: 90, toUs: 190, rows: 4 }, 'other view');
    vi.runAllTimers();
    expect(sent.length).toBe(2);
    expect(h.waiting).toBe(true);
    h.ended(7); // the first, given up for the second
    expect(h.waiting).toBe(true);
    h.ended(7);
    expect([h.waiting, h.oldestUs]).toEqual([false, 7]);
    h.refuse('no');
    h.want({ fromUs: 0, toUs: 10, rows: 4 }, 'k');
    vi.runAllTimers();
    expect(sent.length).toBe(2);
    vi.useRealTimers();
  });

  it('score_and_classes_survive_the_address', () => {
    const s = parseHash(formatHash({ page: 'live', minScore: 0.5, offClasses: ['a b', 'c'] }));
    expect(s).toEqual({ page: 'live', minScore: 0.5, offClasses: ['a b', 'c'] });
  });
});
