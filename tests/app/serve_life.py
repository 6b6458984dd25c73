#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Life and end of `g20 serve`: signals, parent watch, reload, service manager, kill -9.

usage: serve_life.py PATH_OF_G20      standard library only; port 0; bounded in time"""
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile

from client import LIMIT_S, Daemon, Ws, get, wait_for

SCENE = ("source.driver=scene", "source.sample_rate_hz=2e6", "fft.waterfall_nfft=4096")


def setting(d, key):
    return json.loads(get(d.port, "/api/config")[2])[key]["value"]


def stalled_client(d):
    """Asks for much and reads nothing, until its own and the daemon's buffers are full."""
    ws = Ws(d.port)
    ws.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    ws.send('{"command":"set_view","width":8192,"format":1,"fps":60}')

    def is_full():
        other = Ws(d.port)
        other.send('{"command":"status","id":1}')
        status = other.reply(1)
        other.sock.close()
        return status["server"]["rows_dropped"] > 0
    wait_for("the stalled client's rows to be dropped", is_full)
    return ws


def a_stalled_client_cannot_hold_up_the_end(exe, folder):
    d = Daemon(exe, folder, *SCENE)
    try:
        stay = stalled_client(d)
        code, took = d.stop()
        assert code == 0 and took < 5, (code, took)
        assert not os.path.exists(d.ports)
        stay.sock.close()
    finally:
        d.close()


def a_second_signal_ends_it_at_once(exe, folder):
    # Threads that nobody waits for are the point of it, and no fault to the thread sanitizer.
    options = os.environ.get("TSAN_OPTIONS", "") + ":report_thread_leaks=0"
    d = Daemon(exe, folder, *SCENE, env={"TSAN_OPTIONS": options})
    try:
        stay = stalled_client(d)
        d.process.send_signal(signal.SIGTERM)
        wait_for("stopping", lambda: '"stopping"' in d.logged())
        assert d.process.poll() is None, "the stalled client should delay the end by 2 s"
        d.process.send_signal(signal.SIGINT)
        # An orderly end would give 0. No short limit: the thread sanitizer sleeps before it exits.
        assert d.process.wait(LIMIT_S) == 128 + signal.SIGINT
        stay.sock.close()
    finally:
        d.close()


def it_ends_with_the_process_it_watches(exe, folder):
    parent = subprocess.Popen(["sleep", "60"])
    d = Daemon(exe, folder, *SCENE, f"server.parent_pid={parent.pid}")
    try:
        wait_for("health", lambda: get(d.port, "/health")[0] == 200)
        parent.kill()
        parent.wait()
        assert d.wait() == 0, d.logged()  # it sees to its 5 s itself
        assert "parent process is gone" in d.logged()
        assert not os.path.exists(d.ports)
    finally:
        parent.kill()
        d.close()
    gone = subprocess.run([exe, "serve", "--set", f"server.parent_pid={parent.pid}", "--set",
                           f"paths.runtime_dir={folder}"], capture_output=True, timeout=LIMIT_S)
    assert gone.returncode == 1 and b"parent_pid: no process" in gone.stderr, gone


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def a_hangup_applies_what_may_change(exe, folder):
    path = os.path.join(folder, "g20.yaml")
    write(path, "display:\n  fps: 15\n  colormap: magma\n")
    d = Daemon(exe, folder, *SCENE, args=("--config", path))

    def reload(text, says):
        before = d.logged().count(says)
        write(path, text)
        d.process.send_signal(signal.SIGHUP)
        wait_for(says, lambda: d.logged().count(says) > before)
    try:
        wait_for("health", lambda: get(d.port, "/health")[0] == 200)  # while it is built it cannot be stopped
        assert (setting(d, "display.fps"), setting(d, "display.colormap")) == (15, "magma")
        reload("display:\n  fps: 60\nlimits:\n  clients: 9\nlog_level: DEBUG\n",
               "settings read again")
        assert setting(d, "display.fps") == 60
        assert setting(d, "display.colormap") == "viridis"  # the default is back
        assert setting(d, "limits.clients") == 64
        log = d.logged()
        assert '"limits.clients"' in log and "takes a restart" in log, log
        ws = Ws(d.port)
        hello = json.loads(ws.until(lambda op, data: op == 1))
        assert hello["client"]["view"]["fps"] == 60, hello["client"]
        ws.sock.close()
        reload("display:\n  fps: 61\n", "reload refused")
        assert "g20.yaml:2" in d.logged()
        assert setting(d, "display.fps") == 60
        reload("display:\n  fps: 60\nsource:\n  center_freq_hz: 5e6\n", "settings read again")
        assert setting(d, "source.center_freq_hz") == 5e6
        ws = Ws(d.port)  # rows of the new centre arrive
        ws.until(lambda op, data: op == 2 and data[:4] == b"WF01" and
                 abs(struct.unpack_from("<d", data, 24)[0] - 5e6) < 1e3)
        ws.sock.close()
        assert d.stop()[0] == 0
    finally:
        d.close()


