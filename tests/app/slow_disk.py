#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures on a disk that becomes slow, or full, and well again (slow_disk.c in front of write()): what was lost is
told to the sample, everything else goes on, nothing that was finished is touched.

usage: slow_disk.py PATH_OF_G20 PATH_OF_THE_LIBRARY"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

import capture
from capture import begin, check, ctl, one, until
from client import get, wait_for

library = sys.argv[2]
RATE = 2e6


def metric(d, name):
    return next(float(line.split()[1]) for line in get(d.port, "/metrics")[2].decode().splitlines() if line.startswith(name + " "))


def disk(folder, what):
    with open(f"{folder}/disk.new", "w", encoding="utf-8") as f:
        f.write(what)
    os.rename(f"{folder}/disk.new", f"{folder}/disk")


def live_goes_on(d):
    """Rows come and the daemon is well."""
    rows = metric(d, "g20_rows_total")
    wait_for("rows", lambda: metric(d, "g20_rows_total") > rows + 30)
    assert get(d.port, "/health")[0] == 200


def told_to_the_sample(base, r):
    """What is missing between the segments, by their UTC, is what the capture says that it dropped."""
    meta = check(base)
    parts = meta["captures"]
    assert len(parts) > 1 and r["dropped"] > RATE / 10, (r, parts)
    lost = 0
    for one_, next_ in zip(parts, parts[1:]):
        held = next_["core:sample_start"] - one_["core:sample_start"]
        lost += round((seconds(next_["core:datetime"]) - seconds(one_["core:datetime"])) * RATE) - held
    assert abs(lost - r["dropped"]) <= 4 * len(parts), (lost, r)


def seconds(text):
    whole, _, rest = text.rstrip("Z").partition(".")
    return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + (rest or "0"))


def nobody_waits_for_an_end(folder, d):
    """A capture on a disk that does not answer is being stopped: the daemon itself answers meanwhile."""
    ctl(d, "capture_start", "session_id=long", "output_path=long")
    until(d, "long", 1e5)
    disk(folder, "hold")
    stop = threading.Thread(target=ctl, args=(d, "capture_stop", "session_id=long"))
    stop.start()
    time.sleep(1)  # by now it has been asked
    live_goes_on(d)
    assert one(d, "long")["state"] == "recording"  # as the control socket tells meanwhile
    assert stop.is_alive()
    disk(folder, "")
    stop.join()
    check(f"{folder}/captures/long")


def slow(folder, *sets):
    captures = f"{folder}/captures"
    disk(folder, "")
    d = begin(folder, *sets, env={"LD_PRELOAD": library, "SLOW_DISK": f"{folder}/disk"})
    try:
        ctl(d, "capture_start", "session_id=before", "output_path=before", "max_bytes=1000000")
        wait_for("its end", lambda: one(d, "before")["state"] == "done")
        ctl(d, "capture_start", "session_id=slow", "output_path=slow")
        until(d, "slow", 1e6)
        disk(folder, "2000000")  # a quarter of what comes
        wait_for("losses", lambda: one(d, "slow")["dropped"] > RATE / 5)
        live_goes_on(d)
        disk(folder, "")
        n = one(d, "slow")["samples"]
        until(d, "slow", n + RATE)
        r = ctl(d, "capture_stop", "session_id=slow")
        all_ = r["dropped"] + one(d, "before")["dropped"]  # which a machine that is too busy loses
        assert r["state"] == "done" and metric(d, "g20_capture_samples_dropped_total") == all_, (r, all_)
        told_to_the_sample(f"{captures}/slow", r)

        nobody_waits_for_an_end(folder, d)
        disk(folder, "full")
        ctl(d, "capture_start", "session_id=full", "output_path=full")
        wait_for("the full disk", lambda: one(d, "full")["state"] == "disk full")
        assert "No space left" in ctl(d, "capture_stop", "session_id=full")["why"]
        live_goes_on(d)
        disk(folder, "")
        ctl(d, "capture_start", "session_id=after", "output_path=after")
        until(d, "after", 1000)
        assert ctl(d, "capture_stop", "session_id=after")["state"] == "done"
        for name in ("before", "after"):
            check(f"{captures}/{name}")
        assert d.stop()[0] == 0
        return r["dropped"]
    finally:
        d.close()


def scenes_that_do_not_fit_are_not_begun(folder):
    """g20 synth with two scenes of 4 MB: what is needed, what there is and where is said before a sample is made."""
    recipe, out = f"{folder}/recipe", f"{folder}/out"
    with open(recipe, "w", encoding="utf-8") as f:
        f.write("a: seed=1,seconds=1\nb: seed=2,seconds=1\n")

    def synth(room, *more):
        r = subprocess.run([capture.exe, "synth", "-q", "--rate", "1e6", "-o", out, recipe, *more], text=True, timeout=120,
                           capture_output=True, env={**os.environ, "LD_PRELOAD": library, "SLOW_DISK_ROOM": str(room)})
        return r.returncode, [json.loads(line)["message"] for line in r.stderr.splitlines()]

    assert synth(7000000) == (1, [f"{out}: 8.0 MB are needed, its disk has 7.0 MB left"]), synth(7000000)
    code, said = synth(20000000, "--copies", "2", "--format", "cf32_le", "--scene", "seed=3,seconds=0.5")
    assert code == 1 and "40.0 MB" in said[0], said
    assert os.listdir(out) == []
    assert synth(9000000) == (0, [])
    assert len(os.listdir(out)) == 4
    # Made again one of the two goes when its new one is whole: never more than 4 MB besides.
    assert synth(3000000)[0] == 1 and synth(5000000) == (0, [])


def main():
    with tempfile.TemporaryDirectory() as folder:
        scenes_that_do_not_fit_are_not_begun(folder)
    print("ok scenes_that_do_not_fit_are_not_begun", flush=True)
    # From the ring, which overtakes the capture's reader; and from the capture's own buffer.
    for sets in (("storage.ring_bytes=4194304",), ("storage.ring_bytes=0",)):
        with tempfile.TemporaryDirectory() as folder:
            print(f"ok {sets[0]}: {slow(folder, *sets)} samples dropped and told", flush=True)


capture.exe = sys.argv[1]
main()
