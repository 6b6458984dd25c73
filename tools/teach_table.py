#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a signal is taught from 5, 10 and 20 boxes: time, F1 on what was not used, invariance. Minutes to
an hour; not in CI.

usage: teach_table.py G20 [--real FOLDER] [--presets quick,balanced] [--boxes 5,10,20] [--keep FOLDER] [--choose]

Three kinds that nothing of ours knows are made here (2 recordings to learn from, 2 to be tried on). Of the real
ones ADS-B is tried on recordings of other receivers; of the others the first boxes of each recording teach and the
later ones count, while the detector sees all of it, as it would on the air. The recordings of all other kinds are
played too, where everything named is wrong.

What counts as right: an emission (a name given) is right when more than half of its time lies in labelled boxes
whose band it shares (common band over the narrower one > 0.5; the emission at most five times as wide). Bursts
that follow each other without a pause may be one emission. A box is found when emissions that are right, whatever
they are called, cover half of its time, and named when those that carry the name do. F1 counts boxes named, boxes
not named (also those that the detector does not find at all) and names given elsewhere, except in recordings whose
truth is partial. With --choose it is about the kinds of teach_kinds.py instead, by which changes are chosen. Prints
Markdown. With --keep every row is kept as it is done: the same call again goes on."""
import argparse
import array
import contextlib
import json
import math
import os
import random
import shutil
import subprocess
import tempfile

import teach_kinds

RATE = 1e6
# Recordings whose first boxes teach, and those that are tried only (none: the later boxes of the first ones).
REAL = {"wifi": (["wifi_20M_rad_6.5"], []), "adsb": (["adsb_1090_modes1"], ["adsb_1090_rs_6243", "adsb_1090_rs_7780"]),
        "remote": (["r433_pt2262", "r433_chuango"], []), "nbiot": (["nbiot_832.34M_640k"], [])}
MADE = ["stairs", "vee", "duet"]
LIMIT_S = 1800  # of one call of g20


def phase_step(kind, x, width):
    """Frequency in Hz at x (0..1) of a burst."""
    if kind == "stairs":
        return width * (math.floor(x * 8) / 8 - 0.5)
    if kind == "vee":
        return width * (abs(2 * x - 1) - 0.5)
    return width * (0.35 if math.floor(x * 40) % 2 else -0.35)


def make(path, kind, seed, count, length=0.008, gap=0.006):
    """A recording of @count bursts at drawn places, levels and widths, in noise."""
    if kind in teach_kinds.RATES:
        samples, rate, notes = teach_kinds.make(kind, seed, count)
        write(path, samples, {"core:datatype": "cf32_le", "core:sample_rate": rate, "core:version": "1.0.0"},
              {"core:sample_start": 0, "core:frequency": 0.0}, notes)
        return
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


def cut(source, to, kind, boxes, more_s=0):
    """The part of a recording up to its box number @boxes, and @more_s without boxes; the sample where it ends, 0: it has
    no more boxes."""
    meta = load(source)
    with open(source + ".sigmf-data", "rb") as f:
        data = f.read()
    head = {k: v for k, v in meta["global"].items() if k not in ("core:sha512", "core:offset")}
    size = {"cu8": 2, "ci8": 2, "ci16_le": 4, "cf32_le": 8}[head["core:datatype"]]
    true = sorted((a for a in meta["annotations"] if not a.get("g20:ignore")), key=lambda a: a["core:sample_start"])
    if boxes >= len(true):
        return 0
    end = true[boxes - 1]["core:sample_start"] + true[boxes - 1]["core:sample_count"]
    last = true[boxes - 1]["core:sample_start"]
    edge = min((end + max(end, true[boxes]["core:sample_start"])) // 2, len(data) // size)
    keep = min(edge + int(more_s * head["core:sample_rate"]), len(data) // size)
    notes = []
    for a in meta["annotations"]:
        if not a.get("g20:ignore") and a["core:sample_start"] > last:
            continue
        stop = min(a["core:sample_start"] + a["core:sample_count"], keep if a.get("g20:ignore") else edge)
        if stop - a["core:sample_start"] >= 0.9 * a["core:sample_count"]:
            label = "ignored" if a.get("g20:ignore") else kind
            notes.append({**a, "core:sample_count": stop - a["core:sample_start"], "core:label": label})
    write(to, data[:keep * size], head, {**meta["captures"][0], "core:sample_start": 0}, notes)
    return edge


def run(exe, *args):
    r = subprocess.run([exe, *args], capture_output=True, text=True, check=False, timeout=LIMIT_S)
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


def lies_in(e, boxes):
    """More than half of emission @e's time is in @boxes of its band."""
    return covered(e["sample_start"], e["sample_count"], [span(a, "core:") for a in boxes if shares_band(e, a)]) > 0.5


def score(exe, head, kind, mine, others):
    """Boxes, those found, those named, names that are wrong. @mine, @others: (path, first sample that counts)."""
    boxes = found = named = wrong = 0
    for path, first in mine + others:
        meta, own = load(path), (path, first) in mine
        notes = [a for a in meta["annotations"] if "core:freq_lower_edge" in a]
        skip = [a for a in notes if a.get("g20:ignore")]
        true = [a for a in notes if not a.get("g20:ignore")]
        all_of_it = run(exe, "detect", "-q", "--format", "jsonl", "--head", head, path + ".sigmf-meta")
        right = [e for e in all_of_it if own and lies_in(e, true)]
        for a in true if own else []:
            if a["core:sample_start"] < first:
                continue
            near = [e for e in right if shares_band(e, a)]
            boxes += 1
            found += covered(*span(a, "core:")[:1], a["core:sample_count"], [span(e) for e in near]) >= 0.5
            named += covered(*span(a, "core:")[:1], a["core:sample_count"],
                             [span(e) for e in near if e["class"] == kind]) >= 0.5
        if own and meta["global"].get("g20:truth") == "partial":
            continue
        # What lies in the box of another kind is named wrongly, also where something is to be ignored.
        wrong += sum(e["class"] == kind and e not in right and e["sample_start"] >= first and
                     (lies_in(e, true) or not any(ignored(e, a) for a in skip)) for e in all_of_it)
    return boxes, found, named, wrong