def the_service_manager_hears_of_it(exe, folder):
    path = os.path.join(folder, "notify")
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(path)
    manager.settimeout(LIMIT_S)

    def hear(what):
        while True:
            lines = manager.recv(4096).decode().split("\n")
            if any(line.startswith(what) for line in lines):
                return lines
    d = Daemon(exe, folder, *SCENE, env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"})
    try:
        hear("READY=1")
        hear("WATCHDOG=1")
        hear("STATUS=Source running; 0 viewers")
        ws = Ws(d.port)
        hear("STATUS=Source running; 1 viewers")
        ws.sock.close()
        d.process.send_signal(signal.SIGHUP)
        assert any(line.startswith("MONOTONIC_USEC=") for line in hear("RELOADING=1"))
        hear("READY=1")
        assert d.stop()[0] == 0
        hear("STOPPING=1")
    finally:
        d.close()
        manager.close()
    bad = subprocess.run([exe, "serve", "--set", f"paths.runtime_dir={folder}"],
                         env={**os.environ, "NOTIFY_SOCKET": "nowhere"}, capture_output=True,
                         timeout=LIMIT_S)
    assert bad.returncode == 2 and b"NOTIFY_SOCKET nowhere" in bad.stderr, bad


def a_killed_daemon_leaves_nothing_in_the_way(exe, folder):
    d = Daemon(exe, folder, *SCENE)
    d.close()
    assert os.path.exists(d.ports)  # nobody could remove it
    d = Daemon(exe, folder, *SCENE)
    try:
        assert get(d.port, "/api/config")[0] == 200
        assert d.stop()[0] == 0 and not os.path.exists(d.ports)
    finally:
        d.close()


def what_cannot_be_had_is_said_and_ends_it(exe, folder):
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    write(os.path.join(folder, "file"), "")
    for sets, says in (((f"server.ws_port={port}",), b'"server: cannot listen on 127.0.0.1 port %d: address in use' % port),
                       (("server.ws_port=0", f"paths.runtime_dir={folder}/file/x"), b"file/x")):
        r = subprocess.run([exe, "serve", "--set", f"paths.runtime_dir={folder}"] +
                           [x for s in (*SCENE, "server.grpc_port=0", *sets) for x in ("--set", s)],
                           capture_output=True, timeout=LIMIT_S)
        assert r.returncode == 1 and says in r.stderr, r
    taken.close()


def main():
    exe = sys.argv[1]
    for test in (a_stalled_client_cannot_hold_up_the_end, a_second_signal_ends_it_at_once,
                 it_ends_with_the_process_it_watches, a_hangup_applies_what_may_change,
                 the_service_manager_hears_of_it, a_killed_daemon_leaves_nothing_in_the_way,
                 what_cannot_be_had_is_said_and_ends_it):
        with tempfile.TemporaryDirectory() as folder:
            test(exe, folder)
        print(f"ok {test.__name__}", flush=True)


if __name__ == "__main__":
    main()
