#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a signal is taught from 5, 10 and 20 boxes: time, F1 on what was not used, invariance. Minutes to
an hour; not in CI.

usage: teach_table.py G20 [--real FOLDER] [--presets quick,balanced] [--boxes 5,10,20]

Three kinds that nothing of ours knows are made here (2 recordings to learn from, 2 to be tried on). Of a real
recording the first boxes teach and the later ones count; the detector sees all of it, as it would on the air.
The recordings of all other kinds are played too, where everything named is wrong.

What counts as right: an emission (a name given) is right when more than half of its time lies in labelled boxes
whose band it shares (common band over the narrower one > 0.5; the emission at most five times as wide). Bursts
that follow each other without a pause may be one emission. A box is found when emissions that are right, whatever
they are called, cover half of its time, and named when those that carry the name do. F1 counts boxes named, boxes
not named (also those that the detector does not find at all) and names given elsewhere. Prints Markdown."""
import argparse
import array
import contextlib
import json
import math
import os
import random
import subprocess
import tempfile

RATE = 1e6
REAL = [("wifi", "wifi_20M_rad_6.5"), ("remote", "r433_pt2262"), ("nbiot", "nbiot_832.34M_640k")]
MADE = ["stairs", "vee", "duet"]


def phase_step(kind, x, width):
    """Frequency in Hz at x (0..1) of a burst."""
    if kind == "stairs":
        return width * (math.floor(x * 8) / 8 - 0.5)
    if kind == "vee":
        return width * (abs(2 * x - 1) - 0.5)
    return width * (0.35 if math.floor(x * 40) % 2 else -0.35)


def make(path, kind, seed, count, length=0.008, gap=0.006):
    """A recording of @count bursts at drawn places, levels and widths, in noise."""
    rng = random.Random(seed)
    data, notes = array.array("f"), []
    for _ in range(count):
        for _ in range(2 * int(RATE * gap * rng.uniform(0.7, 1.5))):
            data.append(rng.gauss(0, 0.01))
        n, width = int(RATE * length * rng.uniform(0.7, 1.4)), rng.uniform(20e3, 60e3)
        centre, level, phase = rng.uniform(-350e3, 350e3), rng.uniform(0.02, 0.15), 0.0
        notes.append({"core:sample_start": len(data) // 2, "core:sample_count": n, "core:label": kind,
                      "core:freq_lower_edge": centre - 0.55 * width, "core:freq_upper_edge": centre + 0.55 * width})
        for i in range(n):
            f = phase_step(kind, i / n, width)
            on = kind != "duet" or math.floor(i / n * 80) % 4 != 3
            phase += 2 * math.pi * (centre + f) / RATE
            data.append(on * level * math.cos(phase) + rng.gauss(0, 0.01))
            data.append(on * level * math.sin(phase) + rng.gauss(0, 0.01))
    for _ in range(2 * int(RATE * gap)):
        data.append(rng.gauss(0, 0.01))
    write(path, data.tobytes(), {"core:datatype": "cf32_le", "core:sample_rate": RATE, "core:version": "1.0.0"},
          {"core:sample_start": 0, "core:frequency": 0.0}, notes)


def write(path, data, head, capture, notes):
    with open(path + ".sigmf-data", "wb") as f:
        f.write(data)
    with open(path + ".sigmf-meta", "w", encoding="utf-8") as f:
        json.dump({"global": head, "captures": [capture], "annotations": notes}, f)


def load(path):
    with open(path + ".sigmf-meta", encoding="utf-8") as f:
        return json.load(f)


def cut(source, to, kind, boxes):
    """The part of a recording up to its box number @boxes; the sample where it ends, 0: it has no more boxes."""
    meta = load(source)
    with open(source + ".sigmf-data", "rb") as f:
        data = f.read()
    head = {k: v for k, v in meta["global"].items() if k not in ("core:sha512", "core:offset")}
    size = {"cu8": 2, "ci8": 2, "ci16_le": 4, "cf32_le": 8}[head["core:datatype"]]
    true = sorted((a for a in meta["annotations"] if not a.get("g20:ignore")), key=lambda a: a["core:sample_start"])
    if boxes >= len(true):
        return 0
    end = true[boxes - 1]["core:sample_start"] + true[boxes - 1]["core:sample_count"]
    edge = min((end + max(end, true[boxes]["core:sample_start"])) // 2, len(data) // size)
    notes = []
    for a in meta["annotations"]:
        stop = min(a["core:sample_start"] + a["core:sample_count"], edge)
        if stop - a["core:sample_start"] >= 0.9 * a["core:sample_count"]:
            label = "ignored" if a.get("g20:ignore") else kind
            notes.append({**a, "core:sample_count": stop - a["core:sample_start"], "core:label": label})
    write(to, data[:edge * size], head, {**meta["captures"][0], "core:sample_start": 0}, notes)
    return edge


def run(exe, *args):
    r = subprocess.run(["nice", "-n", "19", exe, *args], capture_output=True, text=True, check=False)
    if r.returncode:
        raise RuntimeError(r.stderr[-400:])
    return [json.loads(x) for x in r.stdout.splitlines()]


def edges(a):
    return a.get("g20:visible_lower_edge", a["core:freq_lower_edge"]), \
        a.get("g20:visible_upper_edge", a["core:freq_upper_edge"])


def shares_band(e, a):
    lo, hi = edges(a)
    common, width = min(e["f_hi_hz"], hi) - max(e["f_lo_hz"], lo), e["f_hi_hz"] - e["f_lo_hz"]
    return common > 0.5 * min(width, hi - lo) and width <= 5 * (hi - lo)


def covered(start, count, spans):
    """Share of start .. start + count that is in any of the spans."""
    end, total, at = start + count, 0, start
    for lo, hi in sorted(spans):
        lo, hi = max(lo, at), min(hi, end)
        if hi > lo:
            total += hi - lo
            at = hi
    return total / max(count, 1)


def span(x, prefix=""):
    return x[prefix + "sample_start"], x[prefix + "sample_start"] + x[prefix + "sample_count"]


def ignored(e, a):
    lo, hi = edges(a)
    width, time = min(e["f_hi_hz"], hi) - max(e["f_lo_hz"], lo), min(span(e)[1], span(a, "core:")[1]) - \
        max(span(e)[0], span(a, "core:")[0])
    return max(width, 0) * max(time, 0) > 0.3 * (e["f_hi_hz"] - e["f_lo_hz"]) * e["sample_count"]


def score(exe, head, kind, mine, others):
    """Boxes, those found, those named, names that are wrong. @mine, @others: (path, first sample that counts)."""
    boxes = found = named = wrong = 0
    for path, first in mine + others:
        notes = [a for a in load(path)["annotations"] if "core:freq_lower_edge" in a]
        skip = [a for a in notes if a.get("g20:ignore")]
        true = [a for a in notes if not a.get("g20:ignore")] if (path, first) in mine else []
        all_of_it = run(exe, "detect", "-q", "--format", "jsonl", "--head", head, path + ".sigmf-meta")
        right = [e for e in all_of_it if covered(*span(e)[:1], e["sample_count"], [span(a, "core:") for a in true if shares_band(e, a)]) > 0.5]
        for a in true:
            if a["core:sample_start"] < first:
                continue
            near = [e for e in right if shares_band(e, a)]
            boxes += 1
            found += covered(*span(a, "core:")[:1], a["core:sample_count"], [span(e) for e in near]) >= 0.5
            named += covered(*span(a, "core:")[:1], a["core:sample_count"],
                             [span(e) for e in near if e["class"] == kind]) >= 0.5
        wrong += sum(e["class"] == kind and e not in right and e["sample_start"] >= first and
                     not any(ignored(e, a) for a in skip) for e in all_of_it)
    return boxes, found, named, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exe")
    parser.add_argument("--real", default="/work/shared/data/iq")
    parser.add_argument("--presets", default="quick")
    parser.add_argument("--boxes", default="5,10,20")
    parser.add_argument("--kinds", default=",".join(MADE + [k for k, _ in REAL]), help="that are taught; all are played")
    parser.add_argument("--keep", help="an empty folder for what is made; else it goes")
    o = parser.parse_args()
    with contextlib.nullcontext(o.keep) if o.keep else tempfile.TemporaryDirectory() as d:
        os.makedirs(f"{d}/cache", exist_ok=True)
        print("| kind | boxes | preset | seconds | F1 | of boxes | found | named | wrong | F1 it states | of | views kept | promoted |\n"
              "|---|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
        sizes, tries = [int(x) for x in o.boxes.split(",")], {}
        for i, kind in enumerate(MADE):
            for k in (1, 2):
                make(f"{d}/{kind}-try-{k}", kind, 100 * i + k, 20)
            tries[kind] = [(f"{d}/{kind}-try-{k}", 0) for k in (1, 2)]
        for kind, name in REAL:
            if os.path.exists(f"{o.real}/{name}.sigmf-meta"):
                tries[kind] = [(f"{o.real}/{name}", 0)]
        for n in sizes:
            for i, (kind, real) in enumerate([(k, None) for k in MADE] + list(REAL)):
                if kind not in o.kinds.split(","):
                    continue
                lessons = [f"{d}/{kind}-{n}-a", f"{d}/{kind}-{n}-b"] if not real else [f"{d}/{kind}-{n}"]
                if not real:
                    make(lessons[0], kind, 100 * i + 50 + n, n // 2)
                    make(lessons[1], kind, 100 * i + 51 + n, n - n // 2)
                elif kind not in tries or not (first := cut(f"{o.real}/{real}", lessons[0], kind, n)):
                    print(f"| {kind} (real) | {n} | | not enough of it | | | | | | | | | |", flush=True)
                    continue
                else:
                    tries[kind] = [(f"{o.real}/{real}", first)]
                for preset in o.presets.split(","):
                    folder = f"{d}/t-{kind}-{n}-{preset}"
                    os.mkdir(folder)
                    os.symlink(f"{d}/cache", f"{folder}/cache")
                    here = ("--set", f"paths.training_dir={folder}")
                    try:
                        run(o.exe, "train", "import", "-q", *here, "--complete", "--signal", kind, "--label", kind,
                            *(x + ".sigmf-meta" for x in lessons))
                        r = run(o.exe, "train", "signal", kind, "-q", "--preset", preset, *here)[-1]
                        others = [x for k, v in tries.items() if k != kind for x in v]
                        all_boxes, found, named, wrong = score(
                            o.exe, f"{folder}/signals/{kind}/versions/0001/head.onnx", kind, tries[kind], others)
                    except RuntimeError as e:
                        print(f"| {kind} | {n} | {preset} | failed: {str(e).strip()[-160:]} | | | | | | | | | |", flush=True)
                        continue
                    f1 = 2 * named / max(1, named + all_boxes + wrong)
                    with open(f"{folder}/signals/{kind}/versions/0001/version.json", encoding="utf-8") as f:
                        basis = json.load(f)["f1_basis"].replace("_", " ")
                    print(f"| {kind}{' (real)' if real else ''} | {n} | {preset} | {r['seconds']:.0f} | {f1:.2f} | "
                          f"{all_boxes} | {found} | {named} | {wrong} | {r['f1']:.2f} | {basis} | {r['kept']}/{r['asked']} | "
                          f"{'yes' if r['promoted'] else 'no'} |", flush=True)


if __name__ == "__main__":
    main()
