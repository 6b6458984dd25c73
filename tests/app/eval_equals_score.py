#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""g20 eval gives the numbers of the reference script on the shared recordings.

usage: eval_equals_score.py G20 SOURCE_ROOT     exit 77: skipped, the recordings are not there"""
import glob
import json
import os
import subprocess
import sys
import tempfile


def main():
    g20, root = sys.argv[1:3]
    shared = os.environ.get("G20_SHARED") or os.path.join(root, "..", "shared")
    script = os.path.join(shared, "data", "score.py")
    metas = sorted(glob.glob(os.path.join(shared, "data", "iq", "*.sigmf-meta")))
    if not os.path.exists(script) or not metas:
        print(f"skipped: no {script}")
        return 77
    with tempfile.TemporaryDirectory() as tmp:
        lines, figures = os.path.join(tmp, "d.jsonl"), os.path.join(tmp, "e.json")
        with open(lines, "wb") as out:
            subprocess.run([g20, "detect", "-q", "--model", "hydra-int8", "--format", "jsonl", *metas], stdout=out, check=True)
        subprocess.run([g20, "eval", "-q", "--model", "hydra-int8", "--json", figures, *metas], check=True,
                       stdout=subprocess.DEVNULL)
        text = subprocess.run([sys.executable, script, lines, *metas], check=True,
                              capture_output=True, text=True).stdout
        want = json.loads(text.splitlines()[-1])
        with open(figures, encoding="utf-8") as f:
            have = json.load(f)[0]
    bad = [k for k in ("files", "boxes", "found", "false", "noise_files", "noise_false", "fragments")
           if want[k] != have[k]]
    bad += [k for k in ("recall", "median_iou") if abs(want[k] - have[k]) > 0.0006]
    for k in bad:
        print(f"{k}: score.py {want[k]}, g20 eval {have[k]}")
    print("ok" if not bad else "FAILED")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
