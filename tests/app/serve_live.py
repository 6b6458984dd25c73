#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `g20 serve` on a scene and talks to it over raw sockets: every reply, refusal and close.

usage: serve_live.py PATH_OF_G20      standard library only; port 0; bounded in time"""
import base64
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

LIMIT_S = 20


class Ws:
    def __init__(self, port, path="/ws/pipeline", header=""):
        self.sock = socket.create_connection(("127.0.0.1", port), LIMIT_S)
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
                           f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                           f"Sec-WebSocket-Key: {key}\r\n{header}\r\n").encode())
        self.head = b""
        while b"\r\n\r\n" not in self.head:
            byte = self.sock.recv(1)
            if not byte:
                break
            self.head += byte

    def status(self):
        return int(self.head.split()[1])

    def send(self, data, op=1):
        data = data.encode() if isinstance(data, str) else data
        n = len(data)
        size = bytes([0x80 | n]) if n < 126 else bytes([0x80 | 126]) + struct.pack(">H", n) \
            if n < 65536 else bytes([0x80 | 127]) + struct.pack(">Q", n)
        self.sock.sendall(bytes([0x80 | op]) + size + b"\0\0\0\0" + data)

    def exactly(self, n):
        out = b""
        while len(out) < n:
            piece = self.sock.recv(n - len(out))
            if not piece:
                raise EOFError("closed without a close frame")
            out += piece
        return out

    def receive(self):
        first, n = self.exactly(2)
        if n == 126:
            n = struct.unpack(">H", self.exactly(2))[0]
        elif n == 127:
            n = struct.unpack(">Q", self.exactly(8))[0]
        return first & 15, self.exactly(n)

    def until(self, wanted):
        """The first message that wanted(op, payload) takes."""
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            op, data = self.receive()
            if wanted(op, data):
                return data
        raise TimeoutError("the message did not come")

    def ask(self, request):
        self.send(request)
        return json.loads(self.until(lambda op, d: op == 1 and json.loads(d)["type"] not in
                                     ("hello", "emission") and "time_us" not in json.loads(d)))

    def close_code(self):
        data = self.until(lambda op, d: op == 8)
        return struct.unpack(">H", data[:2])[0], data[2:].decode()


def get(port, path, method="GET"):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
    c.request(method, path)
    r = c.getresponse()
    return r.status, dict(r.getheaders()), r.read()


def wait_for(what, test):
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        if test():
            return
        time.sleep(0.05)
    raise TimeoutError(what)


class Daemon:
    def __init__(self, exe, folder, *sets):
        self.ports = os.path.join(folder, "ports.json")
        env = {**os.environ, "XDG_CACHE_HOME": folder, "XDG_DATA_HOME": folder}
        args = [x for s in ("server.ws_port=0", f"paths.runtime_dir={folder}", *sets)
                for x in ("--set", s)]
        self.process = subprocess.Popen([exe, "serve", *args], env=env,
                                        stderr=subprocess.DEVNULL)
        wait_for("ports.json", lambda: os.path.exists(self.ports))
        ports = json.load(open(self.ports))
        assert ports["pid"] == self.process.pid, ports
        self.port = ports["http"]

    def stop(self):
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(10)
        return code, time.monotonic() - start


def error(ws, request, code, text):
    r = ws.ask(request)
    assert (r["type"], r["code"]) == ("error", code) and r["message"].startswith(text), r
    return r


def check_commands(port):
    ws = Ws(port)
    assert ws.status() == 101
    hello = json.loads(ws.until(lambda op, d: op == 1 and json.loads(d)["type"] == "hello"))
    assert hello["version"] and hello["model"]["class_names"] and hello["limits"]["max_width"]
    error(ws, "{bad", "invalid_json", "Invalid JSON: ")
    assert error(ws, '{"command":"fly","id":5}', "unknown_command", "Unknown command: fly")["id"] == 5
    error(ws, "{}", "missing_field", "command required")
    error(ws, '{"command":"tune"}', "missing_field", "channel_id required")
    error(ws, '{"command":"history"}', "not_implemented", "history")
    ws.send(b"\1\2\3", 2)
    r = json.loads(ws.until(lambda op, d: op == 1 and json.loads(d)["type"] == "error"))
    assert r["code"] == "invalid_message", r
    assert ws.ask('{"command":"pause"}')["type"] == "paused"
    r = ws.ask('{"command":"set_view","width":333,"fps":60,"format":1,"colormap":"magma","id":"v"}')
    assert (r["type"], r["id"], r["view"]["width"]) == ("view", "v", 333), r
    assert ws.ask('{"command":"resume"}')["type"] == "resumed"
    row = ws.until(lambda op, d: op == 2 and d[:4] == b"WF01" and len(d) == 64 + 333 * 4)
    assert row[46] == 1 and row[47] == 3, row[:64]
    ws.until(lambda op, d: op == 2 and d[:4] == b"DT01")
    ws.send('{"command":"status","id":9}')
    s = json.loads(ws.until(lambda op, d: op == 1 and json.loads(d).get("id") == 9))
    assert s["type"] == "status" and s["stream"]["rate_hz"] == 2e6, s
    # A zoom asks for the same width over fewer hertz and the header says which.
    centre = s["stream"]["center_hz"]
    ws.send(json.dumps({"command": "set_view", "f_lo_hz": centre, "f_hi_hz": centre + 1e5,
                        "width": 64, "format": 0}))
    row = ws.until(lambda op, d: op == 2 and d[:4] == b"WF01" and len(d) == 64 + 64)
    assert struct.unpack_from("<dd", row, 24) == (centre + 5e4, 1e5)


def check_paths_and_refusals(port):
    assert Ws(port, "/nope/").close_code() == (1008, "Unknown path: /nope")
    assert Ws(port, "/ws").close_code() == (1008, "Unknown path: /ws")
    for path in ("/ws/training", "/ws/iq", "/ws/video/", "/ws/inference"):
        r = Ws(port, path).ask('{"command":"get_registry","id":1}')
        assert (r["code"], r["id"]) == ("not_implemented", 1), r
    assert Ws(port, "/ws/unified/").status() == 101
    big = Ws(port)
    big.send(b"x" * 70000)
    assert big.close_code()[0] == 1009
    assert Ws(port, header="Origin: http://evil.example\r\n").status() == 403
    assert Ws(port, header=f"Origin: http://127.0.0.1:{port}\r\n").status() == 101


def check_http(port):
    status, headers, body = get(port, "/health")
    assert status == 200 and json.loads(body)["status"] == "ok", body
    status, headers, body = get(port, "/health", "HEAD")
    assert status == 200 and body == b"" and int(headers["content-length"]) > 0
    assert get(port, "/health", "POST")[0] == 405
    assert get(port, "/nothing")[0] == 404
    assert get(port, "/" + "a" * 3000)[0] == 414
    assert get(port, "/ws/pipeline")[0] == 426
    for path in ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2fetc/passwd"):
        status, _, body = get(port, path)
        assert status in (400, 403, 404) and b"root:" not in body, (path, status)
    fft = json.loads(get(port, "/api/capabilities")[2])["fft"]
    assert fft["inference_nfft"] == 4096 and 65536 in fft["waterfall_nfft_options"]
    assert json.loads(get(port, "/api/config")[2])["source.driver"]["value"] == "scene"


def check_slow_beside_fast(port):
    """A client that reads nothing loses its own rows; one that reads gets every one."""
    slow, fast = Ws(port), Ws(port)
    for ws in (slow, fast):
        ws.send('{"command":"set_view","width":8192,"format":1,"fps":60}')
    for _ in range(90):
        fast.until(lambda op, d: op == 2 and d[:4] == b"WF01" and len(d) > 8192 * 4)
    # Not the rows' own flag: it also tells of samples that a slow machine never transformed.
    fast.send('{"command":"status","id":"fast"}')
    status = json.loads(fast.until(lambda op, d: op == 1 and json.loads(d).get("id") == "fast"))
    assert status["client"]["rows_sent"] >= 90, status["client"]
    assert status["client"]["rows_dropped"] == 0, status["client"]
    garbage = [socket.create_connection(("127.0.0.1", port), LIMIT_S) for _ in range(20)]
    for s in garbage[:10]:
        s.sendall(os.urandom(2000))
    for s in garbage[10:]:
        s.sendall(b"GET / HT")
    assert get(port, "/health")[0] == 200
    return slow, garbage


def main():
    exe = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(exe, folder, "source.driver=scene", "source.sample_rate_hz=2e6",
                   "fft.waterfall_nfft=4096")
        try:
            wait_for("health", lambda: get(d.port, "/health")[0] == 200)
            check_http(d.port)
            check_commands(d.port)
            check_paths_and_refusals(d.port)
            stay = check_slow_beside_fast(d.port)
            watcher = Ws(d.port)
            code, took = d.stop()
            assert watcher.close_code()[0] == 1001
            assert code == 0 and took < 5, (code, took)
            assert not os.path.exists(d.ports)
            del stay
        finally:
            d.process.kill()
            d.process.wait()
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(exe, folder, "source.driver=file", f"source.args={folder}/missing.sigmf-meta")
        try:
            wait_for("503", lambda: get(d.port, "/health")[0] == 503 and
                     b"missing" in get(d.port, "/health")[2])
            assert d.stop()[0] == 0
        finally:
            d.process.kill()
            d.process.wait()
    print("serve_live: all checks passed")


if __name__ == "__main__":
    main()
