#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Teaching from the command line: samples from recordings.

usage: teach.py PATH_OF_G20"""
import json
import os
import subprocess
import sys
import tempfile

exe = sys.argv[1]
KIND, RATE = "ssb", 2e6


def g20(*args, code=0):
    r = subprocess.run([exe, *args], capture_output=True, text=True, timeout=900, env=os.environ)
    assert r.returncode == code, (args, r.stdout[-500:], r.stderr[-2000:])
    return r.stdout if code == 0 else json.loads(r.stderr.splitlines()[-1])["message"]


def synth(folder, *scenes):
    g20("synth", "-q", "-o", folder, "--rate", str(RATE), *(a for s in scenes for a in ("--scene", s)))
    return [f"{folder}/scene-{i + 1}.sigmf-meta" for i in range(len(scenes))]


def trained(text):
    """What a training said: its end, and the lines before. A review of what the version would have found comes last."""
    lines = [json.loads(x) for x in text.splitlines()]
    review, done = lines.pop(), lines.pop()
    assert review["type"] == "review" and review["version"] == done["version"] and review["items"] >= 0, review
    return done, lines


with tempfile.TemporaryDirectory() as d:
    here = ("--set", f"paths.training_dir={d}/training")
    lessons = synth(f"{d}/lessons", *(f"kind={KIND},seed={s},seconds=0.5,density=6,snr_min=8" for s in (31, 32, 33)))
    first = json.loads(g20("train", "import", "-q", *here, "--signal", KIND, "--complete", *lessons))
    assert first["samples"] == first["new"] == 3 and first["boxes"] > 10, first
    again = json.loads(g20("train", "import", "-q", *here, "--signal", KIND, "--complete", *lessons))
    assert again == {**first, "new": 0}, again
    assert "no annotation is labelled" in g20("train", "import", *here, "--signal", KIND, "--label", "x", *lessons, code=2)
    assert "signal_name" in g20("train", "import", *here, "--signal", "a/b", *lessons, code=2)
    assert "signal_name required" in g20("train", "import", *here, *lessons, code=2)
    assert len(os.listdir(f"{d}/training/signals/{KIND}/samples")) == 6

    # A version from them: progress, what is kept of it, promoted; the same again is no better.
    done, lines = trained(g20("train", "--signal", KIND, "--progress", *here, "--job", "j1"))
    assert done["type"] == "done" and done["version"] == 1 and done["f1"] > 0.8, done
    assert done["f1_basis"] == "recordings" and done["promotion"] == "the first version", done
    assert done["asked"] > 20 and done["kept"] >= 0.95 * done["asked"] and done["promoted"], done
    assert all(x["type"] == "progress" and x["eta_s"] >= 0 for x in lines), lines
    assert lines[0]["epoch"] == 0 and lines[0]["loss"] is None and lines[-1]["epoch"] > 0 and lines[-1]["loss"] > 0, lines
    version = f"{d}/training/signals/{KIND}/versions/0001"
    with open(f"{version}/version.json") as f:
        info = json.load(f)
    assert info["preset"] == "quick" and info["seed"] == 1 and len(info["dataset"]) == 32 and info["samples"] == 3, info
    assert info["promotion"] == "the first version" and info["job_id"] == "j1", info
    with open(f"{d}/training/signals/{KIND}/active.json") as f:
        assert json.load(f) == {"history": [1]}
    assert g20("train", "signal", KIND, "-q", *here, "--job", "j1") == ""  # done already
    again, _ = trained(g20("train", "signal", KIND, "-q", *here))
    assert again["version"] == 2 and again["f1"] == done["f1"] and again["seconds"] < done["seconds"], (again, done)

    # The same recordings taught another signal too: what is not that one ("other" in its samples) may well be this one.
    for k, lesson in enumerate(lessons):
        with open(lesson) as f:
            meta = json.load(f)
        centre = meta["captures"][0]["core:frequency"]
        meta["annotations"].insert(0, {"core:sample_start": 0, "core:sample_count": 20000, "core:label": "else",
                                       "core:freq_lower_edge": centre - 0.95e6, "core:freq_upper_edge": centre - 0.9e6})
        with open(f"{d}/twin-{k}.sigmf-meta", "w") as f:
            json.dump(meta, f)
        os.symlink(lesson.replace("-meta", "-data"), f"{d}/twin-{k}.sigmf-data")
    g20("train", "import", "-q", *here, "--signal", "else", "--label", "else", *(f"{d}/twin-{k}.sigmf-meta" for k in range(3)))
    with_else, _ = trained(g20("train", "signal", KIND, "-q", *here))
    assert with_else["version"] == 3 and with_else["f1"] > done["f1"] - 0.1, (with_else, done)

    # Killed while it learns: the version before stays, and the next one is whole.
    p = subprocess.Popen([exe, "train", "signal", KIND, "--progress", *here, "--seed", "2"], stdout=subprocess.PIPE)
    p.stdout.readline()
    p.kill()
    p.wait()
    p.stdout.close()
    third, _ = trained(g20("train", "signal", KIND, "-q", *here, "--seed", "2"))
    assert third["version"] == 4 and len(os.listdir(f"{d}/training/signals/{KIND}/versions")) == 4, third
    named = [json.loads(x)["class"] for x in
             g20("detect", "-q", "--format", "jsonl", "--head", f"{version}/head.onnx", lessons[0]).splitlines()]
    assert named.count(KIND) > 5, named
    assert "no sample of" in g20("train", "signal", "none", *here, code=2)
print(f"teach: F1 {done['f1']:.3f}, {with_else['f1']:.3f} beside another signal, {done['kept']} of {done['asked']} views kept, learnt in {done['seconds']:.1f} s, "
      f"again in {again['seconds']:.1f} s")
