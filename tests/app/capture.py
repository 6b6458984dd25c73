#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures of a running daemon: files, bands, limits, faults, a full disk, kill -9, shutdown.

usage: capture.py PATH_OF_G20      KILLS=50 for more deaths than the usual 3"""
import contextlib
import glob
import hashlib
import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time

from client import KEEPS_UP, Daemon, get, wait_for

exe = sys.argv[1]
KILLS = int(os.environ.get("KILLS", "3"))
BYTES = {"ci16_le": 4, "cf32_le": 8}


def ctl(daemon, *words, code=0):
    r = subprocess.run([exe, "ctl", "--socket", f"{daemon.folder}/g20.sock", *words], capture_output=True,
                       text=True, timeout=60)
    assert r.returncode == code, (words, r)
    return json.loads(r.stdout) if code == 0 else json.loads(r.stderr.splitlines()[-1])["message"]


def begin(folder, *sets, env=None):
    d = Daemon(exe, folder, "source.driver=scene", "source.sample_rate_hz=2e6", "fft.waterfall_nfft=4096",
               f"paths.capture_dir={folder}/captures", "inference.model=energy", *sets, env=env)
    d.folder = folder
    wait_for("health", lambda: get(d.port, "/health")[0] == 200)
    return d


def one(daemon, session):
    return next(c for c in ctl(daemon, "capture_list")["captures"] if c["session_id"] == session)


def until(daemon, session, samples):
    wait_for(f"{samples} samples", lambda: one(daemon, session)["samples"] > samples)


def check(base, recovered=False):
    """A complete recording: sizes, order, hash. Returns its metadata. @recovered None: either will do."""
    with open(base + ".sigmf-meta", encoding="utf-8") as f:
        meta = json.load(f)
    with open(base + ".sigmf-data", "rb") as f:
        data = f.read()
    g = meta["global"]
    assert hashlib.sha512(data).hexdigest() == g["core:sha512"], base
    assert len(data) > 0 and len(data) % BYTES[g["core:datatype"]] == 0
    starts = [c["core:sample_start"] for c in meta["captures"]]
    assert starts[0] == 0 and starts == sorted(set(starts)) and starts[-1] < len(data) // BYTES[g["core:datatype"]]
    assert recovered is None or g.get("g20:recovered", False) == recovered, (base, g)
    return meta


def commands(d, captures):
    for words, want in (([], "session_id required"), (["session_id=x"], "output_path required"),
                        (["session_id=x", "output_path=/etc/x"], "output_path: is absolute"),
                        (["session_id=x", "output_path=../x"], "output_path"),
                        (["session_id=x y", "output_path=x"], "session_id: want"),
                        (["session_id=x", "output_path=x", "bandwidth_hz=wide"], "bandwidth_hz: want"),
                        (["session_id=x", "output_path=x", "center_hz=1e6", "bandwidth_hz=1e5"], "outside the stream")):
        assert want in ctl(d, "capture_start", *words, code=1), words
    assert "no capture" in ctl(d, "capture_stop", "session_id=x", code=1)

    ctl(d, "tune", "center_freq_hz=434e6")
    wait_for("the centre", lambda: ctl(d, "status")["stream"]["center_hz"] == 434e6)
    ctl(d, "capture_start", "session_id=whole", "output_path=day/whole")
    assert "in use" in ctl(d, "capture_start", "session_id=whole", "output_path=other", code=1)
    ctl(d, "capture_start", "session_id=band", "output_path=band", "center_hz=434.2e6", "bandwidth_hz=2e5")
    until(d, "whole", 2e6)
    ctl(d, "tune", "center_freq_hz=434.1e6")
    until(d, "whole", 4e6)
    until(d, "band", 1e5)
    r = ctl(d, "capture_stop", "session_id=whole")
    assert r["ok"] and r["state"] == "done" and (r["dropped"] == 0 or not KEEPS_UP), r
    assert (r["center_hz"], r["bandwidth_hz"]) == (434e6, 0), r
    assert r["bytes"] == 4 * r["samples"] == os.path.getsize(f"{captures}/day/whole.sigmf-data"), r
    meta = check(f"{captures}/day/whole")
    assert meta["global"]["core:datatype"] == "ci16_le" and meta["global"]["core:sample_rate"] == 2e6
    centres = [c["core:frequency"] for c in meta["captures"]]  # a gap begins a segment of its own
    assert centres == [434e6, 434.1e6] or not KEEPS_UP and set(centres) == {434e6, 434.1e6}, centres
    assert meta["annotations"], "nothing was found in 2 s of the scene"
    for a in meta["annotations"]:
        assert 0 < a["core:sample_count"] and a["core:sample_start"] + a["core:sample_count"] <= r["samples"], a
        assert a["core:label"] and 433e6 <= a["core:freq_lower_edge"] < a["core:freq_upper_edge"] < 435.2e6, a
    r = ctl(d, "capture_stop", "session_id=band")
    assert (r["center_hz"], r["bandwidth_hz"]) == (434.2e6, 2e5), r
    meta = check(f"{captures}/band")
    assert meta["global"]["core:datatype"] == "cf32_le" and 2.5e5 <= meta["global"]["core:sample_rate"] <= 3e5
    assert (len(meta["captures"]) == 2 or not KEEPS_UP) and all(c["core:frequency"] == 434.2e6 for c in meta["captures"])
    seen = subprocess.run([exe, "detect", "--model", "energy", f"{captures}/band.sigmf-meta"], capture_output=True,
                          timeout=120)
    assert seen.returncode == 0, seen

    ctl(d, "capture_start", "session_id=small", "output_path=small", "max_bytes=1000002")
    ctl(d, "capture_start", "session_id=short", "output_path=short", "max_seconds=0.25")
    wait_for("the ends", lambda: {one(d, s)["state"] for s in ("small", "short")} == {"done"})
    assert ctl(d, "capture_stop", "session_id=small")["bytes"] == 1000000
    assert ctl(d, "capture_stop", "session_id=short")["samples"] == 500000
    assert "is there already" in ctl(d, "capture_start", "session_id=x", "output_path=small", code=1)


def full_disk(d, captures):
    """The largest file is 3 MB all of a sudden."""
    ctl(d, "capture_start", "session_id=full", "output_path=full")
    resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE, (3_000_000, resource.RLIM_INFINITY))
    wait_for("the full disk", lambda: one(d, "full")["state"] == "disk full")
    resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    r = ctl(d, "capture_stop", "session_id=full")
    assert 2_000_000 < r["bytes"] < 3_000_000 and r["why"], r
    check(f"{captures}/full")
    assert get(d.port, "/health")[0] == 200
    ctl(d, "capture_start", "session_id=after", "output_path=after")
    until(d, "after", 1000)
    assert ctl(d, "capture_stop", "session_id=after")["state"] == "done"


def killed(folder, captures):
    """kill -9 with a capture open, another just ended and one about to end: nothing finished is lost, nothing open either."""
    finished, recovered, ended = {}, 0, 0
    for k in range(KILLS):
        d = begin(folder)
        try:
            for base, size in finished.items():
                assert os.path.getsize(base + ".sigmf-data") == size
            ctl(d, "capture_start", f"session_id=done{k}", f"output_path=kill/done{k}")
            ctl(d, "capture_start", f"session_id=open{k}", f"output_path=kill/open{k}")
            ctl(d, "capture_start", f"session_id=ending{k}", f"output_path=kill/ending{k}")
            until(d, f"done{k}", 1000)
            r = ctl(d, "capture_stop", f"session_id=done{k}")
            finished[f"{captures}/kill/done{k}"] = r["bytes"]
            until(d, f"open{k}", 1000)
            until(d, f"ending{k}", 1000)
            ctl(d, "capture_start", f"session_id=young{k}", f"output_path=kill/young{k}")
            time.sleep(random.random() * 0.2)
            ending = subprocess.Popen([exe, "ctl", "--socket", f"{folder}/g20.sock", "capture_stop", f"session_id=ending{k}"],
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            time.sleep(random.random() * 0.05)
        finally:
            d.close()
        said = ending.communicate(timeout=60)[0]
        d = begin(folder)
        d.close()
        check(f"{captures}/kill/done{k}")
        check(f"{captures}/kill/open{k}", True)
        done = ending.returncode == 0 and json.loads(said)["state"] == "done"
        check(f"{captures}/kill/ending{k}", False if done else None)
        ended += done
        recovered += 1
        if os.path.exists(f"{captures}/kill/young{k}.sigmf-meta"):
            check(f"{captures}/kill/young{k}", True)
        assert not glob.glob(f"{captures}/kill/.*"), glob.glob(f"{captures}/kill/.*")
    return f"{recovered} kills, in {ended} of them a capture had just said that it was whole"


def stored(folder, captures):
    """The database has what lies on the disk."""
    path = glob.glob(f"{folder}/**/g20.db", recursive=True)[0]
    with contextlib.closing(sqlite3.connect(path)) as db:
        rows = {r[0]: r[1:] for r in db.execute("SELECT path, state, bytes, origin FROM captures")}
    assert {"day/whole", "band", "small", "short", "full", "after", "last"} == set(rows), rows
    for name, (state, size, origin) in rows.items():
        assert (state, size, origin) == ("done", os.path.getsize(f"{captures}/{name}.sigmf-data"), "command"), name


def main():
    with tempfile.TemporaryDirectory() as folder:
        captures = f"{folder}/captures"
        d = begin(folder)
        try:
            commands(d, captures)
            full_disk(d, captures)
            ctl(d, "capture_start", "session_id=last", "output_path=last")
            until(d, "last", 1000)
            code, took = d.stop()
            assert code == 0 and took < 5, (code, took)
            check(f"{captures}/last")
            stored(folder, captures)
        finally:
            d.close()
        n = killed(folder, captures)
    print(f"capture: all checks passed, {n}")


if __name__ == "__main__":
    main()
