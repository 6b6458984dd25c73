#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit of deploy/: systemd understands it, and the daemon started as it says does what it counts on.

usage: service.py PATH_OF_G20 G20_SERVICE G20_SYSUSERS      standard library only; bounded in time"""
import configparser
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

LIMIT_S = 60


def read(path):
    unit = configparser.RawConfigParser(strict=True)
    unit.optionxform = str
    unit.read(path)
    return unit["Service"]


def systemd_understands_it(exe, service, sysusers):
    if not shutil.which("systemd-analyze"):
        print("no systemd-analyze: not verified")
        return
    with tempfile.TemporaryDirectory() as d:
        with open(service, encoding="utf-8") as f:
            text = f.read()
        path = f"{d}/g20.service"
        installed = read(service)["ExecStart"].split()[0]
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace(installed, os.path.abspath(exe)))  # it need not be installed
        r = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True, timeout=LIMIT_S)
        own = [line for line in r.stderr.splitlines() if "g20" in line]
        assert not own, own
        if shutil.which("systemd-sysusers"):
            os.mkdir(f"{d}/root")
            r = subprocess.run(["systemd-sysusers", f"--root={d}/root", "--dry-run", os.path.abspath(sysusers)],
                               capture_output=True, text=True, timeout=LIMIT_S)
            assert r.returncode == 0, r


def started(exe, unit, d, *sets):
    """The process of ExecStart with the variables that systemd makes of the unit, and its notices."""
    notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notices.bind(f"{d}/notify")
    notices.settimeout(LIMIT_S)
    env = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": f"{d}/notify"}
    for key, variable, folder in (("StateDirectory", "STATE_DIRECTORY", "lib"), ("CacheDirectory", "CACHE_DIRECTORY", "cache"),
                                  ("RuntimeDirectory", "RUNTIME_DIRECTORY", "run")):
        env[variable] = f"{d}/{folder}/{unit[key]}"
        os.makedirs(env[variable], exist_ok=True)
    env["WATCHDOG_USEC"] = str(int(unit["WatchdogSec"]) * 1000000)
    words = unit["ExecStart"].split()
    assert words[1:] == ["serve"], words
    args = [exe, *words[1:]] + [x for s in sets for x in ("--set", s)]
    with open(f"{d}/log", "wb") as log:
        p = subprocess.Popen(args, env={**env, **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}},
                             stderr=log, umask=int(unit["UMask"], 8))
    return p, notices, env


def it_runs_as_the_unit_counts_on(exe, service):
    unit = read(service)
    with tempfile.TemporaryDirectory() as d:
        p, notices, env = started(exe, unit, d, "source.driver=scene", "source.sample_rate_hz=2e6", "server.ws_port=0",
                                  "server.grpc_port=0", "storage.ring_bytes=4Mi", "inference.model=energy")
        try:
            told = ""
            while "READY=1" not in told:  # Type=notify
                told += notices.recv(4096).decode() + "\n"
            # Nothing beside its three folders, and the socket where docs/service.md says.
            assert os.path.exists(f"{env['RUNTIME_DIRECTORY']}/g20.sock")
            assert os.path.isdir(f"{env['STATE_DIRECTORY']}/data")
            assert {"lib", "cache", "run"} <= set(os.listdir(d)) <= {"lib", "cache", "run", "notify", "log"}, os.listdir(d)
            p.send_signal(signal.SIGHUP)  # ExecReload
            while "RELOADING=1" not in told:
                told += notices.recv(4096).decode() + "\n"
            start = time.monotonic()
            p.send_signal(signal.SIGTERM)
            code = p.wait(LIMIT_S)
            assert code == 0 or os.environ.get("INSTRUMENTED_BUILD"), code
            assert time.monotonic() - start < int(unit["TimeoutStopSec"]) or os.environ.get("INSTRUMENTED_BUILD")
        finally:
            p.kill()
            p.wait()
            notices.close()


def wrong_settings_end_with_the_code_that_is_not_tried_again(exe, service):
    unit = read(service)
    with tempfile.TemporaryDirectory() as d:
        p, notices, _ = started(exe, unit, d, "server.ws_prot=1")
        assert p.wait(LIMIT_S) == int(unit["RestartPreventExitStatus"]), p.returncode
        notices.close()


def main():
    exe, service, sysusers = sys.argv[1:]
    systemd_understands_it(exe, service, sysusers)
    it_runs_as_the_unit_counts_on(exe, service)
    wrong_settings_end_with_the_code_that_is_not_tried_again(exe, service)
    print("service: 3 tests")


main()
