#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control socket through `g20 ctl`, and /metrics held against docs/metrics.md.

usage: control.py PATH_OF_G20 SOURCE_ROOT"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from socket import AF_UNIX, SOCK_STREAM, socket as Unix

from client import KEEPS_UP, Daemon, get, wait_for

exe, root = sys.argv[1], sys.argv[2]
SCENE = ("source.driver=scene", "source.sample_rate_hz=2e6", "fft.waterfall_nfft=4096")


def ctl(socket, *words, code=0):
    r = subprocess.run([exe, "ctl", "--socket", socket, *words], capture_output=True, text=True, timeout=60)
    assert r.returncode == code, (words, r)
    return r.stdout if code == 0 else json.loads(r.stderr.splitlines()[-1])["message"]


def parse(text):
    """Prometheus text: {name: type}, {sample: value}; every line must be one of the three."""
    types, values = {}, {}
    for line in text.splitlines():
        if m := re.fullmatch(r"# TYPE (\w+) (counter|gauge|histogram)", line):
            assert m[1] not in types, line
            types[m[1]] = m[2]
        elif not re.fullmatch(r"# HELP \w+ .+", line):
            m = re.fullmatch(r'(\w+)(\{\w+="[^"]*"\})? (\S+)', line)
            assert m, line
            assert re.sub(r"_(bucket|sum|count)$", "", m[1]) in types or m[1] in types, line
            values[m[1] + (m[2] or "")] = float(m[3])
    return types, values


def the_services_socket_is_asked_next(socket):
    """Without --socket and without a daemon of one's own; what anybody named is not passed over."""
    def ask(runtime, *words, service=None):
        command = [exe, "ctl", *words, "status"]
        if service:  # /run/g20 as the unit has it, for this process alone
            command = ["unshare", "-rm", "sh", "-ec", 'mount -t tmpfs none /run; mkdir /run/g20; mount --bind "$0" /run/g20; exec "$@"',
                       service, *command]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "XDG_RUNTIME_DIR": runtime})

    def said(r):
        assert r.returncode == 1, r
        return json.loads(r.stderr.splitlines()[-1])["message"]

    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as dead:
        os.mkdir(f"{dead}/g20")
        with Unix(AF_UNIX, SOCK_STREAM) as s:
            s.bind(f"{dead}/g20/g20.sock")  # whoever listened is gone
        if not os.path.exists("/run/g20/g20.sock"):
            assert all(path in said(ask(empty)) for path in (f"{empty}/g20/g20.sock", "/run/g20/g20.sock")), said(ask(empty))
        for words in (["--socket", f"{empty}/x"], ["--set", f"paths.runtime_dir={empty}"], ["--set", f"server.control_socket={empty}/x"]):
            assert f"{empty}/" in said(ask(empty, *words)) and "/run/g20" not in said(ask(empty, *words)), words
        folder = os.path.dirname(socket)
        if subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/run"], capture_output=True, check=False).returncode != 0:
            print("no mount namespaces here: /run/g20 was not tried")
            return
        assert json.loads(ask(empty, service=folder).stdout)["ok"] is True
        assert "Connection refused" in said(ask(dead, service=folder))
        assert "No such file" in said(ask(empty, "--set", f"paths.runtime_dir={empty}", service=folder))


