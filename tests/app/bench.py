#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""g20 bench as a program: rows by name, JSON, comparison with an earlier run; no figure is judged.

usage: bench.py PATH_OF_G20"""
import json
import os
import subprocess
import sys
import tempfile

exe = sys.argv[1]
ROWS = ["iq_handover", "detections_decode"]


def bench(*args, code=0):
    r = subprocess.run([exe, "bench", *args], capture_output=True, text=True, timeout=100)
    assert r.returncode == code, (args, r)
    return r.stdout if code in (0, 1) and r.stdout else json.loads(r.stderr.splitlines()[-1])["message"]


listed = bench("--list")
assert all(f"\n{name} " in f"\n{listed}" for name in ROWS), listed
rows = json.loads(bench("--quick", "--json", "-", *ROWS))
assert sorted(r["row"] for r in rows) == sorted(ROWS) and all(r["median"] > 0 for r in rows), rows

with tempfile.TemporaryDirectory() as d:
    now = f"{d}/now.json"
    table = bench("--quick", "--json", now, ROWS[0])
    assert ROWS[0] in table and ROWS[1] not in table, table
    with open(now, encoding="utf-8") as f:
        was = json.load(f)
    assert [r["row"] for r in was] == ROWS[:1], was
    # A million percent is never reached; a picosecond always is missed.
    bench("--quick", "--compare", now, "--worse", "1000000", ROWS[0])
    was[0]["median"] = was[0]["p99"] = 1e-9
    with open(now, "w", encoding="utf-8") as f:
        json.dump(was, f)
    assert ROWS[0] in bench("--quick", "--compare", now, "--worse", "1", ROWS[0], code=1)
    with open(now, "w", encoding="utf-8") as f:
        f.write("[{")
    for path, says in ((now, now), (f"{d}/none", "none")):
        r = subprocess.run([exe, "bench", "--quick", "--compare", path, ROWS[0]], capture_output=True, text=True, timeout=100)
        assert r.returncode == 2 and says in r.stderr, r
        assert (path == now) == bool(r.stdout), r  # a file that is not there is told before it measures
    r = subprocess.run([exe, "bench", "--quick", "--json", f"{d}/no/out.json", ROWS[0]], capture_output=True, text=True, timeout=100)
    assert r.returncode == 1 and "no/out.json" in r.stderr and r.stdout == "", r  # before it measures
    assert not os.path.exists(f"{d}/no")

assert "no row 'fast'" in bench("fast", code=2)
print("bench: 2 rows")
