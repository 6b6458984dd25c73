// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
import { describe, expect, it } from 'vitest';
import { ClassColours, COLOURS } from '../../src/draw/classes';

const names = Array.from({ length: COLOURS.length }, (_, i) => `signal ${i * i}`);

describe('colours of classes', () => {
  it('as_many_names_as_there_are_colours_have_one_each_and_keep_it', () => {
    const colours = new ClassColours();
    const first = names.map((n) => colours.of(n, 0));
    expect(new Set(first).size).toBe(COLOURS.length);
    const again = [...names].reverse().map((n) => colours.of(n, 20_000));
    expect(again.reverse()).toEqual(first);
  });

  it('one_more_shares_a_colour_and_takes_none_away', () => {
    const colours = new ClassColours();
    const first = names.map((n) => colours.of(n, 0));
    expect(COLOURS).toContain(colours.of('one more', 10));
    expect(names.map((n) => colours.of(n, 20))).toEqual(first);
  });

  it('what_is_no_longer_shown_gives_its_colour_back', () => {
    const colours = new ClassColours();
    const first = names.map((n) => colours.of(n, 0));
    for (const n of names.slice(1)) colours.of(n, 60_000);
    expect(colours.of('one more', 60_010)).toBe(first[0]);
  });

  it('alone_a_name_has_the_same_colour_every_time', () => {
    for (const n of names) expect(new ClassColours().of(n, 0)).toBe(new ClassColours().of(n, 5));
  });
});
