#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""/ws/iq: the tone that a recording holds, frame by frame; refusals; a retune; limits.

usage: ws_iq.py PATH_OF_G20      standard library only; port 0; bounded in time"""
import cmath
import json
import math
import os
import struct
import subprocess
import sys
import tempfile

from client import Daemon, Ws, get, wait_for

RATE, CENTRE, TONE, LEVEL = 250e3, 433.92e6, 40e3, 0.5


def write_tone(base):
    period = [cmath.exp(2j * math.pi * TONE / RATE * n) * LEVEL * 32768 for n in range(25)]
    data = b"".join(struct.pack("<hh", round(x.real), round(x.imag)) for x in period)
    with open(base + ".sigmf-data", "wb") as f:
        f.write(data * int(60 * RATE / 25))
    with open(base + ".sigmf-meta", "w", encoding="utf-8") as f:
        json.dump({"global": {"core:version": "1.0.0", "core:datatype": "ci16_le", "core:sample_rate": RATE},
                   "captures": [{"core:sample_start": 0, "core:frequency": CENTRE}], "annotations": []}, f)


def frame(ws):
    data = ws.until(lambda op, d: op == 2)
    magic, time_us, idx, n, zero = struct.unpack_from("<4sQIIf", data)
    assert magic == b"IQ01" and zero == 0 and len(data) == 24 + 8 * n and n > 0, data[:24]
    v = struct.unpack_from(f"<{2 * n}f", data, 24)
    return time_us, idx, [complex(v[2 * i], v[2 * i + 1]) for i in range(n)]


def check_tone(port):
    where = CENTRE + 38e3
    ws = Ws(port, f"/ws/iq?center_hz={where}&bandwidth_hz=10000")
    info = ws.ask('{"command":"info","id":3}')
    rate = info["sample_rate_hz"]
    assert info["type"] == "iq" and info["id"] == 3 and 12500 <= rate <= 15000, info
    frames = [frame(ws) for _ in range(12)]
    first = frames[0]
    assert first[1] == 0
    got = []
    for k, (time_us, idx, samples) in enumerate(frames):
        assert idx == k
        assert abs(time_us - first[0] - len(got) / rate * 1e6) <= 2, (k, time_us - first[0])
        got += samples
    step = cmath.exp(2j * math.pi * 2e3 / rate)  # the tone lies 2 kHz above the middle
    for a, b in zip(got[200:], got[201:]):
        assert abs(abs(a) - LEVEL) < 0.002 * LEVEL, abs(a)
        assert abs(b - a * step) < 0.002, (a, b)
    fixed = Ws(port, f"/ws/iq?center_hz={where}&bandwidth_hz=10000&rate_hz=48000")
    assert fixed.ask('{"command":"info"}')["sample_rate_hz"] == 48000
    got = frame(fixed)[2] + frame(fixed)[2]
    assert len(got) == 2 * 960 and abs(abs(got[-1]) - LEVEL) < 0.002
    # A silent neighbour: nothing leaks in.
    quiet = Ws(port, f"/ws/iq?center_hz={CENTRE - 40e3}&bandwidth_hz=10000")
    frame(quiet)
    assert max(map(abs, frame(quiet)[2])) < 2e-3  # the quantization of ci16 and more than 48 dB


def check_refusals(port):
    for query, why in (("", "center_hz: required, a number"), ("?center_hz=1e6", "bandwidth_hz: required, a number"),
                       (f"?bandwidth_hz=1e4", "center_hz: required, a number"),
                       (f"?center_hz=x&bandwidth_hz=1e4", "center_hz: "),
                       (f"?center_hz={CENTRE}&bandwidth_hz=0", "bandwidth_hz: "),
                       (f"?center_hz={CENTRE}&bandwidth_hz=nan", "bandwidth_hz: "),
                       (f"?center_hz={CENTRE}&bandwidth_hz=-5", "bandwidth_hz: "),
                       (f"?center_hz={CENTRE}&bandwidth_hz=1e4&x=1", "x: unknown parameter"),
                       (f"?center_hz={CENTRE}&bandwidth_hz=1e4&rate_hz=1e6", "rate_hz: "),
                       (f"?center_hz=100e6&bandwidth_hz=1e4", "center_hz, bandwidth_hz: "),
                       (f"?center_hz={CENTRE + 124e3}&bandwidth_hz=1e4", "center_hz, bandwidth_hz: ")):
        code, reason = Ws(port, "/ws/iq" + query).close_code()
        assert code == 1008 and reason.startswith(why), (query, code, reason)
    open_ = [Ws(port, f"/ws/iq?center_hz={CENTRE}&bandwidth_hz=10000") for _ in range(3)]
    assert [frame(ws)[1] for ws in open_] == [0, 0, 0]
    code, reason = Ws(port, f"/ws/iq?center_hz={CENTRE}&bandwidth_hz=10000").close_code()
    assert code == 1013 and "limits.sessions" in reason, (code, reason)
    assert open_[0].ask('{"command":"fly"}')["code"] == "unknown_command"
    text = get(port, "/metrics")[2].decode()
    assert "\ng20_iq_clients 3\n" in text and "\ng20_iq_frames_total 0\n" not in text


def check_retune(exe):
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(exe, folder, "source.driver=scene", "source.sample_rate_hz=2e6", "fft.waterfall_nfft=4096",
                   "source.center_freq_hz=434e6", "inference.model=energy")
        try:
            wait_for("health", lambda: get(d.port, "/health")[0] == 200)
            ws = Ws(d.port, "/ws/iq?center_hz=434.3e6&bandwidth_hz=100e3")
            last = frame(ws)[1]
            subprocess.run([exe, "ctl", "--socket", f"{folder}/g20.sock", "tune", "center_freq_hz=434.1e6"], check=True,
                           stdout=subprocess.DEVNULL, timeout=60)
            for _ in range(500):  # the jump, and frames after it
                idx = frame(ws)[1]
                jumped, last = idx == last + 2, idx
                if jumped:
                    break
            assert jumped and frame(ws)[1] == last + 1
            code, took = d.stop()
            assert code == 0 and took < 5, (code, took)
        finally:
            d.close()


def main():
    exe = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        write_tone(f"{folder}/tone")
        d = Daemon(exe, folder, "source.driver=file", f"source.args={folder}/tone.sigmf-meta",
                   "fft.waterfall_nfft=4096", "limits.sessions=3", "inference.model=energy")
        try:
            wait_for("health", lambda: get(d.port, "/health")[0] == 200)
            check_tone(d.port)
            wait_for("the clients to go", lambda: "\ng20_iq_clients 0\n" in get(d.port, "/metrics")[2].decode())
            check_refusals(d.port)
            assert d.stop()[0] == 0
        finally:
            d.close()
    check_retune(exe)
    print("ws_iq: all checks passed")


if __name__ == "__main__":
    main()
