#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""/health, /metrics and gRPC's health when a part of the daemon fails: the one that failed is named, the
others are not blamed, and what comes back is told. (A lost radio: radio.py.)

usage: health.py PATH_OF_G20      standard library only; port 0; bounded in time"""
import json
import os
import resource
import subprocess
import sys
import tempfile

from client import KEEPS_UP, LIMIT_S, Daemon, Ws, get, wait_for

SCENE = ("source.driver=scene", "source.sample_rate_hz=2e6", "fft.waterfall_nfft=4096", "inference.model=energy")
PARTS = ("source", "pipeline", "model", "storage")


def health(d):
    status, _, body = get(d.port, "/health")
    return status, json.loads(body)


def metric(d, name):
    return next(float(line.split()[1]) for line in get(d.port, "/metrics")[2].decode().splitlines()
                if line.startswith(name + " "))


def wait_ok(d):
    wait_for("health", lambda: health(d)[0] == 200)
    _, said = health(d)
    if KEEPS_UP or said["status"] == "ok":
        assert said["status"] == "ok" and said["problems"] == [] and said["parts"] == dict.fromkeys(PARTS, "ok"), said
    assert all(metric(d, f"g20_{p}_up") == 1 for p in PARTS)


def a_full_disk_is_the_storage(exe, folder):
    d = Daemon(exe, folder, *SCENE, f"paths.data_dir={folder}/data")
    try:
        wait_ok(d)
        # From now on no file may grow: what a full disk looks like to the database.
        resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        wait_for("the full disk", lambda: health(d)[0] == 503)
        _, said = health(d)
        assert said["status"] == "unavailable" and [p.split(":")[0] for p in said["problems"]] == ["storage"], said
        assert {p: said["parts"][p] for p in PARTS[:3]} == dict.fromkeys(PARTS[:3], "ok"), said
        assert (metric(d, "g20_storage_up"), metric(d, "g20_source_up")) == (0, 1)
        ws = Ws(d.port)  # who watches goes on watching
        ws.until(lambda op, data: op == 2 and data[:4] == b"WF01")
        ws.sock.close()
        resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        wait_ok(d)
        assert d.stop()[0] == 0
    finally:
        d.close()


def a_damaged_model_is_the_model(exe, folder):
    os.mkdir(f"{folder}/models")
    path = f"{folder}/models/own.onnx"
    with open(path, "wb") as f:
        f.write(os.urandom(3000))
    d = Daemon(exe, folder, *SCENE[:3], f"paths.models_dir={folder}/models", "inference.model=own")
    try:
        wait_for("503", lambda: "own.onnx" in health(d)[1]["parts"]["model"])
        _, said = health(d)
        assert said["parts"]["source"] == said["parts"]["pipeline"] == "not running", said
        assert said["parts"]["storage"] == "ok", said
        assert (metric(d, "g20_model_up"), metric(d, "g20_storage_up")) == (0, 1)
        assert get(d.port, "/api/config")[0] == 200  # all else answers
        assert d.stop()[0] == 0
    finally:
        d.close()
    r = subprocess.run([exe, "serve", "--set", "server.ws_port=0", "--set", "inference.model=none", "--set",
                        f"paths.runtime_dir={folder}"], capture_output=True, timeout=LIMIT_S)
    assert r.returncode != 0 and b'no model \\"none\\"' in r.stderr, r


def a_recording_that_is_over_is_the_source(exe, folder):
    with open(f"{folder}/x.iq", "wb") as f:
        f.write(bytes(4 * 1000000))
    d = Daemon(exe, folder, "source.driver=file", f"source.args={folder}/x.iq,format=ci16_le,rate=2e6", "source.loop=false",
               "source.realtime=false", *SCENE[2:])
    try:
        wait_for("the end", lambda: "the recording is over" in health(d)[1]["parts"]["source"])
        assert health(d)[0] == 503 and metric(d, "g20_source_up") == 0
        assert d.stop()[0] == 0
    finally:
        d.close()


def one_that_is_not_there_is_the_source(exe, folder):
    path = f"{folder}/later.iq"
    d = Daemon(exe, folder, "source.driver=file", f"source.args={path},format=ci16_le,rate=2e6", *SCENE[2:])
    try:
        wait_for("503", lambda: "later.iq" in health(d)[1]["parts"]["source"])
        assert health(d)[1]["parts"]["model"] == "not running"
        with open(path + ".new", "wb") as f:
            f.write(bytes(4 * 1000000))
        os.rename(path + ".new", path)
        wait_ok(d)  # tried again by itself
        assert d.stop()[0] == 0
    finally:
        d.close()


def samples_that_are_lost_are_told_but_no_503(exe, folder):
    """A scene of more samples a second than any machine makes."""
    d = Daemon(exe, folder, "source.driver=scene", "source.sample_rate_hz=1e8", "source.args=density=10", *SCENE[2:])
    try:
        wait_for("the loss", lambda: health(d)[1]["status"] == "degraded")
        status, said = health(d)
        assert status == 200 and "losing samples: " in said["parts"]["pipeline"], said
        assert said["problems"] == ["pipeline: " + said["parts"]["pipeline"]], said
        assert (metric(d, "g20_pipeline_up"), metric(d, "g20_samples_lost_total") > 0) == (1, True)
        ws = Ws(d.port)
        ws.send('{"command":"status","id":1}')
        assert "losing samples" in ws.reply(1)["pipeline"]["detail"]
        ws.sock.close()
        assert d.stop()[0] == 0
    finally:
        d.close()


def main():
    for test in (a_full_disk_is_the_storage, a_damaged_model_is_the_model, a_recording_that_is_over_is_the_source,
                 one_that_is_not_there_is_the_source, samples_that_are_lost_are_told_but_no_503):
        with tempfile.TemporaryDirectory() as folder:
            test(sys.argv[1], folder)
        print(f"ok {test.__name__}", flush=True)


if __name__ == "__main__":
    main()
