#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Teach a signal from labelled recordings, and name it in others: also shifted, later and weaker.
And the trunk's training: killed and gone on with.

usage: heads.py PATH_OF_G20"""
import array
import cmath
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile

from client import KEEPS_UP, Daemon, Ws, get, wait_for

exe = sys.argv[1]
KIND, RATE = "ssb", 2e6


def g20(*args, code=0, **env):
    r = subprocess.run([exe, *args], capture_output=True, text=True, timeout=280 if KEEPS_UP else 1200, env={**os.environ, **env})
    assert r.returncode == code, (args, r.stdout[-500:], r.stderr[-2000:])
    return r.stdout if code == 0 else json.loads(r.stderr.splitlines()[-1])["message"]


def synth(folder, *scenes):
    g20("synth", "-q", "-o", folder, "--rate", str(RATE), *(a for s in scenes for a in ("--scene", s)))
    return [f"{folder}/scene-{i + 1}" for i in range(len(scenes))]


def load(path):
    with open(path + ".sigmf-meta") as f:
        meta = json.load(f)
    return meta, [a for a in meta["annotations"] if not a.get("g20:ignore")]


def share(e, a):
    """Of the emission within the annotation."""
    t0, t1 = e["sample_start"], e["sample_start"] + e["sample_count"]
    s0, s1 = a["core:sample_start"], a["core:sample_start"] + a["core:sample_count"]
    time = max(0, min(t1, s1) - max(t0, s0))
    band = max(0, min(e["f_hi_hz"], a["core:freq_upper_edge"]) - max(e["f_lo_hz"], a["core:freq_lower_edge"]))
    return time * band / max(1e-9, (t1 - t0) * (e["f_hi_hz"] - e["f_lo_hz"]))


def detect(head, *files, **env):
    out = g20("detect", "-q", "--format", "jsonl", *(("--head", head) if head else ()), *files, **env)
    return [json.loads(line) for line in out.splitlines()]


def f1(head, recordings):
    hits = wrong = missed = 0
    for path in recordings:
        truth = load(path)[1]
        for e in detect(head, path):
            best = max(truth, key=lambda a: share(e, a), default=None)
            meant = best is not None and share(e, best) > 0.5 and best["core:label"] == KIND
            named = e["class"] == KIND
            hits += named and meant
            wrong += named and not meant
            missed += meant and not named
    return 2 * hits / max(1, 2 * hits + wrong + missed), hits, wrong, missed


def varied(path, to, gain=1.0, late=0, eighth=False):
    """The same recording weaker, later, or an eighth of the rate higher."""
    meta, _ = load(path)
    x = array.array("h")
    with open(path + ".sigmf-data", "rb") as f:
        x.frombytes(f.read())
    turn = [(math.cos(math.tau * k / 8), math.sin(math.tau * k / 8)) for k in range(8)] if eighth else [(1.0, 0.0)] * 8
    y = array.array("h", bytes(4 * late))
    for i in range(0, len(x), 2):
        c, s = turn[i // 2 % 8]
        y.append(round(gain * (x[i] * c - x[i + 1] * s)))
        y.append(round(gain * (x[i] * s + x[i + 1] * c)))
    meta["annotations"] = []
    with open(to + ".sigmf-meta", "w") as f:
        json.dump(meta, f)
    with open(to + ".sigmf-data", "wb") as f:
        f.write(y.tobytes())
    return to


def combs(path, seed, count=6):
    """Bursts of four tones, which the detector finds one by one, 40 to 60 kHz wide, keyed slowly."""
    rng, rate, x, notes = random.Random(seed), 1e6, [0j] * 20000, []
    for _ in range(count):
        n, width, centre = rng.randrange(8000, 12000), rng.uniform(40e3, 60e3), rng.uniform(-350e3, 350e3)
        notes.append({"core:sample_start": len(x), "core:sample_count": n, "core:label": "comb",
                      "core:freq_lower_edge": centre - 0.55 * width, "core:freq_upper_edge": centre + 0.55 * width})
        tones = [math.tau * (centre + (k / 3 - 0.5) * width) / rate for k in range(4)]
        x += [sum(cmath.rect(0.02 if i // 1000 % 2 else 0.01, w * i) for w in tones) for i in range(n)] + [0j] * 8000
    data = array.array("f")
    for v in x + [0j] * 20000:
        data.extend((v.real + rng.gauss(0, 0.01), v.imag + rng.gauss(0, 0.01)))
    with open(path + ".sigmf-data", "wb") as f:
        f.write(data.tobytes())
    with open(path + ".sigmf-meta", "w") as f:
        json.dump({"global": {"core:datatype": "cf32_le", "core:sample_rate": rate, "core:version": "1.0.0"},
                   "captures": [{"core:sample_start": 0, "core:frequency": 0.0}], "annotations": notes}, f)
    return path


def told_whole(found, path, kind):
    """Bursts of @path of which an emission of class @kind has the whole band."""
    return sum(any(e["class"] == kind and share(e, a) > 0.5 and
                   e["f_hi_hz"] - e["f_lo_hz"] > 0.8 / 1.1 * (a["core:freq_upper_edge"] - a["core:freq_lower_edge"])
                   for e in found) for a in load(path)[1])


with tempfile.TemporaryDirectory() as d:
    # The trunk: the same weights whether it was killed or not; a kind that is left out; faults.
    tiny = ["train", "trunk", "-q", "--scenes", "2", "--validation", "1", "--steps", "20", "--check", "5", "--batch", "4"]
    whole, cut = f"{d}/whole.ckpt", f"{d}/cut.ckpt"
    lines = [json.loads(x) for x in g20(*tiny, "-o", whole, "-m", f"{d}/tiny.onnx").splitlines()]
    assert [x["step"] for x in lines] == [5, 10, 15, 20] and lines[-1]["examples"] > 4, lines
    p = subprocess.Popen([exe, *tiny, "-o", cut], stdout=subprocess.PIPE, text=True)
    p.stdout.readline()
    p.send_signal(signal.SIGKILL)
    p.wait()
    p.stdout.close()
    g20(*tiny, "-o", cut)
    with open(whole, "rb") as a, open(cut, "rb") as b:
        assert a.read() == b.read()
    assert "other settings" in g20(*tiny, "-o", cut, "--without", "lora", code=2)
    info = json.loads(g20("model", "info", "--json", f"{d}/tiny.onnx"))
    assert info["properties"]["g20.kind"] == "look" and info["properties"]["g20.steps"] == "20", info

    # Some twenty labelled examples, and a recording with other signals.
    lessons = synth(f"{d}/lessons", *(f"kind={KIND},seed={s},seconds=0.5,density=6,snr_min=8" for s in (31, 32, 33)),
                    "seed=34,seconds=0.5,density=3,snr_min=5")
    labelled = sum(a["core:label"] == KIND for p in lessons for a in load(p)[1])
    head = f"{d}/{KIND}.onnx"
    report = json.loads(g20("train", "head", KIND, "-q", "-o", head, "--scenes", "3", *lessons))
    assert report["labelled"] == labelled >= 15 and report["f1_basis"] == "recordings", report
    assert report["f1"] > 0.7 and report["held_meant"] > 0 and report["epochs"] > 0, report
    again = f"{d}/again.onnx"
    g20("train", "head", KIND, "-q", "-o", again, "--scenes", "3", *lessons)
    with open(head, "rb") as a, open(again, "rb") as b:
        assert a.read() == b.read()

    # Recordings it never saw.
    unseen = synth(f"{d}/unseen", f"kind={KIND},seed=41,seconds=0.5,density=6,snr_min=8",
                   "seed=42,seconds=0.5,density=3,snr_min=5")
    score, hits, wrong, missed = f1(head, unseen)
    assert score >= 0.75, (score, hits, wrong, missed)
    assert all(e["class"] == "signal" for e in detect(None, *unseen))

    # The same elsewhere in band, time and level is named the same.
    named = [e for e in detect(head, unseen[0]) if e["class"] == KIND]
    limit = load(unseen[0])[0]["captures"][0]["core:frequency"] + 0.3 * RATE  # higher ones fall off the band
    inside = [e for e in named if e["f_hi_hz"] < limit]
    kept = {}
    for what, how, base in (("weaker", {"gain": 0.5}, named), ("later", {"late": 34567}, named),
                            ("higher", {"eighth": True}, inside)):
        moved = detect(head, varied(unseen[0], f"{d}/{what}", **how))
        kept[what] = sum(e["class"] == KIND for e in moved) / max(1, len(base))
        assert kept[what] >= 0.8, (what, kept, len(base))

    # What the detector finds in pieces is named as one, by the shape that its boxes have.
    comb = f"{d}/comb.onnx"
    g20("train", "head", "comb", "-q", "-o", comb, "--scenes", "1", *(combs(f"{d}/comb-{k}", k) for k in (1, 2, 3)))
    assert json.loads(g20("model", "info", "--json", comb))["properties"]["g20.shape"].count(" ") == 4
    tried = combs(f"{d}/comb-4", 4, 10)
    pieces, whole_ones = detect(None, tried), detect(comb, tried)
    by_itself, by_shape = told_whole(pieces, tried, "signal"), told_whole(whole_ones, tried, "comb")
    assert by_shape >= 6 and by_shape >= by_itself + 2, (by_itself, by_shape)

    # The daemon takes what is in its folder, and leaves out what does not fit.
    os.makedirs(f"{d}/models/heads")
    os.mkdir(f"{d}/run")
    shutil.copy(head, f"{d}/models/heads")
    shutil.copy(f"{d}/tiny.onnx", f"{d}/models/heads")
    daemon = Daemon(exe, f"{d}/run", "source.driver=file", f"source.args={unseen[0]}", "source.loop=true",
                    f"paths.models_dir={d}/models")
    try:
        wait_for("the head", lambda: '"heads":1' in daemon.logged() and "left out" in daemon.logged())
        ws = Ws(daemon.port)
        found = json.loads(ws.until(lambda op, data: op == 1 and json.loads(data).get("class") == KIND))
        assert found["type"] == "emission", found
        ws.sock.close()
        # Gone and back while it runs; the same one twice is refused.
        socket = next(f"{p}/g20.sock" for p, _, files in os.walk(f"{d}/run") if "g20.sock" in files)
        ctl = lambda code, *words: g20("ctl", "--socket", socket, *words, code=code)
        ctl(0, "unload_model", f"name={KIND}")
        assert "no head" in ctl(1, "unload_model", f"name={KIND}")
        assert json.loads(get(daemon.port, "/api/models")[2])["heads"] == []
        ctl(0, "load_model", f"name={KIND}")
        api = json.loads(get(daemon.port, "/api/models")[2])
        assert api["heads"] == [{"name": KIND, "version": "1"}] and api["active"] == "hydra", api
        assert {"energy", "hydra"} <= set(api["models"]), api
        assert "hydra-look" not in api["models"], api  # what heads stand on finds nothing
        assert json.loads(get(daemon.port, "/api/capabilities")[2])["inference"]["models"] == api["models"]
        assert "loaded already" in ctl(1, "load_model", f"name={d}/models/heads/{KIND}.onnx")
        assert "g20.kind is look" in ctl(1, "load_model", "name=tiny")
        assert daemon.stop()[0] == 0
    finally:
        daemon.close()

    # What is refused.
    for args, want in ((["nothing", "-o", f"{d}/x.onnx", *lessons], 'the label "nothing"'),
                       (["a/b", "-o", f"{d}/x.onnx", *lessons], "plain characters"),
                       ([KIND, *lessons], "--out"), ([KIND, "-o", f"{d}/x.onnx", f"{d}/none"], "none"),
                       ([KIND, "-o", f"{d}/x.onnx", "--trunk", "none", *lessons], 'no model "none"'),
                       ([KIND, "-o", f"{d}/x.onnx", "--trunk", "hydra", *lessons], "g20.kind is tile")):
        assert want in g20("train", "head", "-q", *args, code=2), args
    assert "no/x.onnx" in g20("train", "head", "-q", KIND, "-o", f"{d}/no/x.onnx", "--scenes", "0", *lessons, code=1)
    assert not os.path.exists(f"{d}/x.onnx")
    with open(head, "rb") as f:
        data = f.read()
    with open(f"{d}/cut.onnx", "wb") as f:
        f.write(data[:-100])
    assert "cut.onnx" in g20("detect", "-q", "--head", f"{d}/cut.onnx", unseen[0], code=2)
    assert f'"{KIND}" is loaded already' in g20("detect", "-q", "--head", head, "--head", head, unseen[0], code=2)
    g20("train", "head", KIND, "-q", "-o", f"{d}/other.onnx", "--scenes", "3", "--trunk", f"{d}/tiny.onnx", *lessons)
    assert "trained on trunk" in g20("detect", "-q", "--head", f"{d}/other.onnx", unseen[0], code=2)
    listed = json.loads(g20("model", "info", "--json", head))
    assert listed["properties"]["g20.name"] == KIND and listed["properties"]["g20.kind"] == "head", listed
print(f"heads: {labelled} examples, F1 {score:.3f} ({hits} hits, {wrong} wrong, {missed} missed), "
      f"learnt in {report['seconds']:.1f} s, kept " + ", ".join(f"{k} {v:.2f}" for k, v in kept.items()))
