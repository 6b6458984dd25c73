#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What settings do, as a client sees it; what is refused at the start; what a reload says.
(Ports, TLS, tokens, folders, radios and databases: the tests of those.)

usage: settings.py PATH_OF_G20      standard library only; port 0; bounded in time"""
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

from client import LIMIT_S, Daemon, Ws, get, teach as save, wait_for
from security import refused

SCENE = ("source.driver=scene", "source.sample_rate_hz=2e6", "fft.waterfall_nfft=4096", "inference.model=energy")


def ctl(d, *words, code=0):
    r = subprocess.run([exe, "ctl", "--socket", f"{d.folder}/g20.sock", *words], capture_output=True, text=True, timeout=60)
    assert r.returncode == code, (words, r)
    return json.loads(r.stdout) if code == 0 else json.loads(r.stderr.splitlines()[-1])["message"]


def begin(folder, *sets, args=(), env=None):
    d = Daemon(exe, folder, *SCENE, *sets, args=args, env=env)
    d.folder = folder
    wait_for("health", lambda: get(d.port, "/health")[0] == 200)
    return d


def capabilities(d):
    return json.loads(get(d.port, "/api/capabilities")[2])


def tiles(d, n):
    """Boxes of @n tiles: [[x1, y1, x2, y2, confidence, class], ..] each."""
    ws = Ws(d.port, "/ws/inference")
    out = []
    while len(out) < n:
        m = json.loads(ws.until(lambda op, data: op == 1 and json.loads(data)["type"] == "detections"))
        out.append(m["boxes"])
    ws.sock.close()
    return out


def numbers_count(folder):
    """Thresholds, limits and names, each with a value of its own."""
    d = begin(folder, "inference.max_detections=1", "inference.class_names=hum blip", "fft.waterfall_dynamic_range_db=30",
              "display.fps=60", "display.time_span_s=10", "display.colormap=turbo", "training.presets=quick quality",
              "limits.clients=3", "limits.message_bytes=2048", "limits.training_message_bytes=100000", "limits.sessions=1",
              "limits.capture_bytes=1000000", "limits.history_bytes=0", "debug=true", f"paths.capture_dir={folder}/c",
              f"paths.training_dir={folder}/t")
    try:
        boxes = tiles(d, 25)
        assert max(map(len, boxes)) == 1, boxes
        assert {b[5] for t in boxes for b in t} <= {"hum", "blip"}, boxes
        shown = capabilities(d)
        assert {k: shown["display"][k] for k in ("fps", "time_span_s", "colormap")} == {
            "fps": 60, "time_span_s": 10, "colormap": "turbo"}, shown
        assert shown["training"] == {"presets": ["quick", "quality"]} and shown["power_modes"] == ["15W", "30W", "50W"], shown
        ws = Ws(d.port)
        hello = json.loads(ws.until(lambda op, _: op == 1))
        assert hello["model"]["class_names"] == ["hum", "blip"] and hello["client"]["view"]["fps"] == 60, hello
        row = ws.until(lambda op, data: op == 2 and data[:4] == b"WF01")
        lo, hi = struct.unpack_from("<ff", row, 48)
        assert abs(hi - lo - 30) < 1e-3, (lo, hi)
        ws.send('{"command":"history","id":1,"from_us":1,"to_us":2000000000000000,"rows":5}')
        none = ws.reply(1)
        assert none.get("rows", 0) == 0, none
        # One client too many, one message too long.
        others = [Ws(d.port), Ws(d.port)]
        assert Ws(d.port).close_code()[0] == 1013
        ws.send(b"x" * 3000)
        assert ws.close_code()[0] == 1009
        for other in others:
            other.sock.close()

        def teacher():
            """A place is free once the server has seen that the others went."""
            t = Ws(d.port, "/ws/training")
            t.send("{}")
            return t if t.receive()[0] == 1 else None
        place = []
        wait_for("a place", lambda: place.append(teacher()) or place[-1])
        teach = place[-1]
        teach.send(json.dumps({"command": "x" * 50000}))  # over the limit of others
        assert json.loads(teach.until(lambda op, _: op == 1))["code"] == "unknown_command"
        saved = save(d.port, "s")
        # The database has it as soon as the reply is there, and loses it with it.
        there = json.loads(get(d.port, "/api/samples?signal=s")[2])["samples"]
        assert [s["id"] for s in there] == [saved] and len(there[0]["boxes"]) == 1, there
        assert there[0]["path"] == f"signals/s/samples/{saved}", there
        assert [s["samples"] for s in json.loads(get(d.port, "/api/signals?name=s")[2])["signals"]] == [1]
        for request, type_ in (({"command": "get_sample", "sample_id": saved}, "sample"), ({"command": "job_status"}, "jobs"),
                               ({"command": "get_sample", "sample_id": "0" * 16}, "error"), ({"command": "list_versions"}, "error"),
                               ({"command": "save_sample", "signal_name": "s", "iq_data": "AAAAAAAAAAA=", "boxes": [
                                   {"x_min": 0.3, "x_max": 0.2, "y_min": 0, "y_max": 1}],
                                 "metadata": {"sample_rate_hz": 1e6, "center_freq_hz": 1e8}}, "error")):
            teach.send(json.dumps({**request, "id": 9}))
            r = teach.reply(9)
            assert r["type"] == type_, (request, r)
        assert len(json.loads(get(d.port, "/api/samples")[2])["samples"]) == 1
        teach.send('{"command":"train_signal","id":2,"signal_name":"s","preset":"balanced"}')
        r = teach.reply(2)
        assert r["type"] == "error" and "training.presets: quick quality" in r["message"], r
        teach.send('{"command":"delete_signal","id":3,"signal_name":"s"}')
        teach.reply(3)
        assert json.loads(get(d.port, "/api/samples")[2])["samples"] == []
        assert json.loads(get(d.port, "/api/signals?name=s")[2])["signals"] == []
        teach.send('{"command":"restore_signal","id":4,"signal_name":"s"}')
        teach.reply(4)
        assert len(json.loads(get(d.port, "/api/samples?signal=s")[2])["samples"]) == 1
        teach.send(b"x" * 120000)
        assert teach.close_code()[0] == 1009
        # A capture ends at its size; there may be one at a time.
        centre = ctl(d, "status")["stream"]["center_hz"]  # a narrow band takes some seconds for them
        ctl(d, "capture_start", "session_id=a", "output_path=a", f"center_hz={centre}", "bandwidth_hz=2e4")
        assert "limits.sessions" in ctl(d, "capture_start", "session_id=b", "output_path=b", code=1)
        wait_for("its end", lambda: ctl(d, "capture_list")["captures"][0]["state"] == "done")
        assert ctl(d, "capture_stop", "session_id=a")["bytes"] == 1000000
        assert '"DEBUG"' in d.logged()
        d.stop()
        # What lies on the disk is indexed at the start, what went meanwhile is forgotten.
        subprocess.run(["rm", "-r", f"{folder}/t/signals/s"], check=True)
        d = begin(folder, f"paths.training_dir={folder}/t")
        wait_for("the index", lambda: json.loads(get(d.port, "/api/samples")[2])["samples"] == [])
        assert d.stop()[0] == 0
    finally:
        d.close()


def queues_of_a_client_end_where_they_should(folder):
    """Rows and messages wait for a client that reads nothing, as many as the limits say."""
    d = begin(folder, "limits.client_rows=7", "limits.client_messages=5")
    other = Ws(d.port)

    def status():
        other.send('{"command":"status","id":8}')
        return other.reply(8)

    try:
        ws = Ws(d.port)
        ws.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        ws.send('{"command":"set_view","width":8192,"format":1,"fps":60}')
        wait_for("rows to be dropped", lambda: status()["server"]["rows_dropped"] > 0)
        tiles = status()["pipeline"]["tiles"]
        wait_for("more messages than may wait", lambda: status()["pipeline"]["tiles"] > tiles + 10)
        ws.send('{"command":"status","id":9}')
        time.sleep(0.5)  # it is answered before anything is read
        mine = ws.reply(9)["client"]
        assert mine["rows_queued"] == 7 and mine["rows_dropped"] > 0, mine
        assert mine["events_queued"] == 5 and mine["events_dropped"] > 0, mine
        ws.sock.close()
        assert d.stop()[0] == 0
    finally:
        d.close()


def old_captures_make_room(folder):
    """Beyond storage.max_bytes the oldest captures go, with their files; also when the limit comes by a reload."""
    path = f"{folder}/g20.yaml"

    def limit(most):
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"storage:\n  max_bytes: {most}\n")

    def left():
        return sorted(c["path"] for c in json.loads(get(d.port, "/api/captures")[2])["captures"])

    def record(*names):
        for name in names:
            ctl(d, "capture_start", f"session_id={name}", f"output_path={name}", "max_bytes=1000000")
            wait_for("its end", lambda name=name: next(c for c in ctl(d, "capture_list")["captures"] if c["session_id"] == name)
                     ["state"] == "done")
            ctl(d, "capture_stop", f"session_id={name}")
    limit(3_500_000)
    d = begin(folder, f"paths.capture_dir={folder}/c", args=("--config", path))
    try:
        record("a", "b", "c", "d")
        wait_for("the oldest to go", lambda: left() == ["b", "c", "d"])
        limit(2_500_000)
        assert ctl(d, "reload_config")["changed"] == ["storage.max_bytes"]
        wait_for("the next one to go", lambda: left() == ["c", "d"])
        there = sorted(name for name in os.listdir(f"{folder}/c") if name.endswith(("-data", "-meta")))
        assert there == [f"{n}.sigmf-{what}" for n in "cd" for what in ("data", "meta")], there
        assert d.stop()[0] == 0
    finally:
        d.close()


def nothing_above_the_threshold(folder):
    d = begin(folder, "inference.score_threshold=1", "inference.threads=1", "inference.max_detections=100")
    try:
        assert not any(b[4] < 1 for t in tiles(d, 10) for b in t)
        assert d.stop()[0] == 0
    finally:
        d.close()


def what_is_not_there_is_refused(folder):
    for says, *sets in (("inference.provider", "inference.provider=cuda"),
                        ("inference.use_dla", "inference.use_dla=true"), ("events.mqtt_url", "events.mqtt_url=mqtt://x"),
                        ("events.postgres_url", "events.postgres_url=postgres://x"), ('no model \\"none\\"', "inference.model=none"),
                        ("fft.inference_nfft", "fft.inference_nfft=2048"), ("fft.inference_hop", "fft.inference_hop=1024"),
                        ("fft.inference_dynamic_range_db", "fft.inference_dynamic_range_db=70"),
                        ("fft.inference_accumulation_frames", "fft.inference_accumulation_frames=5"),
                        ("server.grpc_port", "server.grpc_prt=1"), ("server.max_workers", "server.max_workers=0"),
                        ("display.fps", "display.fps=17"), ("limits.clients", "limits.clients=many"),
                        ("training.presets", "training.presets=slow"), ("jetson.power_mode", "jetson.power_mode=99W")):
        refused(exe, folder, says, *sets)
    # The environment and the file likewise: the nearest name, the file and its line.
    r = subprocess.run([exe, "serve"], capture_output=True, text=True, timeout=LIMIT_S,
                       env={**os.environ, "G20_SERVER__GRPC_PRT": "50052"})
    assert r.returncode == 2 and "did you mean 'G20_SERVER__GRPC_PORT'" in r.stderr, r
    path = f"{folder}/bad.yaml"
    with open(path, "w", encoding="utf-8") as f:
        f.write("server:\n  ws_port: 0\n  grpc_prt: 1\n")
    for args in (["serve", "--config", path], ["config", "check", path]):
        r = subprocess.run([exe, *args], capture_output=True, text=True, timeout=LIMIT_S)
        assert r.returncode == 2 and "bad.yaml:3" in r.stderr and "grpc_port" in r.stderr, r


def the_strongest_wins_and_a_reload_says_what_it_did(folder):
    """Command line over environment over file over default; reload_config answers with what became of it."""
    path = f"{folder}/g20.yaml"

    def write(text):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    write("display:\n  fps: 15\n  colormap: magma\n  time_span_s: 1\n")
    d = begin(folder, "display.fps=10", args=("--config", path), env={"G20_DISPLAY__FPS": "20", "G20_DISPLAY__COLORMAP": "plasma"})
    try:
        config = json.loads(get(d.port, "/api/config")[2])
        assert [config["display." + k]["value"] for k in ("fps", "colormap", "time_span_s")] == [10, "plasma", 1], config
        # The same by the command: what counts, and where it comes from.
        r = subprocess.run([exe, "config", "show", "--config", path, "--set", "display.fps=10"], capture_output=True, text=True,
                           timeout=LIMIT_S, env={**os.environ, "G20_DISPLAY__COLORMAP": "plasma"})
        rows = {line.split()[0]: line.split()[1:] for line in r.stdout.splitlines()}
        assert rows["display.fps"][0] == "10" and rows["display.colormap"][0] == "plasma", rows
        assert rows["display.time_span_s"][0] == "1" and "g20.yaml:4" in rows["display.time_span_s"][1], rows
        assert rows["display.fps"][1:] != rows["display.colormap"][1:] != rows["log_level"][1:], rows
        write("display:\n  time_span_s: 2.5\nlimits:\n  clients: 9\nstorage:\n  max_bytes: 1000000\n")
        r = ctl(d, "reload_config")
        assert r["ok"] and set(r["changed"]) == {"display.time_span_s", "storage.max_bytes"} and r["restart"] == ["limits.clients"], r
        assert capabilities(d)["display"]["time_span_s"] == 2.5
        write("display:\n  fps: 61\n")
        says = ctl(d, "reload_config", code=1)
        assert "g20.yaml:2" in says and "fps" in says, says
        assert capabilities(d)["display"]["time_span_s"] == 2.5
        assert d.stop()[0] == 0
    finally:
        d.close()


def main():
    for test in (numbers_count, queues_of_a_client_end_where_they_should, old_captures_make_room, nothing_above_the_threshold, what_is_not_there_is_refused,
                 the_strongest_wins_and_a_reload_says_what_it_did):
        with tempfile.TemporaryDirectory() as folder:
            test(folder)
        print(f"ok {test.__name__}", flush=True)


exe = sys.argv[1]
if __name__ == "__main__":
    main()
