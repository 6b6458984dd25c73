#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much later a live tile's boxes come while a signal is trained on the same machine. Minutes; not in CI.

usage: train_beside.py G20 [--tiles 1000] [--rate 5e6] [--turn 5] [--minutes 30]

A daemon watches a scene at the clock's speed; two trainers that never end are stopped and let go in turns: neither,
one at nice 19, one at SCHED_IDLE (`--gentle`, as the daemon starts it). Each tile's time from its last sample to its
boxes is read from `status`. Turns are in an order that is drawn, so that what else the machine does hits all alike;
tiles of a turn's first half second count for nobody. Prints Markdown, with the processor time that the trainer got."""
import argparse
import itertools
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import tempfile
import time


def ask(sock):
    """The pipeline's `status`, over the control socket."""
    sock.sendall(b'{"command":"status"}\n')
    text = b""
    while not text.endswith(b"\n"):
        text += sock.recv(65536)
    return json.loads(text)


def find(o, key):
    """The first value of @key at any depth."""
    if isinstance(o, dict):
        return o[key] if key in o else next((x for x in (find(v, key) for v in o.values()) if x is not None), None)
    return next((x for x in (find(v, key) for v in o) if x is not None), None) if isinstance(o, list) else None


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        x = f.read().rsplit(")", 1)[1].split()
    return (int(x[11]) + int(x[12])) / os.sysconf("SC_CLK_TCK")


def trainer(o, d, name, *before):
    """Its samples are noise with a label; what counts is the work that it does."""
    rng = random.Random(1)
    folder = f"{d}/{name}"
    os.makedirs(folder)
    with open(f"{folder}/x.sigmf-data", "wb") as f:
        f.write(bytes(rng.randrange(256) for _ in range(1 << 18)))
    with open(f"{folder}/x.sigmf-meta", "w", encoding="utf-8") as f:
        json.dump({"global": {"core:datatype": "ci8", "core:sample_rate": 1e6, "core:version": "1.0.0"},
                   "captures": [{"core:sample_start": 0, "core:frequency": 0.0}],
                   "annotations": [{"core:sample_start": 40000 * i, "core:sample_count": 20000, "core:label": "x",
                                    "core:freq_lower_edge": -1e5, "core:freq_upper_edge": 1e5} for i in range(3)]}, f)
    here = ("--set", f"paths.training_dir={folder}/t", "--set", f"paths.capture_dir={folder}/none")
    subprocess.run([o.exe, "train", "import", "-q", *here, "--signal", "x", f"{folder}/x.sigmf-meta"], check=True,
                   stdout=subprocess.DEVNULL)
    args = [*before, o.exe, "train", "signal", "x", "-q", "--preset", "quality", *here]
    return subprocess.Popen(args + (["--gentle"] if name == "idle" else []), stdout=subprocess.DEVNULL)


def watch(sock, seconds, tiles):
    """Latencies in ms of the tiles of @seconds, into @tiles."""
    begin, seen = time.monotonic(), None
    while time.monotonic() - begin < seconds:
        o = ask(sock)
        number, took = find(o, "tiles"), find(o, "tile_latency_us")
        if number != seen and seen is not None and time.monotonic() - begin > 0.5:
            tiles.append(took / 1000)
        seen = number
        time.sleep(0.004)


def serve(o, d):
    subprocess.run([o.exe, "synth", "-q", "-o", f"{d}/scene", "--rate", str(o.rate), "--scene", "seed=5,seconds=4,density=3"],
                   check=True)
    sets = ("server.ws_port=0", "server.grpc_port=0", f"paths.runtime_dir={d}/run", "storage.ring_bytes=67108864",
            "source.driver=file", f"source.args={d}/scene/scene-1.sigmf-meta", "source.loop=true", "source.realtime=true",
            f"paths.training_dir={d}/live", f"paths.capture_dir={d}/captures", f"paths.models_dir={d}/models",
            f"paths.data_dir={d}/data")
    os.makedirs(f"{d}/run")
    return subprocess.Popen([o.exe, "serve", *itertools.chain(*(("--set", s) for s in sets))],
                            stderr=open(f"{d}/log", "wb"), env={**os.environ, "XDG_DATA_HOME": d, "XDG_CACHE_HOME": d})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exe")
    parser.add_argument("--tiles", type=int, default=1000, help="of each kind of turn")
    parser.add_argument("--rate", type=float, default=5e6)
    parser.add_argument("--minutes", type=float, default=30, help="at most: what there is then is printed")
    parser.add_argument("--turn", type=float, default=5, help="seconds")
    o = parser.parse_args()
    with tempfile.TemporaryDirectory() as d:
        daemon, work = serve(o, d), {}
        try:
            work = {"nice 19": trainer(o, d, "nice", "nice", "-n", "19"), "SCHED_IDLE": trainer(o, d, "idle")}
            for x in work.values():
                x.send_signal(signal.SIGSTOP)
            while not os.path.exists(f"{d}/run/ports.json"):
                if daemon.poll() is not None:
                    raise RuntimeError("the daemon ended")
                time.sleep(0.1)
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(f"{d}/run/g20.sock")
            tiles = {"no training": [], **{k: [] for k in work}}
            used, spent = dict.fromkeys(tiles, 0.0), dict.fromkeys(tiles, 0.0)
            watch(sock, 10, [])
            end = time.monotonic() + 60 * o.minutes
            while min(len(x) for x in tiles.values()) < o.tiles and time.monotonic() < end:
                for k in random.sample(list(tiles), len(tiles)):
                    before, begin = cpu_s(work[k].pid) if k in work else 0, time.monotonic()
                    if k in work:
                        work[k].send_signal(signal.SIGCONT)
                    watch(sock, o.turn, tiles[k])
                    if k in work:
                        work[k].send_signal(signal.SIGSTOP)
                        used[k] += cpu_s(work[k].pid) - before
                        if work[k].poll() is not None:
                            raise RuntimeError(f"the trainer at {k} ended: too short a measurement for its work")
                    spent[k] += time.monotonic() - begin
            base = sorted(tiles["no training"])
            print("| beside | tiles | median ms | p99 ms | p99 over none | trainer's processor |\n|---|---|---|---|---|---|")
            for k, x in tiles.items():
                x.sort()
                p99 = x[int(0.99 * len(x))]
                print(f"| {k} | {len(x)} | {statistics.median(x):.1f} | {p99:.1f} | "
                      f"{p99 / base[int(0.99 * len(base))]:.2f} | {100 * used[k] / spent[k]:.0f} % |", flush=True)
        finally:
            for x in [daemon, *work.values()]:
                x.kill()
                x.wait()


if __name__ == "__main__":
    main()
