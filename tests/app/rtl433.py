#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""rtl_433 reads a subband that a running daemon captured: the messages equal those of the original recording.

usage: rtl433.py PATH_OF_G20 SOURCE_ROOT      skipped (77) without rtl_433 or the shared recordings"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from client import Daemon, get, wait_for

exe, root = sys.argv[1], sys.argv[2]
NAMES = ("r433_prologue", "r433_cresta", "r433_danfoss")  # others lie beside the middle: half the band would lose them


def messages(data, ending, rate, folder):
    """What rtl_433 says, without when and how strong."""
    path = f"{folder}/x.{ending}"
    shutil.copy(data, path)
    r = subprocess.run(["rtl_433", "-s", str(int(rate)), "-F", "json", "-r", path], capture_output=True, text=True,
                       timeout=120)
    found = set()
    for line in r.stdout.splitlines():
        m = json.loads(line)
        m.pop("time", None)
        found.add(json.dumps(m, sort_keys=True))
    return found


def capture(name, data, meta, folder):
    """Two and a half times the recording, its middle 90 kHz at half its rate."""
    rate = meta["global"]["core:sample_rate"]
    centre = meta["captures"][0]["core:frequency"]
    seconds = os.path.getsize(data) / 2 / rate
    d = Daemon(exe, folder, "source.driver=file", f"source.args={data[:-4]}meta", "fft.waterfall_nfft=4096",
               f"paths.capture_dir={folder}/captures", "inference.model=energy")
    ctl = [exe, "ctl", "--socket", f"{folder}/g20.sock"]
    try:
        wait_for("health", lambda: get(d.port, "/health")[0] == 200)
        subprocess.run([*ctl, "capture_start", "session_id=a", f"output_path={name}", f"center_hz={centre}",
                        f"bandwidth_hz={0.36 * rate}", f"max_seconds={2.5 * seconds + 0.5}"], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)

        def state():
            r = subprocess.run([*ctl, "capture_list"], capture_output=True, text=True, timeout=60, check=True)
            return json.loads(r.stdout)["captures"][0]["state"]
        wait_for("the capture", lambda: state() == "done")
        assert d.stop()[0] == 0
    finally:
        d.close()
    return f"{folder}/captures/{name}"


def main():
    shared = os.path.join(os.environ.get("G20_SHARED", os.path.join(root, "..", "shared")), "data", "iq")
    if not shutil.which("rtl_433") or not os.path.isdir(shared):
        print("SKIPPED: no rtl_433, or no recordings in", shared)
        sys.exit(77)
    for name in NAMES:
        data = os.path.join(os.path.realpath(shared), name + ".sigmf-data")
        with open(data[:-4] + "meta", encoding="utf-8") as f:
            meta = json.load(f)
        with tempfile.TemporaryDirectory() as folder:
            want = messages(data, "cu8", meta["global"]["core:sample_rate"], folder)
            assert want, f"{name}: rtl_433 reads nothing in the original"
            base = capture(name, data, meta, folder)
            with open(base + ".sigmf-meta", encoding="utf-8") as f:
                made = json.load(f)["global"]
            assert made["core:datatype"] == "cf32_le"
            got = messages(base + ".sigmf-data", "cf32", made["core:sample_rate"], folder)
            assert got == want, (name, want - got, got - want)
            print(f"{name}: {len(want)} messages, the same at {made['core:sample_rate']:g} S/s")


if __name__ == "__main__":
    main()
