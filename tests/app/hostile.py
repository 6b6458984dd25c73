#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Garbage, oversized, slow and half-open connections on the HTTP port and the control socket, and a
crowd of clients of which one reads nothing: memory and descriptors stay bounded, the others get all.

usage: hostile.py PATH_OF_G20      standard library only; port 0; bounded in time"""
import json
import os
import random
import re
import selectors
import socket
import struct
import sys
import tempfile
import time

from client import KEEPS_UP, LIMIT_S, Daemon, Ws, get, wait_for

# A sanitizer's own memory, which keeps what was freed and is touched as the daemon's is, is several times as much.
SLACK = 0 if KEEPS_UP else 1e9


def proc(d):
    """Open descriptors and resident bytes."""
    with open(f"/proc/{d.process.pid}/statm", encoding="utf-8") as f:
        return len(os.listdir(f"/proc/{d.process.pid}/fd")), int(f.read().split()[1]) * 4096


def connect(port):
    return socket.create_connection(("127.0.0.1", port), LIMIT_S)


def send_quietly(s, data):
    try:
        s.sendall(data)
    except OSError:
        pass  # it was closed on us: its right


def is_closed(s):
    s.settimeout(LIMIT_S)
    try:
        while s.recv(65536):
            pass
        return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def check_garbage_http(d, rng):
    requests = [rng.randbytes(3000), b"\0" * 5000, b"GET " * 3000, b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 4000,
                b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 4000 + b"\r\n",
                b"GET /" + b"%00" * 20 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                b"GET /ws/pipeline?" + b"a=b&" * 1500 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                b"POST /api/config HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n"]
    for _ in range(4):
        socks = [connect(d.port) for _ in requests]
        for s, r in zip(socks, requests):
            send_quietly(s, r)
        assert get(d.port, "/health")[0] == 200
        for s in socks:
            s.close()


def check_garbage_frames(d, rng):
    """Broken WebSocket frames after a good handshake."""
    mask = b"\0\0\0\0"
    for path in ("/ws/pipeline", "/ws/inference", "/ws/video", "/ws/iq", "/ws/training"):
        for data in (rng.randbytes(2000), b"\x81\x05hello", b"\xf1\x80" + mask, b"\x83\x80" + mask,
                     b"\x89\xfe\x00\x80" + mask + b"x" * 128, b"\x80\x81" + mask + b"x",
                     b"\x81\xff" + struct.pack(">Q", 1 << 62) + mask, b"\x81\x82" + mask + b"\xff\xfe"):
            ws = Ws(d.port, path)
            assert ws.status() == 101, path
            send_quietly(ws.sock, data)
            ws.sock.close()
    ws = Ws(d.port)
    for text in ("[" * 3000, '{"command":' * 200, '{"command":"status","id":' + "9" * 400 + "}", "\0" * 100, "null"):
        ws.send(text)
        ws.until(lambda op, x: op == 1 and json.loads(x)["type"] == "error")


def check_limits(d):
    """More connections than there may be, none of which ever finishes its request; half of them are
    left half-open. They are closed when their time is up, and no client is disturbed."""
    watcher = Ws(d.port)
    watcher.until(lambda op, x: op == 2)
    fds, resident = proc(d)
    lazy = []
    for i in range(150):
        s = connect(d.port)
        send_quietly(s, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: " if i % 2 else b"")
        lazy.append(s)
    end = time.monotonic() + 14
    while time.monotonic() < end:
        for s in lazy[1::2]:
            send_quietly(s, b"a")  # a byte now and then does not buy more time
        watcher.until(lambda op, x: op == 2)
        time.sleep(0.5)
        now_fds, now_resident = proc(d)
        assert now_fds < fds + 120 and now_resident < resident + 60e6 + SLACK, (fds, now_fds, resident, now_resident)
    assert all(is_closed(s) for s in lazy[:20])
    wait_for("descriptors", lambda: proc(d)[0] <= fds + 4)
    assert get(d.port, "/health")[0] == 200
    watcher.until(lambda op, x: op == 2)


def check_control_socket(d, path, rng):
    def control():
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(LIMIT_S)
        s.connect(path)
        return s
    fds, _ = proc(d)
    for data in (rng.randbytes(5000) + b"\n", b"\n" * 1000, b"{" * 60000 + b"\n", b"[]\n", b'{"command":5}\n'):
        s = control()
        send_quietly(s, data)
        if data.strip():  # an empty line is no question
            assert b"error" in s.recv(65536), data[:40]
        s.close()
    big = control()
    send_quietly(big, b"x" * 70000)
    assert is_closed(big)
    idle = []
    for _ in range(60):  # half-open: they never say a word
        try:
            idle.append(control())
        except OSError:
            break
    now, _ = proc(d)
    assert now <= fds + 64, (fds, now)
    for s in idle:
        s.close()
    def answers():
        try:
            s = control()
            s.sendall(b'{"command":"status"}\n')
            return b"{" in s.recv(65536)
        except BlockingIOError:  # its backlog is still full
            return False
    wait_for("the control socket", answers)
    wait_for("descriptors", lambda: proc(d)[0] <= fds + 2)


def check_crowd(d):
    """Twenty clients, one of which never reads: the others get their rows, in order, and hardly any is dropped.
    This one process reads for all of them: a machine too slow for that may lose a few, and says so."""
    crowd = [Ws(d.port) for _ in range(20)]
    want = 90 if KEEPS_UP else 30
    rows = {i: [] for i in range(1, 20)}
    told = 0  # messages that say that rows were dropped
    left = {i: b"" for i in rows}
    sel = selectors.DefaultSelector()
    for i in rows:
        crowd[i].sock.setblocking(False)
        sel.register(crowd[i].sock, selectors.EVENT_READ, i)
    _, before = proc(d)
    end = time.monotonic() + LIMIT_S
    while min(len(r) for r in rows.values()) < want:
        assert time.monotonic() < end, {i: len(r) for i, r in rows.items()}
        for key, _ in sel.select(1):
            i = key.data
            left[i] += crowd[i].sock.recv(1 << 20)
            while True:
                buf = left[i]
                n, at = (buf[1] & 127, 2) if len(buf) > 1 else (0, 0)
                if n == 126 and len(buf) >= 4:
                    n, at = struct.unpack_from(">H", buf, 2)[0], 4
                elif n == 127 and len(buf) >= 10:
                    n, at = struct.unpack_from(">Q", buf, 2)[0], 10
                if at == 0 or len(buf) < at + n or (buf[1] & 127) >= 126 and at == 2:
                    break
                if buf[at:at + 4] == b"WF01":
                    rows[i].append(struct.unpack_from("<Q", buf, at + 16)[0])
                    told += buf[at + 6] & 1
                left[i] = buf[at + n:]
    for i, r in rows.items():  # a row is folded into the next one or sent, never sent twice or late
        assert all(a < b for a, b in zip(r, r[1:])), (i, r)
    if KEEPS_UP:
        assert told <= sum(len(r) for r in rows.values()) // 10, told
    assert proc(d)[1] - before < 30e6 + SLACK, (proc(d)[1], before)
    crowd[1].sock.setblocking(True)
    crowd[1].sock.settimeout(LIMIT_S)


def main():
    rng = random.Random(4)
    with tempfile.TemporaryDirectory() as folder:
        control = os.path.join(folder, "c.sock")
        d = Daemon(sys.argv[1], folder, "source.driver=scene", "source.sample_rate_hz=2e6",
                   "fft.waterfall_nfft=4096", "limits.clients=32", f"server.control_socket={control}",
                   "limits.history_bytes=1000000", "storage.ring_bytes=0")
        try:
            wait_for("health", lambda: get(d.port, "/health")[0] == 200)
            if KEEPS_UP:  # what is kept of the stream has had its memory touched
                wait_for("tiles", lambda: int(re.search(r"^g20_tiles_total (\d+)$", get(d.port, "/metrics")[2].decode(), re.M)[1]) > 20)
            check_garbage_http(d, rng)
            check_garbage_frames(d, rng)
            check_control_socket(d, control, rng)
            check_crowd(d)
            check_limits(d)
            code, took = d.stop()
            assert code == 0 and took < 5, (code, took)
            for line in d.logged().splitlines():
                json.loads(line)  # whatever they sent, every line of the log is whole
            assert len(d.logged()) < 200000, len(d.logged())
        finally:
            d.close()
    print("hostile: all checks passed")


if __name__ == "__main__":
    main()
