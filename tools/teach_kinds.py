# SPDX-License-Identifier: GPL-3.0-or-later
"""Seven made kinds to choose by, so that those of the table stay unseen: `teach_table.py G20 --choose`.

Each is what the detector has trouble with: long keyed words, short packets of pulses that follow each other closely,
four tones with pauses, slots that touch, five carriers at once, repeated ramps, and carriers on a grid of 15 kHz: one
that hops, or 3 to 12 at once with abrupt symbols, 1 to 32 ms long, so strong that skirts are seen."""
import array
import cmath
import math
import random

RATES = {"keys": 250e3, "pulses": 2e6, "quad": 1e6, "slots": 640e3, "comb": 1e6, "saw": 1e6, "grid": 960e3}


def modulate(frequencies, rate):
    phase, x = 0.0, []
    for f in frequencies:
        phase += math.tau * f / rate
        x.append(cmath.rect(1, phase))
    return x


def keys(rng, rate):
    unit, x = rng.uniform(250e-6, 450e-6), []
    for _ in range(rng.choice([20, 24, 28])):
        on, off = (3, 1) if rng.random() < 0.5 else (1, 3)
        x += [1.0] * int(on * unit * rate) + [0.0] * int(off * unit * rate)
    return x, 2.5 / unit


def pulses(rng, _rate):
    x = []
    for _ in range(rng.choice([48, 96])):
        x += [1.0, 1.0, 0.0, 0.0] if rng.random() < 0.5 else [0.0, 0.0, 1.0, 1.0]
    return x, 1.2e6


def quad(rng, rate):
    n, width = int(rate * rng.uniform(6e-3, 14e-3)), rng.uniform(25e3, 70e3)
    symbol = int(rate * rng.uniform(0.25e-3, 0.4e-3))
    tones = [rng.choice([-1.5, -0.5, 0.5, 1.5]) * width / 4 for _ in range(n // symbol + 1)]
    x = modulate((tones[i // symbol] for i in range(n)), rate)
    return [v if i // (3 * symbol) % 3 != 2 else 0.0 for i, v in enumerate(x)], width


def slots(rng, rate):
    n, width = int(rate * 2e-3 * rng.choice([1, 1, 2, 4])), rng.choice([30e3, 60e3])
    each = round(rate / width)
    s = [cmath.rect(1, math.pi / 4 + math.pi / 2 * rng.randrange(4)) for _ in range(n // each + 3)]
    return [s[i // each] + (s[i // each + 1] - s[i // each]) * (0.5 - 0.5 * math.cos(math.pi * (i % each) / each))
            for i in range(n)], width


def comb(rng, rate):
    n, width = int(rate * rng.uniform(5e-3, 16e-3)), rng.uniform(40e3, 90e3)
    turn, phases = math.tau * rng.uniform(300, 600) / rate, [rng.random() * math.tau for _ in range(5)]
    return [sum(cmath.rect(0.45, (k - 2) * width / 4 * math.tau * i / rate + phases[k]) for k in range(5)) *
            (1.5 if math.sin(turn * i) > 0 else 0.5) for i in range(n)], width


def saw(rng, rate):
    n, width = int(rate * rng.uniform(8e-3, 13e-3)), rng.uniform(30e3, 80e3)
    return modulate((width * (i * 8 / n % 1 - 0.5) for i in range(n)), rate), width


def grid(rng, rate):
    each, symbols = round(rate / 15e3), 15 * rng.choice([1, 2, 4, 8, 16, 32])  # without cyclic prefixes
    tones = rng.choice([1, 3, 6, 12])
    turns = [[cmath.rect(1, math.tau * k * i / each) for i in range(each)] for k in range(12)]
    x = []
    for s in range(symbols):
        if tones == 1:  # hops, and stays for 2 ms
            k = rng.randrange(12) if s % 30 == 0 else k
            x += turns[k]
            continue
        q = [cmath.rect(1, math.pi / 4 + math.pi / 2 * rng.randrange(4)) for _ in range(tones)]
        spread = [sum(q[n] * cmath.rect(1, -math.tau * k * n / tones) for n in range(tones)) / tones for k in range(tones)]
        x += [sum(spread[k] * turns[k][i] for k in range(tones)) for i in range(each)]
    width = 15e3 * (12 if tones == 1 else tones)
    down = [cmath.rect(1, -math.pi * (width - 15e3) / rate * i) for i in range(len(x))]
    return [v * d for v, d in zip(x, down)], width


BURSTS = {"keys": keys, "pulses": pulses, "quad": quad, "slots": slots, "comb": comb, "saw": saw, "grid": grid}


def gap_s(kind, rng):
    if kind == "pulses":
        return rng.choice([60e-6, 150e-6, 1e-3, 4e-3])
    if kind == "slots":
        return rng.choice([0, 2e-3, 8e-3])
    if kind == "grid":
        return rng.choice([0, 3e-3, 15e-3])
    return 12e-3 if kind == "keys" else 6e-3


def make(kind, seed, count):
    """Samples (cf32) of @count bursts in noise, their rate and annotations."""
    rng, rate, notes = random.Random(seed * 7919 + list(RATES).index(kind)), RATES[kind], []
    y = [0.0] * int(rate * 20e-3)
    for _ in range(count):
        x, width = BURSTS[kind](rng, rate)
        y += [0.0] * int(rate * gap_s(kind, rng) * rng.uniform(0.7, 1.5))
        if kind == "pulses":
            centre = 0.0
        else:
            centre = rate * (rng.choice([-0.1, 0.1]) if kind == "slots" else rng.uniform(-0.35, 0.35))
        level, turn = rng.uniform(0.02, 0.15), math.tau * centre / rate
        notes.append({"core:sample_start": len(y), "core:sample_count": len(x), "core:label": kind,
                      "core:freq_lower_edge": centre - 0.55 * width, "core:freq_upper_edge": centre + 0.55 * width})
        y += [level * v * cmath.rect(1, turn * k) for k, v in enumerate(x)]
    noise = 0.02 if kind == "pulses" else 0.002 if kind == "grid" else 0.01 if rate >= 1e6 else 0.005
    data = array.array("f")
    for v in y + [0.0] * int(rate * 20e-3):
        data.extend((complex(v).real + rng.gauss(0, noise), complex(v).imag + rng.gauss(0, noise)))
    return data.tobytes(), rate, notes
