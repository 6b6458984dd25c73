# SPDX-License-Identifier: GPL-3.0-or-later
"""A running `g20 serve` and a client of it over raw sockets, for the tests beside this file."""
import base64
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import tempfile
import time

# A sanitizer or the coverage slows the daemon down, maybe below the clock (meson.build says so): then
# nothing that a test asserts may depend on keeping up, only on what is lost being told.
KEEPS_UP = not os.environ.get("INSTRUMENTED_BUILD")
LIMIT_S = 20 if KEEPS_UP else 120
# A daemon that a test starts without a folder of its own must not meet another one's database.
OWN_DATA = tempfile.TemporaryDirectory()
os.environ["XDG_DATA_HOME"] = OWN_DATA.name


class Ws:
    def __init__(self, port, path="/ws/pipeline", header="", tls=None):
        self.sock = socket.create_connection(("127.0.0.1", port), LIMIT_S)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname="127.0.0.1")
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
        op, data = first & 15, self.exactly(n)
        if op == 9:  # who does not answer is taken for gone
            self.send(data, 10)
        return op, data

    def until(self, wanted):
        """The first message that wanted(op, payload) takes."""
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            op, data = self.receive()
            if wanted(op, data):
                return data
            if op == 8:
                raise EOFError(f"closed: {data!r}")
        raise TimeoutError("the message did not come")

    def ask(self, request):
        self.send(request)
        return json.loads(self.until(lambda op, d: op == 1 and json.loads(d)["type"] not in
                                     ("hello", "emission") and "time_us" not in json.loads(d)))

    def reply(self, id_):
        """The answer to the command @id_: emissions have an "id" of their own."""
        def answers(op, data):
            o = json.loads(data) if op == 1 else {}
            return o.get("id") == id_ and o["type"] != "emission"

        return json.loads(self.until(answers))

    def close_code(self):
        data = self.until(lambda op, d: op == 8)
        return struct.unpack(">H", data[:2])[0], data[2:].decode()


def teach(port, signal):
    """A sample of @signal is saved over /ws/training; its id."""
    ws = Ws(port, "/ws/training")
    iq = base64.b64encode(struct.pack("<4096f", *([0.5, 0.25] * 2048))).decode()
    ws.send(json.dumps({"command": "save_sample", "id": "teach", "signal_name": signal, "iq_data": iq,
                        "boxes": [{"x_min": 0.1, "x_max": 0.2, "y_min": 0, "y_max": 1}],
                        "metadata": {"sample_rate_hz": 1e6, "center_freq_hz": 1e8}}))
    r = ws.reply("teach")
    assert r["type"] == "sample_saved" and r["is_new"], r
    ws.sock.close()
    return r["sample_id"]


def get(port, path, method="GET", headers=None, tls=None):
    c = http.client.HTTPSConnection("127.0.0.1", port, timeout=LIMIT_S, context=tls) if tls \
        else http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
    c.request(method, path, headers=headers or {})
    r = c.getresponse()
    return r.status, dict(r.getheaders()), r.read()


def wait_for(what, test, limit_s=LIMIT_S):
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if test():
            return
        time.sleep(0.05)
    raise TimeoutError(what)


class Daemon:
    """`g20 serve` in @folder; its log is the file log there. Kill it with close()."""

    def __init__(self, exe, folder, *sets, args=(), env=None):
        self.ports = os.path.join(folder, "ports.json")
        self.log = os.path.join(folder, "log")
        env = {**os.environ, "XDG_CACHE_HOME": folder, "XDG_DATA_HOME": folder, **(env or {})}
        # The newest IQ of a few seconds: many daemons run at a time.
        args = [*args] + [x for s in ("server.ws_port=0", "server.grpc_port=0", f"paths.runtime_dir={folder}",
                                      "storage.ring_bytes=67108864", *sets)
                          for x in ("--set", s)]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([exe, "serve", *args], env=env, stderr=log)
        wait_for("ports.json", self.is_ready)

    def is_ready(self):
        """ports.json is there and this process's own (an older one may lie there)."""
        if self.process.poll() is not None:
            raise RuntimeError(f"serve ended with {self.process.returncode}: {self.logged()}")
        try:
            with open(self.ports, encoding="utf-8") as f:
                ports = json.load(f)
        except FileNotFoundError:
            return False
        self.port = ports["http"]
        return ports["pid"] == self.process.pid

    def logged(self):
        with open(self.log, encoding="utf-8") as f:
            return f.read()

    def close(self):
        self.process.kill()
        self.process.wait()

    def wait(self, limit_s=LIMIT_S):
        """Its exit code. An instrumented one may be too slow for its own 5 s: then it ends by force, and says so."""
        code = self.process.wait(limit_s)
        return 0 if code == 1 and not KEEPS_UP and "cannot stop in time" in self.logged() else code

    def stop(self):
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.wait()
        return code, time.monotonic() - start if KEEPS_UP else 0
