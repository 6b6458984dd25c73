#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon is killed at random moments while versions are promoted and rolled back and samples saved, the trainer
while it makes a version: the active version is always a whole one, and nothing that was answered for is lost.

usage: teach_kills.py PATH_OF_G20 [SEED]; KILLS=20 in the environment for the long run"""
import base64
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import time

from client import Daemon, Ws

exe = sys.argv[1]
seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**6)
rng = random.Random(seed)
print(f"teach_kills: seed {seed}", flush=True)
KIND, KEPT = "ssb", 32
DAEMON_KILLS = int(os.environ.get("KILLS", "5"))
TRAINER_KILLS = max(2, DAEMON_KILLS * 2 // 5)


def g20(*args):
    r = subprocess.run([exe, *args], capture_output=True, text=True, timeout=900, env=os.environ)
    assert r.returncode == 0, (args, r.stderr[-2000:])
    return r.stdout


def history(d):
    with open(f"{d}/training/signals/{KIND}/active.json", encoding="utf-8") as f:
        return json.load(f)["history"]


def opens(d, version):
    """The version's model is read whole, and says that it is this version."""
    folder = f"{d}/training/signals/{KIND}/versions/{version:04}"
    with open(f"{folder}/version.json", encoding="utf-8") as f:
        assert json.load(f)["version"] == version, folder
    g20("model", "info", f"{folder}/head.onnx")


def after(state, request):
    """The history after a command."""
    if request["command"] == "promote_version":
        state = state if state[-1] == request["version"] else state + [request["version"]]
        return state[-KEPT:]
    if request["command"] == "rollback_version":
        return state[:-1] if len(state) > 1 else state
    return state


def draw():
    """A command, drawn: a version, the way back, or a sample."""
    kind = rng.randrange(5)
    if kind < 2:
        return {"command": "promote_version", "signal_name": KIND, "version": rng.randrange(1, 4)}
    if kind < 4:
        return {"command": "rollback_version", "signal_name": KIND}
    iq = struct.pack("<2048f", *(rng.uniform(-1, 1) for _ in range(2048)))
    return {"command": "save_sample", "signal_name": "saved", "iq_data": base64.b64encode(iq).decode(),
            "boxes": [{"x_min": 0.1, "x_max": 0.2, "y_min": 0, "y_max": 1}],
            "metadata": {"sample_rate_hz": 1e6, "center_freq_hz": 1e8}}


def answers(ws):
    """Replies by id, until there is no more to read."""
    got = {}
    try:
        while True:
            op, data = ws.receive()
            o = json.loads(data) if op == 1 else {}
            if "id" in o:
                got[o["id"]] = o
    except (EOFError, OSError):
        return got


def ask(ws, command, **fields):
    ws.send(json.dumps({"command": command, "id": command, **fields}))
    return ws.reply(command)


def kill_daemon(d, sets, span_s, saved):
    """One life of a daemon: what it was sent, and what it is known to have done. Its seconds for all, when @span_s is 0."""
    daemon = Daemon(exe, f"{d}/run", *sets)
    try:
        ws = Ws(daemon.port, "/ws/training")
        before, requests = history(d), [draw() for _ in range(6)]
        version = ask(ws, "list_versions", signal_name=KIND)["active_version"]
        assert version == before[-1], (version, before)
        listed = {x["sample_id"] for x in ask(ws, "list_samples", signal_name="saved")["samples"]} if saved else set()
        assert saved <= listed, saved - listed
        start = time.monotonic()
        for i, request in enumerate(requests):
            ws.send(json.dumps({**request, "id": i}))
        if not span_s:
            ws.reply(len(requests) - 1)
            took = time.monotonic() - start
        else:
            time.sleep(rng.uniform(0, 1.1 * span_s))
            took = span_s
        daemon.close()
        got = answers(ws)
    finally:
        daemon.close()
    states = [before]
    for request in requests:
        states.append(after(states[-1], request))
    done = max((i + 1 for i in got), default=0) if span_s else len(requests)
    for i, o in got.items():
        if o["type"] == "sample_saved":
            saved.add(o["sample_id"])
        assert o["type"] != "error" or (o["code"] == "not_found" and states[i + 1] == states[i]), o
    now = history(d)
    assert now in states[done:], (now, states, done, requests)
    opens(d, now[-1])
    return took, 0 < done < len(requests)


def kill_trainers(d, here):
    """Trainings that are killed: each leaves what was, or its own version whole and active."""
    start = time.monotonic()
    g20("train", "signal", KIND, "-q", *here, "--seed", "100")
    took, made = time.monotonic() - start, 0
    for i in range(TRAINER_KILLS):
        before = history(d)
        with subprocess.Popen([exe, "train", "signal", KIND, "-q", *here, "--seed", str(101 + i)],
                              stdout=subprocess.DEVNULL) as p:
            time.sleep(rng.uniform(0.5, 1.0) * took)
            p.kill()
        now = history(d)
        assert now == before or now[:-1] == before[-KEPT + 1:], (before, now)
        versions = [int(x) for x in os.listdir(f"{d}/training/signals/{KIND}/versions") if not x.startswith(".")]
        made = max(versions)
        for version in versions:
            opens(d, version)
        assert now[-1] in versions, (now, versions)
    return made


with tempfile.TemporaryDirectory() as d:
    here = ("--set", f"paths.training_dir={d}/training", "--set", f"paths.capture_dir={d}/captures")
    scenes = [a for s in (31, 32, 33) for a in ("--scene", f"kind={KIND},seed={s},seconds=0.2,density=10,snr_min=8")]
    g20("synth", "-q", "-o", f"{d}/lessons", "--rate", "2e6", *scenes)
    os.makedirs(f"{d}/run")
    g20("train", "import", "-q", *here, "--signal", KIND, "--complete", *(f"{d}/lessons/scene-{i}.sigmf-meta" for i in (1, 2, 3)))
    g20("train", "signal", KIND, "-q", *here)
    for n in range(2, 4):
        g20("train", "signal", KIND, "-q", *here, "--seed", str(n))
    with open(f"{d}/training/signals/{KIND}/active.json", "w", encoding="utf-8") as f:
        json.dump({"history": [1, 2, 3]}, f)
    sets = ("source.driver=file", f"source.args={d}/lessons/scene-1.sigmf-meta", "source.loop=true", "source.realtime=true",
            f"paths.training_dir={d}/training", f"paths.models_dir={d}/models", f"paths.capture_dir={d}/captures")
    saved, between = set(), 0
    span, _ = kill_daemon(d, sets, 0, saved)
    for _ in range(DAEMON_KILLS):
        between += kill_daemon(d, sets, span, saved)[1]
    assert between > 0 or DAEMON_KILLS < 20, "no kill came between two commands"
    made = kill_trainers(d, here)
    daemon = Daemon(exe, f"{d}/run", *sets)
    try:
        ws = Ws(daemon.port, "/ws/training")
        listed = {x["sample_id"] for x in ask(ws, "list_samples", signal_name="saved")["samples"]} if saved else set()
        assert saved <= listed, saved - listed
        for i in saved:
            assert len(ask(ws, "get_sample", sample_id=i, with_iq=True)["iq_data"]) > 10000, i
        assert len(ask(ws, "list_samples", signal_name=KIND)["samples"]) == 3
        assert ask(ws, "list_versions", signal_name=KIND)["active_version"] == history(d)[-1]
    finally:
        daemon.close()
print(f"teach_kills: {DAEMON_KILLS} daemons killed within {1000 * span:.0f} ms ({between} between two commands), "
      f"{TRAINER_KILLS} trainers, {len(saved)} samples, {made} versions")
