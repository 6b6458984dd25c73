#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""dump1090 reads subbands that a running daemon captured and sent over /ws/iq: the messages equal those of the
original recording.

The recording has the rate that dump1090 wants, 2.4 MS/s. With three zeros after each sample it becomes one of
9.6 MS/s in which the band stands four times side by side; the subband is the copy at +2.4 MHz.

usage: dump1090.py PATH_OF_G20 SOURCE_ROOT      skipped (77) without dump1090 or the shared recordings"""
import array
import json
import os
import shutil
import subprocess
import sys
import tempfile

from client import KEEPS_UP, Daemon, Ws, get, wait_for

exe, root = sys.argv[1], sys.argv[2]
NAMES = ("adsb_1090_rs_7780", "adsb_1090_rs_6243")
# A weak message is read or not by where between the samples it falls. One sample more in the wide recording
# moves that by a quarter each time it comes round, so in five rounds each message has had its original place.
RATE, UP, ROUNDS = 2.4e6, 4, 5


def messages(ints, folder):
    """What dump1090 says; @ints: interleaved 16 bits."""
    path = f"{folder}/x.sc16"
    with open(path, "wb") as f:
        ints.tofile(f)
    r = subprocess.run(["dump1090-mutability", "--ifile", path, "--iformat", "SC16", "--raw"], capture_output=True, text=True,
                       timeout=120)
    return {line for line in r.stdout.splitlines() if line.startswith("*")}


def as_ints(floats):
    """Of a subband, half as strong as the original: filters overshoot."""
    return array.array("h", [int(v * 16384 * UP) for v in floats])


def write_wide(ints, base):
    wide = array.array("h", bytes(2 * len(ints) * UP))
    wide[0::2 * UP] = ints[0::2]
    wide[1::2 * UP] = ints[1::2]
    wide.extend((0, 0))
    with open(base + ".sigmf-data", "wb") as f:
        wide.tofile(f)
    with open(base + ".sigmf-meta", "w", encoding="utf-8") as f:
        json.dump({"global": {"core:datatype": "ci16_le", "core:sample_rate": RATE * UP, "core:version": "1.0.0"},
                   "captures": [{"core:sample_start": 0, "core:frequency": 1090e6}], "annotations": []}, f)


def by_capture(d, folder, seconds):
    ctl = [exe, "ctl", "--socket", f"{folder}/g20.sock"]
    subprocess.run([*ctl, "capture_start", "session_id=a", "output_path=a", "center_hz=1092.4e6", "bandwidth_hz=1.9e6",
                    f"max_seconds={seconds}"], check=True, timeout=60, stdout=subprocess.DEVNULL)

    def state():
        r = subprocess.run([*ctl, "capture_list"], capture_output=True, text=True, timeout=60, check=True)
        return json.loads(r.stdout)["captures"][0]["state"]
    wait_for("the capture", lambda: state() == "done")
    with open(f"{folder}/captures/a.sigmf-meta", encoding="utf-8") as f:
        made = json.load(f)["global"]
    assert (made["core:datatype"], made["core:sample_rate"]) == ("cf32_le", RATE), made
    floats = array.array("f")
    with open(f"{folder}/captures/a.sigmf-data", "rb") as f:
        floats.frombytes(f.read())
    return floats


def by_socket(d, seconds):
    ws = Ws(d.port, "/ws/iq?center_hz=1092.4e6&bandwidth_hz=1.9e6")
    floats = array.array("f")
    while len(floats) < 2 * RATE * seconds:
        data = ws.until(lambda op, data: op == 2 and data[:4] == b"IQ01")
        floats.frombytes(data[24:])
    return floats


def main():
    shared = os.path.join(os.environ.get("G20_SHARED", os.path.join(root, "..", "shared")), "data", "iq")
    if not shutil.which("dump1090-mutability") or not os.path.isdir(shared):
        print("SKIPPED: no dump1090-mutability, or no recordings in", shared)
        sys.exit(77)
    for name in NAMES:
        ints = array.array("h")
        with open(os.path.join(shared, name + ".sigmf-data"), "rb") as f:
            ints.frombytes(f.read())
        seconds = ROUNDS * len(ints) / 2 / RATE
        with tempfile.TemporaryDirectory() as folder:
            want = messages(ints * ROUNDS, folder)
            assert want, f"{name}: dump1090 reads nothing in the original"
            write_wide(ints, f"{folder}/wide")
            d = Daemon(exe, folder, "source.driver=file", f"source.args={folder}/wide.sigmf-meta", "fft.waterfall_nfft=4096",
                       f"paths.capture_dir={folder}/captures", "inference.model=energy")
            try:
                wait_for("health", lambda: get(d.port, "/health")[0] == 200)
                for way, floats in (("a capture", by_capture(d, folder, seconds)), ("/ws/iq", by_socket(d, seconds))):
                    got = messages(as_ints(floats), folder)
                    print(f"{name}: {len(want)} messages in the original, {len(got)} in {way}", flush=True)
                    assert got == want or not KEEPS_UP and got and got < want, (name, way, want - got, got - want)
                assert d.stop()[0] == 0
            finally:
                d.close()


if __name__ == "__main__":
    main()