def lesson(o, d, kind, n):
    """Recordings to learn @n boxes from; those to be tried on, None: the ones that are always; None: not enough."""
    if kind in MADE:
        paths = [f"{d}/{kind}-{n}-{x}" for x in "ab"]
        for k, path in enumerate(paths):
            make(path, kind, 100 * MADE.index(kind) + 50 + n + k, (n + 1 - k) // 2)
        return paths, None
    own, other = REAL[kind]
    paths, tries = [f"{d}/{kind}-{n}-{x}" for x in own], []
    for k, (name, path) in enumerate(zip(own, paths)):
        first = cut(f"{o.real}/{name}", path, kind, (n + len(own) - 1 - k) // len(own), 0.1 if other else 0)
        if not first:
            return None
        tries.append((f"{o.real}/{name}", first))
    return paths, None if other else tries


def teach(o, d, kind, n, preset, tries):
    """A row of the table: a list of texts."""
    name = f"{kind} (real)" if kind in REAL else kind
    found = lesson(o, d, kind, n)
    if not found:
        return [name, n, "", "not enough of it"] + [""] * 9
    lessons, mine = found[0], found[1] or tries[kind]
    folder = f"{d}/t-{kind}-{n}-{preset}"
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    os.symlink(f"{d}/cache", f"{folder}/cache")
    here = ("--set", f"paths.training_dir={folder}", "--set", f"paths.capture_dir={folder}/none")
    try:
        for x in lessons:
            complete = [] if load(x)["global"].get("g20:truth") == "partial" else ["--complete"]
            run(o.exe, "train", "import", "-q", *here, *complete, "--signal", kind, "--label", kind, x + ".sigmf-meta")
        r = next(x for x in run(o.exe, "train", "signal", kind, "-q", "--preset", preset, *here) if x["type"] == "done")
        others = [x for k, v in tries.items() if k != kind for x in v]
        version = f"{folder}/signals/{kind}/versions/0001"
        boxes, seen, named, wrong = score(o.exe, f"{version}/head.onnx", kind, mine, others)
        with open(f"{version}/version.json", encoding="utf-8") as f:
            basis = json.load(f)["f1_basis"].replace("_", " ")
    except (RuntimeError, subprocess.TimeoutExpired) as e:
        return [name, n, preset, f"failed: {str(e).strip()[-160:]}"] + [""] * 9
    f1 = 2 * named / max(1, named + boxes + wrong)
    return [name, n, preset, f"{r['seconds']:.0f}", f"{f1:.2f}", boxes, seen, named, wrong, f"{r['f1']:.2f}", basis,
            f"{r['kept']}/{r['asked']}", "yes" if r["promoted"] else "no"]


def all_tries(o, d):
    tries = {kind: [(f"{d}/{kind}-try-{k}", 0) for k in (1, 2)] for kind in MADE}
    for kind in MADE:
        for k in (1, 2):
            make(f"{d}/{kind}-try-{k}", kind, 100 * MADE.index(kind) + k, 20)
    for kind, (own, other) in REAL.items():
        if os.path.exists(f"{o.real}/{own[0]}.sigmf-meta"):
            tries[kind] = [(f"{o.real}/{x}", 0) for x in other or own]
    return tries


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exe")
    parser.add_argument("--real", default="/work/shared/data/iq")
    parser.add_argument("--presets", default="quick")
    parser.add_argument("--boxes", default="5,10,20")
    parser.add_argument("--kinds", help="that are taught; all are played")
    parser.add_argument("--choose", action="store_true", help="other made kinds, and no real one")
    parser.add_argument("--keep", help="a folder for what is made and for rows.jsonl; else it goes")
    o = parser.parse_args()
    if o.choose:
        MADE[:] = teach_kinds.RATES
        REAL.clear()
    o.kinds = o.kinds or ",".join([*MADE, *REAL])
    with contextlib.nullcontext(o.keep) if o.keep else tempfile.TemporaryDirectory() as d:
        os.makedirs(f"{d}/cache", exist_ok=True)
        print("| kind | boxes | preset | seconds | F1 | of boxes | found | named | wrong | F1 it states | of | views kept | promoted |\n"
              "|---|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
        done, tries = {}, all_tries(o, d)
        with open(f"{d}/rows.jsonl", "a+", encoding="utf-8") as f:
            f.seek(0)
            for x in f:
                done[tuple(json.loads(x)["key"])] = json.loads(x)["row"]
            for key in [(k, int(n), p) for p in o.presets.split(",") for n in o.boxes.split(",") for k in o.kinds.split(",")]:
                if key[0] not in tries:
                    continue
                row = done.get(key)
                if not row:
                    row = teach(o, d, *key, tries)
                    f.write(json.dumps({"key": key, "row": row}) + "\n")
                    f.flush()
                print("|", " | ".join(str(x) for x in row), "|", flush=True)


if __name__ == "__main__":
    main()