with tempfile.TemporaryDirectory() as d:
    os.mkdir(f"{d}/run")
    daemon = Daemon(exe, f"{d}/run", *SCENE, f"paths.models_dir={d}/models")
    try:
        socket = next(f"{p}/g20.sock" for p, _, files in os.walk(f"{d}/run") if "g20.sock" in files)
        wait_for("tiles", lambda: parse(get(daemon.port, "/metrics")[2].decode())[1]["g20_tiles_total"] > 3)

        # /metrics: what the page says, counters that count, histograms that add up.
        types, first = parse(get(daemon.port, "/metrics")[2].decode())
        with open(f"{root}/docs/metrics.md") as f:
            page = dict(re.findall(r"^\| (\w+) \| (\w+) \|", f.read(), re.M))
        assert page.pop("metric") == "type" and page == types, set(page.items()) ^ set(types.items())
        time.sleep(0.5)
        types, later = parse(ctl(socket, "metrics"))
        for name in ("g20_samples_total", "g20_rows_total", "process_cpu_seconds_total", "g20_uptime_seconds"):
            assert later[name] > first[name] > 0, (name, first[name], later[name])
        for name in ("g20_tile_latency_seconds", "g20_inference_seconds"):
            buckets = [v for k, v in later.items() if k.startswith(name + "_bucket")]
            assert buckets == sorted(buckets) and buckets[-1] == later[name + "_count"] > 0, name
        assert later["g20_source_up"] == later["g20_pipeline_up"] == later["g20_model_up"] == 1
        assert later["process_resident_memory_bytes"] > 1e7 and later["process_open_fds"] > 5

        # Commands.
        status = json.loads(ctl(socket, "status"))
        assert status["ok"] is True and status["source"]["driver"] == "scene", status
        assert json.loads(ctl(socket, "tune", "center_freq_hz=434.1e6")) == {"ok": True, "actual_freq_hz": 434.1e6}
        wait_for("the new centre", lambda: json.loads(ctl(socket, "status"))["stream"]["center_hz"] == 434.1e6)
        assert json.loads(ctl(socket, "tune", "center_freq_hz=434.1e6", "channel_id=0"))["ok"]
        assert json.loads(ctl(socket, "log_level"))["level"] == "INFO"
        assert json.loads(ctl(socket, "log_level", "level=debug"))["level"] == "DEBUG"
        for words, want in ((["fly"], "Unknown command: fly"), (["tune"], "center_freq_hz required"),
                            (["tune", "center_freq_hz=high"], "center_freq_hz required"),
                            (["tune", "center_freq_hz=2e12"], "center_freq_hz: 2000000000000: want 1 to"),
                            (["tune", "gain_db=20"], "gain_db: source scene has no gain"),
                            (["tune", "bandwidth_hz=1e6"], "bandwidth_hz: source scene has no filter"),
                            (["tune", "gain_db=much"], "gain_db: want a number"),
                            (["tune", "center_freq_hz=1e6", "channel_id=1"], "channel_id: 1: want 0 to 0"),
                            (["tune", "center_freq_hz=1e6", "channel_id=0.5"], "channel_id: want a whole"),
                            (["log_level", "level=loud"], "level: want"), (["load_model"], "name required"),
                            (["load_model", "name=none"], "none.onnx"), (["unload_model", "name=none"], 'no head "none"'),
                            (["capture_start"], "session_id required"), (["capture_stop"], "session_id required")):
            assert want in ctl(socket, *words, code=1), words
        assert "KEY=VALUE" in ctl(socket, "tune", "high", code=2)
        ctl(socket, "reload_config")
        wait_for("the reload", lambda: "settings read again" in daemon.logged())

        the_services_socket_is_asked_next(socket)

        # A second daemon does not take the socket; this one ends by command and takes its file along.
        r = subprocess.run([exe, "serve", "--set", f"server.control_socket={socket}", "--set", "server.ws_port=0", "--set", "server.grpc_port=0", "--set",
                            f"paths.runtime_dir={d}/other", *(a for s in SCENE for a in ("--set", s))],
                           capture_output=True, text=True, timeout=60)
        assert r.returncode != 0 and "another g20 serves it" in r.stderr, r
        ctl(socket, "shutdown")
        code = daemon.wait()
        assert code == 0, (code, daemon.logged()[-4000:])
        assert not os.path.exists(socket) or not KEEPS_UP  # one that was ended by force leaves its file
        assert "is the daemon running?" in ctl(socket, "status", code=1)
    finally:
        daemon.close()
print(f"control: {len(types)} metrics")
