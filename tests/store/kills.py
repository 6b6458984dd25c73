#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at random moments while the store writes: all that it said was stored is there.

usage: kills.py PATH_OF_WRITER [KILLS]     default: G20_KILLS, else 8 (docs/testing.md: 50 in the long run)"""
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time


def check(path, said):
    """Opens, is whole, and holds every one of @said: {"c": ids, "o": ids, "s": ids}."""
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    state = dict(db.execute("SELECT id, state FROM emissions"))
    names = {int(n[1:]) for (n,) in db.execute("SELECT name FROM signals")}
    db.close()
    lost = [i for i in said["c"] if state.get(i) != 1] + [i for i in said["o"] if state.get(i) not in (0, 2)]
    assert not lost, f"{len(lost)} emissions lost: {lost[:5]}"
    assert not said["s"] - names, f"signals lost: {said['s'] - names}"
    return state


def main():
    writer = sys.argv[1]
    kills = int(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("G20_KILLS", "8"))
    seed = int(os.environ.get("G20_SEED", time.time_ns() % 10**6))
    rng = random.Random(seed)
    print(f"seed {seed}", flush=True)
    said = {"c": set(), "o": set(), "s": set()}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "g20.db")
        for turn in range(kills):
            p = subprocess.Popen([writer, path], stdout=subprocess.PIPE)
            first = p.stdout.readline()
            time.sleep(rng.uniform(0.0, 0.3))
            p.kill()
            lines = [first, *p.stdout.read().splitlines()]
            p.wait()
            for line in lines:
                if line.strip():
                    said[chr(line[0])].add(int(line[1:]))
            check(path, said)
        subprocess.run([writer, path, "close"], check=True, timeout=60)
        state = check(path, said)
        assert 0 not in state.values(), "open emissions were not marked unfinished"
        aside = [f for f in os.listdir(folder) if "damaged" in f]
        assert not aside, aside
        assert len(said["c"]) > kills, "too little was written for a test"
        print(f"{kills} kills: {len(said['c'])} ended, {len(said['o'])} open and {len(said['s'])} signals were said to be"
              f" stored; {len(state)} emissions are there, {sum(s == 2 for s in state.values())} unfinished, 0 lost")


if __name__ == "__main__":
    main()
