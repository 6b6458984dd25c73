#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The waterfall as pictures: /ws/video and /video.mjpeg, beside a viewer that reads nothing.

usage: video.py PATH_OF_G20 [FOLDER]   with a folder one frame is left there to be looked at"""
import os
import socket
import struct
import sys
import tempfile
import time

from client import KEEPS_UP, LIMIT_S, Daemon, Ws, get, wait_for


def size_of(jpeg):
    """Width and height out of the frame header; the picture must be whole."""
    assert jpeg[:2] == b"\xff\xd8" and jpeg[-2:] == b"\xff\xd9", jpeg[:4]
    at = 2
    while jpeg[at + 1] not in (0xc0, 0xc1, 0xc2):
        at += 2 + struct.unpack_from(">H", jpeg, at + 2)[0]
    height, width = struct.unpack_from(">HH", jpeg, at + 5)
    return width, height


def frame(ws):
    return ws.until(lambda op, d: op == 2)


class Mjpeg:
    def __init__(self, port, query=""):
        self.sock = socket.create_connection(("127.0.0.1", port), LIMIT_S)
        self.sock.sendall(f"GET /video.mjpeg{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        self.file = self.sock.makefile("rb")

    def head(self):
        lines = []
        while (line := self.file.readline().rstrip(b"\r\n")):
            lines.append(line.decode().lower())
        return lines

    def frame(self):
        lines = self.head()
        assert lines[0] == "--g20" and lines[1] == "content-type: image/jpeg", lines
        data = self.file.read(int(lines[2].split(":")[1]))
        assert self.file.readline() == b"\r\n"
        return data


def check_pictures(port, keep):
    ws = Ws(port, "/ws/video?fps=10&width=640")
    assert size_of(frame(ws)) == (640, 360)
    same = Ws(port, "/ws/video?fps=10&width=640")
    a, b = frame(ws), frame(same)
    for _ in range(10):  # both see the very same pictures
        if a == b:
            break
        a, b = (frame(ws), b) if len(a) % 2 else (a, frame(same))
    start, n = time.monotonic(), 0
    while time.monotonic() - start < 2:
        frame(ws)
        n += 1
    assert (5 if KEEPS_UP else 1) <= n <= 25, n  # 10 a second for 2 s, on a machine that may be busy
    http = Mjpeg(port)
    head = http.head()
    assert head[0].startswith("http/1.1 200"), head
    assert "content-type: multipart/x-mixed-replace; boundary=g20" in head, head
    for _ in range(3):
        picture = http.frame()
        assert size_of(picture) == (1280, 720)
    if keep:
        time.sleep(6)
        late = Ws(port, "/ws/video?width=1280&fps=15")
        for _ in range(100):
            picture = frame(late)
        with open(os.path.join(keep, "frame.jpg"), "wb") as f:
            f.write(picture)


def check_refusals(port):
    for query, why in (("fps=11", "fps: want 10, 15, 20, 30 or 60"), ("fps=", "fps: want"),
                       ("width=159", "width: want 160 to 3840"), ("width=641", "width: want an even"),
                       ("width=1e9", "width: want"), ("size=3", "size: unknown parameter"),
                       ("width=640&width=640", "width: given twice")):
        code, reason = Ws(port, "/ws/video?" + query).close_code()
        assert code == 1008 and reason.startswith(why), (query, code, reason)
        status, _, body = get(port, "/video.mjpeg?" + query)
        assert status == 400 and body.decode().startswith(why), (query, status, body)
    status, headers, body = get(port, "/video.mjpeg", "HEAD")
    assert status == 200 and body == b"", (status, body)
    assert get(port, "/video.mjpeg", "POST")[0] == 405
    # As many sizes as there may be, then one more; a size that nobody watches makes room.
    watch = []
    def watched(width):
        ws = Ws(port, f"/ws/video?width={width}")
        if ws.receive()[0] == 8:  # a place of a viewer who has just gone is not free yet
            return False
        watch.append(ws)
        return True
    for i in range(4):
        wait_for("a place", lambda: watched(200 + 2 * i))
    assert Ws(port, "/ws/video?width=300").close_code()[0] == 1013
    assert get(port, "/video.mjpeg?width=300")[0] == 503
    watch.pop().sock.close()
    def fits():
        ws = Ws(port, "/ws/video?width=300")
        try:
            return ws.receive()[0] == 2
        finally:
            ws.sock.close()
    wait_for("room", fits)


def check_slow_viewers(d):
    """Some read nothing: those who read get their frames, and nothing piles up."""
    stalled = []
    def placed():
        ws = Ws(d.port, "/ws/video?width=1920&fps=30")
        if ws.receive()[0] == 8:  # the places of who watched before are not free yet
            return False
        stalled.append(ws)
        return True
    wait_for("a place", placed)
    stalled += [Ws(d.port, "/ws/video?width=1920&fps=30") for _ in range(2)] + [Mjpeg(d.port, "?width=1920&fps=30")]
    good = Ws(d.port, "/ws/video?width=1920&fps=30")
    for _ in range(5):
        frame(good)
    def resident():
        with open(f"/proc/{d.process.pid}/statm", encoding="utf-8") as f:
            return int(f.read().split()[1]) * 4096
    before = resident()
    for _ in range(40):
        assert size_of(frame(good)) == (1920, 1080)
    assert resident() - before < (60e6 if KEEPS_UP else 360e6), (before, resident())
    del stalled


def main():
    keep = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(sys.argv[1], folder, "source.driver=scene", "source.sample_rate_hz=2e6",
                   "fft.waterfall_nfft=4096", "limits.history_bytes=0", "storage.ring_bytes=0")
        try:
            wait_for("health", lambda: get(d.port, "/health")[0] == 200)
            check_pictures(d.port, keep)
            check_refusals(d.port)
            check_slow_viewers(d)
            watcher = Mjpeg(d.port)
            watcher.head()
            code, took = d.stop()
            assert code == 0 and took < 5, (code, took)
        finally:
            d.close()
    print("video: all checks passed")


if __name__ == "__main__":
    main()
