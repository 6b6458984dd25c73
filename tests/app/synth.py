#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes written as recordings score as the scenes themselves; faults name their line and leave nothing.

usage: synth.py PATH_OF_G20"""
import filecmp
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

exe = sys.argv[1]


def g20(*args, code=0, **more):
    r = subprocess.run([exe, *args], capture_output=True, text=True, timeout=250, **more)
    assert r.returncode == code, (args, r)
    return r.stdout if code == 0 else json.loads(r.stderr.splitlines()[-1])["message"]


def figures(*args):
    with tempfile.TemporaryDirectory() as t:
        g20("eval", "-q", "--model", "energy", "--json", f"{t}/x", *args)
        with open(f"{t}/x", encoding="utf-8") as f:
            return json.load(f)[0]


with tempfile.TemporaryDirectory() as d:
    with open(f"{d}/recipe", "w", encoding="utf-8") as f:
        f.write("# two scenes\nplain: seed=9,seconds=0.5,density=3\n\n"
                "real.1: seed=3,seconds=0.3,receiver=on,channel=on,overlap=0.2  # a receiver\n")
    g20("synth", "-q", "-o", f"{d}/a", "--rate", "4e6", f"{d}/recipe")
    g20("synth", "-q", "-o", f"{d}/b", "--rate", "4e6", f"{d}/recipe")
    names = sorted(os.listdir(f"{d}/a"))
    assert names == ["plain.sigmf-data", "plain.sigmf-meta", "real.1.sigmf-data", "real.1.sigmf-meta"], names
    assert filecmp.cmpfiles(f"{d}/a", f"{d}/b", names, shallow=False)[0] == names
    assert os.path.getsize(f"{d}/a/plain.sigmf-data") == 2_000_000 * 4

    # The recording and its annotations are the scene and its boxes.
    a = figures(f"{d}/a/plain.sigmf-meta")
    b = figures("--rate", "4e6", "--scene", "seed=9,seconds=0.5,density=3")
    for key in ("boxes", "found", "emissions", "fragments", "ap50", "median_iou"):
        assert key not in b or a[key] == b[key], (key, a[key], b[key])
    assert a["boxes"] == b["boxes"] >= 5 and a["found"] == b["found"] > 0, (a, b)
    with open(f"{d}/a/plain.sigmf-meta", encoding="utf-8") as f:
        meta = json.load(f)
    assert meta["global"]["core:sample_rate"] == 4e6 and meta["global"]["g20:truth"] == "complete"
    spurs = [x for x in meta["annotations"] if x.get("g20:ignore")]
    assert {x["core:label"] for x in spurs} == {"spur"} and len(spurs) < len(meta["annotations"])

    # Copies take the seeds that follow; floats are twice as long.
    g20("synth", "-q", "-o", f"{d}/c", "--rate", "4e6", "--copies", "2", "-f", "cf32_le",
        "--scene", "seed=8,seconds=0.1")
    assert os.path.getsize(f"{d}/c/scene-1-0001.sigmf-data") == 400_000 * 8
    g20("synth", "-q", "-o", f"{d}/e", "--rate", "4e6", "-f", "cf32_le", "--scene", "seed=9,seconds=0.1")
    assert filecmp.cmp(f"{d}/c/scene-1-0001.sigmf-data", f"{d}/e/scene-1.sigmf-data", shallow=False)

    for text, want in (("x seed=1", ":1: want NAME"), ("a b: seed=1", ":1: want NAME"), ("../x: seed=1", ":1: want NAME"),
                       ("\nx: seed=1", "wants seconds=N"), ("x: seconds=1,colour=red", "colour"),
                       ("# nothing", "no scene"), ("x: seconds=1,receiver=maybe", "receiver")):
        with open(f"{d}/bad", "w", encoding="utf-8") as f:
            f.write(text)
        assert want in g20("synth", "-o", f"{d}/f", f"{d}/bad", code=2), text
    for args, want in (([], "--out"), (["-o", f"{d}/f"], "RECIPE or --scene"), (["-o", f"{d}/f", f"{d}/none"], "none"),
                       (["-o", f"{d}/no/such", "--scene", "seconds=1"], "no/such")):
        assert want in g20("synth", *args, code=2), args
    assert os.listdir(f"{d}/f") == []

    # A file that cannot grow, and an interrupt: nothing is left, what was there stays.
    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = os.stat(f"{d}/e/scene-1.sigmf-data").st_mtime_ns
    assert "scene-1.sigmf-data" in g20("synth", "-o", f"{d}/e", "--scene", "seconds=1",
                                       code=2, preexec_fn=small)
    assert os.stat(f"{d}/e/scene-1.sigmf-data").st_mtime_ns == before
    p = subprocess.Popen([exe, "synth", "-q", "-o", f"{d}/g", "--scene", "seconds=100"], stderr=subprocess.PIPE)
    for _ in range(200):
        if os.path.isdir(f"{d}/g") and os.listdir(f"{d}/g"):
            break
        time.sleep(0.05)
    p.send_signal(signal.SIGINT)
    p.communicate(timeout=60)
    assert p.returncode != 0 and os.listdir(f"{d}/g") == [], (p.returncode, os.listdir(f"{d}/g"))
    assert sorted(os.listdir(f"{d}/e")) == ["scene-1.sigmf-data", "scene-1.sigmf-meta"]
print("synth: recordings are their scenes; faults leave nothing")
