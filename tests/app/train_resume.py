#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A training killed at any moment and started again ends with the same weights; detect uses them.

usage: train_resume.py PATH_OF_G20"""
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile

exe = sys.argv[1]
options = ["--steps", "12", "--check", "3", "--pool", "3", "--fresh", "2", "--batch", "2",
           "--rows", "64", "--bins", "256", "--width", "16", "--validation", "2"]


def train(path, *more, kill=False):
    p = subprocess.Popen([exe, "train", "backbone", "-q", "-o", path, *options, *more],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = []
    for line in p.stdout:
        lines.append(json.loads(line))
        if kill:  # just after a checkpoint was written, while it works on
            p.send_signal(signal.SIGKILL)
            break
    errors = p.communicate(timeout=200)[1]
    return p.returncode, lines, errors


def last_error(text):
    return json.loads(text.splitlines()[-1])["message"]


with tempfile.TemporaryDirectory() as d:
    whole, cut = f"{d}/whole.ckpt", f"{d}/cut.ckpt"
    code, lines, errors = train(whole)
    assert code == 0 and [x["step"] for x in lines] == [3, 6, 9, 12], (code, lines, errors)
    assert all(x["loss"] > 0 and 0 <= x["recall"] <= 1 for x in lines), lines
    killed = 0
    for _ in range(20):
        code, lines, errors = train(cut, kill=killed < 2)
        if code == 0:
            break
        assert code == -signal.SIGKILL, (code, errors)
        killed += 1
    assert killed == 2, killed
    with open(whole, "rb") as a, open(cut, "rb") as b:
        assert a.read() == b.read()
    assert sorted(os.listdir(d)) == ["cut.ckpt", "cut.ckpt.best", "whole.ckpt", "whole.ckpt.best"]

    # Weights to begin with: other results than drawn ones, and a file that is none is refused.
    code, lines, errors = train(f"{d}/next.ckpt", "--from", f"{whole}.best")
    assert code == 0 and [x["step"] for x in lines] == [3, 6, 9, 12], (code, lines, errors)
    with open(whole, "rb") as a, open(f"{d}/next.ckpt", "rb") as b:
        assert a.read() != b.read()
    for name in ("none", "junk"):
        with open(f"{d}/junk", "wb") as f:
            f.write(b"G20TRAIN" * 1000)
        code, _, errors = train(f"{d}/new.ckpt", "--from", f"{d}/{name}")
        assert code == 2 and f"{d}/{name}" in last_error(errors), (code, errors)

    # A model's weights: those of layers that are alike learn nothing while they are held.
    r = subprocess.run([exe, "model", "export", whole, "-o", f"{d}/whole.onnx", "--name", "hydra",
                        "--model-version", "0"], capture_output=True, text=True, timeout=60)
    assert r.returncode == 0, r
    same, few = {}, ["--steps", "3", "--pool", "2", "--validation", "1"]
    for hold in ("0", "3"):
        held = []
        for seed in ("3", "4"):
            path = f"{d}/{hold}-{seed}.ckpt"
            code, _, errors = train(path, *few, "--from", f"{d}/whole.onnx", "--hold", hold,
                                    "--seed", seed)
            assert code == 0, (code, errors)
            with open(path, "rb") as f:
                held.append(f.read())
        n = struct.unpack_from("<Q", held[0], 32)[0]
        a, b = (struct.unpack_from(f"<{n}f", x, 48) for x in held)
        same[hold] = sum(x == y for x, y in zip(a, b)) / n
    assert same["0"] < 0.9 and same["3"] == 1, same

    # Other settings do not go on from it, and leave it alone.
    code, _, errors = train(cut, "--seed", "2")
    assert code != 0 and "other settings" in last_error(errors), errors
    for args, want in ((["train"], 2), (["train", "fly"], 2), (["train", "head"], 2),
                       (["train", "backbone", "--rows", "100"], 2)):
        r = subprocess.run([exe, *args], capture_output=True, text=True, timeout=60)
        assert r.returncode == want, (args, r)

    # Weights that know next to nothing still give emissions within the recording, and no crash.
    random.seed(4)
    with open(f"{d}/x.iq", "wb") as f:
        for i in range(400000):
            level = 5000 if 150000 < i < 250000 else 30
            f.write(struct.pack("<hh", *(max(-32768, min(32767, int(random.gauss(0, level)))) for _ in "iq")))
    found = 0
    for threshold in ("0.01", "0.1", "0.9"):
        r = subprocess.run([exe, "detect", "-q", "--format", "jsonl", "--model", f"{whole}.best",
                            "-s", threshold, f"{d}/x.iq,format=ci16_le,rate=1e6"],
                           capture_output=True, text=True, timeout=200)
        assert r.returncode == 0, r
        for line in r.stdout.splitlines():
            e = json.loads(line)
            found += 1
            assert e["model"] == "hydra" and 0 <= e["confidence"] <= 1, e
            assert 0 <= e["sample_start"] < 400000 and e["sample_count"] > 0, e
            assert e["sample_start"] + e["sample_count"] <= 400000, e
            assert -500000 <= e["f_lo_hz"] < e["f_hi_hz"] <= 500000, e
    for bad in (f"{d}/x.iq", "no-such-model"):
        r = subprocess.run([exe, "detect", "--model", bad, f"{d}/x.iq,format=ci16_le,rate=1e6"],
                           capture_output=True, text=True, timeout=60)
        assert r.returncode != 0 and bad in last_error(r.stderr), r
print(f"train: resumed after {killed} kills; {found} emissions of untrained weights")
